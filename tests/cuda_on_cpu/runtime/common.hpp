// What the parts of the stand-in libcudart share.
#pragma once

#include "tests/cuda_on_cpu/kernel/context.hpp"

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>

namespace ccpu {

/// The environment variables CUDA_ON_CPU_*, read once.
struct Options {
  bool verbose, race, guard, profile, check_bounds, check_barriers, prebuild, fault_is_error;
  int async;  // 0 at once, 1 as late as the documentation allows, 2 also from pageable memory
  int order;  // of the threads of a block: 0 forward, 1 reverse, 2 random
  int jobs;   // blocks in flight, compilations in flight
  int leaks;  // 0 silent, 1 report, 2 report and fail
  int arch;   // compute capability times ten
  int sm_count;
  int shared_optin;  // bytes of shared memory a block may opt in to
  u64 memory;        // bytes of device memory
  u64 stack;         // bytes of stack per CUDA thread, 0: as needed
  u64 seed;
  std::string cache, cxx, cxxflags, home;  // home: the folder with translator/ and kernel/
};
const Options& options();

void say(const char* format, ...) __attribute__((format(printf, 1, 2)));
std::string demangle(const char* name);

// ---- memory ----
enum Kind { DEVICE = 1, MODULE, MANAGED, PINNED, REGISTERED };
struct Range {
  u64 lo, hi;  // as the program sees it
  s64 delta;   // to readable memory
  int kind;
};
bool find_range(u64 a, Range* r);
/// Readable address of n bytes at p, whichever memory p is in.
void* readable(const void* p);
/// Says where address a lies with respect to the allocations.
std::string describe(u64 a);
void* device_alloc(size_t bytes, Kind kind, const char* what);
/// Distinguishes plain host memory from everything the runtime knows.
bool is_known(const void* p);
/// True if [p, p+n) lies in one allocation that device code may use.
bool is_device_accessible(const void* p, size_t n);
u64 arena_base();
u64 arena_size();
void install_fault_handler();

// ---- execution ----
struct LaunchInfo {
  const KernelDesc* kernel;
  u32 grid[3], block[3], dyn;
  u8* params;
  bool cooperative;
};
/// Runs a kernel to its end; returns 0 or the CUDA error of its fault.
int run_kernel(const LaunchInfo&);
u64 races_found();
/// For the fault handler: where the current thread is in a kernel, or "".
std::string current_kernel_position(u64 address);

}  // namespace ccpu

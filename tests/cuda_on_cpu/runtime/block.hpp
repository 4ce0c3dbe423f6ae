// A block of CUDA threads while it runs: its fibers, warps, barriers and shadow memory.
#pragma once

#include "tests/cuda_on_cpu/runtime/common.hpp"

#include <sys/mman.h>

#include <atomic>
#include <vector>

namespace ccpu {

enum State { READY, AT_BARRIER, AT_WARP_OP, DONE };

struct Fiber {
  void* sp;
  Ctx c;
  State state;
  u32 bar_id;
  Meeting* meeting;
};
struct Warp {
  u32 exited = 0, members = 0, epoch = 0;
  std::vector<Meeting*> active, pool;
};
struct Barrier {
  u32 arrived = 0, generation = 0, need = 0, site = 0;
  u32 acc[3] = {0, 1, 0}, result[3] = {0, 1, 0};
};

/// Last accesses to one byte of shared memory or one word of global memory. A thread number of
/// MANY stands for several threads. bep/we: barrier and warp epoch of the access.
const u32 NONE = ~0u, MANY = ~1u;
struct Access {
  u32 tid = NONE, bep = 0, we = 0;
};
struct Shadow {
  Access w, r, a;
};
struct GlobalShadow {
  u32 launch = 0, block[3] = {0, 0, 0}, fences[3] = {0, 0, 0};
  u8 mask[3] = {0, 0, 0};
  Access last[3];  // by kind of access
};

struct Launch;
struct Block : BlockInfo {
  u8* sh;
  Launch* launch;
  std::vector<Fiber> f;
  std::vector<Warp> w;
  Barrier bars[16];
  u32 alive = 0, cur = 0, block_id = 0, fences = 0;
  void* sched = nullptr;
  bool direct = false;
  u8* stacks = nullptr;
  size_t stack_bytes = 0, stack_size = 0, stack_count = 0;
  Range cache[8];
  int cache_next = 0;
  std::vector<u8> shared_memory;
  std::vector<Shadow> shadow;
  std::vector<u32> order;
  ~Block() {
    if (stacks) munmap(stacks, stack_bytes);
  }
};
struct Launch {
  LaunchInfo info;
  std::atomic<u64> next{0};
  std::atomic<int> fault{0};
  u32 id = 0;
  std::vector<u32> fences;  // race detection: how many fences each finished block executed
};

/// Thrown out of a kernel that runs without fibers.
struct DirectFault {};

extern thread_local Block* current;  // the block that this system thread runs
extern std::atomic<u64> race_count;

inline Block& B(Ctx& c) { return *static_cast<Block*>(c.b); }

/// "kernel NAME block (x,y,z) thread (x,y,z)".
std::string position(const Block& b, const Ctx& c);
/// Ends the current thread because of a fault: the process aborts, or the launch fails.
[[noreturn]] void stop(Block& b, int code);
/// Lets the other threads of the block run until something makes this one ready.
void to_scheduler(Block& b, Fiber& f);
/// Ends a thread: it counts no longer at barriers and warp operations.
void finish(Block& b, Fiber& f);
/// Opens a barrier, a meeting of a warp, if all that it waits for have arrived.
void try_barrier(Block& b, u32 id);
void try_meeting(Block& b, Warp& w, Meeting* m, u32 warp);
/// Carries out the asynchronous copies of a thread except those of the last `keep` groups.
void flush_copies(Ctx& c, size_t keep);

}  // namespace ccpu

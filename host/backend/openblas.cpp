#include "host/backend/openblas.hpp"

#include "host/base/cpu_features.hpp"
#include "host/base/index.hpp"

#include <kindred/error.hpp>

#include <cblas.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

// The entry points by which a multi-architecture OpenBLAS chooses when it is loaded, and those by which its routines
// take their buffers; absent from other builds.
extern "C" {
__attribute__((weak)) void gotoblas_dynamic_quit();
__attribute__((weak)) void gotoblas_dynamic_init();
__attribute__((weak)) void* blas_memory_alloc(int position);
__attribute__((weak)) void blas_memory_free(void* buffer);
}

namespace kindred::host {
namespace {

constexpr const char* variable = "OPENBLAS_CORETYPE";

/// Name of the best kernels that the processor's instruction sets allow; null: those OpenBLAS falls back to.
const char* best_core() {
  if (x86_64_level() == 4) return "SkylakeX";
  if (x86_64_level() == 3) return "Haswell";
  return nullptr;
}

void choose() {
  if (gotoblas_dynamic_quit == nullptr || gotoblas_dynamic_init == nullptr) return;
  if (std::getenv(variable) != nullptr || std::string_view(openblas_get_corename()) != "Prescott") return;
  const char* core = best_core();
  if (core == nullptr || setenv(variable, core, 0) != 0) return;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv(variable);
}

/// Whether the process may not have all the memory that the machine has.
bool is_limited() {
  for (const auto resource : {RLIMIT_AS, RLIMIT_DATA}) {
    rlimit limit{};
    if (getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) return true;
  }
  return false;
}

}  // namespace

void reserve_openblas_memory(int threads) {
  constexpr std::size_t buffer_bytes = std::size_t{32} << 22;  // BUFFER_SIZE of x86-64 and arm64, release 0.3
  constexpr int most = 64;                                     // of its slots, of which there are two a core
  static std::mutex mutex;
  static int reserved = 0;
  const std::lock_guard lock(mutex);
  const int wanted = std::min(threads, most);
  if (wanted <= reserved || !is_limited()) return;
  // Beside its buffer each thread takes two stacks (its own pool's and OpenMP's), and a heap sets address space aside
  // for it.
  constexpr std::size_t beside = std::size_t{64} << 20;
  const std::size_t bytes = at(wanted - reserved) * (buffer_bytes + beside);
  void* const probe = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe == MAP_FAILED) {
    throw Error(ErrorCode::out_of_memory,
                "the memory of this process is limited (ulimit -v), and the linear algebra of " +
                    std::to_string(threads) + " threads needs " + std::to_string(bytes >> 20) +
                    " MiB more than it may have; raise the limit or use fewer threads");
  }
  munmap(probe, bytes);
  if (blas_memory_alloc == nullptr || blas_memory_free == nullptr) return;
  std::vector<void*> buffers;
  for (int k = 0; k < wanted; ++k) buffers.push_back(blas_memory_alloc(0));
  for (void* buffer : buffers) blas_memory_free(buffer);  // they stay with OpenBLAS
  reserved = wanted;
}

void choose_openblas_kernels() {
  static std::once_flag chosen;
  std::call_once(chosen, choose);
}

}  // namespace kindred::host

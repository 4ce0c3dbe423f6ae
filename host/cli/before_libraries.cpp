/// What must be known before the constructors of the shared libraries run: OpenBLAS takes a buffer for every thread in
/// its own, and where there is no memory for one it tries again for ever.
/// Sanitizers have memory of their own, of which no limit can be kept, and are not ready when this would run.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include "host/cli/exit_codes.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace {

/// The number that `name` has in the environment; 0 if it has none.
long number_in(char** environment, const char* name) {
  const std::size_t length = std::strlen(name);
  for (char** entry = environment; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
      return std::strtol(*entry + length + 1, nullptr, 10);
    }
  }
  return 0;
}

/// Threads for which OpenBLAS takes buffers when it is loaded.
std::size_t blas_threads(char** environment) {
  for (const char* name : {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const long asked = number_in(environment, name);
    if (asked > 0) return static_cast<std::size_t>(asked);
  }
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? static_cast<std::size_t>(CPU_COUNT(&cpus)) : 1;
}

void require_memory_of_libraries(int /*argc*/, char** /*argv*/, char** environment) {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  // BUFFER_SIZE of OpenBLAS 0.3, and for each thread two stacks of 8 MB: of its pool and of OpenMP's.
  const std::size_t bytes = blas_threads(environment) * (std::size_t{32 + 4} << 22);
  void* const probe = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (probe != MAP_FAILED) {
    munmap(probe, bytes);
    return;
  }
  constexpr char message[] =
      "kindred: error: the memory of this process is limited (ulimit -v) to less than the linear algebra library needs "
      "for its threads; raise the limit, or set OMP_NUM_THREADS=1\n";
  const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  _exit(written > 0 ? kindred::cli::exit_memory : kindred::cli::exit_internal);
}

__attribute__((section(".preinit_array"), used)) void (*const at_first)(int, char**,
                                                                        char**) = require_memory_of_libraries;

}  // namespace
#endif

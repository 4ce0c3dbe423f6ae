#pragma once
#include <kindred/types.hpp>

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>

namespace kindred::host {

/// Threads of the calling thread's next parallel loop.
[[nodiscard]] inline index_t all_threads() { return omp_get_max_threads(); }

/// f(0), ..., f(count - 1) on at most `threads` threads. BLAS and LAPACK are serial inside, so that results do not
/// depend on the number of threads. If calls throw, the exception of the smallest such index is thrown again, as a
/// plain loop would have done; calls of larger indices may then be left out.
template <class F>
void parallel_for(index_t count, index_t threads, F&& f) {
  const int before = omp_get_max_threads();
  const int team = static_cast<int>(std::clamp<index_t>(count, 1, std::max<index_t>(threads, 1)));
  std::atomic<index_t> failed = count;
  std::exception_ptr failure;
  omp_set_num_threads(1);
#pragma omp parallel for schedule(dynamic, 1) num_threads(team) if (team > 1)
  for (index_t i = 0; i < count; ++i) {
    if (i > failed.load(std::memory_order_relaxed)) continue;
    try {
      f(i);
    } catch (...) {
#pragma omp critical(kindred_parallel_for)
      if (i < failed.load(std::memory_order_relaxed)) {
        failed.store(i, std::memory_order_relaxed);
        failure = std::current_exception();
      }
    }
  }
  omp_set_num_threads(before);
  if (failure) std::rethrow_exception(failure);
}

/// f(), with BLAS and LAPACK serial inside it as in a parallel loop: for the host's own algebra between two of them.
template <class F>
void serially(F&& f) {
  parallel_for(1, 1, [&](index_t) { f(); });
}

}  // namespace kindred::host

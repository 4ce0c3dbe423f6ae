#pragma once
#include "host/backend/backend.hpp"

#include <omp.h>

#include <algorithm>
#include <exception>

namespace kindred::host {

/// f(0), ..., f(count - 1) on the host's threads: those of a backend that shares host memory, else all. BLAS and LAPACK
/// are serial inside, so that results do not depend on the number of threads. Of several exceptions, that of the
/// smallest index is rethrown.
template <class F>
void for_each_on_host(const Backend& backend, index_t count, F&& f) {
  const int before = omp_get_max_threads();
  const index_t available = backend.shares_host_memory() ? backend.parallelism() : before;
  const int threads = static_cast<int>(std::clamp<index_t>(count, 1, available));
  index_t failed = count;
  std::exception_ptr failure;
  omp_set_num_threads(1);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads) if (threads > 1)
  for (index_t i = 0; i < count; ++i) {
    try {
      f(i);
    } catch (...) {
#pragma omp critical(kindred_for_each_on_host)
      if (i < failed) {
        failed = i;
        failure = std::current_exception();
      }
    }
  }
  omp_set_num_threads(before);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace kindred::host

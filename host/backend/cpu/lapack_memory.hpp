#pragma once
/// Host memory of the CPU backend, and where in it LAPACK may work.
#include "host/base/index.hpp"
#include "host/base/matrix_view.hpp"
#include "kernels/exec/executor.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace kindred::host {

constexpr std::size_t memory_alignment = kernels::scratch_alignment;

/// Uninitialised, aligned; ends with std::free. Throws Error{out_of_memory}.
inline void* aligned_memory(std::size_t bytes) {
  const std::size_t size =
      (std::max(bytes, std::size_t{1}) + memory_alignment - 1) / memory_alignment * memory_alignment;
  void* p = std::aligned_alloc(memory_alignment, size);
  if (p == nullptr) {
    throw Error(ErrorCode::out_of_memory, "cannot allocate " + std::to_string(size) +
                                              " bytes of host memory; use fewer or smaller systems at once");
  }
  return p;
}

/// A matrix where LAPACK reads and writes it: in place if it is aligned, else in an aligned copy that is brought back
/// at the end. Some of OpenBLAS's kernels (Prescott, Core2, Nehalem, Sandybridge, Barcelona) add in another order where
/// values lie at an odd multiple of 8 bytes, so that in place the last bits would depend on a matrix's place in a
/// batch.
class LapackMemory {
 public:
  explicit LapackMemory(const View2<double>& theirs) : theirs_(theirs) {
    if (reinterpret_cast<std::uintptr_t>(theirs.data) % memory_alignment == 0) return;
    own_.reset(static_cast<double*>(aligned_memory(at(theirs.rows * theirs.ld) * sizeof(double))));
    for (index_t i = 0; i < theirs.rows; ++i) std::copy_n(theirs.row(i), theirs.columns, own_.get() + i * theirs.ld);
  }
  LapackMemory(const LapackMemory&) = delete;
  LapackMemory& operator=(const LapackMemory&) = delete;
  ~LapackMemory() {
    for (index_t i = 0; own_ != nullptr && i < theirs_.rows; ++i) {
      std::copy_n(own_.get() + i * theirs_.ld, theirs_.columns, theirs_.row(i));
    }
  }

  /// The first value; leading dimension as in the view.
  [[nodiscard]] double* data() const { return own_ != nullptr ? own_.get() : theirs_.data; }

 private:
  struct Free {
    void operator()(double* p) const { std::free(p); }
  };
  View2<double> theirs_;
  std::unique_ptr<double, Free> own_;
};

}  // namespace kindred::host

#pragma once
/// A matrix of pairs in a .npy file of its final size, written in place as tiles come. By calls rather than through a
/// map: what is written is then no memory of the process, and a disk that is full is an error of the call.
#include "host/io/atomic_file.hpp"
#include "host/job/matrix_writer.hpp"

#include <cstddef>
#include <span>

namespace kindred::host {

class NpyMatrix final : public MatrixWriter {
 public:
  /// Takes all the space that it needs in `file`, which is committed by its owner and must outlive this. Throws what
  /// AtomicFile::allocate throws.
  NpyMatrix(io::AtomicFile& file, const PairSet& pairs, const MatrixForm& form);

 protected:
  void write(const Tile& place, std::span<const double> values) override;

 private:
  io::AtomicFile& file_;
  std::size_t data_;  ///< bytes before the first value
  Encoder encode_;
};

}  // namespace kindred::host

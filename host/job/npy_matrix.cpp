#include "host/job/npy_matrix.hpp"

#include "host/base/index.hpp"
#include "host/io/formats/npy.hpp"

#include <string>
#include <vector>

namespace kindred::host {

NpyMatrix::NpyMatrix(io::AtomicFile& file, const PairSet& pairs, const MatrixForm& form)
    : MatrixWriter(pairs, form), file_(file), encode_(form.float32 ? Encoder::Type::float32 : Encoder::Type::float64) {
  std::vector<index_t> shape{columns()};
  if (!form.condensed) shape.insert(shape.begin(), rows());
  const std::string header = io::npy_header(encode_.bytes(), shape);
  data_ = header.size();
  file.allocate(data_ + io::element_count(shape) * encode_.bytes());
  file.write_at(0, header.data(), header.size());
}

void NpyMatrix::write(const Tile& place, std::span<const double> values) {
  const char* data = encode_(values);
  // Whole rows lie one behind the other.
  const bool whole = place.columns == columns();
  const index_t pieces = whole ? 1 : place.rows;
  const auto length = at(whole ? place.rows * place.columns : place.columns) * encode_.bytes();
  for (index_t i = 0; i < pieces; ++i) {
    const auto first = at((place.row + i) * columns() + place.column);
    file_.write_at(data_ + first * encode_.bytes(), data + at(i) * length, length);
  }
}

}  // namespace kindred::host

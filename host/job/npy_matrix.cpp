#include "host/job/npy_matrix.hpp"

#include "host/io/formats/npy.hpp"

#include <algorithm>
#include <string>

namespace kindred::host {

NpyMatrix::NpyMatrix(io::AtomicFile& file, const PairSet& pairs, const MatrixForm& form)
    : MatrixWriter(pairs, form), file_(file) {
  const std::size_t bytes = form.float32 ? sizeof(float) : sizeof(double);
  std::vector<index_t> shape{columns()};
  if (!form.condensed) shape.insert(shape.begin(), rows());
  const std::string header = io::npy_header(bytes, shape);
  data_ = header.size();
  file.allocate(data_ + io::element_count(shape) * bytes);
  file.write_at(0, header.data(), header.size());
}

void NpyMatrix::write(const Tile& place, std::span<const double> values) {
  const void* data = values.data();
  std::size_t bytes = sizeof(double);
  if (form().float32) {
    rounded_.assign(values.size(), 0);
    std::transform(values.begin(), values.end(), rounded_.begin(), [](double x) { return static_cast<float>(x); });
    data = rounded_.data();
    bytes = sizeof(float);
  }
  // Whole rows lie one behind the other.
  const bool whole = place.columns == columns();
  const index_t pieces = whole ? 1 : place.rows;
  const auto length = static_cast<std::size_t>(whole ? place.rows * place.columns : place.columns) * bytes;
  for (index_t i = 0; i < pieces; ++i) {
    const auto first = static_cast<std::size_t>((place.row + i) * columns() + place.column);
    file_.write_at(data_ + first * bytes, static_cast<const char*>(data) + static_cast<std::size_t>(i) * length, length);
  }
}

}  // namespace kindred::host

#include "host/io/matrices.hpp"

#include <kindred/error.hpp>

#include <filesystem>

#include "host/base/text.hpp"
#include "host/io/array.hpp"
#include "host/io/file.hpp"
#include "host/io/formats/format.hpp"

namespace kindred::io {
namespace {

namespace fs = std::filesystem;

Matrix matrix_of(const ArrayRef& ref) {
  const Array array = to_array(ref);
  if (array.shape.size() != 2 || array.shape[0] != array.shape[1]) {
    host::fail(ErrorCode::invalid_data, array.origin, ": has shape ", host::shape_text(array.shape),
               ", expected n x n distances between n systems");
  }
  Matrix out{ref.named() ? ref.short_name() : ref.file.stem().string(), array.shape[0], {}};
  out.values.reserve(static_cast<std::size_t>(out.size * out.size));
  std::visit(
      [&](const auto* values) {
        for (index_t i = 0; i < out.size; ++i) {
          for (index_t j = 0; j < out.size; ++j) {
            out.values.push_back(values[i * array.strides[0] + j * array.strides[1]]);
          }
        }
      },
      array.values);
  return out;
}

}  // namespace

std::vector<Matrix> read_matrices(const std::string& path) {
  fs::path file = path;
  std::string wanted;
  std::error_code error;
  if (const std::size_t colon = path.rfind(':'); colon != std::string::npos && !fs::exists(file, error)) {
    file = path.substr(0, colon);
    wanted = path.substr(colon + 1);
  }
  std::vector<Matrix> out;
  for (const ArrayRef& ref : arrays_named(arrays_in(file, open_file(file)), wanted)) out.push_back(matrix_of(ref));
  return out;
}

}  // namespace kindred::io

#include "host/io/save.hpp"

#include <set>
#include <span>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/formats/npy.hpp"
#include "host/io/formats/zip.hpp"

namespace kindred {
namespace {

constexpr std::size_t longest_name = 32767;  // a ZIP name has a 16-bit length; this leaves room for ".npy"

template <class T>
void write_array(io::AtomicFile& file, const std::vector<index_t>& shape, const T* values) {
  file.write(io::npy_header(sizeof(T), shape));
  file.write(values, io::element_count(shape) * sizeof(T));
}

template <class T>
void save_array(const std::filesystem::path& path, const std::vector<index_t>& shape, const T* values) {
  io::AtomicFile file(path);
  write_array(file, shape, values);
  file.commit();
}

}  // namespace

void io::write_npy(AtomicFile& file, const std::vector<index_t>& shape, const double* values) {
  write_array(file, shape, values);
}

void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const double* values) {
  save_array(path, shape, values);
}

void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const float* values) {
  save_array(path, shape, values);
}

void io::write_npz(AtomicFile& file, const std::vector<NpzArray>& arrays, NpzCompression compression) {
  const std::string origin = host::printable(file.path().string());
  std::set<std::string_view> names;
  for (const NpzArray& array : arrays) {
    if (array.name.empty() || array.name.size() > longest_name) {
      host::fail(ErrorCode::invalid_argument, origin, ": the name of an array is empty or longer than ", longest_name,
                 " bytes");
    }
    if (!names.insert(array.name).second) {
      host::fail(ErrorCode::invalid_argument, origin, ": two arrays are called '", host::printable(array.name), "'");
    }
  }
  io::ZipWriter zip(file, compression == NpzCompression::deflated);
  for (const NpzArray& array : arrays) {
    std::visit(
        [&](const auto* values) {
          const std::string header = io::npy_header(sizeof *values, array.shape);
          const std::span data(values, io::element_count(array.shape));
          zip.add(array.name + ".npy", std::as_bytes(std::span(header)), std::as_bytes(data));
        },
        array.values);
  }
  zip.finish();
}

void save_npz(const std::filesystem::path& path, const std::vector<NpzArray>& arrays, NpzCompression compression) {
  io::AtomicFile file(path);
  io::write_npz(file, arrays, compression);
  file.commit();
}

}  // namespace kindred

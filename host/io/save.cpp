#include <kindred/io.hpp>

#include "host/io/atomic_file.hpp"
#include "host/io/npy.hpp"
#include "host/io/text.hpp"

namespace kindred {
namespace {

template <class T>
void save_array(const std::filesystem::path& path, const std::vector<index_t>& shape, const T* values) {
  io::AtomicFile file(path);
  file.write(io::npy_header(sizeof(T), shape));
  file.write(values, io::element_count(shape) * sizeof(T));
  file.commit();
}

}  // namespace

void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const double* values) {
  save_array(path, shape, values);
}

void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const float* values) {
  save_array(path, shape, values);
}

}  // namespace kindred

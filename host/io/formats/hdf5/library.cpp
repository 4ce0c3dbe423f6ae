#ifdef KINDRED_HAVE_HDF5
#include "host/io/formats/hdf5/library.hpp"

#include <atomic>
#include <cstring>
#include <string>

#include "host/base/text.hpp"

namespace kindred::io::hdf5 {
namespace {

// The library asks for memory, copies the image there and frees it; here all of these are the image itself.
void* same_memory(std::size_t, H5FD_file_image_op_t, void* image) { return image; }
void* no_copy(void* to, const void*, std::size_t, H5FD_file_image_op_t, void*) { return to; }
void* no_growth(void*, std::size_t, H5FD_file_image_op_t, void*) { return nullptr; }
herr_t keep(void*, H5FD_file_image_op_t, void*) { return 0; }
void* same_image(void* image) { return image; }
herr_t keep_image(void*) { return 0; }

/// The library takes two open files of one name for the same.
std::string new_name() {
  static std::atomic<unsigned long> count{0};
  return "kindred-image-" + std::to_string(count++);
}

herr_t keep_innermost(unsigned, const H5E_error2_t* error, void* text) {
  if (error->desc != nullptr) std::strncpy(static_cast<char*>(text), error->desc, 255);
  return 0;
}

}  // namespace

std::string last_error() {
  char text[256] = {};
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keep_innermost, text);
  return text[0] == '\0' ? "the library gives no reason" : host::printable(text);
}

Handle open_image(const Bytes& bytes) {
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  void* const image = const_cast<std::byte*>(bytes.data.data());
  H5FD_file_image_callbacks_t callbacks = {same_memory, no_copy, no_growth, keep, same_image, keep_image, image};
  constexpr std::size_t growth = std::size_t{1} << 16;
  if (H5Pset_fapl_core(access.get(), growth, 0) < 0 || H5Pset_file_image_callbacks(access.get(), &callbacks) < 0 ||
      H5Pset_file_image(access.get(), image, bytes.data.size()) < 0) {
    return {};
  }
  return {H5Fopen(new_name().c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose};
}

}  // namespace kindred::io::hdf5
#endif

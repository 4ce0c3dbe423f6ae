#include "host/io/formats/hdf5/hdf5.hpp"

#include <string_view>

#include "host/base/text.hpp"

#ifdef KINDRED_HAVE_HDF5
#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "host/io/formats/hdf5/apart.hpp"
#include "host/io/formats/hdf5/dataset.hpp"
#include "host/io/formats/matlab.hpp"
#endif

namespace kindred::io {

bool is_hdf5(std::span<const std::byte> data) {
  constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
  const std::string_view text(reinterpret_cast<const char*>(data.data()), data.size());
  if (text.starts_with(signature)) return true;
  for (std::size_t at = 512; at < text.size(); at *= 2) {
    if (text.substr(at).starts_with(signature)) return true;
  }
  return false;
}

#ifndef KINDRED_HAVE_HDF5

bool has_hdf5() { return false; }

void leave_out_hdf5_exit() {}

std::vector<ArrayRef> hdf5_arrays(const std::filesystem::path&, const Bytes& bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  host::fail(
      ErrorCode::io, bytes.origin, ": is ", text.starts_with("MATLAB") ? "a MATLAB 7.3 file (HDF5)" : "an HDF5 file",
      ", but this kindred was built without the HDF5 library: install libhdf5-dev and build it again, or read the "
      "file in Python with h5py and save its arrays with numpy.save");
}

#else

namespace {

using namespace hdf5;
using host::fail;
using host::printable;

constexpr std::size_t deepest = 64;           // groups in one another
constexpr std::size_t most_arrays = 1 << 20;  // of one file
constexpr const char* of_octave = "OCTAVE_NEW_FORMAT";

/// Notes the file to which a link into another one leads, and does not follow it.
herr_t refuse_other_file(const char*, const char*, const char* target, const char*, unsigned*, hid_t, void* noted) {
  static_cast<std::string*>(noted)->assign(target, std::min(std::char_traits<char>::length(target), std::size_t{200}));
  return -1;
}

struct Names {
  std::vector<std::string> all;
};

herr_t add_name(hid_t, const char* name, const H5L_info_t* link, void* names) noexcept {
  try {
    if (link->type == H5L_TYPE_HARD) static_cast<Names*>(names)->all.emplace_back(name);
    return 0;
  } catch (...) {
    return -1;
  }
}

/// Goes through a file's groups.
class Reader : public std::enable_shared_from_this<Reader> {
 public:
  Reader(std::filesystem::path path, const Bytes& bytes)
      : path_(std::move(path)), file_(std::make_shared<File>(bytes)) {
    const Session session;
    file_->handle = open_image(file_->bytes);
    if (!file_->handle) fail(ErrorCode::io, bytes.origin, ": damaged or truncated HDF5 file (", last_error(), ")");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
    file_->matlab = text.starts_with("MATLAB");
  }

  std::vector<ArrayRef> list() {
    const Session session;
    seen_.clear();
    std::vector<ArrayRef> arrays;
    const Handle root(H5Gopen2(file_->handle.get(), "/", H5P_DEFAULT), H5Gclose);
    if (!root) fail(ErrorCode::io, file_->bytes.origin, ": damaged or truncated HDF5 file (", last_error(), ")");
    add_group(root.get(), "", arrays, 0);
    if (arrays.empty()) fail(ErrorCode::io, file_->bytes.origin, ": holds no datasets");
    return arrays;
  }

  /// What a path leads to, through soft links.
  std::vector<ArrayRef> find(const std::string& path) {
    apart(file_->bytes.origin + ':' + printable(path), 0, [&] { (void)look_up(path); });
    return look_up(path);
  }

 private:
  std::vector<ArrayRef> look_up(const std::string& path) {
    const Session session;
    seen_.clear();
    std::string other_file;
    const Handle access(H5Pcreate(H5P_LINK_ACCESS), H5Pclose);
    H5Pset_elink_cb(access.get(), refuse_other_file, &other_file);
    Handle object(H5Oopen(file_->handle.get(), path.c_str(), access.get()), H5Oclose);
    const std::string origin = file_->bytes.origin + ':' + printable(path);
    if (!other_file.empty()) {
      fail(ErrorCode::io, origin, ": is a link into another file, ", printable(other_file), ": give that file");
    }
    std::vector<ArrayRef> arrays;
    if (object) {
      add_object(std::move(object), path, arrays, 0);
    } else if (is_link(path)) {
      fail(ErrorCode::io, origin, ": is a link that leads nowhere");
    }
    return arrays;
  }

  [[nodiscard]] bool is_link(const std::string& path) const {
    H5L_info_t link{};
    return H5Lget_info(file_->handle.get(), path.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_SOFT;
  }

  /// False where a listing has come to this object before, by another name or round a circle.
  bool is_new(hid_t object) {
    H5O_info_t info{};
    return H5Oget_info(object, &info) >= 0 && seen_.insert(info.addr).second;
  }

  void add(const std::string& name, std::shared_ptr<Stored> stored, std::vector<ArrayRef>& arrays,
           const std::string& list = {}) {
    if (arrays.size() == most_arrays) fail(ErrorCode::io, file_->bytes.origin, ": holds too many datasets");
    stored->find = [self = shared_from_this()](const std::string& other) { return self->find(other); };
    arrays.push_back({path_, printable(name), file_->bytes, {}, std::move(stored), printable(list)});
  }

  void add_problem(const std::string& name, std::string problem, std::vector<ArrayRef>& arrays) {
    auto stored = std::make_shared<Stored>();
    stored->problem = std::move(problem);
    stored->code = ErrorCode::io;
    add(name, std::move(stored), arrays);
  }

  void add_group(hid_t group, const std::string& path, std::vector<ArrayRef>& arrays, std::size_t depth) {
    if (depth > deepest) return add_problem(path, "lies too deep in groups", arrays);
    Names names;
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_name, &names) < 0) {
      if (path.empty()) fail(ErrorCode::io, file_->bytes.origin, ": damaged HDF5 file (", last_error(), ")");
      return add_problem(path, "is a damaged group (" + last_error() + ")", arrays);
    }
    for (const std::string& name : names.all) {
      if (path.empty() && (name == "#refs#" || name == "#subsystem#")) continue;  // of MATLAB
      const std::string child = path + '/' + name;
      Handle object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose);
      if (object) {
        add_object(std::move(object), child, arrays, depth);
      } else {
        add_problem(child, "is damaged (" + last_error() + ")", arrays);
      }
    }
  }

  void add_object(Handle object, const std::string& path, std::vector<ArrayRef>& arrays, std::size_t depth) {
    if (!is_new(object.get())) return;
    const H5I_type_t kind = H5Iget_type(object.get());
    if (kind == H5I_DATASET) return add_dataset(std::move(object), path, arrays);
    if (kind != H5I_GROUP) return;
    if (H5Aexists(object.get(), "MATLAB_sparse") > 0) {
      auto stored = std::make_shared<Stored>();
      matlab::refuse_sparse(*stored);
      return add(path, std::move(stored), arrays);
    }
    if (H5Aexists(object.get(), of_octave) > 0) return add_octave(object.get(), path, arrays, depth, {});
    add_group(object.get(), path, arrays, depth + 1);
  }

  void add_dataset(Handle dataset, const std::string& path, std::vector<ArrayRef>& arrays) {
    const std::string origin = file_->bytes.origin + ':' + printable(path);
    const bool may_be_cells = file_->matlab || matlab_class(dataset.get()) == "cell";
    if (may_be_cells && add_cells(dataset.get(), path, origin, arrays)) return;
    add(path, describe(file_, std::move(dataset), origin, file_->matlab), arrays);
  }

  /// The elements of a cell array: a dataset of references. False if it is none.
  bool add_cells(hid_t dataset, const std::string& path, const std::string& origin, std::vector<ArrayRef>& arrays) {
    const Handle type(H5Dget_type(dataset), H5Tclose);
    if (H5Tequal(type.get(), H5T_STD_REF_OBJ) <= 0) return false;
    std::size_t count = 1;
    for (const index_t n : shape_of(dataset, origin)) {
      if (n > static_cast<index_t>(most_arrays)) return add_problem(path, "has too many cells", arrays), true;
      count *= static_cast<std::size_t>(n);
      if (count > most_arrays) return add_problem(path, "has too many cells", arrays), true;
    }
    std::vector<hobj_ref_t> references(count);
    if (H5Dread(dataset, H5T_STD_REF_OBJ, H5S_ALL, H5S_ALL, H5P_DEFAULT, references.data()) < 0) {
      return add_problem(path, "damaged: its cells cannot be read (" + last_error() + ")", arrays), true;
    }
    for (std::size_t k = 0; k < count; ++k) {
      const std::string name = path + '{' + std::to_string(k + 1) + '}';
      Handle cell(H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, &references[k]), H5Oclose);
      auto stored = std::make_shared<Stored>();
      if (!cell) {
        stored->problem = "is damaged (" + last_error() + ")";
        stored->code = ErrorCode::io;
      } else if (H5Iget_type(cell.get()) != H5I_DATASET || matlab_class(cell.get()) == "cell") {
        matlab::refuse(*stored, "cells or a structure");
      } else {
        stored = describe(file_, std::move(cell), file_->bytes.origin + ':' + printable(name), true);
      }
      add(name, std::move(stored), arrays, path);
    }
    return true;
  }

  /// A variable of GNU Octave: a group of its type and its value; that of a cell array has groups _0, _1, ... of the
  /// same kind, that of a structure one for each field.
  void add_octave(hid_t group, const std::string& path, std::vector<ArrayRef>& arrays, std::size_t depth,
                  const std::string& list) {
    const Handle type(H5Dopen2(group, "type", H5P_DEFAULT), H5Dclose);
    const Handle type_type(type ? H5Dget_type(type.get()) : -1, H5Tclose);
    const std::string kind = short_text(type.get(), type_type.get(), false);
    Handle value(H5Oopen(group, "value", H5P_DEFAULT), H5Oclose);
    if (!value || depth > deepest) return add_problem(path, "is a damaged variable of GNU Octave", arrays);
    if (kind == "cell") return add_octave_cells(value.get(), path, arrays, depth);
    if (H5Iget_type(value.get()) == H5I_GROUP) return add_group(value.get(), path, arrays, depth + 1);
    const std::string origin = file_->bytes.origin + ':' + printable(path);
    auto stored = describe(file_, std::move(value), origin, true);
    if (kind.find("string") != kind.npos) matlab::refuse(*stored, "text");
    if (kind == "range") matlab::refuse(*stored, "a range", "; save full(...) of it");
    if (kind.find("sparse") != kind.npos) matlab::refuse_sparse(*stored);
    add(path, std::move(stored), arrays, list);
  }

  void add_octave_cells(hid_t value, const std::string& path, std::vector<ArrayRef>& arrays, std::size_t depth) {
    for (std::size_t k = 0; k < most_arrays; ++k) {
      const std::string name = '_' + std::to_string(k);
      if (H5Lexists(value, name.c_str(), H5P_DEFAULT) <= 0) return;
      const Handle cell(H5Gopen2(value, name.c_str(), H5P_DEFAULT), H5Gclose);
      const std::string shown = path + '{' + std::to_string(k + 1) + '}';
      if (!cell) {
        add_problem(shown, "is damaged (" + last_error() + ")", arrays);
      } else if (is_new(cell.get())) {
        add_octave(cell.get(), shown, arrays, depth + 1, path);
      }
    }
  }

  std::filesystem::path path_;
  std::shared_ptr<File> file_;
  std::set<haddr_t> seen_;
};

}  // namespace

bool has_hdf5() { return true; }

void leave_out_hdf5_exit() { (void)H5dont_atexit(); }

std::vector<ArrayRef> hdf5_arrays(const std::filesystem::path& file, const Bytes& bytes) {
  // The library is not proof against damaged files: what it does not come through is not tried in this process.
  apart(bytes.origin, bytes.data.size(), [&] { (void)std::make_shared<Reader>(file, bytes)->list(); });
  return std::make_shared<Reader>(file, bytes)->list();
}

#endif

}  // namespace kindred::io

#include "host/io/describe.hpp"

#include <optional>
#include <utility>

#include "host/io/layout.hpp"
#include "host/io/names.hpp"

namespace kindred {
namespace {

using io::Axis;

std::string byte_order_name(const std::string& descr) {
  if (descr.empty()) return {};
  const bool little_native = std::endian::native == std::endian::little;
  switch (descr.front()) {
    case '<':
      return "little-endian";
    case '>':
      return "big-endian";
    case '=':
      return little_native ? "little-endian" : "big-endian";
    default:
      return {};
  }
}

/// What the shape leaves open when the layout was not given.
std::string remark_on(const std::vector<index_t>& shape, const ArrayInfo& info) {
  std::string remark;
  for (std::size_t i = 0; i < shape.size() && remark.empty(); ++i) {
    for (std::size_t j = i + 1; j < shape.size() && remark.empty(); ++j) {
      if (shape[i] != shape[j]) continue;
      remark = "axes " + std::to_string(i) + " and " + std::to_string(j) + " are both " + std::to_string(shape[i]) +
               " long: the shape cannot tell " + info.axes[i] + " from " + info.axes[j] +
               "; give the layout to be sure";
    }
  }
  if (remark.empty() && info.channels > info.steps) {
    remark = "more channels (" + std::to_string(info.channels) + ") than time steps (" + std::to_string(info.steps) +
             "): give the layout if the axes are meant otherwise";
  }
  if (shape.size() == 3 && shape[1] == shape[2]) remark += "; a stack of square matrices may also be operators";
  return remark;
}

/// An array of an HDF5 or MATLAB file.
void describe_stored(ArrayInfo& info, const io::Stored& stored, const std::string& origin) {
  info.dtype = stored.type;
  info.byte_order = stored.byte_order;
  info.storage = stored.storage;
  io::require_readable(stored, origin);
}

/// An array that is a .npy image.
void describe_image(ArrayInfo& info, const io::ArrayRef& ref, const io::NpyHeader& header) {
  info.dtype = io::dtype_name(header.descr);
  info.byte_order = byte_order_name(header.descr);
  const io::NumberType type = io::require_floats(header, ref.origin());
  (void)io::require_complete(header, type, ref.size(), ref.origin());
  const io::Bytes image = ref.peek();
  const std::string reason = ref.member && ref.member->deflated
                                 ? "deflated"
                                 : io::copy_reason(type, type.bytes, image.data.data() + header.data_offset);
  info.storage = reason.empty() ? "mapped" : "copied: " + reason;
}

ArrayInfo refused(const std::string& file, const Error& error) {
  ArrayInfo info;
  info.file = host::printable(file);
  info.problem = error.what();
  info.code = error.code();
  return info;
}

std::vector<ArrayInfo> describe_file(const io::FileSpec& file, const LoadOptions& options, io::Files& files) {
  try {
    std::vector<ArrayInfo> infos;
    const auto systems = io::find_systems(file, options, files);
    const auto names = io::distinct_names(systems);
    for (std::size_t i = 0; i < systems.size(); ++i) {
      for (const io::ArrayRef& ref : systems[i].arrays) infos.push_back(io::describe_array(ref, systems[i], names[i]));
    }
    return infos;
  } catch (const Error& error) {
    return {refused(file.file.string(), error)};
  }
}

}  // namespace

void io::describe_array(ArrayInfo& info, const ArrayRef& ref, Layout layout) {
  const io::NpyHeader header = ref.header();
  info.order = header.fortran_order ? "Fortran" : "C";
  info.shape = header.shape;
  if (ref.stored) {
    describe_stored(info, *ref.stored, ref.origin());
  } else {
    describe_image(info, ref, header);
  }
  const auto axes = io::axes_of(layout, header.shape, ref.origin());
  info.trials = 1;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    info.axes.emplace_back(io::axis_name(axes[k]));
    if (axes[k] == Axis::trials) info.trials = header.shape[k];
    if (axes[k] == Axis::time) info.steps = header.shape[k];
    if (axes[k] == Axis::channels) info.channels = header.shape[k];
  }
  if (layout == Layout::automatic) info.remark = remark_on(header.shape, info);
}

ArrayInfo io::describe_array(const ArrayRef& ref, const SystemRef& system, const std::string& name) {
  ArrayInfo info;
  info.file = host::printable(ref.file.string());
  info.array = ref.array;
  info.system = name;
  info.label = system.label;
  try {
    describe_array(info, ref, system.layout);
  } catch (const Error& error) {
    info.problem = error.what();
    info.code = error.code();
  }
  return info;
}

std::vector<ArrayInfo> describe(const std::string& path, const LoadOptions& options) {
  io::Files files;
  std::vector<io::FileSpec> specs;
  try {
    specs = io::find_files(path, files);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_data) throw;
    return {refused(path, error)};
  }
  std::vector<ArrayInfo> all;
  for (const io::FileSpec& spec : specs) {
    if (!std::filesystem::exists(spec.file)) (void)files.bytes(spec.file);  // throws what loading it would
    for (ArrayInfo& info : describe_file(spec, options, files)) all.push_back(std::move(info));
  }
  for (const auto& file : files.left_out) {
    ArrayInfo& info = all.emplace_back();
    info.file = host::printable(file.string());
    info.remark = "left out: " + io::not_a_recording(file, *files.results.find(file));
  }
  return all;
}

std::string written_by(const std::string& path) {
  io::Results results;
  std::error_code error;
  const auto result = std::filesystem::is_regular_file(path, error) ? results.find(path) : std::nullopt;
  return result ? result->command : std::string();
}

}  // namespace kindred

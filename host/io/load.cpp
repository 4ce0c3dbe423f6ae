#include <kindred/io.hpp>

#include <algorithm>
#include <new>
#include <set>
#include <string>
#include <utility>

#include "host/io/collection.hpp"
#include "host/io/describe.hpp"
#include "host/io/layout.hpp"
#include "host/io/names.hpp"
#include "host/io/owners.hpp"

namespace kindred {
namespace {

/// Whether an array may be a recording, by its header.
bool may_be_recording(const io::ArrayRef& ref, Layout layout) {
  ArrayInfo info;
  try {
    io::describe_array(info, ref, layout);
  } catch (const Error&) {
    return false;
  }
  return true;
}

/// "; of its arrays, rates and rates2 can be recordings: give s.npz:rates and s.npz:rates2", where a file holds other
/// things beside recordings.
std::string others_in(const std::vector<io::ArrayRef>& arrays, Layout layout) {
  constexpr std::size_t most_named = 4;
  std::vector<std::string> good;
  for (const io::ArrayRef& ref : arrays) {
    if (may_be_recording(ref, layout)) good.push_back(ref.origin());
  }
  if (good.empty()) return "; no array of this file can be a recording";
  std::string text = "; of the arrays of this file, " + std::to_string(good.size()) + " can be " +
                     (good.size() == 1 ? "a recording: give " : "recordings: give ");
  for (std::size_t i = 0; i < std::min(good.size(), most_named); ++i) text += (i > 0 ? " " : "") + good[i];
  return text + (good.size() > most_named ? " ..." : "");
}

/// Trials of arrays, and what keeps them alive.
TrajectorySet trials_of(const std::vector<io::ArrayRef>& arrays, Layout layout) {
  TrajectorySet set;
  std::vector<std::shared_ptr<const void>> owners;
  for (const io::ArrayRef& ref : arrays) {
    const io::Array array = io::to_array(ref);
    io::append_trials(set, array, layout, arrays.front().origin());
    owners.push_back(array.owner);
  }
  set.storage = io::owned_together(std::move(owners));
  return set;
}

TrajectorySet assemble(const io::SystemRef& system, std::string name) {
  std::vector<TrajectorySet> set = {trials_of(system.arrays, system.layout)};
  set[0].name = std::move(name);
  set[0].label = system.label;
  set[0].preprocess = system.preprocess;
  if (!system.control.empty()) {
    TrajectorySet inputs = trials_of(system.control, system.layout);
    inputs.name = system.control.front().origin();
    add_inputs(set, {inputs});
  }
  return std::move(set[0]);
}

/// The systems that the paths lead to, with their names.
struct Gathered {
  io::Files files;
  std::vector<io::SystemRef> systems;
  std::vector<std::string> names;

  void add(const io::FileSpec& spec, const LoadOptions& options) {
    for (io::SystemRef& ref : io::find_systems(spec, options, files)) systems.push_back(std::move(ref));
  }

  [[nodiscard]] std::vector<TrajectorySet> load() {
    std::vector<TrajectorySet> sets;
    for (std::size_t i = 0; i < systems.size(); ++i) {
      try {
        sets.push_back(assemble(systems[i], names[i]));
      } catch (const Error& error) {
        const io::ArrayRef& first = systems[i].arrays.front();
        const auto& arrays = files.arrays(first.file);
        if (error.code() != ErrorCode::invalid_data || !first.named() || arrays.size() == 1) throw;
        throw Error(error.code(), error.what() + others_in(arrays, systems[i].layout));
      }
    }
    return sets;
  }
};

Gathered gather(const std::vector<std::string>& paths, const LoadOptions& options) {
  Gathered out;
  std::vector<io::FileSpec> specs;
  for (const std::string& path : paths) {
    for (io::FileSpec& spec : io::find_files(path, out.files)) specs.push_back(std::move(spec));
  }
  for (const io::FileSpec& spec : specs) out.add(spec, options);
  out.names = io::distinct_names(out.systems);
  return out;
}

/// What `read` returns; lack of memory is an Error.
template <class F>
auto within_memory(F&& read) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    host::fail(ErrorCode::out_of_memory, "not enough memory to hold the systems' arrays");
  }
}

}  // namespace

std::vector<TrajectorySet> load(const std::vector<std::string>& paths, const LoadOptions& options) {
  return within_memory([&] { return gather(paths, options).load(); });
}

Loaded load_described(const std::vector<std::string>& paths, const LoadOptions& options) {
  return within_memory([&] {
    Gathered found = gather(paths, options);
    Loaded out;
    out.systems = found.load();
    for (std::size_t i = 0; i < found.systems.size(); ++i) {
      out.fits.push_back(found.systems[i].fit);
      for (const io::ArrayRef& ref : found.systems[i].arrays) {
        out.arrays.push_back(io::describe_array(ref, found.systems[i], found.names[i]));
      }
    }
    std::set<std::string> files;
    for (const io::SystemRef& system : found.systems) {
      files.insert(system.file.string());
      for (const auto* arrays : {&system.arrays, &system.control}) {
        for (const io::ArrayRef& ref : *arrays) files.insert(ref.file.string());
      }
    }
    out.files.assign(files.begin(), files.end());
    for (const auto& file : found.files.left_out) out.left_out.push_back(file.string());
    std::sort(out.left_out.begin(), out.left_out.end());
    return out;
  });
}

std::vector<TrajectorySet> load_npy(const std::vector<std::string>& paths, Layout layout) {
  return within_memory([&] {
    Gathered found;
    for (const std::string& path : paths) found.add({path, {}}, {.layout = layout});
    for (const io::SystemRef& ref : found.systems) {
      if (ref.from_manifest || ref.arrays.front().named()) {
        host::fail(ErrorCode::io, host::printable(ref.file.string()), ": is not a .npy file");
      }
    }
    found.names = io::distinct_names(found.systems);
    return found.load();
  });
}

}  // namespace kindred

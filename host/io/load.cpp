#include <kindred/io.hpp>

#include <new>
#include <utility>

#include "host/io/collection.hpp"
#include "host/io/layout.hpp"

namespace kindred {
namespace {

using Owners = std::vector<std::shared_ptr<const void>>;

TrajectorySet assemble(const io::SystemRef& system, std::string name) {
  TrajectorySet set;
  set.name = std::move(name);
  set.label = system.label;
  auto owners = std::make_shared<Owners>();
  for (const io::ArrayRef& ref : system.arrays) {
    const io::Array array = io::to_array(ref.read());
    io::append_trials(set, array, system.layout, system.arrays.front().origin());
    owners->push_back(array.owner);
  }
  set.storage = std::move(owners);
  return set;
}

std::vector<io::SystemRef> systems_at(const std::vector<io::FileSpec>& files, const LoadOptions& options) {
  std::vector<io::SystemRef> refs;
  for (const io::FileSpec& file : files) {
    for (io::SystemRef& ref : io::find_systems(file, options)) refs.push_back(std::move(ref));
  }
  return refs;
}

std::vector<TrajectorySet> assemble_all(const std::vector<io::SystemRef>& refs) {
  std::vector<std::string> names = io::distinct_names(refs);
  std::vector<TrajectorySet> systems;
  for (std::size_t i = 0; i < refs.size(); ++i) systems.push_back(assemble(refs[i], std::move(names[i])));
  return systems;
}

}  // namespace

std::vector<TrajectorySet> load(const std::vector<std::string>& paths, const LoadOptions& options) {
  try {
    std::vector<io::FileSpec> files;
    for (const std::string& path : paths) {
      for (io::FileSpec& file : io::find_files(path)) files.push_back(std::move(file));
    }
    return assemble_all(systems_at(files, options));
  } catch (const std::bad_alloc&) {
    host::fail(ErrorCode::out_of_memory, "not enough memory to hold the systems' arrays");
  }
}

std::vector<TrajectorySet> load_npy(const std::vector<std::string>& paths, Layout layout) {
  try {
    std::vector<io::FileSpec> files;
    files.reserve(paths.size());
    for (const std::string& path : paths) files.push_back({path, {}});
    const auto refs = systems_at(files, {.layout = layout});
    for (const io::SystemRef& ref : refs) {
      if (ref.from_manifest || ref.arrays.front().member) {
        host::fail(ErrorCode::io, host::printable(ref.file.string()), ": is not a .npy file");
      }
    }
    return assemble_all(refs);
  } catch (const std::bad_alloc&) {
    host::fail(ErrorCode::out_of_memory, "not enough memory to hold the systems' arrays");
  }
}

}  // namespace kindred

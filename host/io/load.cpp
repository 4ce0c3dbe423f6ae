#include <kindred/io.hpp>

#include "host/io/layout.hpp"

namespace kindred {

std::vector<TrajectorySet> load_npy(const std::vector<std::string>& paths, Layout layout) {
  std::vector<TrajectorySet> systems;
  for (const std::string& path : paths) {
    const io::Array array = io::to_array(io::open_file(path));
    TrajectorySet set;
    set.name = std::filesystem::path(path).stem().string();
    io::append_trials(set, array, layout, {});
    set.storage = array.owner;
    systems.push_back(std::move(set));
  }
  return systems;
}

}  // namespace kindred

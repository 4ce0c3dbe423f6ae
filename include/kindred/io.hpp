#pragma once
#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace kindred {

/// Order of the axes of an array on disk.
enum class Layout {
  automatic,      ///< 2-D: time x channels; 3-D: trials x time x channels
  time_channels,  ///< 2-D
  channels_time,  ///< 2-D
  trials_time_channels,
  trials_channels_time,
  time_trials_channels,
  time_channels_trials,
  channels_time_trials,
  channels_trials_time,
};

/// Loads systems: each path is a .npy (one system), a .npz (one system an array), a folder or a glob
/// pattern of these (sorted by name), or a .json manifest. Memory-mapped where possible.
/// Throws Error{io} / Error{invalid_data} naming file, array and value.
[[nodiscard]] std::vector<TrajectorySet> load(const std::vector<std::string>& paths, Layout layout = Layout::automatic);

/// Same, for .npy files only: one system a file.
[[nodiscard]] std::vector<TrajectorySet> load_npy(const std::vector<std::string>& paths,
                                                  Layout layout = Layout::automatic);

/// Loads operators: a .npy of shape N x r x r (or r x r), or a .npz with one r x r array a system.
[[nodiscard]] OperatorSet load_operators(const std::string& path);

/// Writes a float64 C-order array, atomically (temporary file, then rename).
void save_npy(const std::filesystem::path& path, const std::vector<index_t>& shape, const double* values);

}  // namespace kindred

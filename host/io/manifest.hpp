#pragma once
/// The JSON manifest that names systems made of several files; its format is in docs/formats.md.
#include <kindred/io.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kindred::io {

struct ManifestSystem {
  std::string name;
  std::string label;
  std::vector<std::string> files;  ///< as written: relative to the manifest
  Layout layout = Layout::automatic;
  std::vector<std::pair<std::string, std::string>> preprocess;  ///< TrajectorySet::preprocess
  FitFields fit{};  ///< delays, interval, rank, ridge, dt, where they are given
};

/// Systems without a layout of their own get the manifest's, else `layout`. Throws Error{io} (not JSON) or
/// Error{invalid_data} (not this format) naming `origin`, the system and the key.
[[nodiscard]] std::vector<ManifestSystem> parse_manifest(std::string_view text, const std::string& origin,
                                                         Layout layout);

}  // namespace kindred::io

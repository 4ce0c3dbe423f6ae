#include "host/cli/result/testcase_files.hpp"

#include "host/io/atomic_file.hpp"

#include <kindred/error.hpp>
#include <kindred/io.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>

namespace kindred::cli {
namespace {

namespace fs = std::filesystem;

fs::path make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(ErrorCode::io, folder.string() + ": cannot be created: " + error.message());
  return folder;
}

fs::path seed_folder(const fs::path& folder, const testcase::Case& test, std::uint64_t seed) {
  return folder / test.name / ("seed-" + std::to_string(seed));
}

fs::path distances_folder(const fs::path& folder, const testcase::Case& test, std::size_t setting, std::uint64_t seed) {
  const Dmd& dmd = test.settings[setting].dmd;
  return seed_folder(folder, test, seed) / ("delays-" + std::to_string(dmd.delays) + "-interval-" +
                                            std::to_string(dmd.interval) + "-rank-" + text_of(dmd.rank));
}

}  // namespace

void save_systems(const fs::path& folder, const testcase::Case& test, std::uint64_t seed,
                  const std::vector<TrajectorySet>& systems) {
  const fs::path home = make_folder(seed_folder(folder, test, seed));
  auto list = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < systems.size(); ++i) {
    if (systems[i].trial_count() == 0) continue;  // nothing is compared with it
    const auto& trials = std::get<std::vector<TrialView<double>>>(systems[i].trials);
    char file[32];
    std::snprintf(file, sizeof file, "%03zu.npy", i);
    save_npy(home / file, {systems[i].trial_count(), systems[i].steps(0), systems[i].channels()}, trials.front().data);
    nlohmann::ordered_json entry{{"name", systems[i].name}, {"file", (home.filename() / file).string()}};
    if (!systems[i].label.empty()) entry["label"] = systems[i].label;
    list.push_back(std::move(entry));
  }
  const nlohmann::ordered_json manifest{{"systems", std::move(list)}};
  io::write_file(fs::path(home.string() + ".json"), manifest.dump(2) + "\n");
}

void save_distances(const fs::path& folder, const testcase::Case& test, std::size_t setting, std::uint64_t seed,
                    const std::string& metric, const std::vector<double>& distances) {
  const fs::path home = make_folder(distances_folder(folder, test, setting, seed));
  const index_t n = testcase::matrix_size(distances.size());
  save_npy(home / (metric + ".npy"), {n, n}, distances.data());
}

testcase::Measure saved_distances(const std::string& name, const fs::path& folder) {
  const auto read = [name, folder](const testcase::Case& test, std::size_t setting, std::uint64_t seed) {
    const std::string path = (distances_folder(folder, test, setting, seed) / (name + ".npy")).string();
    const auto loaded = load_npy({path}, Layout::time_channels);
    const auto* trials = std::get_if<std::vector<TrialView<double>>>(&loaded.front().trials);
    if (trials == nullptr || trials->front().steps != trials->front().channels) {
      throw Error(ErrorCode::invalid_data, path + ": expected a square float64 array of distances");
    }
    const auto& view = trials->front();
    std::vector<double> out;
    for (index_t i = 0; i < view.steps; ++i) {
      for (index_t j = 0; j < view.channels; ++j) out.push_back(view(i, j));
    }
    return out;
  };
  return {name, read};
}

}  // namespace kindred::cli

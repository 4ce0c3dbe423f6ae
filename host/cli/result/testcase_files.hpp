#pragma once
#include <kindred/testcase.hpp>

#include <filesystem>
#include <string>

/// Where the test cases' data lie in a folder, for other programs to read and to answer.
///   FOLDER/regimes/seed-0.json, FOLDER/regimes/seed-0/000.npy ...         systems: a manifest, one file a system
///   FOLDER/regimes/seed-0/delays-33-interval-6-rank-20/dsa.npy            distances, n x n, NaN where not compared
namespace kindred::cli {

/// Creates the folders it needs. Throws io.
void save_systems(const std::filesystem::path& folder, const testcase::Case& test, std::uint64_t seed,
                  const std::vector<TrajectorySet>& systems);

void save_distances(const std::filesystem::path& folder, const testcase::Case& test, std::size_t setting,
                    std::uint64_t seed, const std::string& metric, const std::vector<double>& distances);

/// A metric whose distances another program has written as save_distances does. Throws invalid_data unless each file is
/// a square float64 array, io if one is missing.
[[nodiscard]] testcase::Measure saved_distances(const std::string& name, const std::filesystem::path& folder);

}  // namespace kindred::cli

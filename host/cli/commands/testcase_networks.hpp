#pragma once
#include "host/cli/options/network_options.hpp"

#include <kindred/networks.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// What concerns the network cases of `kindred testcase` alone.
struct NetworkCaseOptions {
  NetworkOptions network;
  index_t masters = 3;
  std::string keep;
  bool published = false, with_all = false;
};
void add_network_case_options(CLI::App& app, NetworkCaseOptions& options);

/// The network cases among the choice `which`: "rnn", "mamba", or both with "all" where they are wanted.
[[nodiscard]] std::vector<std::string> network_cases(const std::string& which, const NetworkCaseOptions& options);

/// Throws invalid_argument for a given option that would change nothing: the case trains no networks, or none of its
/// kind.
void refuse_idle_network_options(const CLI::App& app, const std::string& which, const std::vector<std::string>& kinds);

[[nodiscard]] testcase::NetworkStudy run_network_case(const std::string& kind, const NetworkCaseOptions& options,
                                                      Engine& engine, const std::vector<testcase::Measure>& measures,
                                                      const testcase::Options& how, int threads,
                                                      const Console& console);

}  // namespace kindred::cli

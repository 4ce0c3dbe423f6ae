#pragma once
#include "host/cli/console.hpp"

#include <kindred/networks.hpp>

#include <CLI/CLI.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace kindred::cli {

/// Networks that are trained: their kind is the case's or the command's.
struct NetworkOptions {
  index_t units = 64, width = 8, layers = 1;
  std::string activation = "tanh";
  index_t updates = 0, part_updates = 0;  ///< 0: as the kind of network has it
  double least_master = 0.95;
};
void add_network_options(CLI::App& app, NetworkOptions& options, const std::string& group);

/// Throws invalid_argument for a given option that is of another kind of network than those of `kinds`.
void refuse_other_networks(const CLI::App& app, const std::vector<std::string>& kinds);

/// `kind`: "rnn" or "mamba".
[[nodiscard]] testcase::NetworkSettings network_settings(const std::string& kind, const NetworkOptions& options);

/// Says now and then which network is trained and how far it is. Stops the training when a signal asks for it.
class TrainingMeter {
 public:
  explicit TrainingMeter(const Console& console) : console_(console) {}
  /// False once the program was asked to stop.
  bool show(const testcase::NetworkEvent& event);

 private:
  using Clock = std::chrono::steady_clock;
  const Console& console_;
  Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

}  // namespace kindred::cli

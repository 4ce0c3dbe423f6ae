#include "host/cli/options/network_options.hpp"

#include "host/cli/options/arguments.hpp"

#include <cstdio>

namespace kindred::cli {

void add_network_options(CLI::App& app, NetworkOptions& o, const std::string& group) {
  app.add_option("--units", o.units, "Of an rnn")->check(whole_number(1, 4096))->group(group)->capture_default_str();
  app.add_option("--activation", o.activation, "Of an rnn: tanh, relu or softplus")
      ->check(CLI::IsMember({"tanh", "relu", "softplus"}))
      ->group(group)
      ->capture_default_str();
  app.add_option("--width", o.width, "Of a mamba: channels between its layers")
      ->check(whole_number(1, 1024))
      ->group(group)
      ->capture_default_str();
  app.add_option("--layers", o.layers, "Of a mamba")->check(whole_number(1, 64))->group(group)->capture_default_str();
  app.add_option("--updates", o.updates, "On the composed task, at most (0: rnn 3000, mamba 1000)")
      ->check(whole_number(0))
      ->group(group);
  app.add_option("--part-updates", o.part_updates, "On the parts, at most, for each part (0: rnn 10000, mamba 3000)")
      ->check(whole_number(0))
      ->group(group);
}

void refuse_other_networks(const CLI::App& app, const std::vector<std::string>& kinds) {
  struct Owned {
    const char *option, *kind;
  };
  constexpr Owned all[] = {{"--units", "rnn"}, {"--activation", "rnn"}, {"--width", "mamba"}, {"--layers", "mamba"}};
  for (const auto& [option, kind] : all) {
    if (app.count(option) == 0 || contains(kinds, kind)) continue;
    throw Error(ErrorCode::invalid_argument,
                std::string(option) + " is of networks of kind " + kind + ", and none of these is trained here");
  }
}

testcase::NetworkSettings network_settings(const std::string& kind, const NetworkOptions& o) {
  auto out = kind == "mamba" ? testcase::mamba_settings() : testcase::rnn_settings();
  if (auto* rnn = std::get_if<train::Rnn>(&out.model)) {
    rnn->units = o.units;
    rnn->activation = o.activation == "relu"       ? train::Activation::relu
                      : o.activation == "softplus" ? train::Activation::softplus
                                                   : train::Activation::tanh;
  } else {
    auto& mamba = std::get<train::Mamba>(out.model);
    mamba.width = o.width;
    mamba.layers = o.layers;
  }
  out.least_master = o.least_master;
  if (o.updates > 0) out.updates = o.updates;
  if (o.part_updates > 0) out.part_updates = o.part_updates;
  return out;
}

bool TrainingMeter::show(const testcase::NetworkEvent& event) {
  if (interrupt_signal() != 0) return false;
  if (Clock::now() < next_) return true;
  next_ = Clock::now() + std::chrono::seconds(10);
  char text[160];
  std::snprintf(text, sizeof text, "network %zu of %zu: %s of seed %llu%s, %lld updates, accuracy %.3f", event.done + 1,
                event.total, event.group.c_str(), static_cast<unsigned long long>(event.seed),
                event.pretraining ? ", on its parts" : "", static_cast<long long>(event.updates), event.accuracy);
  console_.note(text);
  return true;
}

}  // namespace kindred::cli

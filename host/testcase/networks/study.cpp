#include "host/base/text.hpp"
#include "host/testcase/networks/matrices.hpp"
#include "host/testcase/networks/paper.hpp"

#include <cmath>
#include <limits>

namespace kindred::testcase {
namespace {

NetworkFacts facts_of(const NetworkSettings& settings, const NetworkGroup& group, const train::Network& network,
                      std::uint64_t seed) {
  NetworkFacts out;
  out.seed = seed;
  out.group = group.name;
  out.status = network.status;
  out.reason = network.reason;
  out.part_accuracy = out.zero_shot = out.accuracy = nan;
  if (!group.parts.empty()) {
    out.part_updates = network.updates(0);
    out.part_accuracy = network.final_accuracy(0);
  }
  const bool reached = network.phases.size() == (group.parts.empty() ? 1u : 2u);
  if (group.trained && reached) {
    const std::size_t last = network.phases.size() - 1;
    out.updates = network.updates(last);
    out.zero_shot = network.phases[last].front().accuracy.front();
    out.accuracy = network.final_accuracy(last);
  }
  out.left_out = group.trained && !usable(settings, group, network);
  return out;
}

/// Takes the matrices of a run as they come.
class Collector {
 public:
  explicit Collector(const std::vector<Measure>& measures) : measures_(measures) {}

  void take(const Case& test, std::size_t setting, const std::string& metric, const std::vector<double>& matrix) {
    if (all_.empty()) {
      for (const auto& one : test.settings) {
        for (const auto& measure : measures_)
          all_.push_back({one.dmd.delays == 33 ? "paper" : "short", measure.name, {}});
      }
    }
    for (std::size_t m = 0; m < measures_.size(); ++m) {
      if (measures_[m].name == metric) all_[setting * measures_.size() + m].seeds.push_back(matrix);
    }
  }

  [[nodiscard]] const std::vector<SeedMatrices>& all() const { return all_; }

 private:
  const std::vector<Measure>& measures_;
  std::vector<SeedMatrices> all_;
};

}  // namespace

NetworkStudy study_networks(Engine& engine, const NetworkSettings& settings, const std::vector<Measure>& measures,
                            const NetworkRun& run, Options options, bool published) {
  const auto networks = std::make_shared<const std::vector<NetworkSeed>>(train_networks(settings, run));
  options.seeds = run.seeds;
  options.first_seed = run.first_seed;
  NetworkStudy out;
  const NetworkLayout layout(settings.masters);
  const bool mamba = std::holds_alternative<train::Mamba>(settings.model);
  out.curves.resize(static_cast<std::size_t>(layout.group_count()));
  std::vector<Accuracies> accuracy;
  for (std::size_t s = 0; s < networks->size(); ++s) {
    for (std::size_t g = 0; g < layout.groups().size(); ++g) {
      const auto& network = (*networks)[s][g];
      out.facts.push_back(facts_of(settings, layout.groups()[g], network, run.first_seed + s));
      out.curves[g].push_back(network.phases.empty() ? std::vector<train::Evaluation>{} : network.phases.back());
    }
    accuracy.push_back(accuracies(layout, (*networks)[s]));
  }
  Collector collector(measures);
  const auto write = options.on_distances;
  options.on_distances = [&](const Case& test, std::size_t setting, std::uint64_t seed, const std::string& metric,
                             const std::vector<double>& matrix) {
    collector.take(test, setting, metric, matrix);
    if (write) write(test, setting, seed, metric, matrix);
  };
  out.views = testcase::run(engine, network_case(settings, run.first_seed, networks), measures, options);
  for (const auto& matrices : collector.all()) {
    out.learning.push_back(summarise_learning(layout, matrices));
    out.behaviour.push_back(summarise_behaviour(layout, matrices, accuracy, options.permutations));
    out.matrices.push_back(summarise_matrix(layout, matrices, options.permutations));
    if (matrices.setting != "paper") continue;
    auto& whole = out.matrices.back();
    for (const auto& group : whole.groups) whole.paper.push_back(paper_distance(mamba, whole.metric, group));
  }
  correct_for_metrics(out.learning);
  correct_for_metrics(out.behaviour);
  correct_for_metrics(out.matrices);
  if (published) {
    options.on_distances = write;
    constexpr PublishedHandling each[] = {
        {true, true, true}, {false, false, false}, {true, false, false}, {false, true, false}, {false, false, true}};
    for (const auto& handling : each) {
      out.published.push_back(
          testcase::run(engine, network_case(settings, run.first_seed, networks, handling), measures, options));
    }
  }
  out.claims = judge_claims(out, mamba);
  return out;
}

}  // namespace kindred::testcase

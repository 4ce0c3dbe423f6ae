/// Lorenz systems of three regimes.
#include "host/testcase/cases/parts.hpp"

#include <kindred/simulate.hpp>
#include <kindred/testcase.hpp>

#include <array>

namespace kindred::testcase {
namespace {

constexpr std::array regime_rho{0.25, 0.5, 0.75, 5.0, 10.0, 15.0, 30.0, 40.0, 50.0};
constexpr std::array regime_name{"one attractor", "two stable", "chaotic"};

std::vector<TrajectorySet> regime_systems(std::uint64_t seed) {
  std::vector<TrajectorySet> out;
  for (std::size_t i = 0; i < regime_rho.size(); ++i) {
    out.push_back(simulate::own(simulate::lorenz({.rho = regime_rho[i], .seed = seed, .stream = i + 1}),
                                rho_name(regime_rho[i]), regime_name[i / 3]));
  }
  return out;
}

View regime_view(std::size_t setting, const Dmd& dmd) {
  View view;
  view.name = describe(dmd);
  view.statement =
      "Systems of one regime have the same kind of attractor; a metric of dynamics puts them nearer to each other than "
      "to those of another regime.";
  view.setting = setting;
  view.question = Question::separation;
  view.groups = {"within regimes", "between regimes"};
  for (std::size_t i = 0; i < regime_rho.size(); ++i) view.labels.push_back(static_cast<int>(i / 3));
  view.group_of = [](int a, int b) { return a == b ? 0 : 1; };
  view.comparisons = all_pairs(view.labels, view.group_of);
  return view;
}

}  // namespace

Case regimes() {
  Case test{.name = "regimes", .title = "Lorenz regimes", .generate = regime_systems};
  for (const index_t rank : {20, 10}) {
    const Dmd dmd{.delays = 33, .interval = 6, .rank = rank};
    test.views.push_back(regime_view(test.settings.size(), dmd));
    test.settings.push_back({dmd, {{range(static_cast<index_t>(regime_rho.size())), {}}}});
  }
  test.views.front().known = {{"dsa", "paper", {0.221, 0.481}},
                              {"dsa", "dsa-metric, seeds 0-2", {0.242, 0.460}},
                              {"cka", "paper", {0.793, 0.890}},
                              {"procrustes", "paper", {0.671, 0.775}}};
  test.views.back().known = {{"dsa", "dsa-metric, seeds 0-2", {0.114, 0.274}}};
  test.notes = {
      "The paper's draws are not these draws, and its distances are those of an optimiser that stops short: "
      "dsa-metric 2.0.2 on the very recordings of seeds 0 to 2 gives 0.242 within and 0.460 between regimes at rank "
      "20, where the minima found here are 0.164 and 0.413. It overshoots most where the distance is small, so that "
      "its ratio is 1.90 and not 2.52. At rank 10 it gives 0.114 and 0.274 against 0.111 and 0.273.",
      "At rank 20 the trailing directions of a system with one attractor are 1e-8 of the first: float64 resolves "
      "them, the float32 of dsa-metric does not, and its operators there are partly rounding."};
  return test;
}

Case regimes_study() {
  return study_of(regimes(), "Hyper-parameters: Lorenz regimes", static_cast<index_t>(regime_rho.size()), regime_view);
}

}  // namespace kindred::testcase

/// Lorenz patterns at three noise levels, alone and with a second pattern mixed in.
#include "host/base/parallel.hpp"
#include "host/testcase/cases/parts.hpp"

#include <kindred/simulate.hpp>
#include <kindred/testcase.hpp>

#include <array>
#include <iterator>
#include <string>

namespace kindred::testcase {
namespace {

using simulate::Recording;

constexpr std::array pattern_rho{0.5, 5.0, 10.0, 15.0, 30.0, 40.0, 50.0};
constexpr std::array stage_level{0.004, 0.002, 0.001};
constexpr std::array stage_mixing{1.0, 0.5, 0.25};
constexpr std::size_t patterns = pattern_rho.size();
constexpr std::size_t stages = stage_level.size();
/// Systems of one pattern and stage: two noisy copies, then one with each other pattern mixed in.
constexpr std::size_t variants = 2 + patterns - 1;

index_t noise_system(std::size_t pattern, std::size_t stage, std::size_t variant) {
  return static_cast<index_t>((pattern * stages + stage) * variants + variant);
}

/// All variants of one pattern and stage, in order.
std::vector<TrajectorySet> noise_variants(const std::vector<Recording>& clean, std::size_t p, std::size_t s,
                                          std::uint64_t seed) {
  simulate::Random random(seed, 1000 + p * stages + s);
  const auto name = [&](const std::string& what) {
    return rho_name(pattern_rho[p]) + ", stage " + std::to_string(s + 1) + ", " + what;
  };
  std::vector<TrajectorySet> out;
  for (const char* copy : {"copy 1", "copy 2"}) {
    out.push_back(simulate::own(simulate::add_noise(clean[p], stage_level[s], random), name(copy)));
  }
  for (std::size_t second = 0; second < patterns; ++second) {
    if (second == p) continue;
    const Recording noisy = simulate::add_noise(clean[p], stage_level[s], random);
    out.push_back(simulate::own(simulate::mix(noisy, clean[second], stage_mixing[s]),
                                name("with " + rho_name(pattern_rho[second]))));
  }
  return out;
}

std::vector<TrajectorySet> noise_systems(std::uint64_t seed) {
  std::vector<Recording> clean;
  for (std::size_t p = 0; p < patterns; ++p) {
    clean.push_back(simulate::lorenz({.rho = pattern_rho[p], .seed = seed, .stream = p + 1}));
  }
  std::vector<std::vector<TrajectorySet>> parts(patterns * stages);
  host::parallel_for(std::ssize(parts), host::all_threads(), [&](index_t item) {
    const auto i = static_cast<std::size_t>(item);
    parts[i] = noise_variants(clean, i / stages, i % stages, seed);
  });
  std::vector<TrajectorySet> out;
  for (auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

View noise_view(bool mixed) {
  View view;
  view.name = mixed ? "second pattern mixed in" : "noise alone";
  view.statement = mixed ? "Half as much of the second pattern at each stage: the distance falls from stage to stage."
                         : "The same dynamics under weaker noise at each stage: a metric of dynamics hardly changes.";
  view.question = Question::trend;
  view.groups = {"stage 1", "stage 2", "stage 3"};
  view.positions = {1, 2, 3};
  for (std::size_t p = 0; p < patterns; ++p) {
    for (std::size_t s = 0; s < stages; ++s) {
      const index_t reference = noise_system(p, s, 1);
      for (std::size_t v = mixed ? 2 : 0; v < (mixed ? variants : 1); ++v) {
        view.comparisons.push_back(
            {reference, noise_system(p, s, v), static_cast<int>(s), static_cast<index_t>(p * variants + v)});
      }
    }
  }
  return view;
}

}  // namespace

Case noise() {
  Case test{.name = "noise", .title = "Noise and learning", .generate = noise_systems};
  Setting setting{{.delays = 33, .interval = 6, .rank = 50}, {}};
  for (std::size_t p = 0; p < patterns; ++p) {
    for (std::size_t s = 0; s < stages; ++s) {
      Block block{{noise_system(p, s, 1)}, {noise_system(p, s, 0)}};
      for (std::size_t v = 2; v < variants; ++v) block.columns.push_back(noise_system(p, s, v));
      setting.blocks.push_back(block);
    }
  }
  test.settings = {setting};
  test.views = {noise_view(false), noise_view(true)};
  test.views[0].known = from_paper({0.177, 0.167, 0.152}, {0.025, 0.012, 0.006}, {0.022, 0.011, 0.006});
  test.views[1].known = from_paper({0.486, 0.458, 0.430}, {0.560, 0.383, 0.224}, {0.460, 0.302, 0.173});
  test.notes = {
      "Two noisy copies of one pattern differ in the directions that the noise fills, at any noise level: so DSA's "
      "distance stays where it is while those of CKA and Procrustes fall with the noise.",
      "dsa-metric 2.0.2 on the recordings of seed 0, stages 1 to 3: alone, all 7 pairs, 0.174, 0.166 and 0.149 "
      "against 0.171, 0.158 and 0.146 here; mixed, 14 of the 42 pairs, 0.478, 0.454 and 0.430 against 0.479, 0.455 "
      "and 0.429 at fast effort."};
  return test;
}

}  // namespace kindred::testcase

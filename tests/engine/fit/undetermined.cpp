/// Operators that their data cannot determine.
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace kindred;

namespace {

/// White noise, or its running sum.
std::vector<double> samples(index_t trials, index_t steps, index_t channels, bool walk, std::uint64_t stream) {
  simulate::Random random(2, stream);
  std::vector<double> x(static_cast<std::size_t>(trials * steps * channels));
  for (double& value : x) value = random.normal();
  if (!walk) return x;
  for (index_t k = 0; k < trials; ++k) {
    for (index_t i = channels; i < steps * channels; ++i)
      x[k * steps * channels + i] += x[k * steps * channels + i - channels];
  }
  return x;
}

bool says(const Operator& op, const std::string& words) { return op.facts.detail.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("as few transitions as unknowns: the fit says that it fits anything", "[fit]") {
  struct Case {
    index_t trials, steps, channels;
    Dmd dmd;
    index_t transitions;
    bool undetermined;
  };
  const std::vector<Case> cases = {
      {1, 50, 100, {}, 49, true},                               // at the numerical rank, 50
      {1, 50, 100, {.rank = 50}, 49, true},                     //
      {1, 50, 100, {.rank = 49}, 49, true},                     // as many equations as unknowns
      {1, 50, 100, {.rank = 48}, 49, false},                    //
      {1, 50, 100, {.rank = 10}, 49, false},                    //
      {3, 20, 100, {}, 57, true},                               // trials: a transition fewer for each
      {3, 20, 100, {.rank = 57}, 57, true},                     //
      {3, 20, 100, {.rank = 54, .steps_ahead = 2}, 54, true},   // two fewer for each
      {3, 20, 100, {.rank = 53, .steps_ahead = 2}, 54, false},  //
      {1, 60, 3, {.delays = 25}, 35, true},                     // delays leave 36 rows
      {1, 60, 3, {.delays = 25, .rank = 30}, 35, false},        //
      {1, 60, 3, {.delays = 10}, 50, false},                    // 30 columns
  };
  Engine engine(test::device());
  for (const auto& c : cases) {
    const auto x = samples(c.trials, c.steps, c.channels, true, 0),
               y = samples(c.trials, c.steps, c.channels, false, 1);
    const std::vector<TrajectorySet> systems = {TrajectorySet::view("walk", x.data(), c.trials, c.steps, c.channels),
                                                TrajectorySet::view("noise", y.data(), c.trials, c.steps, c.channels)};
    INFO(c.trials << " x " << c.steps << " x " << c.channels << ", delays " << c.dmd.delays << ", rank "
                  << text_of(c.dmd.rank));
    for (const Operator& op : engine.fit(systems, c.dmd)) {
      CHECK((op.facts.status == FitStatus::undetermined) == c.undetermined);
      CHECK(says(op, std::to_string(c.transitions) + " transitions do not determine") == c.undetermined);
      CHECK(says(op, "use a rank well below " + std::to_string(c.transitions)) == c.undetermined);
      // It fits whatever the data are, but for the ridge: a singular value s of U- misses 1e-8 / (s^2 + 1e-8).
      if (c.undetermined) CHECK(op.facts.residual <= 1e-2);
    }
  }
}

TEST_CASE("data of low rank determine an operator, however few their rows", "[fit]") {
  // Two rotating channels and sums of them: rank 2, 11 transitions.
  std::vector<double> x;
  for (int t = 0; t < 12; ++t) {
    const double a = std::cos(0.3 * t), b = std::sin(0.3 * t);
    for (const double value : {a, b, a + b, a - b, 2 * a, 3 * b}) x.push_back(value);
  }
  Engine engine(test::device());
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("rotation", x.data(), 1, 12, 6)};
  const OperatorSet own = engine.fit(systems, {.delays = 6});
  CHECK(own[0].facts.rank == 2);
  CHECK(own[0].facts.status == FitStatus::ok);
  // 7 rows, 6 transitions, rank 6 asked for: directions of rounding are no unknowns.
  const OperatorSet excess = engine.fit(systems, {.delays = 6, .rank = 6});
  CHECK(excess[0].facts.status == FitStatus::rank_excess);
}

TEST_CASE("undetermined operators are told in every comparison that fits them", "[fit]") {
  const auto x = samples(1, 50, 100, true, 0), y = samples(1, 50, 100, false, 1);
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("walk", x.data(), 1, 50, 100),
                                              TrajectorySet::view("noise", y.data(), 1, 50, 100)};
  Engine engine(test::device());
  const std::span<const TrajectorySet> all(systems);
  const auto pairs = engine.pairwise(systems, Spectral{});
  CHECK(pairs.row_facts[0].status == FitStatus::undetermined);
  CHECK(pairs.row_facts[1].status == FitStatus::undetermined);
  const auto rectangle = engine.cross(all.first(1), all.subspan(1), Spectral{});
  CHECK(rectangle.row_facts[0].status == FitStatus::undetermined);
  CHECK(rectangle.column_facts[0].status == FitStatus::undetermined);
  const std::vector<index_t> ranks{10, 49, 50};
  const auto sets = engine.fit(systems, {}, ranks);
  CHECK(sets[0][0].facts.status == FitStatus::ok);
  CHECK(sets[1][0].facts.status == FitStatus::undetermined);
  CHECK(sets[2][0].facts.status == FitStatus::undetermined);
  // At a rank that the data determine, the two are as different as they are: white noise has eigenvalues near 0, a
  // random walk near 1.
  CHECK(engine.pairwise(systems, Spectral{.dmd = {.rank = 10}, .score = SpectralScore::root})(0, 1) >= 0.5);
}

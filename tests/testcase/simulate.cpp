#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <kindred/error.hpp>

using namespace kindred;
using simulate::Random;

TEST_CASE("the random generator gives the published sequence of xoshiro256++ seeded by SplitMix64", "[simulate]") {
  Random random(0);
  // Computed independently with Python integers: SplitMix64(0) fills the state, then three outputs.
  CHECK(random.bits() == 0x53175d61490b23dfu);
  CHECK(random.bits() == 0x61da6f3dc380d507u);
  CHECK(random.bits() == 0x5c0fdf91ec9a7bfcu);
}

TEST_CASE("streams of one seed differ and repeat", "[simulate]") {
  Random a(7, 1), b(7, 2), again(7, 1);
  const auto first = a.bits();
  CHECK(first != b.bits());
  CHECK(first == again.bits());
  CHECK(Random(7).bits() == Random(7, 0).bits());
}

TEST_CASE("uniform and normal draws have the right moments", "[simulate]") {
  Random random(3);
  const int n = 200000;
  double mean = 0, square = 0, cube = 0, fourth = 0, uniform_mean = 0, low = 1, high = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal(), u = random.uniform();
    mean += x / n, square += x * x / n, cube += x * x * x / n, fourth += x * x * x * x / n;
    uniform_mean += u / n, low = std::min(low, u), high = std::max(high, u);
  }
  // Standard errors of the moments 1..4 of a normal sample: sqrt(1, 2, 15, 96 / n); 5 of them.
  const double root = std::sqrt(static_cast<double>(n));
  CHECK(std::fabs(mean) <= 5 / root);
  CHECK(std::fabs(square - 1) <= 5 * std::sqrt(2.0) / root);
  CHECK(std::fabs(cube) <= 5 * std::sqrt(15.0) / root);
  CHECK(std::fabs(fourth - 3) <= 5 * std::sqrt(96.0) / root);
  CHECK(std::fabs(uniform_mean - 0.5) <= 5 * std::sqrt(1.0 / 12) / root);
  CHECK(low >= 0);
  CHECK(high < 1);
  std::vector<int> count(3, 0);
  for (int i = 0; i < 30000; ++i) ++count[static_cast<std::size_t>(random.below(3))];
  for (const int c : count) CHECK(std::abs(c - 10000) <= 5 * 82);  // sqrt(n p (1 - p)) = 81.6
}

TEST_CASE("a Lorenz trajectory follows the Euler map of its own start", "[simulate]") {
  const auto raw = simulate::lorenz({.rho = 30, .trials = 3, .steps = 200, .scaled = false, .seed = 5});
  REQUIRE(raw.values.size() == 3u * 200u * 3u);
  for (index_t k = 0; k < 3; ++k) {
    for (int c = 0; c < 3; ++c) CHECK((raw.at(k, 0)[c] >= 0 && raw.at(k, 0)[c] < 1));
    for (index_t t = 1; t < 200; ++t) {
      const double* x = raw.at(k, t - 1);
      const long double dt = 0.01L, a = x[0], b = x[1], c = x[2];
      const long double expected[3] = {a + dt * 10 * (b - a), b + dt * (a * (30 - c) - b),
                                       c + dt * (a * b - 2.667L * c)};
      for (int i = 0; i < 3; ++i) {
        // A handful of roundings of terms below 1e3 * dt.
        CHECK(std::fabs(static_cast<double>(expected[i]) - raw.at(k, t)[i]) <= 16 * 2.3e-16 * 50);
      }
    }
  }
}

TEST_CASE("each trial is scaled to [0, 1] by its own extremes", "[simulate]") {
  const auto raw = simulate::lorenz({.rho = 10, .trials = 4, .steps = 50, .scaled = false, .seed = 1});
  const auto scaled = simulate::lorenz({.rho = 10, .trials = 4, .steps = 50, .seed = 1});
  for (index_t k = 0; k < 4; ++k) {
    const double* x = raw.at(k, 0);
    const double low = *std::min_element(x, x + 150), high = *std::max_element(x, x + 150);
    for (int i = 0; i < 150; ++i) CHECK(scaled.at(k, 0)[i] == (x[i] - low) / (high - low));
  }
  simulate::Recording constant(1, 4, 2);
  std::fill(constant.values.begin(), constant.values.end(), 3.0);
  simulate::scale_to_unit(constant);
  CHECK(std::all_of(constant.values.begin(), constant.values.end(), [](double v) { return v == 0; }));
}

TEST_CASE("the same seed gives the same recording, another seed or stream another", "[simulate]") {
  const simulate::Lorenz base{.trials = 2, .steps = 20, .seed = 9};
  auto other_seed = base, other_stream = base;
  other_seed.seed = 10;
  other_stream.stream = 1;
  CHECK(simulate::lorenz(base).values == simulate::lorenz(base).values);
  CHECK(simulate::lorenz(base).values != simulate::lorenz(other_seed).values);
  CHECK(simulate::lorenz(base).values != simulate::lorenz(other_stream).values);
}

TEST_CASE("an owned recording outlives the one it was made from", "[simulate]") {
  TrajectorySet set;
  {
    auto recording = simulate::lorenz({.trials = 2, .steps = 5});
    set = simulate::own(recording, "rho 28", "chaotic");
    recording.values.assign(recording.values.size(), -1.0);
  }
  CHECK(set.name == "rho 28");
  CHECK(set.label == "chaotic");
  CHECK(set.trial_count() == 2);
  CHECK(set.steps(1) == 5);
  CHECK(set.channels() == 3);
  const auto& views = std::get<1>(set.trials);
  CHECK(views[1](4, 2) == simulate::lorenz({.trials = 2, .steps = 5}).at(1, 4)[2]);
}

TEST_CASE("impossible sizes and diverging parameters are refused", "[simulate]") {
  CHECK_THROWS_AS(simulate::lorenz({.trials = 0}), Error);
  CHECK_THROWS_AS(simulate::lorenz({.steps = -1}), Error);
  CHECK_THROWS_AS(simulate::lorenz({.step = 10}), Error);
}

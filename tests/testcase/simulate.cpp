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

TEST_CASE("a line is straight, starts at rest, and gains one acceleration a step", "[simulate]") {
  const auto r = simulate::line({.acceleration = 1e-3, .trials = 2, .steps = 10, .scaled = false, .seed = 3});
  for (index_t k = 0; k < 2; ++k) {
    for (int c = 0; c < 3; ++c) CHECK(r.at(k, 1)[c] == r.at(k, 0)[c]);
    double square = 0;
    for (int c = 0; c < 3; ++c) {
      const double v = r.at(k, 2)[c] - r.at(k, 1)[c];
      square += v * v;
      for (index_t t = 2; t + 1 < 10; ++t) {
        const double second = r.at(k, t + 1)[c] - 2 * r.at(k, t)[c] + r.at(k, t - 1)[c];
        CHECK(std::fabs(second - v) <= 16 * 2.3e-16);  // values near 1: a few roundings
      }
    }
    CHECK(std::fabs(std::sqrt(square) - 1e-3) <= 16 * 2.3e-16);
  }
}

TEST_CASE("joined parts continue where the last one ended", "[simulate]") {
  simulate::Recording a(1, 3, 1), b(1, 2, 1);
  a.values = {0, 1, 3};
  b.values = {10, 14};
  // End to end 0 1 3 3 7, scaled by 1/7; every second step: 0 3 7.
  const simulate::Recording* parts[] = {&a, &b};
  CHECK(simulate::join(parts, 1).values == std::vector<double>{0, 1.0 / 7, 3.0 / 7, 3.0 / 7, 1});
  CHECK(simulate::join(parts, 2).values == std::vector<double>{0, 3.0 / 7, 1});
  simulate::Recording other(2, 2, 1);
  const simulate::Recording* mismatched[] = {&a, &other};
  CHECK_THROWS_AS(simulate::join(mismatched, 1), Error);
}

TEST_CASE("noise keeps the variance it mixes, and level 0 the recording", "[simulate]") {
  const auto r = simulate::lorenz({.rho = 10, .trials = 20, .steps = 100, .seed = 4});
  Random random(1);
  CHECK(simulate::add_noise(r, 0, random).values == r.values);
  const auto noisy = simulate::add_noise(r, 0.6, random);
  double mean = 0, square = 0;
  const auto n = static_cast<double>(r.values.size());
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    const double e = (noisy.values[i] - 0.8 * r.values[i]) / 0.6;
    mean += e / n, square += e * e / n;
  }
  CHECK(std::fabs(mean) <= 5 / std::sqrt(n));
  CHECK(std::fabs(square - 1) <= 5 * std::sqrt(2 / n));
  CHECK_THROWS_AS(simulate::add_noise(r, 1.5, random), Error);
}

TEST_CASE("mixing adds the other's displacement", "[simulate]") {
  simulate::Recording a(1, 2, 1), b(1, 2, 1);
  a.values = {1, 2};
  b.values = {5, 9};
  CHECK(simulate::mix(a, b, 0.25).values == std::vector<double>{1, 3});
  CHECK(simulate::mix(a, b, 1).values == std::vector<double>{1, 6});
}

TEST_CASE("random orthonormal columns are orthonormal", "[simulate]") {
  Random random(8);
  for (const auto& [rows, columns] : {std::pair<index_t, index_t>{3, 3}, {7, 2}, {40, 40}}) {
    const auto q = simulate::random_orthonormal(rows, columns, random);
    for (index_t i = 0; i < columns; ++i) {
      for (index_t j = 0; j < columns; ++j) {
        double dot = 0;
        for (index_t l = 0; l < rows; ++l) {
          dot += q[static_cast<std::size_t>(l * columns + i)] * q[static_cast<std::size_t>(l * columns + j)];
        }
        CHECK(std::fabs(dot - (i == j)) <= 8 * static_cast<double>(rows) * 2.3e-16);
      }
    }
  }
  CHECK_THROWS_AS(simulate::random_orthonormal(2, 3, random), Error);
}

TEST_CASE("a linear system obeys the recurrence of its modes", "[simulate]") {
  // One mode a +- ib: x(t + 2) = 2 a x(t + 1) - (a^2 + b^2) x(t) in every basis.
  const double a = 0.9, b = 0.3;
  const auto r = simulate::linear({.modes = {{a, b}}, .condition = 5, .trials = 2, .steps = 30, .seed = 6});
  REQUIRE(r.channels == 2);
  for (index_t k = 0; k < 2; ++k) {
    for (index_t t = 0; t + 2 < 30; ++t) {
      for (int c = 0; c < 2; ++c) {
        const double expected = 2 * a * r.at(k, t + 1)[c] - (a * a + b * b) * r.at(k, t)[c];
        CHECK(std::fabs(r.at(k, t + 2)[c] - expected) <= 64 * 2.3e-16 * 50);  // states below 50
      }
    }
  }
}

TEST_CASE("the van der Pol cycle has its known amplitude, and its period falls with the speed", "[simulate]") {
  // mu = 1: amplitude 2.0086, period 6.6633 (Runge-Kutta of order 4 with step 0.05: 1e-5).
  const auto period = [](double speed) {
    const auto r = simulate::van_der_pol({.speed = speed, .step = 0.05, .trials = 1, .steps = 1200, .seed = 2});
    std::vector<double> crossings;
    double peak = 0;
    for (index_t t = 600; t + 1 < r.steps; ++t) {
      const double here = r.at(0, t)[0], next = r.at(0, t + 1)[0];
      if (here < 0 && next >= 0) crossings.push_back(0.05 * (static_cast<double>(t) + here / (here - next)));
      peak = std::max(peak, here);
    }
    CHECK(std::fabs(peak - 2.0086) <= 0.01);  // the peak between two samples: curvature times step^2 / 8
    REQUIRE(crossings.size() >= 2);
    return (crossings.back() - crossings.front()) / static_cast<double>(crossings.size() - 1);
  };
  CHECK(std::fabs(period(1) - 6.6633) <= 2e-3);
  CHECK(std::fabs(period(2) - 6.6633 / 2) <= 2e-3);
}

TEST_CASE("continuous attractors come to rest on their ring or segment", "[simulate]") {
  using Shape = simulate::ContinuousAttractor::Shape;
  const auto ring = simulate::continuous_attractor({.shape = Shape::ring, .drive = 0, .trials = 30, .seed = 1});
  const auto line = simulate::continuous_attractor({.shape = Shape::line, .drive = 0, .trials = 30, .seed = 1});
  for (index_t k = 0; k < 30; ++k) {
    const double* x = ring.at(k, ring.steps - 1);
    CHECK(std::fabs(x[0] * x[0] + x[1] * x[1] - 1) <= 1e-6);
    const double* y = line.at(k, line.steps - 1);
    CHECK(std::fabs(y[1]) <= 1e-6);  // exp(-2 * 2 * 10)
    CHECK(std::fabs(y[0]) <= 1);
  }
}

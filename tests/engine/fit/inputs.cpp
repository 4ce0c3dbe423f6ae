/// Fits of systems with inputs, against planted A and B and against least squares in long double.
///
/// An operator is known up to the basis in which the embedding has orthonormal columns: with rows h of the data in any
/// basis, Z^T Z = I for z = M h gives M^T M = (H^T H)^-1, so that (A_z^j B_z)^T (A_z^k B_z) = (A^j B)^T (H^T H)^-1
/// (A^k B). These numbers for j, k < size determine A and B up to a rotation where the inputs reach all states.
#include "tests/oracle/elimination.hpp"
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"

#include <kindred/engine.hpp>
#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using namespace kindred::test;
using Catch::Contains;

namespace {

using Real = long double;
using Matrix = std::vector<std::vector<Real>>;

Matrix zeros(std::size_t rows, std::size_t columns) { return Matrix(rows, std::vector<Real>(columns, 0)); }

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix out = zeros(a.size(), b[0].size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      for (std::size_t j = 0; j < b[0].size(); ++j) out[i][j] += a[i][k] * b[k][j];
    }
  }
  return out;
}

Matrix transpose(const Matrix& a) {
  Matrix out = zeros(a[0].size(), a.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[0].size(); ++j) out[j][i] = a[i][j];
  }
  return out;
}

/// [B, A B, ..., A^(n-1) B].
Matrix reachable(const Matrix& a, const Matrix& b) {
  Matrix out = zeros(a.size(), 0), block = b;
  for (std::size_t k = 0; k < a.size(); ++k) {
    for (std::size_t i = 0; i < a.size(); ++i) out[i].insert(out[i].end(), block[i].begin(), block[i].end());
    block = times(a, block);
  }
  return out;
}

/// What A, B and rows H have in common with every other basis.
Matrix invariants(const Matrix& a, const Matrix& b, const Matrix& h) {
  const Matrix k = reachable(a, b);
  return times(transpose(k), oracle::solve(times(transpose(h), h), k));
}

Matrix invariants(const Operator& op) {
  Matrix a = zeros(static_cast<std::size_t>(op.size), static_cast<std::size_t>(op.size));
  Matrix b = zeros(static_cast<std::size_t>(op.size), static_cast<std::size_t>(op.inputs));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) a[i][j] = op.values[i * a.size() + j];
    for (std::size_t j = 0; j < b[0].size(); ++j) b[i][j] = op.input_matrix[i * b[0].size() + j];
  }
  const Matrix k = reachable(a, b);
  return times(transpose(k), k);
}

/// Largest difference over the largest entry.
double difference(const Matrix& a, const Matrix& b) {
  Real error = 0, largest = 0;
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a.size(); ++j) {
      largest = std::max(largest, std::abs(b[i][j]));
      const Real d = std::abs(a[i][j] - b[i][j]);
      error = d <= error ? error : d;  // a NaN stays
    }
  }
  return static_cast<double>(error / largest);
}

/// Trials of x(t+1) = A x(t) + B u(t), four states and two inputs, each from its own first state, seen in `channels`
/// channels (0: the states themselves) with some noise.
struct Driven {
  Matrix a = {{0.9, 0.2, 0, 0}, {-0.2, 0.9, 0, 0.1}, {0, 0.05, 0.7, 0}, {0.1, 0, 0, -0.5}};
  Matrix b = {{1, 0}, {0, 0.5}, {0.3, -0.4}, {0, 2}};
  Matrix states;
  std::vector<std::vector<double>> seen, given;
  TrajectorySet set;

  Driven(const std::vector<index_t>& steps, index_t channels = 0, double noise = 0) { record(steps, channels, noise); }
  Driven(Matrix by_state, Matrix by_input, const std::vector<index_t>& steps)
      : a(std::move(by_state)), b(std::move(by_input)) {
    record(steps, 0, 0);
  }

 private:
  void record(const std::vector<index_t>& steps, index_t channels, double noise) {
    simulate::Random random(3, 11);
    Matrix view = zeros(static_cast<std::size_t>(channels), 4);
    for (auto& row : view) {
      for (Real& v : row) v = random.normal();
    }
    const auto width = static_cast<std::size_t>(channels == 0 ? 4 : channels);
    for (const index_t n : steps) {
      Matrix x = zeros(4, 1);
      for (auto& v : x) v[0] = 5 * random.normal();
      auto& y = seen.emplace_back();
      auto& u = given.emplace_back();
      for (index_t t = 0; t < n; ++t) {
        const Matrix shown = channels == 0 ? x : times(view, x);
        for (std::size_t c = 0; c < width; ++c) y.push_back(static_cast<double>(shown[c][0]) + noise * random.normal());
        states.push_back({x[0][0], x[1][0], x[2][0], x[3][0]});
        Matrix input = zeros(2, 1);
        for (auto& v : input) {
          u.push_back(random.normal());
          v[0] = u.back();
        }
        const Matrix driven = times(b, input), free = times(a, x);
        for (std::size_t i = 0; i < 4; ++i) x[i][0] = driven[i][0] + free[i][0];
      }
    }
    set.name = "driven";
    std::vector<TrialView<double>> trials, inputs;
    for (std::size_t k = 0; k < steps.size(); ++k) {
      const auto w = static_cast<index_t>(width);
      trials.push_back({seen[k].data(), steps[k], w, w, 1});
      inputs.push_back({given[k].data(), steps[k], 2, 2, 1});
    }
    set.trials = trials;
    set.inputs = inputs;
  }
};

}  // namespace

TEST_CASE("A and B of a driven system are recovered from trials of different length", "[fit][inputs][devices]") {
  // Channels: the states; more than steps (the row side); many steps (the Gram route). Noise-free data determine A and
  // B; the condition of states and inputs is below 1e3, of which normal equations lose the square: 1e6 eps < 1e-9.
  struct Case {
    std::vector<index_t> steps;
    index_t channels;
  };
  for (const auto& [steps, channels] : {Case{{60, 41}, 0}, Case{{20, 13}, 50}, Case{{400, 111, 30}, 9}}) {
    CAPTURE(channels);
    const Driven driven(steps, channels);
    Engine engine(device());
    const auto fit = engine.fit(std::vector{driven.set}, {.rank = 4, .ridge = 0});
    REQUIRE(fit[0].facts.status == FitStatus::ok);
    REQUIRE(fit[0].inputs == 2);
    REQUIRE(fit[0].input_matrix.size() == 8);
    CHECK(difference(invariants(fit[0]), invariants(driven.a, driven.b, driven.states)) <= 1e-8);
    CHECK(fit[0].facts.residual <= 1e-7);
    // Without what the inputs add, every mode is exact.
    Engine telling(device(), {.spectra = true});
    const auto spectrum = telling.fit(std::vector{driven.set}, {.rank = 4, .ridge = 0})[0].facts.spectrum;
    REQUIRE(spectrum.size() == 4);
    for (const Eigenvalue& e : spectrum) CHECK(e.residual <= 1e-5);
    // Without the inputs the same states cannot be predicted.
    TrajectorySet alone = driven.set;
    alone.inputs = std::vector<TrialView<double>>{};
    CHECK(engine.fit(std::vector{alone}, {.rank = 4, .ridge = 0})[0].facts.residual > 0.1);
  }
}

TEST_CASE("generators of continuous time of a driven system", "[fit][inputs][devices]") {
  // dx/dt = A x + B u, the last state an integral of its input: A of the step has the eigenvalue 1.
  const Matrix a = {{-0.1, 1.5, 0, 0}, {-1.5, -0.1, 0, 0.2}, {0, 0.1, -0.4, 0}, {0, 0, 0, 0}};
  const Matrix b = {{1, 0}, {0, 0.5}, {0.3, -0.4}, {0, 2}};
  Engine engine(device());
  for (const double dt : {0.3, 0.02}) {
    oracle::Matrix both(6, 6);  // exp(dt [A, B; 0, 0]) = [A, B; 0, I] of the step
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 6; ++j) both(i, j) = dt * (j < 4 ? a[i][j] : b[i][j - 4]);
    }
    both = oracle::exponential(both);
    Matrix by_state = zeros(4, 4), by_input = zeros(4, 2);
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 6; ++j) (j < 4 ? by_state[i][j] : by_input[i][j - 4]) = both(i, j);
    }
    const Driven driven(by_state, by_input, {90, 71, 80});
    const auto fit = engine.fit(std::vector{driven.set}, {.rank = 4, .ridge = 0, .dt = dt});
    CAPTURE(dt, fit[0].facts.detail);
    REQUIRE(fit[0].facts.status == FitStatus::ok);
    // A and B of the step to 1e-10, over the step.
    CHECK(difference(invariants(fit[0]), invariants(a, b, driven.states)) <= 1e-8);
  }
  // An eigenvalue of -0.5 has no real logarithm.
  const auto none = engine.fit(std::vector{Driven({60, 41}).set}, {.rank = 4, .dt = 0.1});
  CHECK(none[0].facts.status == FitStatus::failed);
  CHECK_THAT(none[0].facts.detail, Contains("on the negative real axis"));
}

TEST_CASE("a fit with delays, noise and a ridge is the least-squares solution", "[fit][inputs][devices]") {
  const Driven driven({50, 37}, 2, 0.3);
  const index_t delays = 3, interval = 2, reach = (delays - 1) * interval;
  Matrix h, now, next;
  for (std::size_t k = 0; k < driven.seen.size(); ++k) {
    const auto n = static_cast<index_t>(driven.seen[k].size()) / 2;
    Matrix rows;
    for (index_t t = reach; t < n; ++t) {
      auto& row = rows.emplace_back();
      for (index_t d = 0; d < delays; ++d) {
        for (index_t c = 0; c < 2; ++c)
          row.push_back(driven.seen[k][static_cast<std::size_t>(2 * (t - d * interval) + c)]);
      }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      h.push_back(rows[i]);
      if (i + 1 == rows.size()) continue;
      now.push_back(rows[i]);
      for (std::size_t j = 0; j < 2; ++j)
        now.back().push_back(driven.given[k][2 * (i + static_cast<std::size_t>(reach)) + j]);
      next.push_back(rows[i + 1]);
    }
  }
  const Matrix x = oracle::solve(times(transpose(now), now), times(transpose(now), next));
  Matrix a = zeros(6, 6), b = zeros(6, 2);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) a[i][j] = x[j][i];
    for (std::size_t j = 0; j < 2; ++j) b[i][j] = x[6 + j][i];
  }
  Engine engine(device());
  const Dmd dmd{.delays = delays, .interval = interval, .rank = 6, .ridge = 0};
  const auto fit = engine.fit(std::vector{driven.set}, dmd);
  CHECK(difference(invariants(fit[0]), invariants(a, b, h)) <=
        1e-10);  // condition below 1e2, squared, and six powers of A
  // A smaller rank takes a leading part of the same moments.
  const std::vector<index_t> ranks = {3, 6};
  const auto several = engine.fit(std::vector{driven.set}, dmd, ranks);
  CHECK(difference(invariants(several[1][0]), invariants(fit[0])) <= 1e-12);
  CHECK(several[0][0].input_matrix.size() == 6);
}

TEST_CASE("inputs that never act change nothing", "[fit][inputs][devices]") {
  Driven driven({50, 37}, 3, 0.1);
  for (auto& u : driven.given) std::fill(u.begin(), u.end(), 0.0);
  TrajectorySet alone = driven.set;
  alone.inputs = std::vector<TrialView<double>>{};
  Engine engine(device());
  const Dmd dmd{.delays = 2, .rank = 5};
  const auto with = engine.fit(std::vector{driven.set}, dmd), without = engine.fit(std::vector{alone}, dmd);
  for (std::size_t k = 0; k < without[0].values.size(); ++k) {
    CHECK(std::abs(with[0].values[k] - without[0].values[k]) <= 1e-12);
  }
  CHECK(with[0].input_matrix == std::vector<double>(10, 0.0));
  CHECK(without[0].inputs == 0);
}

TEST_CASE("no transition across a missing sample, of the recording or of an input", "[fit][inputs][missing][devices]") {
  Driven driven({60, 41});
  constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  driven.given[0][2 * 30] = missing;
  driven.seen[1][4 * 12 + 3] = missing;
  Engine engine(device());
  const auto prepared = engine.preprocess(std::vector{driven.set}, {.nan = Missing::drop});
  CHECK(prepared[0].gaps.steps == 2);
  CHECK(prepared[0].trial_count() == 4);
  Matrix states;
  for (std::size_t t = 0; t < driven.states.size(); ++t) {
    if (t != 30 && t != 60 + 12) states.push_back(driven.states[t]);
  }
  const auto fit = engine.fit(prepared, {.rank = 4, .ridge = 0});
  CHECK(difference(invariants(fit[0]), invariants(driven.a, driven.b, states)) <= 1e-8);
  CHECK_THROWS_WITH(engine.fit(std::vector{driven.set}, {.rank = 4}),
                    Contains("'driven', trial 1, time 12, channel 3"));
  driven.seen[1][4 * 12 + 3] = 0;
  CHECK_THROWS_WITH(engine.fit(std::vector{driven.set}, {.rank = 4}),
                    Contains("'driven (inputs)', trial 0, time 30, channel 0: the value is NaN"));
}

TEST_CASE("inputs that do not fit the recording are refused", "[fit][inputs][devices]") {
  const Driven driven({60, 41});
  Engine engine(device());
  TrajectorySet wrong = driven.set;
  std::get<1>(wrong.inputs)[1].steps = 40;
  CHECK_THROWS_WITH(engine.fit(std::vector{wrong}, {}),
                    Contains("'driven', trial 1: 40 steps of inputs, expected 41 as in the recording"));
  std::get<1>(wrong.inputs).pop_back();
  CHECK_THROWS_WITH(engine.fit(std::vector{wrong}, {}), Contains("has 2 trials and inputs of 1"));
  CHECK_THROWS_WITH(engine.fit(std::vector{driven.set}, {.steps_ahead = 2}),
                    Contains("Dmd::steps_ahead") && Contains("'driven'"));
}

TEST_CASE("inputs are prepared in time with the recording, and no further", "[preprocess][inputs][devices]") {
  const Driven driven({60, 41});
  TrajectorySet as_recording = driven.set;
  as_recording.trials = driven.set.inputs;
  as_recording.inputs = std::vector<TrialView<double>>{};
  Engine engine(device());
  Preprocess steps{.bin = 3, .smooth = 1, .every = 2, .resample = 9, .trial_average = true};
  const auto alone = engine.preprocess(std::vector{as_recording}, steps);
  const auto& expected = std::get<1>(alone[0].trials);
  steps.scaling = Scaling::zscore;
  steps.components = 2;
  const auto out = engine.preprocess(std::vector{driven.set}, steps);
  REQUIRE(out[0].channels() == 2);
  const auto& inputs = std::get<1>(out[0].inputs);
  REQUIRE(inputs.size() == 1);
  REQUIRE(inputs[0].steps == 9);
  for (index_t t = 0; t < 9; ++t) {
    for (index_t c = 0; c < 2; ++c) CHECK(inputs[0](t, c) == expected[0](t, c));
  }
}

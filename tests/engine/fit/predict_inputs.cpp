/// Predictions of systems with inputs: a planted x(t+1) = A x(t) + B u(t), which is predicted without an error, the
/// least-squares model of the whole embedded space in long double, what is held out, and the sweep's choice.
#include "tests/io/files.hpp"
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <memory>
#include <random>
#include <utility>

using namespace kindred;
using Catch::Contains;
using test::set_of;

namespace {

/// Trials of x(t+1) = A x(t) + B u(t), four states that both of the two inputs reach, each trial from a first state of
/// its own, seen in C channels with noise.
struct Driven {
  std::vector<oracle::Trial> seen, given;
  TrajectorySet set;  ///< of both

  Driven(const std::vector<index_t>& steps, std::size_t channels, double noise, unsigned seed) {
    constexpr double a[4][4] = {{0.9, 0.2, 0, 0}, {-0.2, 0.9, 0, 0.1}, {0, 0.05, 0.7, 0}, {0.1, 0, 0, -0.5}};
    constexpr double b[4][2] = {{1, 0}, {0, 0.5}, {2, -1}, {0, 2}};
    std::mt19937_64 random(5), own(seed);  // all see the states alike
    std::normal_distribution<double> normal;
    std::vector<std::array<double, 4>> view(channels);
    for (auto& row : view) {
      for (double& v : row) v = normal(random);
    }
    for (const index_t length : steps) {
      std::array<double, 4> x{};
      for (double& v : x) v = 3 * normal(own);
      auto& y = seen.emplace_back();
      auto& u = given.emplace_back();
      for (index_t t = 0; t < length; ++t) {
        auto& row = y.emplace_back();
        for (const auto& v : view) {
          row.push_back(v[0] * x[0] + v[1] * x[1] + v[2] * x[2] + v[3] * x[3] + noise * normal(own));
        }
        const auto& input = u.emplace_back(std::vector<double>{normal(own), 0.01 * normal(own)});
        std::array<double, 4> next{};
        for (std::size_t i = 0; i < 4; ++i) {
          for (std::size_t j = 0; j < 4; ++j) next[i] += a[i][j] * x[j];
          next[i] += b[i][0] * input[0] + 100 * b[i][1] * input[1];
        }
        x = next;
      }
    }
    set = set_of(seen, "driven");
    const TrajectorySet inputs = set_of(given);
    set.inputs = inputs.trials;
    set.storage = std::make_shared<std::pair<std::shared_ptr<const void>, std::shared_ptr<const void>>>(set.storage,
                                                                                                        inputs.storage);
  }
};

TrajectorySet without_inputs(TrajectorySet set) {
  set.inputs = std::vector<TrialView<double>>{};
  return set;
}

struct Setting {
  std::size_t delays, interval, rank, reseed;
};

/// Of whole rows, h(t+1) = M h(t) + N u(t): M = V S A S^-1 V^T and N = V S B, of which [A^T; B'^T] is the ridge
/// regression of U+ on [U-, C], C the inputs over their norms, and B is B' in the inputs' own units.
std::pair<oracle::Matrix, oracle::Matrix> whole_model(const Driven& fitted, const Setting& s) {
  const oracle::Matrix h = oracle::hankel(fitted.seen, s.delays, s.interval);
  const auto [sigma, u] = oracle::left_svd(h);
  const oracle::Matrix scaled = oracle::multiply(oracle::transpose(h), oracle::columns_of(u, s.rank));  // V S
  const std::size_t r = s.rank, m = 2, reach = (s.delays - 1) * s.interval;
  std::array<oracle::real, m> norm{};
  for (const auto& trial : fitted.given) {
    for (const auto& input : trial) {
      for (std::size_t j = 0; j < m; ++j) norm[j] += static_cast<oracle::real>(input[j]) * input[j];
    }
  }
  for (oracle::real& v : norm) v = std::sqrt(v);
  const oracle::Steps steps = oracle::steps_of(fitted.seen, s.delays, s.interval, r, 1);
  oracle::Matrix now(steps.now.rows, r + m);
  std::size_t row = 0;
  for (const auto& trial : fitted.given) {
    for (std::size_t t = reach; t + 1 < trial.size(); ++t, ++row) {
      for (std::size_t i = 0; i < r; ++i) now(row, i) = steps.now(row, i);
      for (std::size_t j = 0; j < m; ++j) now(row, r + j) = trial[t][j] / norm[j];
    }
  }
  const oracle::Matrix x = oracle::regress(now, steps.next, 1e-8L);
  oracle::Matrix a(r, r), b(r, m), back = oracle::transpose(scaled);  // S V^T, then S^-1 V^T
  for (std::size_t i = 0; i < r; ++i) {
    for (std::size_t j = 0; j < r; ++j) a(i, j) = x(j, i);
    for (std::size_t j = 0; j < m; ++j) b(i, j) = x(r + j, i) / norm[j];
    for (std::size_t j = 0; j < back.columns; ++j) back(i, j) /= sigma[i] * sigma[i];
  }
  return {oracle::multiply(scaled, oracle::multiply(a, back)), oracle::multiply(scaled, b)};
}

/// The newest samples of the rows of a trial, predicted from row `reach` + 1 on and before that as they were recorded.
std::vector<std::vector<oracle::real>> predicted(const oracle::Trial& seen, const oracle::Trial& given,
                                                 const std::pair<oracle::Matrix, oracle::Matrix>& model,
                                                 const Setting& s) {
  const auto& [m, n] = model;
  const oracle::Matrix h = oracle::hankel({seen}, s.delays, s.interval);
  const std::size_t reach = (s.delays - 1) * s.interval;
  oracle::Matrix z = h;
  for (std::size_t t = 1; t < h.rows; ++t) {
    const bool seeded = s.reseed > 0 && t % s.reseed == 0;
    for (std::size_t i = 0; i < h.columns; ++i) {
      z(t, i) = 0;
      for (std::size_t j = 0; j < h.columns; ++j) z(t, i) += m(i, j) * (seeded ? h : z)(t - 1, j);
      for (std::size_t j = 0; j < n.columns; ++j) z(t, i) += n(i, j) * given[t - 1 + reach][j];
    }
  }
  std::vector<std::vector<oracle::real>> out;
  for (std::size_t t = 0; t < seen.size(); ++t) {
    auto& row = out.emplace_back();
    for (std::size_t c = 0; c < seen[t].size(); ++c) row.push_back(t < reach ? seen[t][c] : z(t - reach, c));
  }
  return out;
}

}  // namespace

TEST_CASE("a driven system without noise is predicted by its inputs, and not without them",
          "[fit][predict][inputs][devices]") {
  const Driven driven({60, 41, 50, 35, 44}, 6, 0, 1);
  Engine engine(test::device());
  for (const HoldOut::By by : {HoldOut::By::trials, HoldOut::By::time}) {
    const auto [fitted, held_out] = split(driven.set, {.by = by, .share = 0.4});
    // Two delays: the states, and the inputs between them.
    for (const auto& [delays, rank] : {std::pair<index_t, index_t>{1, 4}, {2, 6}}) {
      const Dmd dmd{.delays = delays, .rank = rank, .ridge = 0};
      const auto predict = [&](const TrajectorySet& a, const TrajectorySet& b) {
        return engine.predict(std::vector{a}, std::vector{b}, dmd, {}, {.reseed = 0})[0][0];
      };
      const Prediction with = predict(fitted, held_out);
      CAPTURE(by == HoldOut::By::time, delays, with.facts.detail);
      REQUIRE(with.facts.status == FitStatus::ok);
      // The condition of states and inputs is below 1e3, of which normal equations lose the square: A and B to 1e-9,
      // chains to ten times that, as the slowest mode decays by 0.92 a step.
      CHECK(with.one_step.nmse <= 1e-18);
      CHECK(with.reseeded.nmse <= 1e-16);
      CHECK(with.reseeded.r2 == Approx(1));
      const Prediction without = predict(without_inputs(fitted), without_inputs(held_out));
      CHECK(without.one_step.nmse > 0.05);
      CHECK(without.reseeded.nmse > 0.5);
    }
  }
}

TEST_CASE("predictions with inputs are those of the model of the whole embedded space",
          "[fit][predict][inputs][devices]") {
  const Driven fitted({50, 37}, 5, 0.3, 1), tested({30, 34}, 5, 0.3, 2);
  Engine engine(test::device());
  for (const Setting& s : {Setting{1, 1, 4, 1}, Setting{1, 1, 4, 0}, Setting{3, 2, 7, 4}, Setting{2, 1, 6, 0}}) {
    const Dmd dmd{.delays = static_cast<index_t>(s.delays),
                  .interval = static_cast<index_t>(s.interval),
                  .rank = static_cast<index_t>(s.rank)};
    const Prediction got = engine.predict(std::vector{fitted.set}, std::vector{tested.set}, dmd, {},
                                          {.reseed = static_cast<index_t>(s.reseed), .values = true})[0][0];
    CAPTURE(s.delays, s.reseed, got.facts.detail);
    REQUIRE(got.values.size() == 2);
    const auto model = whole_model(fitted, s);
    long double squares = 0;
    std::size_t n = 0;
    for (std::size_t k = 0; k < 2; ++k) {
      const auto expected = predicted(tested.seen[k], tested.given[k], model, s);
      for (std::size_t t = 0; t < expected.size(); ++t) {
        for (std::size_t c = 0; c < 5; ++c) {
          const double z = got.values[k][t * 5 + c];
          // Values below 50, sigma_1 / sigma_r below 100.
          CHECK(std::abs(static_cast<oracle::real>(z) - expected[t][c]) <= 1e-9L);
          if (t < (s.delays - 1) * s.interval + 1) continue;
          squares += (tested.seen[k][t][c] - expected[t][c]) * (tested.seen[k][t][c] - expected[t][c]);
          ++n;
        }
      }
    }
    const auto count = static_cast<long double>(n);
    const auto parameters = static_cast<long double>(s.rank * s.rank + 2 * s.rank + 1);
    CHECK(got.reseeded.values == static_cast<index_t>(n));
    CHECK(got.reseeded.mse == Approx(static_cast<double>(squares / count)).epsilon(1e-9));
    CHECK(got.reseeded.aic ==
          Approx(static_cast<double>(std::log(squares / count) + 2 * parameters / count)).epsilon(1e-9));
    if (s.reseed == 1) CHECK(got.one_step.mse == got.reseeded.mse);
  }
}

TEST_CASE("a sweep with inputs finds the rank that made the data", "[fit][predict][inputs][devices]") {
  const std::vector<index_t> steps = {70, 51, 60, 45};
  const Driven one(steps, 6, 0.05, 1), two(steps, 6, 0.05, 2);
  Engine engine(test::device());
  const SweepGrid grid{{1, 2}, {1}, {1, 2, 3, 4, 5, 6}};
  const files::Folder folder;
  const auto sweep = [&](const std::vector<TrajectorySet>& systems) {
    SweepJournal journal(folder / "sweep.journal");
    return engine.sweep(systems, {}, grid, {.share = 0.25}, {.reseed = 0}, {}, &journal);
  };
  const SweepResult found = sweep({one.set, two.set});
  const Recommendation chosen = recommend(found);
  CHECK((found.points[chosen.chosen].delays == 1 && found.points[chosen.chosen].rank == 4));
  CHECK(chosen.chosen_error <= 0.01);
  // Points of other inputs are others.
  TrajectorySet exchanged = one.set;
  exchanged.inputs = two.set.inputs;
  CHECK_THROWS_WITH(sweep({exchanged, two.set}), Contains("another sweep"));
  CHECK_THROWS_WITH(sweep({one.set, without_inputs(two.set)}), Contains("another sweep"));
  CHECK(recommend(engine.sweep(std::vector{without_inputs(one.set)}, {}, grid, {.share = 0.25}, {.reseed = 0}))
            .best_error > 0.3);
}

TEST_CASE("inputs are held out with their recording", "[fit][predict][inputs]") {
  const Driven driven({10, 20, 30, 15}, 3, 0, 1);
  const auto [fit, rest] = split(driven.set, {.share = 0.3});
  REQUIRE(std::get<1>(rest.inputs).size() == 2);
  CHECK(std::get<1>(fit.inputs).size() == 2);
  CHECK(std::get<1>(rest.inputs)[0].data == std::get<1>(driven.set.inputs)[2].data);
  const auto [early, late] = split(driven.set, {.by = HoldOut::By::time, .share = 0.25});
  for (std::size_t k = 0; k < 4; ++k) {
    const auto& [whole, first, second] =
        std::tie(std::get<1>(driven.set.inputs)[k], std::get<1>(early.inputs)[k], std::get<1>(late.inputs)[k]);
    CHECK(first.steps == early.steps(static_cast<index_t>(k)));
    CHECK(second.steps == late.steps(static_cast<index_t>(k)));
    CHECK(&second(0, 1) == &whole(first.steps, 1));
  }
}

TEST_CASE("predictions with inputs that do not belong to the recording are refused", "[fit][predict][inputs]") {
  const Driven driven({60, 41, 50}, 4, 0, 1);
  Engine engine(Device::cpu());
  const auto [fitted, held_out] = split(driven.set, {});
  const auto predict = [&](const TrajectorySet& a, const TrajectorySet& b, const Dmd& dmd = {.rank = 4}) {
    return engine.predict(std::vector{a}, std::vector{b}, dmd);
  };
  CHECK_THROWS_WITH(predict(fitted, without_inputs(held_out)),
                    Contains("system 'driven' has inputs of 2 channels (TrajectorySet::inputs), what is to be "
                             "predicted of it has 0"));
  CHECK_THROWS_WITH(predict(without_inputs(fitted), held_out), Contains("inputs of 0 channels"));
  TrajectorySet wrong = driven.set;
  std::get<1>(wrong.inputs)[1].steps = 40;
  CHECK_THROWS_WITH(split(wrong, {}), Contains("'driven', trial 1: 40 steps of inputs, expected 41"));
  CHECK_THROWS_WITH(predict(fitted, held_out, {.rank = 4, .steps_ahead = 2}), Contains("Dmd::steps_ahead"));
  CHECK_THROWS_WITH(predict(fitted, held_out, {.rank = 4, .regression = Regression::reduced_rank}),
                    Contains("Dmd::regression"));
  CHECK_THROWS_WITH(predict(fitted, held_out, {.delays = 3, .rank = 4, .regression = Regression::n4sid}),
                    Contains("subspace identification"));
}

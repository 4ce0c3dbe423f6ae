/// Predictions against the operator of the whole embedded space in long double, their figures by definition, what is
/// held out, and the choice of a point of a sweep.
#include "tests/io/files.hpp"
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <fstream>
#include <random>

using namespace kindred;
using Catch::Contains;
using test::set_of;

namespace {

/// Two rotations seen by C channels, with noise; trials x steps.
std::vector<oracle::Trial> recording(const std::vector<index_t>& steps, index_t channels, double noise, unsigned seed) {
  return test::mixed_trials(steps, channels, noise, seed, [](double t, double phase) {
    const double a = 0.23 * t + 3 * phase, b = 0.71 * t - 3 * phase;
    return std::array{std::cos(a), std::sin(a), 0.5 * std::cos(b), 0.5 * std::sin(b)};
  });
}

struct Setting {
  std::size_t delays, interval, rank, ahead, reseed;
};

/// The operator of whole rows, n x n, h(t + ahead) = M h(t): V S A S^-1 V^T of the fit.
oracle::Matrix whole_operator(const std::vector<oracle::Trial>& fitted, const Setting& s, Regression regression) {
  const oracle::Matrix h = oracle::hankel(fitted, s.delays, s.interval);
  const auto [sigma, u] = oracle::left_svd(h);
  const std::size_t p = regression == Regression::reduced_rank ? h.columns : s.rank;
  const oracle::Matrix scaled = oracle::multiply(oracle::transpose(h), oracle::columns_of(u, p));  // V S
  oracle::Matrix a;
  if (regression == Regression::reduced_rank) {
    const auto steps = oracle::steps_of(fitted, s.delays, s.interval, p, s.ahead);
    const oracle::Matrix b = oracle::regress(steps.now, steps.next, 1e-8L);
    const oracle::Matrix m =
        oracle::multiply(oracle::transpose(oracle::multiply(oracle::transpose(steps.now), steps.next)), b);
    const oracle::Matrix w = oracle::columns_of(oracle::left_svd(m).second, s.rank);
    a = oracle::transpose(oracle::multiply(b, oracle::multiply(w, oracle::transpose(w))));
  } else {
    a = oracle::dmd(fitted, s.delays, s.interval, s.rank, s.ahead).a;
  }
  oracle::Matrix back = oracle::transpose(scaled);  // S V^T, then S^-1 V^T
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t j = 0; j < back.columns; ++j) back(i, j) /= sigma[i] * sigma[i];
  }
  return oracle::multiply(scaled, oracle::multiply(a, back));
}

/// The newest samples of predicted rows, a trial: rows before the first prediction as they were recorded.
std::vector<std::vector<oracle::real>> predicted(const oracle::Trial& trial, const oracle::Matrix& m,
                                                 const Setting& s) {
  const oracle::Matrix h = oracle::hankel({trial}, s.delays, s.interval);
  oracle::Matrix z = h;
  for (std::size_t t = s.ahead; t < h.rows; ++t) {
    const bool seeded = s.reseed > 0 && t % s.reseed == 0;
    for (std::size_t i = 0; i < h.columns; ++i) {
      z(t, i) = 0;
      for (std::size_t j = 0; j < h.columns; ++j) z(t, i) += m(i, j) * (seeded ? h : z)(t - s.ahead, j);
    }
  }
  const std::size_t reach = (s.delays - 1) * s.interval, channels = trial.front().size();
  std::vector<std::vector<oracle::real>> out;
  for (std::size_t t = 0; t < trial.size(); ++t) {
    auto& row = out.emplace_back();
    for (std::size_t c = 0; c < channels; ++c) {
      row.push_back(t < reach ? static_cast<oracle::real>(trial[t][c]) : z(t - reach, c));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("predictions are those of the operator of the whole embedded space", "[fit][predict][devices]") {
  const std::vector<std::pair<Setting, std::vector<index_t>>> cases = {{{1, 1, 4, 1, 1}, {40, 33}},
                                                                       {{1, 1, 4, 1, 0}, {40, 33}},   // one step
                                                                       {{4, 2, 4, 1, 5}, {50, 40}},   // reseeded
                                                                       {{3, 1, 5, 2, 3}, {50, 40}},   // two steps ahead
                                                                       {{3, 1, 4, 1, 0}, {50, 45}},   // never
                                                                       {{8, 1, 4, 1, 4}, {20, 18}}};  // 24 rows of 48
  constexpr index_t channels = 6;
  for (const auto& [setting, lengths] : cases) {
    const auto fitted = recording(lengths, channels, 0.05, 1), tested = recording({30, 34}, channels, 0.05, 1);
    Engine engine(test::device());
    const std::vector<TrajectorySet> systems = {set_of(fitted)}, held_out = {set_of(tested)};
    for (const Regression regression : {Regression::principal_components, Regression::reduced_rank}) {
      // Older delays are predicted exactly, all alike, so that the best r of them are not unique.
      if (regression == Regression::reduced_rank && setting.delays > 1) continue;
      const Dmd dmd{.delays = static_cast<index_t>(setting.delays),
                    .interval = static_cast<index_t>(setting.interval),
                    .rank = static_cast<index_t>(setting.rank),
                    .steps_ahead = static_cast<index_t>(setting.ahead),
                    .regression = regression};
      const Prediction got = engine.predict(systems, held_out, dmd, {},
                                            {.reseed = static_cast<index_t>(setting.reseed), .values = true})[0][0];
      CAPTURE(setting.delays, setting.reseed, word_of(regression), got.facts.detail);
      REQUIRE(got.values.size() == 2);
      const oracle::Matrix whole = whole_operator(fitted, setting, regression);
      const std::size_t first = (setting.delays - 1) * setting.interval + setting.ahead;
      long double squares = 0, absolute = 0, naive = 0, mean = 0, variance = 0;
      std::size_t n = 0;
      for (std::size_t k = 0; k < 2; ++k) {
        const auto expected = predicted(tested[k], whole, setting);
        oracle::real largest = 1;  // a chain that is never reseeded may grow
        for (const auto& row : expected) {
          for (const oracle::real v : row) largest = std::max(largest, std::abs(v));
        }
        for (std::size_t t = 0; t < tested[k].size(); ++t) {
          for (std::size_t c = 0; c < channels; ++c) {
            const double z = got.values[k][t * channels + c];
            // sigma_1 / sigma_r is below 100; each step of a chain adds its rounding.
            CHECK(std::abs(static_cast<oracle::real>(z) - expected[t][c]) <= 1e-10L * largest);
            if (t < first) continue;
            const long double x = tested[k][t][c];
            squares += (x - z) * (x - z);
            absolute += std::abs(x - z);
            naive += std::abs(x - static_cast<long double>(tested[k][t - setting.ahead][c]));
            mean += x;
            variance += x * x;
            ++n;
          }
        }
      }
      const auto count = static_cast<long double>(n);
      variance = variance / count - mean * mean / (count * count);
      const PredictionScore& score = got.reseeded;
      CHECK(score.values == static_cast<index_t>(n));
      CHECK(score.mse == Approx(static_cast<double>(squares / count)).epsilon(1e-10));
      CHECK(score.mae == Approx(static_cast<double>(absolute / count)).epsilon(1e-10));
      CHECK(score.nmse == Approx(static_cast<double>(squares / count / variance)).epsilon(1e-10));
      CHECK(score.mase == Approx(static_cast<double>(absolute / naive)).epsilon(1e-10));
      const auto parameters = static_cast<long double>(setting.rank * setting.rank + 1);
      CHECK(score.aic ==
            Approx(static_cast<double>(std::log(squares / count) + 2 * parameters / count)).epsilon(1e-10));
      if (setting.reseed == 1) CHECK(score.mse == got.one_step.mse);
      CHECK(got.one_step.values == score.values);
    }
  }
}

TEST_CASE("figures of known predictions", "[fit][predict]") {
  // Rank 2 of a noiseless rotation predicts all of it.
  oracle::Trial circle;
  for (int t = 0; t < 60; ++t) circle.push_back({std::cos(0.3 * t), std::sin(0.3 * t), 2.0});
  Engine engine(Device::cpu());
  const std::vector<TrajectorySet> systems = {set_of({circle})};
  const Prediction whole = engine.predict(systems, systems, {.rank = 3, .ridge = 0})[0][0];
  CHECK(whole.reseeded.mse <= 1e-20);
  CHECK(whole.reseeded.r2 == Approx(1));  // the constant channel has none
  CHECK(whole.reseeded.correlation == Approx(1));
  // What steps are scored: the first 20 of 60 are left out.
  CHECK(engine.predict(systems, systems, {.rank = 3}, {}, {.skip = 20})[0][0].reseeded.values == 40 * 3);
  CHECK(engine.predict(systems, systems, {.rank = 3})[0][0].reseeded.values == 59 * 3);
  const Prediction none = engine.predict(systems, systems, {.rank = 3}, {}, {.skip = 60})[0][0];
  CHECK(none.reseeded.values == 0);
  CHECK(std::isnan(none.reseeded.nmse));
}

TEST_CASE("several ranks are predicted as one by one", "[fit][predict][devices]") {
  const auto x = set_of(recording({60, 50, 40}, 4, 0.1, 3));
  Engine engine(test::device());
  const auto [fitted, held_out] = split(x, {.share = 0.3});
  const std::vector<TrajectorySet> a = {fitted}, b = {held_out};
  const std::vector<index_t> ranks = {2, 6, 4};
  for (const auto& known : words<Regression>) {
    const Dmd dmd{.delays = 3, .regression = known.value};
    if (is_subspace(known.value)) {
      CHECK_THROWS_WITH(engine.predict(a, b, dmd, ranks), Contains("subspace identification"));
      continue;
    }
    const auto all = engine.predict(a, b, dmd, ranks);
    for (std::size_t k = 0; k < ranks.size(); ++k) {
      Dmd one = dmd;
      one.rank = ranks[k];
      const Prediction alone = engine.predict(a, b, one)[0][0];
      CAPTURE(known.word, ranks[k], alone.facts.detail);
      CHECK(all[k][0].facts.rank == ranks[k]);
      CHECK(all[k][0].facts.status == alone.facts.status);
      if (alone.facts.status == FitStatus::failed) continue;
      CHECK(all[k][0].reseeded.nmse == Approx(alone.reseeded.nmse).epsilon(1e-9));
    }
  }
}

TEST_CASE("what is held out is in one part only", "[fit][predict]") {
  const auto x = set_of(recording({10, 20, 30, 15, 25}, 2, 0.1, 3));
  const auto [fit, rest] = split(x, {.by = HoldOut::By::trials, .share = 0.3});
  CHECK(fit.trial_count() == 3);
  REQUIRE(rest.trial_count() == 2);
  CHECK(rest.steps(1) == 25);
  const auto [early, late] = split(x, {.by = HoldOut::By::time, .share = 0.25});
  for (index_t k = 0; k < 5; ++k) {
    const index_t steps = x.steps(k);
    CHECK(early.steps(k) + late.steps(k) == steps);
    CHECK(late.steps(k) == (steps + 3) / 4);
    const auto& whole = std::get<1>(x.trials)[static_cast<std::size_t>(k)];
    CHECK(&std::get<1>(late.trials)[static_cast<std::size_t>(k)](0, 1) == &whole(early.steps(k), 1));
  }
  const auto one = set_of(recording({10}, 2, 0.1, 3), "single");
  CHECK_THROWS_WITH(split(one, {}), Contains("system 'single' has a single trial"));
  CHECK_THROWS_WITH(split(x, {.share = 1}), Contains("HoldOut::share is 1"));
  CHECK_THROWS_WITH(split(x, {.share = std::nan("")}), Contains("HoldOut::share is nan"));
  CHECK_THROWS_WITH(split(set_of({{{1.0}}}), {.by = HoldOut::By::time}), Contains("1 steps cannot be divided"));
}

TEST_CASE("the recommended point is the smallest within one standard error of the best", "[fit][predict]") {
  const auto point = [](index_t delays, index_t rank, std::vector<double> errors) {
    SweepPoint p;
    p.delays = delays;
    p.rank = rank;
    p.feasible = !errors.empty();
    p.errors = std::move(errors);
    return p;
  };
  // More than the best: 0.005 with a standard error of sqrt(0.0016 / 12) = 0.0115, and 0.015 with
  // sqrt(0.0004 / 12) = 0.0058.
  const std::vector<double> best = {0.1, 0.2, 0.1, 0.2}, close = {0.085, 0.225, 0.085, 0.225},
                            far = {0.105, 0.225, 0.105, 0.225};
  SweepResult sweep;
  sweep.points = {point(3, 1, {}), point(3, 2, far), point(3, 5, close), point(2, 5, close), point(3, 9, best)};
  const Recommendation got = recommend(sweep);
  CHECK(got.best == 4);
  CHECK(got.chosen == 3);
  CHECK(got.best_error == Approx(0.15));
  CHECK(got.chosen_error == Approx(0.155));
  CHECK(recommend(sweep, 0).chosen == 3);
  CHECK(recommend(sweep, 0.014).chosen == 3);
  CHECK(recommend(sweep, 0.016).chosen == 1);  // 0.015 more than the best
  CHECK_THROWS_WITH(recommend(sweep, -0.1), Contains("the tolerance is -0.1"));
  CHECK_THROWS_WITH(recommend(sweep, std::nan("")), Contains("the tolerance is nan"));
  for (SweepPoint& p : sweep.points) p.feasible = false;
  CHECK_THROWS_WITH(recommend(sweep), Contains("no feasible point"));
}

TEST_CASE("a system that cannot be fitted is left out of a sweep, and a rank of rounding noise is infeasible",
          "[fit][predict][devices]") {
  std::vector<TrajectorySet> good = {set_of(recording({60, 60, 60, 60}, 6, 0, 1), "one"),
                                     set_of(recording({60, 60, 60, 60}, 6, 0, 2), "two")};
  std::vector<TrajectorySet> all = good;
  const std::vector<double> values(200, 2.0);
  all.insert(all.begin() + 1, TrajectorySet::view("still", values.data(), 4, 25, 2));
  all.push_back(good[0]);
  all.back().name = "unprepared";
  all.back().failure = "it has no scale";
  Engine engine(test::device());
  const SweepGrid grid{{1, 2}, {1}, {2, 3, 4, 5}};
  const SweepResult sweep = engine.sweep(all, {}, grid, {.share = 0.25});
  REQUIRE(sweep.left_out.size() == 2);
  CHECK(sweep.left_out[0] == std::pair<std::string, std::string>("still", "all its channels are constant"));
  CHECK(sweep.left_out[1] == std::pair<std::string, std::string>("unprepared", "it has no scale"));
  const SweepResult without = engine.sweep(good, {}, grid, {.share = 0.25});
  CHECK(without.left_out.empty());
  REQUIRE(sweep.points.size() == 8);
  for (std::size_t k = 0; k < 8; ++k) {
    CAPTURE(k);
    // Two rotations without noise span four directions, whatever the delays.
    CHECK(sweep.points[k].feasible == (sweep.points[k].rank <= 4));
    CHECK(sweep.points[k].errors == without.points[k].errors);
  }
  // One that was cut at missing samples likewise, in predictions too.
  std::vector<double> gap(400, 0.0);
  for (std::size_t i = 0; i < gap.size(); ++i) gap[i] = std::sin(static_cast<double>(i * i));
  gap[77] = std::nan("");
  const auto cut =
      engine.preprocess(std::vector{TrajectorySet::view("cut", gap.data(), 4, 50, 2)}, {.nan = Missing::drop});
  const auto [fitted, held_out] = split(good[0], {.share = 0.25});
  const auto [cut_fitted, cut_held_out] = split(cut[0], {.share = 0.25});
  const auto both =
      engine.predict(std::vector{cut_fitted, fitted}, std::vector{cut_held_out, held_out}, {.rank = 2})[0];
  CHECK(both[0].facts.status == FitStatus::failed);
  CHECK_THAT(both[0].facts.detail, Contains("cut at missing samples"));
  CHECK(both[1].reseeded.mse ==
        engine.predict(std::vector{fitted}, std::vector{held_out}, {.rank = 2})[0][0].reseeded.mse);
  CHECK(engine.sweep(std::vector{good[0], cut[0]}, {}, grid, {.share = 0.25}).left_out[0].first == "cut");
  CHECK_THROWS_WITH(engine.sweep(std::span(all).subspan(1, 1), {}, grid, {.share = 0.25}),
                    Contains("no system can be judged; system 'still': all its channels are constant"));
}

TEST_CASE("a sweep finds the rank that made the data", "[fit][predict][devices]") {
  std::vector<TrajectorySet> systems;
  for (unsigned i = 0; i < 2; ++i) systems.push_back(set_of(recording({60, 60, 60, 60}, 6, 0.05, i)));
  Engine engine(test::device());
  const SweepGrid grid{{1, 2, 40}, {1}, {1, 2, 3, 4, 5, 6, 30}};
  const SweepResult sweep = engine.sweep(systems, {}, grid, {.share = 0.25});
  REQUIRE(sweep.points.size() == 21);
  CHECK(sweep.skip == 2);
  for (const SweepPoint& p : sweep.points) {
    CAPTURE(p.delays, p.rank);
    // 40 delays leave a held-out trial of 60 steps less than half; 30 is above the columns of the others.
    CHECK(p.feasible == (p.delays < 40 && p.rank <= 6 * p.delays));
    CHECK(p.errors.size() == (p.feasible ? 16U : 0U));
    if (p.feasible) CHECK(p.reseeded.values == 2 * 58 * 6);
  }
  const SweepPoint& chosen = sweep.points[recommend(sweep).chosen];
  CHECK(chosen.rank == 4);
  // A point is what predict says of it.
  std::vector<TrajectorySet> fitted, held_out;
  for (const TrajectorySet& x : systems) {
    auto [a, b] = split(x, {.share = 0.25});
    fitted.push_back(a);
    held_out.push_back(b);
  }
  const auto at = engine.predict(fitted, held_out, {.delays = 2, .rank = 4}, {}, {.skip = 2})[0];
  CHECK(sweep.points[10].delays == 2);
  CHECK(sweep.points[10].reseeded.nmse == Approx((at[0].reseeded.nmse + at[1].reseeded.nmse) / 2).epsilon(1e-9));

  CHECK_THROWS_WITH(engine.sweep(systems, {}, {{40}, {1}, {2}}, {}),
                    Contains("no feasible point: every window of the grid is longer than half of the held-out trials"));
  CHECK_THROWS_WITH(engine.sweep(systems, {}, {{1, 2}, {1}, {13, 20}}, {}),
                    Contains("the lowest rank of the grid, 13, is above the largest that its delays allow, 12"));
  CHECK_THROWS_WITH(engine.sweep(systems, {.steps_ahead = 0}, grid, {}), Contains("Dmd::steps_ahead is 0"));
  CHECK_THROWS_WITH(engine.sweep(systems, {}, {{1}, {1}, {}}, {}), Contains("SweepGrid::ranks is empty"));
  CHECK_THROWS_WITH(engine.sweep(systems, {}, {{0}, {1}, {2}}, {}), Contains("SweepGrid::delays has 0"));
}

TEST_CASE("a sweep that was stopped goes on from its journal", "[fit][predict][journal][devices]") {
  const files::Folder folder;
  const auto path = folder / "sweep.journal";
  const std::vector<TrajectorySet> systems = {set_of(recording({40, 40, 40, 40}, 5, 0.05, 1))};
  Engine engine(test::device());
  const SweepGrid grid{{1, 2, 3}, {1}, {2, 4, 12}};
  const auto run = [&](const Progress& progress = {}) {
    SweepJournal journal(path);
    return engine.sweep(systems, {}, grid, {.share = 0.25}, {}, progress, &journal);
  };
  // Stopped before the third of three numbers of delays.
  CHECK_THROWS_AS(run([](const ProgressEvent& e) { return e.done < 2; }), Error);
  REQUIRE(SweepJournal(path).size() == 6);
  { std::ofstream(path, std::ios::app) << "1 3 2 1"; }  // killed while it wrote
  index_t fits = 0;
  const SweepResult rest = run([&](const ProgressEvent& e) {
    fits = e.done;
    return true;
  });
  const SweepResult whole = engine.sweep(systems, {}, grid, {.share = 0.25});
  REQUIRE(rest.points.size() == whole.points.size());
  for (std::size_t i = 0; i < whole.points.size(); ++i) {
    const SweepPoint &a = rest.points[i], &b = whole.points[i];
    CAPTURE(i);
    CHECK(a.feasible == b.feasible);
    if (!b.feasible) continue;
    CHECK((a.errors == b.errors && a.reseeded.mse == b.reseeded.mse && a.one_step.aic == b.one_step.aic));
  }
  CHECK(fits == 3);
  // What the points belong to is checked.
  SweepJournal kept(path);
  CHECK(kept.size() == 9);
  CHECK_THROWS_WITH(engine.sweep(systems, {.ridge = 1}, grid, {.share = 0.25}, {}, {}, &kept),
                    Contains("another sweep"));
  folder.write("other", "no journal\n");
  CHECK_THROWS_WITH(SweepJournal(folder / "other"), Contains("is no journal of a sweep"));
}

TEST_CASE("the starting point of a sweep follows the period", "[fit][predict]") {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  const auto sine = [&](index_t steps) {
    std::vector<double> x;
    for (index_t t = 0; t < steps; ++t) {
      const double value = std::sin(2 * std::acos(-1.0) * static_cast<double>(t) / 40);
      x.insert(x.end(), {value + 0.01 * normal(random), 3 * value + 5, 1.0});
    }
    return x;
  };
  const std::vector<double> a = sine(400), b = sine(60), still(60, 2.0);
  const TrajectorySet longer = TrajectorySet::view("a", a.data(), 1, 400, 3),
                      shorter = TrajectorySet::view("b", b.data(), 1, 60, 3),
                      constant = TrajectorySet::view("c", still.data(), 1, 60, 1);
  // q_0 is the period; a sine has rank 2: ceil(40 (1 + (2 / 40)^2)) = 41.
  const StartingPoint one = starting_point(std::vector{longer, constant});
  CHECK((one.delays == 41 && one.rank == 2));
  // One and a half periods are none; 60 samples have at most 30 delays.
  const StartingPoint both = starting_point(std::vector{longer, shorter});
  CHECK((both.delays <= 30 && both.delays >= 16));
  CHECK_THROWS_WITH(starting_point(std::vector{constant}), Contains("state the delays"));
}

/// Missing samples: what is left out, what is bridged, what is counted, and that nothing else changes.
#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using namespace kindred::test;
using Catch::Contains;

namespace {

constexpr double gap = std::numeric_limits<double>::quiet_NaN();

const std::vector<TrialView<double>>& trials(const TrajectorySet& set) {
  return std::get<std::vector<TrialView<double>>>(set.trials);
}

std::vector<double> trial(const TrajectorySet& set, std::size_t k) {
  std::vector<double> out;
  const auto& x = trials(set)[k];
  for (index_t t = 0; t < x.steps; ++t) {
    for (index_t c = 0; c < x.channels; ++c) out.push_back(x(t, c));
  }
  return out;
}

/// A recording with NaN at (trial, time, channel).
simulate::Recording with_gaps(index_t k, index_t steps, index_t channels, std::uint64_t stream,
                              const std::vector<std::array<index_t, 3>>& gaps) {
  auto out = signals(k, steps, channels, stream);
  for (const auto& [trial, time, channel] : gaps) out.at(trial, time)[channel] = gap;
  return out;
}

}  // namespace

TEST_CASE("trials are cut at missing samples", "[preprocess][missing][devices]") {
  // Two trials of six steps, two channels; steps 2 and 3 of the first and 0 and 5 of the second miss a value.
  const std::vector<double> x = {0, 1,   2,  3,  gap, 5,  6,  gap, 8,  9,  10,  11,
                                 0, gap, 22, 23, 24,  25, 26, 27,  28, 29, gap, gap};
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", x.data(), 2, 6, 2)};
  Engine engine(device());
  const auto out = engine.preprocess(systems, {.nan = Missing::drop});
  REQUIRE(out[0].trial_count() == 3);
  CHECK(trial(out[0], 0) == std::vector<double>{0, 1, 2, 3});
  CHECK(trial(out[0], 1) == std::vector<double>{8, 9, 10, 11});
  CHECK(trial(out[0], 2) == std::vector<double>{22, 23, 24, 25, 26, 27, 28, 29});
  const Gaps& gaps = out[0].gaps;
  CHECK(gaps.values == 5);
  CHECK(gaps.interpolated == 0);
  CHECK(gaps.steps == 4);
  CHECK(gaps.trial_of == std::vector<index_t>{0, 0, 1});
  CHECK(gaps.whole_steps == std::vector<index_t>{6, 6});

  // Bins of three steps: the pieces of two steps hold none, that of four holds one; without gaps there were two a
  // trial.
  const auto binned = engine.preprocess(systems, {.nan = Missing::drop, .bin = 3});
  REQUIRE(binned[0].trial_count() == 1);
  CHECK(trial(binned[0], 0) == std::vector<double>{24, 25});
  CHECK(binned[0].gaps.short_pieces == 2);
  CHECK(binned[0].gaps.whole_steps == std::vector<index_t>{2, 2});
  CHECK(binned[0].gaps.trial_of == std::vector<index_t>{1});

  // Scaling within a trial takes all its pieces together: the first trial goes from 0 to 11.
  const auto scaled = engine.preprocess(systems, {.nan = Missing::drop, .scaling = Scaling::unit_trial});
  CHECK(trial(scaled[0], 1) == std::vector<double>{8. / 11, 9. / 11, 10. / 11, 1});

  CHECK_THROWS_WITH(engine.preprocess(systems, {}), Contains("'a', trial 0, time 2, channel 0: the value is NaN"));
  for (const Preprocess& steps :
       {Preprocess{.nan = Missing::drop, .resample = 4}, Preprocess{.nan = Missing::drop, .trial_average = true}}) {
    CHECK_THROWS_WITH(engine.preprocess(systems, steps), Contains("system 'a' was cut into 3 pieces"));
  }
}

TEST_CASE("short gaps inside a trial are bridged, a channel at a time", "[preprocess][missing][devices]") {
  // Channel 0: a gap of two; channel 1: a gap of three, and one at the end.
  const std::vector<double> x = {0, 10, 1, gap, gap, gap, gap, gap, 4, 50, 5, 60, 6, gap};
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", x.data(), 1, 7, 2)};
  Engine engine(device());
  const auto all = engine.preprocess(systems, {.nan = Missing::interpolate, .largest_gap = 3});
  REQUIRE(all[0].trial_count() == 1);
  CHECK(trial(all[0], 0) == std::vector<double>{0, 10, 1, 20, 2, 30, 3, 40, 4, 50, 5, 60});  // the end is not known
  CHECK(all[0].gaps.values == 6);
  CHECK(all[0].gaps.interpolated == 5);
  CHECK(all[0].gaps.steps == 1);
  const auto short_ones = engine.preprocess(systems, {.nan = Missing::interpolate, .largest_gap = 2});
  REQUIRE(short_ones[0].trial_count() == 2);
  CHECK(trial(short_ones[0], 0) == std::vector<double>{0, 10});
  CHECK(trial(short_ones[0], 1) == std::vector<double>{4, 50, 5, 60});
  CHECK(short_ones[0].gaps.interpolated == 2);
  CHECK(short_ones[0].gaps.steps == 4);
}

TEST_CASE("a recording without a missing sample is what it was", "[preprocess][missing][devices]") {
  const auto systems = collection(2, 30, {3, 4});
  Engine engine(device());
  const auto before = engine.pairwise(systems, Cka{});
  for (const Preprocess& steps :
       {Preprocess{.nan = Missing::drop}, Preprocess{.nan = Missing::interpolate, .largest_gap = 4}}) {
    const auto out = engine.preprocess(systems, steps);
    CHECK_FALSE(out[1].gaps.cut());
    CHECK(trial(out[1], 1) == trial(systems[1], 1));
    CHECK(engine.pairwise(out, Cka{})(0, 1) == before(0, 1));
  }
}

TEST_CASE("no window of the embedding spans a missing sample", "[preprocess][missing][devices]") {
  const index_t steps = 60, channels = 3;
  const Dmd dmd{.delays = 4, .interval = 2, .rank = 5, .steps_ahead = 2};
  const index_t reach = (dmd.delays - 1) * dmd.interval;
  const std::vector<std::array<index_t, 3>> gaps = {{0, 0, 1},  {0, 20, 0}, {0, 28, 2},
                                                    {0, 29, 2}, {1, 59, 0}, {1, 8, 1}};
  const auto recording = with_gaps(2, steps, channels, 1, gaps);
  const auto whole = simulate::own(signals(2, steps, channels, 4), "whole");
  const std::vector<TrajectorySet> systems = {simulate::own(recording, "gaps"), whole};
  Engine engine(device());
  const auto prepared = engine.preprocess(systems, {.nan = Missing::drop});
  const auto fits = engine.fit(prepared, dmd);

  // The stretches between missing samples as trials of a recording of their own; short ones cannot be fitted.
  TrajectorySet pieces;
  pieces.name = "pieces";
  std::vector<TrialView<double>> views;
  index_t rows = 0;
  for (index_t k = 0; k < 2; ++k) {
    std::set<index_t> missing = {steps};
    for (const auto& [trial, time, channel] : gaps) {
      if (trial == k) missing.insert(time);
    }
    index_t first = 0;
    for (const index_t end : missing) {
      if (end - first > reach + dmd.steps_ahead) {
        views.push_back({recording.at(k, first), end - first, channels, channels, 1});
        rows += end - first - reach;
      }
      first = end + 1;
    }
  }
  REQUIRE(views.size() == 3);
  pieces.trials = views;
  const auto expected = engine.fit(std::vector{pieces}, dmd);
  CHECK(fits[0].values == expected[0].values);
  CHECK(fits[0].facts.rows == rows);
  CHECK(fits[0].facts.windows_left_out == 2 * (steps - reach) - rows);
  CHECK(fits[0].facts.status == FitStatus::ok);
  CHECK(fits[1].values == engine.fit(std::vector{whole}, dmd)[0].values);
  CHECK(fits[1].facts.windows_left_out == 0);

  const std::vector<index_t> ranks = {3, 5};
  const auto several = engine.fit(prepared, dmd, ranks);
  CHECK(several[1][0].facts.windows_left_out == fits[0].facts.windows_left_out);
}

TEST_CASE("a system of which nothing is left spoils no other", "[preprocess][missing][devices]") {
  const index_t steps = 30;
  std::vector<std::array<index_t, 3>> all, often;
  for (index_t t = 0; t < steps; ++t) all.push_back({0, t, t % 2});
  for (index_t t = 2; t < steps; t += 3) often.push_back({0, t, 0});
  const std::vector<TrajectorySet> good = {simulate::own(signals(1, steps, 2, 1), "one"),
                                           simulate::own(signals(1, steps, 2, 2), "two")};
  const std::vector<TrajectorySet> systems = {good[0], simulate::own(with_gaps(1, steps, 2, 3, all), "nothing"),
                                              simulate::own(with_gaps(1, steps, 2, 4, often), "often"), good[1]};
  Engine engine(device());
  const Dmd dmd{.delays = 3, .rank = 4};
  for (const Preprocess& how :
       {Preprocess{.nan = Missing::drop},
        Preprocess{.nan = Missing::drop, .smooth = 1, .scaling = Scaling::zscore_trial, .components = 2},
        Preprocess{.nan = Missing::drop, .variance = 0.99, .common_basis = true}}) {
    const bool common = how.common_basis;
    const auto prepared = engine.preprocess(systems, how);
    CHECK(prepared[1].trial_count() == 0);
    const auto fits = engine.fit(prepared, dmd);
    CHECK(fits[1].facts.status == FitStatus::failed);
    CHECK(fits[2].facts.status == FitStatus::failed);
    CHECK_THAT(fits[2].facts.detail, Contains("no stretch of 4 steps is free of missing samples"));
    CHECK(fits[2].facts.windows_left_out == steps - 2);
    const auto distances = engine.pairwise(prepared, Spectral{.dmd = dmd});
    CHECK(std::isnan(distances(0, 1)));
    CHECK(distances.status(0, 2) == PairStatus::failed);
    if (common) continue;  // whose basis is of all systems together
    const auto alone = engine.pairwise(engine.preprocess(good, how), Spectral{.dmd = dmd});
    CHECK(distances(0, 3) == alone(0, 1));
  }
  const auto none =
      engine.preprocess(std::vector{systems[1]}, {.nan = Missing::drop, .components = 1, .common_basis = true});
  CHECK(none[0].trial_count() == 0);
  const Dmd high{.delays = 1, .rank = 2};
  CHECK(engine.fit(engine.preprocess(systems, {.nan = Missing::drop}), high)[2].facts.status != FitStatus::failed);
}

TEST_CASE("a rank above what is left is that system's failure", "[preprocess][missing][devices]") {
  const auto gaps = with_gaps(
      1, 20, 5, 1,
      {{0, 4, 0}, {0, 5, 0}, {0, 6, 0}, {0, 8, 0}, {0, 10, 0}, {0, 12, 1}, {0, 14, 1}, {0, 16, 1}, {0, 18, 1}});
  const std::vector<TrajectorySet> systems = {simulate::own(gaps, "gaps"),
                                              simulate::own(signals(1, 20, 5, 2), "whole")};
  Engine engine(device());
  const auto fits = engine.fit(engine.preprocess(systems, {.nan = Missing::drop}), {.rank = 5});
  CHECK(fits[0].facts.status == FitStatus::failed);
  CHECK_THAT(fits[0].facts.detail, Contains("rank 5 exceeds the 4 rows that are free of missing samples"));
  CHECK(fits[1].facts.status == FitStatus::ok);
}

TEST_CASE("metrics that match samples refuse what was cut", "[preprocess][missing][devices]") {
  const auto gaps = simulate::own(with_gaps(1, 30, 3, 1, {{0, 11, 0}}), "gaps");
  const auto other = simulate::own(with_gaps(1, 30, 3, 2, {{0, 21, 0}}), "other");
  Engine engine(device());
  // As many samples are left of both, but not the same ones.
  const auto cut = engine.preprocess(std::vector{gaps, other}, {.nan = Missing::drop});
  REQUIRE(cut[0].total_steps() == cut[1].total_steps());
  CHECK_THROWS_WITH(engine.pairwise(cut, Cka{}), Contains("'gaps' was cut at missing samples (1 steps)"));
  const auto whole = collection(1, 29, {3});
  CHECK_THROWS_WITH(engine.cross(whole, cut, Procrustes{}), Contains("'gaps' was cut at missing samples"));
  const auto bridged = engine.preprocess(std::vector{gaps, other}, {.nan = Missing::interpolate, .largest_gap = 1});
  CHECK(std::isfinite(engine.pairwise(bridged, Cka{})(0, 1)));
}

TEST_CASE("an infinity is not a missing sample", "[preprocess][missing][devices]") {
  auto recording = signals(2, 10, 2, 1);
  recording.at(1, 4)[1] = -std::numeric_limits<double>::infinity();
  const std::vector<TrajectorySet> systems = {simulate::own(recording, "a")};
  Engine engine(device());
  CHECK_THROWS_WITH(engine.preprocess(systems, {.nan = Missing::drop}),
                    Contains("'a', trial 1, time 4, channel 1: the value is -Inf"));
}

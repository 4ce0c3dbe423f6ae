#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>
#include <kindred/metric_names.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

const std::vector<TrialView<double>>& trials(const TrajectorySet& set) {
  return std::get<std::vector<TrialView<double>>>(set.trials);
}

}  // namespace

TEST_CASE("resampling is linear interpolation within each trial", "[preprocess][devices]") {
  // Two trials of one channel: 0 2 4 and 10 20 40; five steps are at positions 0, 1/2, 1, 3/2, 2.
  const std::vector<double> values = {0, 2, 4, 10, 20, 40};
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", values.data(), 2, 3, 1)};
  const auto out = Engine(device()).preprocess(systems, {.resample = 5});
  const std::vector<double> expected = {0, 1, 2, 3, 4, 10, 15, 20, 30, 40};
  for (index_t k = 0; k < 2; ++k) {
    REQUIRE(out[0].steps(k) == 5);
    for (index_t t = 0; t < 5; ++t) {
      CHECK(trials(out[0])[static_cast<std::size_t>(k)](t, 0) == expected[static_cast<std::size_t>(5 * k + t)]);
    }
  }
  const auto mean = Engine(device()).preprocess(systems, {.trial_average = true});
  REQUIRE(mean[0].trial_count() == 1);
  CHECK(trials(mean[0])[0](1, 0) == 11);
}

TEST_CASE("scaling gives zero means and unit deviations; a constant channel becomes zero", "[preprocess][devices]") {
  auto recording = signals(3, 50, 4, 1);
  for (std::size_t i = 2; i < recording.values.size(); i += 4) recording.values[i] = 0.1;
  const std::vector<TrajectorySet> systems = {simulate::own(recording, "a")};
  const auto out = Engine(device()).preprocess(systems, {.scaling = Scaling::zscore});
  for (index_t c = 0; c < 4; ++c) {
    double sum = 0, squares = 0;
    for (const auto& x : trials(out[0])) {
      for (index_t t = 0; t < x.steps; ++t) sum += x(t, c), squares += x(t, c) * x(t, c);
    }
    CHECK(std::abs(sum) <= 1e-12);
    CHECK(std::abs(squares - (c == 2 ? 0 : 150)) <= 1e-10);
  }
}

TEST_CASE("principal components keep the leading variance, own or common", "[preprocess][devices]") {
  const auto systems = collection(2, 60, {9, 9, 9});
  for (const bool common : {false, true}) {
    const auto out = Engine(device()).preprocess(systems, {.components = 9, .common_basis = common});
    // All components: a rotation, which Procrustes does not see.
    const auto before = pairwise(systems, Procrustes{}), after = pairwise(out, Procrustes{});
    for (index_t i = 0; i < 3; ++i) {
      for (index_t j = 0; j < 3; ++j) CHECK(std::abs(before(i, j) - after(i, j)) <= 1e-12);
    }
    const auto few = Engine(device()).preprocess(systems, {.components = 5, .common_basis = common});
    CHECK(few[1].channels() == 5);
    CHECK(few[1].name == systems[1].name);
  }
  const auto reduced = Engine(device()).preprocess(systems, {.components = 5});
  const auto sigma = oracle::singular_values(oracle::centred(rows_of(systems[2])));
  const auto kept = oracle::singular_values(rows_of(reduced[2]));
  for (std::size_t k = 0; k < 5; ++k) CHECK(std::abs(kept[k] - sigma[k]) <= 1e-11 * sigma[0]);
}

TEST_CASE("impossible preprocessing is refused with the system's name", "[preprocess][devices]") {
  const auto systems = collection(2, 10, {3, 4});
  Engine engine(test::device());
  const auto message = [&](const Preprocess& steps) -> std::string {
    try {
      (void)engine.preprocess(systems, steps);
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  };
  CHECK(message({.components = 4}).find("'system 0'") != std::string::npos);
  CHECK(message({.components = 2, .common_basis = true}).find("'system 1'") != std::string::npos);
  CHECK(message({.resample = -1}).find("-1") != std::string::npos);
}

TEST_CASE("every metric name and alias is unique and makes a metric", "[names]") {
  std::vector<std::string_view> all;
  for (const MetricName& entry : metric_names()) {
    CHECK(!entry.summary.empty());
    all.push_back(entry.name);
    all.insert(all.end(), entry.aliases.begin(), entry.aliases.end());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(std::string(all[i]));
    CHECK_NOTHROW(make_metric(all[i]));
    for (std::size_t j = i + 1; j < all.size(); ++j) CHECK(all[i] != all[j]);
  }
  CHECK(std::get<Cka>(make_metric("cka-kernel=linear-hsic=song-score")).estimator == CkaEstimator::song);
  try {
    (void)make_metric("prokrustes");
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("'procrustes'") != std::string::npos);
  }
}

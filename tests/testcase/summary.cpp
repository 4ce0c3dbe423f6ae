#include "host/testcase/summary.hpp"
#include "tests/support/cases.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

using namespace kindred;
using namespace kindred::testcase;

namespace {

/// Sums of a dozen terms near 1.
bool near(double value, double expected) {
  return std::fabs(value - expected) <= 64 * 2.3e-16 * (1 + std::fabs(expected));
}

/// Four systems in two regimes, all six pairs.
View two_regimes() {
  View view;
  view.question = Question::separation;
  view.groups = {"within", "between"};
  view.labels = {0, 0, 1, 1};
  view.group_of = [](int a, int b) { return a == b ? 0 : 1; };
  view.comparisons = {{0, 1, 0, 0}, {0, 2, 1, 0}, {0, 3, 1, 0}, {1, 2, 1, 0}, {1, 3, 1, 0}, {2, 3, 0, 0}};
  return view;
}

/// Two units over three stages.
View three_stages() {
  View view;
  view.question = Question::trend;
  view.groups = {"1", "2", "3"};
  view.positions = {1, 2, 3};
  for (index_t unit = 0; unit < 2; ++unit) {
    for (int stage = 0; stage < 3; ++stage) view.comparisons.push_back({0, 1, stage, unit});
  }
  return view;
}

}  // namespace

TEST_CASE("separation of groups by hand", "[testcase]") {
  // Seed 1: within 1, 3 (mean 2), between 2, 4, 4, 6 (mean 4). Seed 2: within 1, 1, between 3, 3, 3, 3.
  const auto s = summarise(two_regimes(), "m", {{1, 2, 4, 4, 6, 3}, {1, 3, 3, 3, 3, 1}}, 1000);
  CHECK(near(s.groups[0].distance.mean, 1.5));
  CHECK(near(s.groups[0].distance.standard_error, 0.5));  // of 2 and 1
  CHECK(near(s.groups[1].distance.mean, 3.5));
  CHECK(near(s.ratio.mean, 2.5));                           // of 2 and 3
  CHECK(near(s.area_under_curve.mean, (7.0 / 8 + 1) / 2));  // of 8 pairs only 2 < 3 is the wrong way round
  CHECK(s.ordered_seeds == 2);
  CHECK(s.seeds == 2);
  CHECK(s.missing == 0);
  // Labels 0011 in 6 orders; the true partition, met twice, has the largest difference.
  CHECK(near(s.p, 2.0 / 6));
  CHECK(std::isnan(s.slope.mean));
}

TEST_CASE("trend over stages by hand", "[testcase]") {
  // Group means 5, 4, 1 in the first seed; 6, 2, 4 in the second.
  const auto s = summarise(three_stages(), "m", {{6, 5, 1, 4, 3, 1}, {6, 2, 4, 6, 2, 4}}, 500);
  CHECK(near(s.groups[1].distance.mean, 3));
  CHECK(near(s.slope.mean, -1.5));  // of -2 and -1
  CHECK(near(s.relative_slope.mean, (-2 / (10.0 / 3) - 1.0 / 4) / 2));
  CHECK(near(s.relative_change.mean, (-0.8 - 1.0 / 3) / 2));
  CHECK(s.ordered_seeds == 1);
  // Means over seeds 5.5, 3, 2.5: slope -1.5, total sum of squares 10.1666..: R^2 = 2 * 2.25 / (31 / 6).
  const double total =
      (5.5 - 11.0 / 3) * (5.5 - 11.0 / 3) + (3 - 11.0 / 3) * (3 - 11.0 / 3) + (2.5 - 11.0 / 3) * (2.5 - 11.0 / 3);
  CHECK(near(s.r_squared, 4.5 / total));
  CHECK(s.p > 0);
  CHECK(s.p < 0.2);
}

TEST_CASE("ranking counts seeds, with the sign test's probability", "[testcase]") {
  View view;
  view.question = Question::ranking;
  view.groups = {"same", "different"};
  view.comparisons = {{0, 1, 0, 0}, {0, 2, 1, 0}};
  const auto s = summarise(view, "m", {{1, 2}, {1, 3}, {2, 1}, {1, 4}}, 10);
  CHECK(s.ordered_seeds == 3);
  CHECK(near(s.p, 5.0 / 16));  // 4 or 3 heads of 4
}

TEST_CASE("a failed pair is left out and counted", "[testcase]") {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const auto s = summarise(two_regimes(), "m", {{1, 2, 4, missing, 6, missing}}, 10);
  CHECK(s.missing == 2);
  CHECK(near(s.groups[0].distance.mean, 1));
  CHECK(near(s.groups[1].distance.mean, 4));
}

TEST_CASE("the cases hold what they say", "[testcase]") {
  for (const CaseEntry& entry : registry()) {
    const Case test = entry.make();
    CAPTURE(test.name);
    for (const auto& view : test.views) {
      CAPTURE(view.name);
      const auto compared = test::compared_pairs(test, view.setting);
      std::vector<int> in_group(view.groups.size(), 0);
      for (const auto& c : view.comparisons) {
        CHECK(c.row != c.column);
        CHECK(compared.count({c.row, c.column}) == 1);
        REQUIRE(c.group < static_cast<int>(view.groups.size()));
        ++in_group[static_cast<std::size_t>(c.group)];
      }
      CHECK(*std::min_element(in_group.begin(), in_group.end()) > 0);
    }
  }
  // 9 + 27 pairs of regimes; of the 1770 pairs of compositions 150 share all motifs: 10 sets of 6 orders.
  CHECK(regimes().views[0].comparisons.size() == 36);
  const auto& shared = motifs().views[0].comparisons;
  CHECK(shared.size() == 1770);
  CHECK(std::count_if(shared.begin(), shared.end(), [](const auto& c) { return c.group == 2; }) == 150);
  CHECK(noise().views[0].comparisons.size() == 3 * 7);
  CHECK(noise().views[1].comparisons.size() == 3 * 42);
  CHECK(relations().views.size() >= 6);
  CHECK(regimes_study().views.size() == 12);  // of 18 choices 6 do not fit into 200 steps
}

TEST_CASE("systems of the cases", "[testcase]") {
  const auto nine = regimes().generate(0);
  REQUIRE(nine.size() == 9);
  CHECK(nine[4].name == "rho 10");
  CHECK(nine[4].label == "two stable");
  const auto sixty = motifs().generate(0);
  REQUIRE(sixty.size() == 60);
  CHECK(sixty[0].name == "line + curve + pattern 1");
  for (const auto& set : sixty) CHECK((set.trial_count() == 200 && set.steps(0) == 200 && set.channels() == 3));
  const auto noisy = noise().generate(0);
  REQUIRE(noisy.size() == 7 * 3 * 8);
  CHECK(noisy[0].name == "rho 0.5, stage 1, copy 1");
  CHECK(noisy[2].name == "rho 0.5, stage 1, with rho 5");
  CHECK(noisy.back().name == "rho 50, stage 3, with rho 40");
}

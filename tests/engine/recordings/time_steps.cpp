/// Bins, filters and thinning against their equations in long double, and the order of all steps.
#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>
#include <kindred/preprocess_fields.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

using Column = std::vector<long double>;

const std::vector<TrialView<double>>& trials(const TrajectorySet& set) {
  return std::get<std::vector<TrialView<double>>>(set.trials);
}

/// Three trials of 37, 20 and 8 steps x 3 channels, of which the second is constant.
struct Ragged {
  std::vector<simulate::Recording> parts;
  TrajectorySet set;

  Ragged() {
    std::vector<TrialView<double>> views;
    for (const index_t steps : {37, 20, 8}) {
      parts.push_back(signals(1, steps, 3, static_cast<std::uint64_t>(steps)));
      for (index_t t = 0; t < steps; ++t) parts.back().at(0, t)[1] = 0.1;
    }
    for (const auto& part : parts) views.push_back({part.values.data(), part.steps, 3, 3, 1});
    set.name = "ragged";
    set.trials = views;
  }
};

/// Every channel of every trial against `oracle`, which makes of a column what the steps should; errors are bounded by
/// `rounding` eps of the largest value of the column.
void check_columns(const Preprocess& steps, double rounding, const std::function<Column(const Column&)>& oracle) {
  const Ragged ragged;
  Engine engine(device());
  const auto out = engine.preprocess(std::vector<TrajectorySet>{ragged.set}, steps);
  REQUIRE(out[0].trial_count() == 3);
  for (index_t k = 0; k < 3; ++k) {
    const auto& before = trials(ragged.set)[static_cast<std::size_t>(k)];
    const auto& after = trials(out[0])[static_cast<std::size_t>(k)];
    for (index_t c = 0; c < 3; ++c) {
      Column x;
      long double largest = 0;
      for (index_t t = 0; t < before.steps; ++t) {
        x.push_back(before(t, c));
        largest = std::max(largest, std::abs(x.back()));
      }
      const Column expected = oracle(x);
      REQUIRE(after.steps == std::ssize(expected));
      for (index_t t = 0; t < after.steps; ++t) {
        const auto at = static_cast<std::size_t>(t);
        CHECK(std::abs(after(t, c) - static_cast<double>(expected[at])) <=
              rounding * eps * static_cast<double>(largest));
        if (c == 1 && steps.bin_by == BinBy::mean) CHECK(after(t, c) == 0.1);  // a constant stays one, to the bit
      }
    }
  }
}

/// Bits of all values of a prepared system.
std::vector<double> values_of(const TrajectorySet& set) {
  std::vector<double> out;
  for (const auto& row : rows_of(set)) {
    for (const auto x : row) out.push_back(static_cast<double>(x));
  }
  return out;
}

std::string refusal(const Preprocess& steps, const TrajectorySet& set) {
  Engine engine(device());
  try {
    (void)engine.preprocess(std::vector<TrajectorySet>{set}, steps);
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a bin is the mean or the sum of its steps", "[preprocess][devices]") {
  for (const index_t width : {2, 5, 8}) {
    for (const index_t overlap : {index_t{0}, index_t{1}, width - 1}) {
      for (const BinBy by : {BinBy::mean, BinBy::sum}) {
        CAPTURE(width, overlap);
        // The sum of `width` differences of at most twice the largest value: 2 width additions' rounding, each of at
        // most width times that value.
        const double rounding = 4.0 * static_cast<double>(width * width);
        check_columns({.bin = width, .bin_by = by, .bin_overlap = overlap}, rounding, [&](const Column& x) {
          Column out;
          for (index_t first = 0; first + width <= std::ssize(x); first += width - overlap) {
            long double sum = 0;
            for (index_t i = 0; i < width; ++i) sum += x[static_cast<std::size_t>(first + i)];
            out.push_back(by == BinBy::sum ? sum : sum / static_cast<long double>(width));
          }
          return out;
        });
      }
    }
  }
  // By hand: 1 2 | 3 4 | and a step that fills no bin.
  const std::vector<double> x = {1, 2, 3, 4, 5};
  const auto out = Engine(device()).preprocess(std::vector{TrajectorySet::view("a", x.data(), 1, 5, 1)},
                                               {.bin = 2, .bin_by = BinBy::sum});
  CHECK(values_of(out[0]) == std::vector<double>{3, 7});
}

TEST_CASE("the filter is a Gaussian whose weights add up to one, up to the edges", "[preprocess][devices]") {
  for (const double deviation : {0.2, 0.7, 2.0, 30.0}) {
    for (const bool causal : {false, true}) {
      CAPTURE(deviation, causal);
      // At most 37 products, whose weights add up to the divisor: 2 x 37 roundings of twice the largest value.
      check_columns({.smooth = deviation, .causal = causal}, 4 * 37, [&](const Column& x) {
        Column out;
        const index_t n = std::ssize(x);
        for (index_t t = 0; t < n; ++t) {
          long double sum = 0, weights = 0;
          for (index_t s = 0; s < n; ++s) {
            const auto j = static_cast<long double>(t - s);
            if (std::abs(j) > 4 * deviation || (causal && j < 0)) continue;
            const long double w = std::exp(-j * j / (2 * static_cast<long double>(deviation) * deviation));
            sum += w * x[static_cast<std::size_t>(s)];
            weights += w;
          }
          out.push_back(sum / weights);
        }
        return out;
      });
    }
  }
}

TEST_CASE("a causal filter gives nothing of what comes later", "[preprocess][devices]") {
  std::vector<double> x(40);
  for (std::size_t t = 0; t < x.size(); ++t) x[t] = std::sin(0.3 * static_cast<double>(t));
  std::vector<double> other = x;
  for (std::size_t t = 25; t < x.size(); ++t) other[t] += 100;
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", x.data(), 1, 40, 1),
                                              TrajectorySet::view("b", other.data(), 1, 40, 1)};
  Engine engine(device());
  const auto causal = engine.preprocess(systems, {.smooth = 3, .causal = true});
  const auto both = engine.preprocess(systems, {.smooth = 3});
  index_t early_changes = 0;
  for (index_t t = 0; t < 25; ++t) {
    CHECK(trials(causal[0])[0](t, 0) == trials(causal[1])[0](t, 0));
    early_changes += trials(both[0])[0](t, 0) != trials(both[1])[0](t, 0);
  }
  CHECK(early_changes == 12);  // the reach of a filter of deviation 3
  CHECK(trials(causal[0])[0](25, 0) != trials(causal[1])[0](25, 0));
}

TEST_CASE("every n-th sample is kept as it is, from the first", "[preprocess][devices]") {
  for (const index_t every : {2, 7, 100}) {
    check_columns({.every = every}, 0, [&](const Column& x) {
      Column out;
      for (index_t t = 0; t < std::ssize(x); t += every) out.push_back(x[static_cast<std::size_t>(t)]);
      return out;
    });
  }
}

TEST_CASE("the steps are done in the order of their fields", "[preprocess][devices]") {
  const Ragged ragged;
  Engine engine(device());
  const std::vector<TrajectorySet> systems = {ragged.set};
  const Preprocess all{.bin = 2,
                       .bin_by = BinBy::sum,
                       .smooth = 1.5,
                       .causal = true,
                       .every = 2,
                       .resample = 5,
                       .trial_average = true,
                       .scaling = Scaling::zscore_trial,
                       .components = 2};
  auto one_by_one = systems;
  for (const Preprocess& step : {Preprocess{.bin = 2, .bin_by = BinBy::sum}, Preprocess{.smooth = 1.5, .causal = true},
                                 Preprocess{.every = 2}, Preprocess{.resample = 5}, Preprocess{.trial_average = true},
                                 Preprocess{.scaling = Scaling::zscore_trial}, Preprocess{.components = 2}}) {
    one_by_one = engine.preprocess(one_by_one, step);
  }
  const auto at_once = engine.preprocess(systems, all);
  CHECK(values_of(at_once[0]) == values_of(one_by_one[0]));
  CHECK(values_of(at_once[0]) != values_of(engine.preprocess(systems, {.components = 2})[0]));
  CHECK(values_of(engine.preprocess(systems, {})[0]) == values_of(ragged.set));
}

TEST_CASE("scaling within each trial", "[preprocess][devices]") {
  const Ragged ragged;
  Engine engine(device());
  const std::vector<TrajectorySet> systems = {ragged.set};
  const auto scored = engine.preprocess(systems, {.scaling = Scaling::zscore_trial});
  const auto unit = engine.preprocess(systems, {.scaling = Scaling::unit_trial});
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& z = trials(scored[0])[k];
    const auto& u = trials(unit[0])[k];
    const auto& x = trials(ragged.set)[k];
    double low = x(0, 0), high = x(0, 0);
    for (index_t t = 0; t < x.steps; ++t) {
      for (index_t c = 0; c < 3; ++c) low = std::min(low, x(t, c)), high = std::max(high, x(t, c));
    }
    for (index_t c = 0; c < 3; ++c) {
      long double sum = 0, squares = 0;
      for (index_t t = 0; t < z.steps; ++t) {
        sum += z(t, c), squares += static_cast<long double>(z(t, c)) * z(t, c);
        CHECK(std::abs(u(t, c) - (x(t, c) - low) / (high - low)) <= 4 * eps);
      }
      const auto n = static_cast<double>(z.steps);
      CHECK(std::abs(static_cast<double>(sum)) <= 100 * n * eps);  // the mean is some deviations away from zero
      CHECK(std::abs(static_cast<double>(squares) - (c == 1 ? 0 : n)) <= 100 * n * eps);
    }
  }
  const std::vector<double> flat(12, 3.5);
  const auto none = engine.preprocess(std::vector{TrajectorySet::view("flat", flat.data(), 2, 3, 2)},
                                      {.scaling = Scaling::unit_trial});
  CHECK(values_of(none[0]) == std::vector<double>(12, 0.0));
}

TEST_CASE("as many components as carry a share of the variance", "[preprocess][devices]") {
  // Four orthogonal channels whose variances are 90, 9, 0.9 and 0.1 of 100.
  const index_t steps = 64;
  const double sizes[] = {std::sqrt(90.0), 3, std::sqrt(0.9), std::sqrt(0.1)};
  std::vector<double> x;
  for (index_t t = 0; t < steps; ++t) {
    for (int c = 0; c < 4; ++c) x.push_back(sizes[c] * ((t >> c) % 2 == 0 ? 1 : -1));
  }
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", x.data(), 1, steps, 4)};
  Engine engine(device());
  for (const bool common : {false, true}) {
    for (const auto& [share, expected] :
         std::vector<std::pair<double, index_t>>{{0.5, 1}, {0.95, 2}, {0.995, 3}, {0.9995, 4}, {1, 4}}) {
      CAPTURE(share, common);
      const auto by_share = engine.preprocess(systems, {.variance = share, .common_basis = common});
      REQUIRE(by_share[0].channels() == expected);
      const auto by_number = engine.preprocess(systems, {.components = expected, .common_basis = common});
      CHECK(values_of(by_share[0]) == values_of(by_number[0]));
    }
  }
  // Directions of rounding alone are never asked for; a constant recording has one, of zeros.
  const auto low = low_rank_signals(2, 60, 8, 3, 5);
  CHECK(engine.preprocess(std::vector{simulate::own(low, "low")}, {.variance = 1})[0].channels() == 3);
  const std::vector<double> flat(12, 3.5);
  const auto none = engine.preprocess(std::vector{TrajectorySet::view("flat", flat.data(), 1, 6, 2)}, {.variance = 1});
  CHECK(values_of(none[0]) == std::vector<double>(6, 0.0));
}

TEST_CASE("steps that cannot be done are refused with what is wrong", "[preprocess][devices]") {
  const Ragged ragged;
  using Catch::Contains;
  const auto refused = [&](const Preprocess& steps) { return refusal(steps, ragged.set); };
  CHECK_THAT(refused({.bin = 9}),
             Contains("'ragged', trial 2: 8 steps are too few") && Contains("Preprocess::bin = 9"));
  CHECK_THAT(refused({.bin = 0}), Contains("Preprocess::bin = 0"));
  CHECK_THAT(refused({.bin = 3, .bin_overlap = 3}), Contains("bin_overlap = 3, expected 0 to 2"));
  CHECK_THAT(refused({.smooth = -1}), Contains("Preprocess::smooth = -1"));
  CHECK_THAT(refused({.smooth = std::nan("")}), Contains("Preprocess::smooth = nan"));
  CHECK_THAT(refused({.causal = true}), Contains("Preprocess::smooth is 0"));
  CHECK_THAT(refused({.every = 0}), Contains("Preprocess::every = 0"));
  CHECK_THAT(refused({.trial_average = true}), Contains("trial 1 of system 'ragged'"));
  CHECK_THAT(refused({.variance = 1.5}), Contains("Preprocess::variance = 1.5"));
  CHECK_THAT(refused({.components = 2, .variance = 0.5}), Contains("exclude each other"));
  CHECK_THAT(refused({.common_basis = true}), Contains("Preprocess::common_basis needs"));
  CHECK_THAT(refused({.nan = Missing::interpolate}), Contains("Preprocess::largest_gap is 0"));
  CHECK_THAT(refused({.largest_gap = 3}), Contains("Preprocess::largest_gap = 3 is for"));
}

TEST_CASE("a system's own steps take the place of the collection's", "[preprocess][devices]") {
  const Ragged ragged;
  Engine engine(device());
  std::vector<TrajectorySet> systems = {ragged.set, ragged.set};
  systems[1].preprocess = {{"every", "3"}, {"components", "variance:0.9"}};
  const Preprocess steps{.bin = 2, .every = 2};
  const auto out = engine.preprocess(systems, steps);
  CHECK(values_of(out[0]) == values_of(engine.preprocess(std::vector{ragged.set}, steps)[0]));
  CHECK(values_of(out[1]) ==
        values_of(engine.preprocess(std::vector{ragged.set}, {.bin = 2, .every = 3, .variance = 0.9})[0]));
  CHECK(out[1].preprocess.empty());
  using Catch::Contains;
  CHECK_THROWS_WITH(engine.fit(systems, {}), Contains("'ragged' sets 'every'") && Contains("Engine::preprocess"));
  CHECK_THROWS_WITH(engine.pairwise(systems, Cka{}), Contains("Engine::preprocess"));
  systems[1].preprocess = {{"bin_overlap", "4"}};
  CHECK_THROWS_WITH(engine.preprocess(systems, {}), Contains("system 'ragged': Preprocess::bin_overlap = 4"));
  systems[1].preprocess = {{"components", "1"}};
  CHECK_THROWS_WITH(engine.preprocess(systems, {.components = 2, .common_basis = true}),
                    Contains("one for all systems"));
}

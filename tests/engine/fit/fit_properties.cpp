/// What a fit promises beyond its numbers: the same bits in any company, rank policies, statuses, errors by name.
#include "host/engine/fit/fit.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace kindred;

namespace {

/// Sums of incommensurate oscillations, without random numbers: smooth in time, `extra` adds roughness.
std::vector<double> recording(index_t trials, index_t steps, index_t channels, int salt, double extra = 0.3) {
  std::vector<double> x;
  for (index_t k = 0; k < trials; ++k) {
    for (index_t t = 0; t < steps; ++t) {
      for (index_t c = 0; c < channels; ++c) {
        const double time = static_cast<double>(t), phase = static_cast<double>(7 * k + 3 * c + salt);
        const double rough = std::sin(1e4 * std::sin(12.9898 * time + 78.233 * phase));
        x.push_back(std::cos(0.21 * time + phase) + 0.4 * std::cos(0.57 * time * (1 + 0.1 * static_cast<double>(c))) +
                    extra * rough);
      }
    }
  }
  return x;
}

OperatorSet fit(const std::vector<TrajectorySet>& systems, const Dmd& dmd, int threads = 1,
                std::size_t budget = std::size_t{1} << 30) {
  const auto backend = test::make_backend(budget, threads);
  host::Recordings recordings(*backend, systems);
  return host::fit_operators(recordings, dmd, {});
}

std::string message(const std::vector<TrajectorySet>& systems, const Dmd& dmd, ErrorCode expected) {
  try {
    (void)fit(systems, dmd);
  } catch (const Error& e) {
    CHECK(e.code() == expected);
    return e.what();
  }
  return "no error";
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("an operator has the same bits in any batch, for any number of threads and budget", "[fit][devices]") {
  std::vector<std::vector<double>> data;
  std::vector<TrajectorySet> systems;
  for (int i = 0; i < 7; ++i) {
    const index_t trials = 2 + i % 2, steps = 60 + 5 * (i % 3), channels = 2;
    data.push_back(recording(trials, steps, channels, i));
    systems.push_back(TrajectorySet::view("s" + std::to_string(i), data.back().data(), trials, steps, channels));
  }
  // Long: the Gram route, the shift structure and, on the CPU, several panels; two of one shape with other numbers of
  // trials.
  const index_t many = test::on_cpu() ? 90000 : 4000;
  data.push_back(recording(1, many, 2, 9));
  systems.push_back(TrajectorySet::view("long", data.back().data(), 1, many, 2));
  for (const index_t trials : {43, 44}) {
    data.push_back(recording(trials, 60, 2, 9));
    systems.push_back(TrajectorySet::view("trials " + std::to_string(trials), data.back().data(), trials, 60, 2));
  }
  for (const index_t rank : {0, 6}) {
    const Dmd dmd{.delays = 5, .interval = 2, .rank = rank};
    const OperatorSet all = fit(systems, dmd, 2);
    const OperatorSet one_thread = fit(systems, dmd, 1);
    const OperatorSet tight = fit(systems, dmd, 2, std::size_t{12} << 20);
    for (std::size_t i = 0; i < systems.size(); ++i) {
      const OperatorSet alone = fit({systems[i]}, dmd, 2);
      CHECK(all[i].name == systems[i].name);
      CHECK(all[i].values == alone[0].values);
      CHECK(all[i].values == one_thread[i].values);
      CHECK(all[i].values == tight[i].values);
      CHECK(all[i].facts.residual == alone[0].facts.residual);
    }
  }
}

TEST_CASE("strided, transposed and scaled data give the same operator", "[fit][devices]") {
  const index_t steps = 80, channels = 3;
  const auto x = recording(1, steps, channels, 1);
  const Dmd dmd{.delays = 4, .interval = 1, .rank = 7};
  const auto plain = fit({TrajectorySet::view("plain", x.data(), 1, steps, channels)}, dmd);
  std::vector<double> transposed(x.size());
  for (index_t t = 0; t < steps; ++t) {
    for (index_t c = 0; c < channels; ++c) {
      transposed[static_cast<std::size_t>(c * steps + t)] = x[static_cast<std::size_t>(t * channels + c)];
    }
  }
  TrajectorySet columns;
  columns.trials = std::vector<TrialView<double>>{{transposed.data(), steps, channels, 1, steps}};
  CHECK(fit({columns}, dmd)[0].values == plain[0].values);
  // A power of two changes nothing, to the bit, even near the ends of the range.
  for (const int exponent : {-1000, -40, 40, 1000}) {
    std::vector<double> scaled = x;
    for (double& v : scaled) v = std::ldexp(v, exponent);
    const auto got = fit({TrajectorySet::view("scaled", scaled.data(), 1, steps, channels)}, dmd);
    CHECK(got[0].values == plain[0].values);
  }
}

TEST_CASE("rank above the numerical rank: warn, clip, error", "[fit][devices]") {
  // One cosine: numerical rank 2. Rough data: full rank.
  std::vector<double> cosine;
  for (int t = 0; t < 100; ++t) cosine.push_back(std::cos(0.3 * t));
  const auto rough = recording(1, 100, 1, 2, 1.0);
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("rough", rough.data(), 1, 100, 1),
                                              TrajectorySet::view("cosine", cosine.data(), 1, 100, 1)};
  Dmd dmd{.delays = 6, .interval = 1, .rank = 4};
  const auto warned = fit(systems, dmd);
  CHECK(warned[0].facts.status == FitStatus::ok);
  CHECK(warned[0].facts.detail.empty());
  CHECK(warned[0].facts.numerical_rank == 6);
  CHECK(warned[1].facts.status == FitStatus::rank_excess);
  CHECK(warned[1].facts.numerical_rank == 2);
  CHECK(warned[1].facts.rank == 4);
  CHECK(warned[1].size == 4);
  CHECK_THAT(warned[1].facts.detail, Contains("rank 4 exceeds the numerical rank 2"));
  for (const double v : warned[1].values) CHECK(std::isfinite(v));

  dmd.rank_excess = RankExcess::clip;
  const auto clipped = fit(systems, dmd);
  Dmd two = dmd;
  two.rank = 2;
  const auto expected = fit(systems, two);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(clipped[i].size == 2);
    CHECK(clipped[i].facts.status == FitStatus::ok);
    for (std::size_t k = 0; k < 4; ++k) CHECK(std::abs(clipped[i].values[k] - expected[i].values[k]) <= 1e-12);
  }
  // A rotation by 0.3 a step.
  CHECK(std::abs(clipped[1](0, 0) + clipped[1](1, 1) - 2 * std::cos(0.3)) <= 1e-6);

  dmd.rank_excess = RankExcess::error;
  CHECK_THAT(message(systems, dmd, ErrorCode::invalid_data),
             Contains("system 'cosine': rank 4 exceeds the numerical rank 2"));
  // No rank given: each system's own.
  const auto own = fit(systems, {.delays = 6});
  CHECK(own[0].size == 6);
  CHECK(own[1].size == 2);
}

TEST_CASE("a direction counts for the numerical rank from the size that rounding can have", "[fit][devices]") {
  // Three orthogonal columns of n samples, sigma = (1, 1, amplitude) sqrt(n / 2): the threshold is n eps = 2.2e-13.
  constexpr index_t n = 1000;
  for (const auto& [amplitude, rank] : {std::pair{1e-12, 3}, std::pair{1e-14, 2}}) {
    std::vector<double> x;
    for (index_t t = 0; t < n; ++t) {
      const double angle = 2 * std::acos(-1.0) * static_cast<double>(t) / n;
      x.insert(x.end(), {std::cos(5 * angle), std::sin(5 * angle), amplitude * std::cos(11 * angle)});
    }
    CAPTURE(amplitude);
    CHECK(fit({TrajectorySet::view("columns", x.data(), 1, n, 3)}, {.rank = 2})[0].facts.numerical_rank == rank);
  }
}

TEST_CASE("float32 data have the numerical rank of their own precision", "[fit][devices]") {
  std::vector<float> x;
  for (int t = 0; t < 200; ++t) x.push_back(static_cast<float>(std::cos(0.3 * t)));
  const auto got = fit({TrajectorySet::view("cosine", x.data(), 1, 200, 1)}, {.delays = 8, .rank = 3});
  CHECK(got[0].facts.numerical_rank == 2);
  CHECK(got[0].facts.status == FitStatus::rank_excess);
}

TEST_CASE("constant channels: one is a note, all are a failure that spoils no other", "[fit][devices]") {
  auto noted = recording(2, 40, 3, 3);
  for (std::size_t i = 1; i < noted.size(); i += 3) noted[i] = 2.5;
  const std::vector<double> constant(2 * 40 * 3, 1.25), zero(2 * 40 * 3, 0.0);
  const auto good = recording(2, 40, 3, 4);
  const Dmd dmd{.delays = 3, .interval = 2, .rank = 5};
  const auto got = fit(
      {TrajectorySet::view("noted", noted.data(), 2, 40, 3), TrajectorySet::view("constant", constant.data(), 2, 40, 3),
       TrajectorySet::view("zero", zero.data(), 2, 40, 3), TrajectorySet::view("good", good.data(), 2, 40, 3)},
      dmd);
  CHECK(got[0].facts.status == FitStatus::constant_channel);
  CHECK(got[0].facts.detail == "constant channel 1");
  for (const double v : got[0].values) CHECK(std::isfinite(v));
  for (const std::size_t i : {1U, 2U}) {
    CHECK(got[i].facts.status == FitStatus::failed);
    CHECK_THAT(got[i].facts.detail, Contains("constant"));
    REQUIRE(got[i].size == 5);
    for (const double v : got[i].values) CHECK(std::isnan(v));
  }
  CHECK(got[3].facts.status == FitStatus::ok);
  CHECK(got[3].values == fit({TrajectorySet::view("good", good.data(), 2, 40, 3)}, dmd)[0].values);
}

TEST_CASE("a zero channel leaves directions that the data do not contain", "[fit][devices]") {
  auto x = recording(1, 60, 2, 5);
  for (std::size_t i = 1; i < x.size(); i += 2) x[i] = 0;
  const auto got = fit({TrajectorySet::view("zero channel", x.data(), 1, 60, 2)}, {.delays = 3, .rank = 6});
  CHECK(got[0].facts.numerical_rank == 3);
  CHECK(got[0].facts.status == FitStatus::rank_excess);
  CHECK_THAT(got[0].facts.detail, Contains("constant channel 1; rank 6 exceeds the numerical rank 3"));
  for (const double v : got[0].values) CHECK(std::isfinite(v));
}

TEST_CASE("malformed input is named: system, trial, time, channel, and what fits", "[fit][validate][devices]") {
  auto x = recording(3, 20, 2, 6);
  const auto set = [&] { return TrajectorySet::view("bad", x.data(), 3, 20, 2); };
  const Dmd dmd{.delays = 3, .interval = 2, .rank = 4};
  const double keep = x[(1 * 20 + 7) * 2 + 1];
  for (const auto& [value, text] :
       {std::pair{std::nan(""), "NaN"}, std::pair{HUGE_VAL, "Inf"}, std::pair{-HUGE_VAL, "-Inf"}}) {
    x[(1 * 20 + 7) * 2 + 1] = value;
    CHECK(message({set()}, dmd, ErrorCode::invalid_data) ==
          std::string("system 'bad', trial 1, time 7, channel 1: the value is ") + text + ", expected a finite number" +
              (std::isnan(value) ? "; missing samples can be left out or interpolated (Preprocess::nan)" : ""));
  }
  x[(1 * 20 + 7) * 2 + 1] = keep;
  CHECK(message({set()}, dmd, ErrorCode::invalid_data) == "no error");

  CHECK(message({set()}, {.delays = 11, .interval = 2, .rank = 4}, ErrorCode::invalid_data) ==
        "system 'bad', trial 0: 20 steps are too few for 11 delays at interval 2, which need 22; the largest number of "
        "delays that fits is 10");
  CHECK(message({set()}, {.delays = 10, .interval = 2, .rank = 4}, ErrorCode::invalid_data) == "no error");
  CHECK_THAT(message({set()}, {.delays = 1, .rank = 1, .steps_ahead = 20}, ErrorCode::invalid_data),
             Contains("no number of delays fits"));
  CHECK(message({set()}, {.delays = 3, .rank = 7}, ErrorCode::invalid_argument) ==
        "rank 7 exceeds the 6 columns of system 'bad' (3 delays x 2 channels)");
  CHECK(message({TrajectorySet::view("few", x.data(), 1, 5, 2)}, {.delays = 4, .rank = 3},
                ErrorCode::invalid_argument) == "rank 3 exceeds the 2 rows of system 'few' after embedding");
  CHECK(message({TrajectorySet{}}, dmd, ErrorCode::invalid_data) == "system '' has no trials, expected at least one");

  TrajectorySet mixed = set();
  std::get<1>(mixed.trials)[2].channels = 1;
  CHECK_THAT(message({mixed}, dmd, ErrorCode::invalid_data), Contains("trial 2 has 1 channels, but trial 0 has 2"));
  TrajectorySet null = set();
  std::get<1>(null.trials)[1].data = nullptr;
  CHECK_THAT(message({null}, dmd, ErrorCode::invalid_data), Contains("trial 1 has no data"));
  TrajectorySet empty = set();
  std::get<1>(empty.trials)[0].steps = 0;
  CHECK_THAT(message({empty}, dmd, ErrorCode::invalid_data), Contains("trial 0 is empty (0 steps x 2 channels)"));

  constexpr auto argument = ErrorCode::invalid_argument;
  CHECK_THAT(message({set()}, {.delays = 0}, argument), Contains("Dmd::delays is 0, expected 1"));
  CHECK_THAT(message({set()}, {.interval = 0}, argument), Contains("Dmd::interval is 0"));
  CHECK_THAT(message({set()}, {.rank = -1}, argument), Contains("rank is -1"));
  CHECK_THAT(message({set()}, {.steps_ahead = 0}, argument), Contains("Dmd::steps_ahead is 0"));
  CHECK_THAT(message({set()}, {.ridge = -1}, argument), Contains("ridge is -1"));
  CHECK_THAT(message({set()}, {.ridge = std::nan("")}, argument), Contains("ridge is nan"));
}

// On the host; a device's scan is the block program of tests/program/scan_values.cpp.
TEST_CASE("values are scanned wherever they lie", "[validate]") {
  // Channels x time with padding that holds NaN.
  constexpr index_t steps = 5, channels = 3, padded = 8;
  std::vector<float> x(static_cast<std::size_t>(channels * padded), std::numeric_limits<float>::quiet_NaN());
  for (index_t c = 0; c < channels; ++c) {
    for (index_t t = 0; t < steps; ++t)
      x[static_cast<std::size_t>(c * padded + t)] = static_cast<float>(c == 1 ? 4 : -t);
  }
  TrajectorySet set;
  set.trials = std::vector<TrialView<float>>{{x.data(), steps, channels, 1, padded}};
  const auto scan = host::scan_values(set);
  CHECK(scan.largest == 4);
  CHECK(scan.constant_channels == std::vector<index_t>{1});
  x[2 * padded + 4] = -std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH(host::scan_values(set), Contains("trial 0, time 4, channel 2: the value is -Inf"));
}

TEST_CASE("progress is told and can cancel; a budget that is too small is an error", "[fit][devices]") {
  const auto x = recording(1, 50, 2, 7);
  const std::vector<TrajectorySet> systems(5, TrajectorySet::view("s", x.data(), 1, 50, 2));
  const auto backend = test::make_backend();
  index_t last = -1;
  host::Recordings recordings(*backend, systems);
  (void)host::fit_operators(recordings, {.rank = 2}, [&](const ProgressEvent& e) {
    CHECK(e.done > last);
    last = e.done;
    return true;
  });
  CHECK(last == 5);
  CHECK_THROWS_AS(host::fit_operators(recordings, {.rank = 2}, [](const ProgressEvent&) { return false; }), Error);
  CHECK_THROWS_WITH(fit(systems, {.rank = 2}, 1, 1000), Contains("the budget is 1000;"));
}

TEST_CASE("operators at several ranks from one fit are those of separate fits", "[fit][devices]") {
  std::vector<std::vector<double>> data;
  std::vector<TrajectorySet> systems;
  for (int i = 0; i < 3; ++i) {
    data.push_back(recording(2, 70, 2, i));
    systems.push_back(TrajectorySet::view("s" + std::to_string(i), data.back().data(), 2, 70, 2));
  }
  Engine engine(test::device());
  const Dmd dmd{.delays = 5, .interval = 2};
  const std::vector<index_t> ranks{3, 8, 5, 3};
  const auto sets = engine.fit(systems, dmd, ranks);
  REQUIRE(sets.size() == ranks.size());
  for (std::size_t k = 0; k < ranks.size(); ++k) {
    const auto alone = engine.fit(systems, {.delays = 5, .interval = 2, .rank = ranks[k]});
    for (std::size_t i = 0; i < systems.size(); ++i) {
      REQUIRE(sets[k][i].size == ranks[k]);
      CHECK(sets[k][i].facts.rank == ranks[k]);
      CHECK(sets[k][i].facts.numerical_rank == alone[i].facts.numerical_rank);
      // Columns of one product in panels of other widths: rounding by sigma_1 / sigma_r, about 1e2 here. A direction's
      // sign is the same, as the singular vectors are.
      for (std::size_t e = 0; e < alone[i].values.size(); ++e) {
        CHECK(std::abs(sets[k][i].values[e] - alone[i].values[e]) <= 1e-11);
      }
    }
  }
  CHECK(engine.fit(systems, dmd, std::span<const index_t>{}).empty());
  const std::vector<index_t> none{4, 0};
  CHECK_THROWS_WITH(engine.fit(systems, dmd, none), Contains("one of the ranks is 0, expected 1 or more"));
}

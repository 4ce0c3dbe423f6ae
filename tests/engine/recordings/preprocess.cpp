#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>
#include <kindred/metric_names.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
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

TEST_CASE("polynomials make a quadratic system linear", "[preprocess][devices]") {
  // x(t+1) = 0.9 x, z(t+1) = 0.5 z + x^2: linear in x, z and x^2, with eigenvalues 0.9, 0.81 and 0.5.
  std::vector<double> values;
  for (const double start : {1.0, -0.7, 0.4}) {
    double x = start, z = 0.2 - start;
    for (int t = 0; t < 20; ++t) {
      values.insert(values.end(), {x, z});
      z = 0.5 * z + x * x;
      x *= 0.9;
    }
  }
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("a", values.data(), 3, 20, 2)};
  Engine engine(device());
  const auto out = engine.preprocess(systems, {.observables = Observables::polynomial, .degree = 3});
  REQUIRE(out[0].channels() == 9);
  const double x = values[2], z = values[3];  // step 1
  const std::vector<double> expected = {x, z, x * x, x * z, z * z, x * x * x, x * x * z, x * z * z, z * z * z};
  for (index_t c = 0; c < 9; ++c) {
    const double e = expected[static_cast<std::size_t>(c)];
    CHECK(std::abs(trials(out[0])[0](1, c) - e) <= 1e-15 * std::abs(e));
  }
  // z^2 and x z have no part in it: keep x, z and x^2, the first three.
  std::vector<double> three;
  const auto quadratic = engine.preprocess(systems, {.observables = Observables::polynomial});
  for (const auto& trial : trials(quadratic[0])) {
    for (index_t t = 0; t < 20; ++t) three.insert(three.end(), {trial(t, 0), trial(t, 1), trial(t, 2)});
  }
  const std::vector<TrajectorySet> linear = {TrajectorySet::view("b", three.data(), 3, 20, 3)};
  const auto found = eigenvalues(engine.fit(linear, Dmd{.rank = 3, .ridge = 0})[0]);
  REQUIRE(found.size() == 3);
  // Noise-free, conditions of about 1e2: its square times rounding.
  CHECK(std::abs(found[0].value - 0.9) <= 1e-10);
  CHECK(std::abs(found[1].value - 0.81) <= 1e-10);
  CHECK(std::abs(found[2].value - 0.5) <= 1e-10);
}

TEST_CASE("inner products of Fourier features approach the Gaussian kernel", "[preprocess][devices]") {
  const auto systems = collection(2, 40, {3, 3, 3});
  Engine engine(device());
  const Preprocess steps{.observables = Observables::fourier, .features = 20000, .features_scale = 1.5};
  const auto out = engine.preprocess(systems, steps);
  const auto before = rows_of(systems[0]), after = rows_of(out[0]);
  REQUIRE(before.size() == 80);
  REQUIRE(out[0].channels() == 20000);
  const auto distance = [&](std::size_t i, std::size_t j) {
    oracle::Real sum = 0;
    for (std::size_t c = 0; c < 3; ++c) sum += (before[i][c] - before[j][c]) * (before[i][c] - before[j][c]);
    return std::sqrt(sum);
  };
  std::vector<oracle::Real> all;
  for (std::size_t i = 0; i < 80; ++i) {
    for (std::size_t j = i + 1; j < 80; ++j) all.push_back(distance(i, j));
  }
  std::sort(all.begin(), all.end());
  const oracle::Real s = 1.5L * all[(all.size() - 1) / 2];
  for (std::size_t i = 0; i < 80; i += 7) {
    for (std::size_t j = 0; j < 80; j += 11) {
      oracle::Real product = 0;
      for (std::size_t c = 0; c < 20000; ++c) product += after[i][c] * after[j][c];
      const oracle::Real kernel = std::exp(-distance(i, j) * distance(i, j) / (2 * s * s));
      // A mean over 10^4 draws of cos(w (x - y)), each of standard deviation below 0.71: 0.0071, five times of it.
      CHECK(std::abs(product - kernel) <= 0.036L);
    }
  }
  // The draws are those of the seed; the channels may stay.
  const Preprocess few{.observables = Observables::fourier, .features = 6, .features_state = true};
  Preprocess other = few;
  other.features_seed = 1;
  const auto a = rows_of(engine.preprocess(systems, few)[1]), b = rows_of(engine.preprocess(systems, few)[1]),
             c = rows_of(engine.preprocess(systems, other)[1]);
  REQUIRE(a[0].size() == 9);
  CHECK(a == b);
  CHECK(a[5][0] == rows_of(systems[1])[5][0]);
  CHECK(a[5][4] != c[5][4]);
}

TEST_CASE("observables that cannot be are refused", "[preprocess][devices]") {
  const auto systems = collection(1, 10, {60});
  Engine engine(test::device());
  const auto refused = [&](const Preprocess& steps, const std::string& text) {
    CHECK_THROWS_WITH(engine.preprocess(systems, steps), Catch::Contains(text));
  };
  refused({.observables = Observables::fourier, .features = 7}, "Preprocess::features = 7, expected an even number");
  refused({.observables = Observables::fourier, .features_scale = 0}, "Preprocess::features_scale = 0");
  refused({.features = 10}, "are for Preprocess::observables = fourier");
  refused({.degree = 3}, "Preprocess::degree = 3 is for Preprocess::observables = polynomial");
  refused({.observables = Observables::polynomial, .degree = 4}, "has 60 channels, whose products of up to 4");
  refused({.observables = Observables::nystroem, .features = 0}, "Preprocess::features = 0, expected 1 to 5000");
}

TEST_CASE("a system without a scale for a kernel fails alone", "[preprocess][devices]") {
  // 30 of 40 samples are equal, and so are 435 of their 780 pairs: the median distance is 0, though nothing is
  // constant.
  std::vector<double> mostly(80, 3.0);
  for (std::size_t i = 60; i < 80; ++i) mostly[i] = std::sin(static_cast<double>(i * i));
  const std::vector<double> still(80, 3.0);
  std::vector<TrajectorySet> systems = collection(1, 40, {2});
  systems.push_back(TrajectorySet::view("mostly", mostly.data(), 1, 40, 2));
  systems.push_back(TrajectorySet::view("still", still.data(), 1, 40, 2));
  systems.push_back(systems.front());
  systems.back().name = "again";
  const auto values_of = [](const TrajectorySet& set) {
    const TrialView<double>& trial = std::get<1>(set.trials).front();
    return std::vector<double>(trial.data, trial.data + trial.steps * trial.channels);
  };
  Engine engine(test::device());
  for (const Observables kernel : {Observables::fourier, Observables::nystroem}) {
    for (const bool state : {false, true}) {
      const Preprocess steps{.observables = kernel, .features = 6, .features_state = state};
      const auto prepared = engine.preprocess(systems, steps);
      for (const std::size_t i : {1U, 2U}) {
        CHECK_THAT(prepared[i].failure, Catch::Contains("the median distance between its samples is 0"));
        CHECK(prepared[i].channels() == prepared[0].channels());
        CHECK(prepared[i].total_steps() == 40);
      }
      CHECK(prepared[0].failure.empty());
      const std::span<const TrajectorySet> alone(systems.data(), 1);
      CHECK(values_of(engine.preprocess(alone, steps)[0]) == values_of(prepared[0]));
      for (const Metric& metric : {Metric(Dsa{.dmd = {.rank = 3}}), Metric(Cka{}), Metric(Procrustes{})}) {
        const DistanceMatrix d = engine.pairwise(prepared, metric);
        CHECK(std::isnan(d(0, 1)));
        CHECK(std::isnan(d(1, 2)));
        CHECK(std::isfinite(d(0, 3)));
      }
      const OperatorSet fitted = engine.fit(prepared, {.rank = 3});
      CHECK(fitted[1].facts.status == FitStatus::failed);
      CHECK(fitted[1].facts.detail == prepared[1].failure);
      CHECK(fitted[0].facts.status == FitStatus::ok);
    }
  }
}

namespace {

oracle::Real gauss(const std::vector<oracle::Real>& x, const std::vector<oracle::Real>& z, oracle::Real s) {
  oracle::Real sum = 0;
  for (std::size_t c = 0; c < x.size(); ++c) sum += (x[c] - z[c]) * (x[c] - z[c]);
  return std::exp(-sum / (2 * s * s));
}

/// X with M X = R, by elimination with pivots.
std::vector<std::vector<oracle::Real>> solved(std::vector<std::vector<oracle::Real>> m,
                                              std::vector<std::vector<oracle::Real>> r) {
  for (std::size_t k = 0; k < m.size(); ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < m.size(); ++i) {
      if (std::abs(m[i][k]) > std::abs(m[pivot][k])) pivot = i;
    }
    std::swap(m[k], m[pivot]);
    std::swap(r[k], r[pivot]);
    for (std::size_t i = 0; i < m.size(); ++i) {
      if (i == k) continue;
      const oracle::Real f = m[i][k] / m[k][k];
      for (std::size_t j = k; j < m.size(); ++j) m[i][j] -= f * m[k][j];
      for (std::size_t j = 0; j < r[i].size(); ++j) r[i][j] -= f * r[k][j];
    }
  }
  for (std::size_t i = 0; i < m.size(); ++i) {
    for (oracle::Real& v : r[i]) v /= m[i][i];
  }
  return r;
}

}  // namespace

TEST_CASE("Nystroem features are the kernel where there is a landmark, and its projection elsewhere",
          "[preprocess][nystroem][devices]") {
  const auto systems = collection(2, 20, {3, 3});
  Engine engine(test::device());
  const auto before = rows_of(systems[0]);
  const std::size_t n = before.size();
  std::vector<oracle::Real> squares;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) squares.push_back(-2 * std::log(gauss(before[i], before[j], 1)));
  }
  std::sort(squares.begin(), squares.end());
  const oracle::Real s = 0.25L * std::sqrt(squares[(squares.size() - 1) / 2]);
  const auto product = [](const std::vector<oracle::Real>& a, const std::vector<oracle::Real>& b) {
    oracle::Real sum = 0;
    for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
    return sum;
  };

  SECTION("every sample a landmark: inner products are the kernel") {
    // What the floor leaves out is below 1e-8 of the largest eigenvalue, which is below n = 40.
    const auto after = rows_of(
        engine.preprocess(systems, {.observables = Observables::nystroem, .features = 100, .features_scale = 0.25})[0]);
    REQUIRE(after[0].size() == n);  // no more landmarks than samples
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; j += 3) {
        CHECK(std::abs(product(after[i], after[j]) - gauss(before[i], before[j], s)) <= 4e-7L);
      }
    }
  }
  SECTION("fewer landmarks: K(X, Z) K(Z, Z)^-1 K(Z, X)") {
    const Preprocess steps{.observables = Observables::nystroem,
                           .features = 7,
                           .features_scale = 0.25,
                           .features_seed = 3,
                           .features_state = true};
    auto after = rows_of(engine.preprocess(systems, steps)[0]);
    REQUIRE(after[0].size() == 3 + 7);
    CHECK(after[4][2] == before[4][2]);
    for (auto& row : after) row.erase(row.begin(), row.begin() + 3);
    // Landmarks are where a sample is represented exactly: a feature vector of length K(z, z) = 1.
    std::vector<std::size_t> marks;
    for (std::size_t i = 0; i < n; ++i) {
      if (std::abs(product(after[i], after[i]) - 1) <= 1e-9L) marks.push_back(i);
    }
    REQUIRE(marks.size() == 7);
    std::vector<std::vector<oracle::Real>> among, to_all;
    for (const std::size_t z : marks) {
      auto &row = among.emplace_back(), &all = to_all.emplace_back();
      for (const std::size_t y : marks) row.push_back(gauss(before[z], before[y], s));
      for (std::size_t j = 0; j < n; ++j) all.push_back(gauss(before[z], before[j], s));
    }
    const auto weights = solved(among, to_all);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        oracle::Real expected = 0;
        for (std::size_t k = 0; k < 7; ++k) expected += to_all[k][i] * weights[k][j];
        // Seven samples at this narrow scale: conditions below 1e5, so that rounding is below 1e-10.
        CHECK(std::abs(product(after[i], after[j]) - expected) <= 1e-10L);
      }
    }
    Preprocess other = steps;
    other.features_seed = 4;
    CHECK(rows_of(engine.preprocess(systems, other)[0]) != rows_of(engine.preprocess(systems, steps)[0]));
    CHECK(rows_of(engine.preprocess(systems, steps)[1]) == rows_of(engine.preprocess(systems, steps)[1]));
  }
}

TEST_CASE("values beyond the range of double precision fail by themselves, with their system's name", "[preprocess]") {
  std::vector<double> plain(60), large(60), small(60);
  for (std::size_t i = 0; i < 60; ++i) {
    plain[i] = std::sin(static_cast<double>(i * i));
    large[i] = 1e300 * plain[i];
    small[i] = 1e-300 * plain[i];
  }
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("plain", plain.data(), 1, 20, 3),
                                              TrajectorySet::view("large", large.data(), 1, 20, 3),
                                              TrajectorySet::view("small", small.data(), 1, 20, 3)};
  Engine engine(Device::cpu());
  for (const Preprocess& steps :
       {Preprocess{.scaling = Scaling::zscore}, Preprocess{.components = 2},
        Preprocess{.components = 2, .common_basis = true}, Preprocess{.observables = Observables::polynomial},
        Preprocess{.observables = Observables::nystroem, .features = 5}}) {
    const auto all = engine.preprocess(systems, steps), alone = engine.preprocess(std::span(systems).first(1), steps);
    CHECK(all[0].failure.empty());
    CHECK(rows_of(all[0]) == rows_of(alone[0]));
    for (const std::size_t i : {1U, 2U}) CHECK_THAT(all[i].failure, Catch::Contains("range of double precision"));
  }
  // Nothing is squared: any value will do, as long as sums do not overflow.
  CHECK(engine.preprocess(systems, {.every = 2})[1].failure.empty());
  std::vector<double> huge(60, 1.7e308);
  const auto sums = engine.preprocess(std::vector{TrajectorySet::view("huge", huge.data(), 1, 20, 3)},
                                      {.bin = 2, .bin_by = BinBy::sum});
  CHECK_THAT(sums[0].failure, Catch::Contains("as large as inf"));
}

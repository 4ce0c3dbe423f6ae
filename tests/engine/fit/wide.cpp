/// The Krylov route of wide embeddings against planted singular vectors and against the orthogonal route.
#include "host/engine/fit/embedding_operator.hpp"
#include "host/engine/fit/krylov.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <functional>
#include <limits>

using namespace kindred;

namespace {

using Rows = std::vector<std::vector<long double>>;

/// `count` orthonormal vectors of length n, by Gram-Schmidt twice.
Rows orthonormal(index_t count, index_t n, std::uint64_t stream) {
  simulate::Random random(11, stream);
  Rows out;
  for (index_t i = 0; i < count; ++i) {
    std::vector<long double> x(static_cast<std::size_t>(n));
    for (auto& value : x) value = random.normal();
    for (int pass = 0; pass < 2; ++pass) {
      for (const auto& other : out) {
        long double dot = 0;
        for (index_t k = 0; k < n; ++k) dot += x[k] * other[k];
        for (index_t k = 0; k < n; ++k) x[k] -= dot * other[k];
      }
      long double square = 0;
      for (const auto value : x) square += value * value;
      for (auto& value : x) value /= std::sqrt(square);
    }
    out.push_back(std::move(x));
  }
  return out;
}

/// The largest part of the rows of `v` (r x n) outside the span of the first r of `basis`: at least the sine of the
/// angle between the spans, at most sqrt(r) times it.
double outside(const std::vector<double>& v, index_t r, index_t n, const Rows& basis) {
  double worst = 0;
  for (index_t i = 0; i < r; ++i) {
    std::vector<long double> x(v.begin() + i * n, v.begin() + (i + 1) * n);
    for (index_t k = 0; k < r; ++k) {
      long double dot = 0;
      for (index_t j = 0; j < n; ++j) dot += x[j] * basis[k][j];
      for (index_t j = 0; j < n; ++j) x[j] -= dot * basis[k][j];
    }
    long double square = 0;
    for (const auto value : x) square += value * value;
    if (!(std::sqrt(square) <= worst)) worst = static_cast<double>(std::sqrt(square));
  }
  return worst;
}

/// One system as a batch.
struct One {
  std::unique_ptr<host::Backend> backend = test::make_backend();
  std::vector<TrajectorySet> systems;
  Dmd dmd;
  host::Embedding embedding;
  host::FitWorkspace work;
  host::Batch batch;

  One(TrajectorySet set, const Dmd& d) : systems{std::move(set)}, dmd(d), embedding(plan()), batch(make()) {}

  host::Embedding plan() const { return host::plan_embedding(systems[0], host::scan_values(systems[0]), dmd); }
  host::Batch make() {
    return {*backend, work, host::shape_of(systems[0], embedding, dmd), dmd, {{&systems[0], &embedding}}};
  }
  std::vector<double> vectors(const host::Directions& found, index_t r) const {
    const index_t n = found.vectors.columns;
    std::vector<double> out(static_cast<std::size_t>(r * n));
    backend->download(out.data(), found.leading(0, r).data, out.size() * sizeof(double));
    return out;
  }
};

}  // namespace

TEST_CASE("planted directions of many spectra by the Krylov route", "[fit][devices]") {
  constexpr index_t m = 300, n = 256, r = 8;
  const Rows u = orthonormal(n, m, 0), v = orthonormal(n, n, 1);
  struct Family {
    const char* name;
    std::function<double(double)> sigma;  ///< of i = 1, 2, ...
    bool settles;
  };
  const auto step = [](double i, double below) { return i <= r ? 1.0 : below; };
  const std::vector<Family> families = {
      {"geometric 0.5", [](double i) { return std::pow(0.5, i); }, true},
      {"geometric 0.7", [](double i) { return std::pow(0.7, i); }, true},
      {"geometric 0.9", [](double i) { return std::pow(0.9, i); }, true},
      {"power 2", [](double i) { return std::pow(i, -2); }, true},
      {"power 1", [](double i) { return 1 / i; }, false},
      {"power 1/2", [](double i) { return std::pow(i, -0.5); }, false},
      {"equal leading ones, half as much behind", [&](double i) { return step(i, 0.5); }, true},
      {"equal leading ones, 0.9 behind", [&](double i) { return step(i, 0.9); }, true},
      {"equal pairs", [](double i) { return std::pow(0.7, std::floor((i + 1) / 2)); }, true},
      {"equal fours", [](double i) { return std::pow(0.5, std::floor((i + 3) / 4)); }, true},
      {"nearly equal leading ones", [&](double i) { return step(i, 0.3) * (1 - 1e-7 * i); }, true},
      {"noise of 1e-2", [](double i) { return std::exp(-0.2 * i) * (i <= r ? 1 : 0) + 1e-2 * (1 + 0.1 / i); }, true},
      {"noise of 1e-5", [](double i) { return std::exp(-0.5 * i) * (i <= r ? 1 : 0) + 1e-5 * (1 + 0.1 / i); }, true},
      {"smallest of 1e-5", [&](double i) { return i <= r ? std::pow(10, -5 * (i - 1) / (r - 1)) : 1e-7 / i; }, false},
      {"one large", [](double i) { return i == 1 ? 20 : std::pow(0.8, i); }, true},
      {"slowly falling", [](double i) { return 1 - 0.003 * i; }, false},
      {"two clusters, 1 and 0.6, a tenth behind", [&](double i) { return i <= 4 ? 1 - 1e-4 * i : step(i, 0.1) * 0.6; },
       true},
      {"a cluster across the ninth and tenth",
       [](double i) { return i <= r ? 2 - 0.1 * i : 0.7 / std::max(i - 10, 1.0); }, true},
      {"exponential, slow", [](double i) { return std::exp(-0.05 * i); }, false},
      {"geometric 0.6 and noise of 1e-3", [](double i) { return std::hypot(std::pow(0.6, i), 1e-3); }, true},
  };
  for (const auto& family : families) {
    std::vector<double> x(static_cast<std::size_t>(m * n));
    std::vector<double> sigma;
    for (index_t k = 0; k < n; ++k) sigma.push_back(family.sigma(static_cast<double>(k + 1)));
    for (index_t i = 0; i < m; ++i) {
      for (index_t j = 0; j < n; ++j) {
        long double sum = 0;
        for (index_t k = 0; k < n; ++k) sum += static_cast<long double>(sigma[k]) * u[k][i] * v[k][j];
        x[i * n + j] = static_cast<double>(sum);
      }
    }
    One one(TrajectorySet::view("x", x.data(), 1, m, n), {.rank = r});
    std::vector<host::Fitted> fitted(1);
    const host::Directions found = host::krylov_route(one.batch, fitted);
    INFO(family.name);
    CHECK((found.usable[0] || !family.settles));
    if (!found.usable[0]) continue;
    // The promise, 5e-9, and what rounding of the data moves the span: n eps sigma_1 / gap.
    const double gap = (sigma[r - 1] - sigma[r]) / sigma[0];
    const double tolerance = 5e-9 + n * std::numeric_limits<double>::epsilon() / gap;
    CHECK(outside(one.vectors(found, r), r, n, v) <= tolerance);
    for (index_t k = 0; k < r; ++k) {
      CHECK(std::abs(fitted[0].sigma[k] / one.embedding.scale - sigma[k]) <= 1e-12 * sigma[0]);
    }
    CHECK(fitted[0].numerical_rank >= r);
  }
}

TEST_CASE("a singular value repeated across the rank: the directions are some of its own", "[fit][devices]") {
  constexpr index_t m = 300, n = 256, r = 8;
  const Rows u = orthonormal(n, m, 0), v = orthonormal(n, n, 1);
  // sigma_7 .. sigma_10 are equal: any two directions of those four will do.
  std::vector<double> x(static_cast<std::size_t>(m * n));
  for (index_t i = 0; i < m; ++i) {
    for (index_t j = 0; j < n; ++j) {
      long double sum = 0;
      for (index_t k = 0; k < n; ++k) {
        const double sigma = k < 6 ? 2.0 - 0.1 * static_cast<double>(k) : k < 10 ? 1.0 : 0.25 / static_cast<double>(k);
        sum += static_cast<long double>(sigma) * u[k][i] * v[k][j];
      }
      x[i * n + j] = static_cast<double>(sum);
    }
  }
  One one(TrajectorySet::view("x", x.data(), 1, m, n), {.rank = r});
  std::vector<host::Fitted> fitted(1);
  const host::Directions found = host::krylov_route(one.batch, fitted);
  if (!found.usable[0]) return;  // then the full route decides
  const std::vector<double> got = one.vectors(found, r);
  for (index_t i = 0; i < r; ++i) {
    const std::vector<double> each(got.begin() + i * n, got.begin() + (i + 1) * n);
    long double inside = 0;
    for (index_t k = 0; k < 10; ++k) {
      long double dot = 0;
      for (index_t j = 0; j < n; ++j) dot += each[j] * v[k][j];
      inside += dot * dot;
    }
    CHECK(std::abs(static_cast<double>(1 - inside)) <= 1e-8);
  }
}

TEST_CASE("products with an embedding that is never formed", "[fit][devices]") {
  struct Case {
    std::vector<index_t> steps;
    index_t channels, delays, interval, vectors;
  };
  const std::vector<Case> cases = {{{40}, 3, 1, 1, 2},
                                   {{40, 31}, 3, 4, 3, 2},
                                   {{5000}, 2, 3, 40, 3},
                                   {{2100, 2500, 60}, 1, 5, 7, 1},
                                   {{700, 700, 700, 700}, 2, 2, 1, 4}};
  for (const auto& c : cases) {
    const index_t longest = *std::max_element(c.steps.begin(), c.steps.end());
    const auto trials = static_cast<index_t>(c.steps.size());
    simulate::Recording x(trials, longest, c.channels);
    simulate::Random random(3, static_cast<std::uint64_t>(longest));
    for (double& value : x.values) value = random.normal();
    TrajectorySet set;
    std::vector<TrialView<double>> views;
    for (index_t k = 0; k < trials; ++k) views.push_back({x.at(k, 0), c.steps[k], c.channels, c.channels, 1});
    set.trials = views;
    const Dmd dmd{.delays = c.delays, .interval = c.interval};
    One one(set, dmd);
    const index_t rows = one.embedding.rows, columns = one.embedding.columns, b = c.vectors;
    std::vector<std::vector<double>> h;
    for (index_t k = 0; k < trials; ++k) {
      for (index_t s = 0; s < one.embedding.trial_rows[k]; ++s) {
        auto& row = h.emplace_back();
        for (index_t j = 0; j < c.delays; ++j) {
          const double* value = x.at(k, s + (c.delays - 1 - j) * c.interval);
          for (index_t q = 0; q < c.channels; ++q) row.push_back(value[q] * one.embedding.scale);
        }
      }
    }
    std::vector<double> v(static_cast<std::size_t>(b * columns)), w(static_cast<std::size_t>(rows * b));
    for (double& value : v) value = random.normal();
    for (double& value : w) value = random.normal();
    const auto dv = test::to_device(*one.backend, v), dw = test::to_device(*one.backend, w);
    const host::Buffer<double> hv(*one.backend, rows * b), hw(*one.backend, b * columns);
    host::EmbeddingOperator operation(*one.backend, {&one.systems[0], &one.embedding}, dmd, b);
    operation.apply(host::packed<const double>(dv.data(), b, columns), host::packed(hv.data(), rows, b));
    operation.apply_transposed(host::packed<const double>(dw.data(), rows, b), host::packed(hw.data(), b, columns));
    const auto got = test::fetch(hv), got_transposed = test::fetch(hw);
    INFO(c.steps[0] << " steps, " << c.delays << " delays of " << c.interval);
    // Sums of up to k products of size 1 (the values are below 1 by the scale, normal numbers below 6), each by a
    // transform of L values, whose errors are of random sign: 6 sqrt(L) k eps, at most 100 k eps.
    CHECK(host::plan_segments(one.embedding, dmd).length <= 256);
    double worst = 0, worst_transposed = 0;
    for (index_t q = 0; q < b; ++q) {
      std::vector<long double> forth(h.size()), back(static_cast<std::size_t>(columns));
      for (index_t i = 0; i < rows; ++i) {
        for (index_t j = 0; j < columns; ++j) {
          forth[i] += static_cast<long double>(h[i][j]) * v[q * columns + j];
          back[j] += static_cast<long double>(h[i][j]) * w[i * b + q];
        }
      }
      const auto note = [](double& largest, double value, long double expected) {
        const auto error = static_cast<double>(std::abs(value - expected));
        if (!(error <= largest)) largest = error;
      };
      for (index_t i = 0; i < rows; ++i) note(worst, got[i * b + q], forth[i]);
      for (index_t j = 0; j < columns; ++j) note(worst_transposed, got_transposed[q * columns + j], back[j]);
    }
    const double eps = std::numeric_limits<double>::epsilon();
    CHECK(worst <= 100 * static_cast<double>(columns) * eps);
    CHECK(worst_transposed <= 100 * static_cast<double>(rows) * eps);
  }
}

TEST_CASE("a wide recording gets its operator by the Krylov route, as by the orthogonal one", "[fit]") {
  // Slow oscillations in many channels and noise: 11 trials of 110 steps, 110 channels, 10 delays: 1111 x 1100.
  constexpr index_t trials = 11, steps = 110, channels = 110;
  simulate::Random random(7, 0);
  simulate::Recording x(trials, steps, channels);
  std::vector<double> mixing(static_cast<std::size_t>(12 * channels));
  for (double& value : mixing) value = random.normal();
  for (index_t k = 0; k < trials; ++k) {
    const double phase = 6 * random.uniform();
    for (index_t s = 0; s < steps; ++s) {
      for (index_t c = 0; c < channels; ++c) {
        double value = 0.05 * random.normal();
        for (int wave = 0; wave < 6; ++wave) {
          const double angle = (0.05 + 0.04 * wave) * static_cast<double>(s) + phase * (wave + 1);
          value += (mixing[(2 * wave) * channels + c] * std::cos(angle) +
                    mixing[(2 * wave + 1) * channels + c] * std::sin(angle)) /
                   (1 + wave);
        }
        x.at(k, s)[c] = value;
      }
    }
  }
  const TrajectorySet set = TrajectorySet::view("wide", x.values.data(), trials, steps, channels);
  const Dmd dmd{.delays = 10, .rank = 10};
  One one(set, dmd);
  REQUIRE(host::krylov_pays(one.batch.shape(), dmd));
  std::vector<host::Fitted> partial(1), full(1);
  const host::Directions found = host::krylov_route(one.batch, partial);
  REQUIRE(found.usable[0]);
  const index_t n = one.embedding.columns;
  const std::vector<double> got = one.vectors(found, 10);
  const host::Directions known = host::directions(one.batch, host::Route::orthogonal, full);
  const std::vector<double> want = one.vectors(known, 10);
  Rows basis;
  for (index_t i = 0; i < 10; ++i) basis.emplace_back(want.begin() + i * n, want.begin() + (i + 1) * n);
  CHECK(outside(got, 10, n, basis) <= 1e-8);

  Engine engine(Device::cpu());
  const std::vector<TrajectorySet> twice = {set, set};
  const OperatorSet operators = engine.fit(twice, dmd);
  CHECK(operators[0].facts.status == FitStatus::ok);
  CHECK(operators[0].facts.numerical_rank >= 10);
  CHECK(operators[0].facts.numerical_rank_is_bound);
  CHECK(operators[0].values == operators[1].values);
  // The six waves and their conjugates turn; what the operator misses is noise of 5 % of unit amplitudes.
  CHECK(operators[0].facts.residual <= 0.1);
}

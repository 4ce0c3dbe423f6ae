/// Eigenvalues of fitted operators and their residuals, against explicit rows and eigenvectors in long double.
#include "tests/oracle/elimination.hpp"
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

using namespace kindred;

namespace {

using Complex = std::complex<oracle::real>;

/// Two damped oscillations and noise; trials x steps.
std::vector<oracle::Trial> oscillations(const std::vector<index_t>& steps, index_t channels, double noise) {
  return test::mixed_trials(steps, channels, noise, 12, [](double t, double phase) {
    return std::array{std::pow(0.99, t) * std::cos(0.4 * t + phase), std::pow(0.99, t) * std::sin(0.4 * t + phase),
                      std::pow(0.97, t) * std::cos(1.1 * t), std::pow(0.97, t) * std::sin(1.1 * t)};
  });
}

/// x from (M - mu I) x = right.
std::vector<Complex> solve_shifted(const oracle::Matrix& m, Complex mu, const std::vector<Complex>& right) {
  const std::size_t n = m.rows;
  std::vector<std::vector<Complex>> a(n, std::vector<Complex>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[i][j] = m(i, j) - (i == j ? mu : Complex{});
  }
  std::vector<std::vector<Complex>> column;
  for (const Complex& x : right) column.push_back({x});
  std::vector<Complex> out;
  for (const auto& row : oracle::solve(a, column)) out.push_back(row[0]);
  return out;
}

/// ||next v - mu now v|| / ||now v||, v the eigenvector of M whose eigenvalue is nearest to mu: by inverse iteration.
double residual_by_rows(const oracle::Matrix& m, const oracle::Steps& steps, Complex mu) {
  std::vector<Complex> v(m.rows);
  for (std::size_t i = 0; i < m.rows; ++i) v[i] = Complex(1, static_cast<oracle::real>(i) / 7);
  for (int k = 0; k < 6; ++k) {
    v = solve_shifted(m, mu + Complex(1e-10L, 1e-10L), v);
    oracle::real size = 0;
    for (const Complex& x : v) size += std::norm(x);
    for (Complex& x : v) x /= std::sqrt(size);
  }
  oracle::real error = 0, length = 0;
  for (std::size_t t = 0; t < steps.now.rows; ++t) {
    Complex now{}, next{};
    for (std::size_t i = 0; i < m.rows; ++i) {
      now += steps.now(t, i) * v[i];
      next += steps.next(t, i) * v[i];
    }
    error += std::norm(next - mu * now);
    length += std::norm(now);
  }
  return static_cast<double>(std::sqrt(error / length));
}

FitFacts facts_of(const std::vector<oracle::Trial>& trials, const Dmd& dmd) {
  Engine engine(test::device(), {.spectra = true});
  return engine.fit(std::vector{test::set_of(trials)}, dmd)[0].facts;
}

}  // namespace

TEST_CASE("residuals of eigenvalues are those of explicit rows", "[fit][spectrum][devices]") {
  struct Case {
    std::vector<index_t> steps;
    index_t channels, delays, interval, rank, ahead;
  };
  for (const auto& c : {Case{{60, 45}, 5, 1, 1, 4, 1}, Case{{50, 44}, 2, 6, 2, 5, 2}, Case{{24}, 6, 6, 2, 3, 1}}) {
    const auto trials = oscillations(c.steps, c.channels, 0.05);
    const auto steps_at = [&](std::size_t count) {
      return oracle::steps_of(trials, static_cast<std::size_t>(c.delays), static_cast<std::size_t>(c.interval), count,
                              static_cast<std::size_t>(c.ahead));
    };
    const auto r = static_cast<std::size_t>(c.rank);
    for (const Regression regression :
         {Regression::principal_components, Regression::forward_backward, Regression::reduced_rank}) {
      // Older delays are predicted exactly, all alike, so that the best r of them are not unique.
      if (regression == Regression::reduced_rank && c.delays > 1) continue;
      const FitFacts facts = facts_of(trials, {.delays = c.delays,
                                               .interval = c.interval,
                                               .rank = c.rank,
                                               .steps_ahead = c.ahead,
                                               .ridge = 1e-8,
                                               .regression = regression});
      CAPTURE(c.channels, c.delays, word_of(regression), facts.detail);
      REQUIRE(facts.spectrum.size() == r);
      const bool reduced = regression == Regression::reduced_rank;
      const oracle::Steps steps = steps_at(reduced ? static_cast<std::size_t>(c.channels * c.delays) : r);
      oracle::Matrix m = oracle::regress(steps.now, steps.next, 1e-8L);  // predicts a row: next = now M
      if (reduced) {
        const oracle::Matrix w = oracle::columns_of(
            oracle::left_svd(
                oracle::multiply(oracle::transpose(oracle::multiply(oracle::transpose(steps.now), steps.next)), m))
                .second,
            r);
        m = oracle::multiply(oracle::multiply(m, w), oracle::transpose(w));
      }
      if (regression == Regression::forward_backward) m = oracle::transpose(oracle::forward_backward(steps, 1e-8L));
      for (std::size_t k = 0; k < r; ++k) {
        const Eigenvalue& e = facts.spectrum[k];
        CAPTURE(k, e.value.real(), e.value.imag());
        if (k > 0) CHECK(std::abs(facts.spectrum[k - 1].value) >= std::abs(e.value));
        // Noise keeps residuals above 1e-2, where the difference of moments, some eps, loses at most eps / 1e-2;
        // rounding of the moments moves an eigenvalue and its vector by up to 1e-10 (regressions.cpp).
        CHECK(e.residual >= 1e-2);
        const double expected = residual_by_rows(m, steps, Complex(e.value.real(), e.value.imag()));
        CHECK(std::abs(e.residual - expected) <= 1e-8 * (1 + expected));
      }
    }
  }
}

TEST_CASE("standing waves have the frequencies of their chain from two delays on", "[fit][spectrum][devices]") {
  // Three equal masses between free ends: modes (1, 1, 1), (1, 0, -1), (1, -2, 1) of frequencies 0, 1, sqrt(3). Each
  // stands still in its shape, so that one sample has no phase; two have.
  constexpr double dt = 0.1;
  oracle::Trial trial;
  for (int t = 0; t < 500; ++t) {
    const double slow = 2 * std::cos(dt * t), fast = 3 * std::cos(std::sqrt(3.0) * dt * t);
    trial.push_back({10 + slow + fast, 10 - 2 * fast, 10 - slow + fast});
  }
  const std::array frequencies{0.0, 1.0, -1.0, std::sqrt(3.0), -std::sqrt(3.0)};
  for (const index_t delays : {2, 10}) {
    const FitFacts facts = facts_of({trial}, {.delays = delays, .rank = 5, .ridge = 0, .dt = dt});
    REQUIRE(facts.spectrum.size() == 5);
    for (const double frequency : frequencies) {
      double nearest = HUGE_VAL;
      for (const Eigenvalue& e : facts.spectrum)
        nearest = std::min(nearest, std::abs(e.value - std::complex(0.0, frequency)));
      CAPTURE(delays, frequency, nearest);
      // sigma_5 is above 1e-3 sigma_1 (two samples dt apart tell the phase by dt): rounding over its square, over dt.
      CHECK(nearest <= 1e-8);
    }
  }
}

TEST_CASE("modes of a system without noise have no residual, rounding has", "[fit][spectrum][devices]") {
  const auto trials = oscillations({80, 60}, 6, 0);
  const FitFacts facts = facts_of(trials, {.rank = 4, .ridge = 0});
  REQUIRE(facts.spectrum.size() == 4);
  const std::array expected{std::polar(0.99, 0.4), std::polar(0.99, -0.4), std::polar(0.97, 1.1),
                            std::polar(0.97, -1.1)};
  for (std::size_t k = 0; k < 4; ++k) {
    CAPTURE(k);
    // sigma_4 is above 1e-2 sigma_1: rounding over its square. Residuals are resolved down to sqrt(eps) of that.
    CHECK(std::abs(facts.spectrum[k].value - expected[k]) <= 1e-10);
    CHECK(facts.spectrum[k].residual <= 1e-6);
  }
  // Sampled every 0.5: generators, with the same residuals.
  const FitFacts generator = facts_of(trials, {.rank = 4, .ridge = 0, .dt = 0.5});
  for (std::size_t k = 0; k < 4; ++k) {
    CHECK(std::abs(generator.spectrum[k].value - std::log(expected[k]) / 0.5) <= 1e-9);
    CHECK(generator.spectrum[k].residual == facts.spectrum[k].residual);
  }
}

TEST_CASE("eigenvalues alone, and only where they are asked for", "[fit][spectrum][devices]") {
  Engine engine(test::device());
  const Operator fitted = engine.fit(std::vector{test::set_of(oscillations({60}, 5, 0.05))}, {.rank = 4})[0];
  CHECK(fitted.facts.spectrum.empty());
  const auto alone = eigenvalues(fitted);
  REQUIRE(alone.size() == 4);
  std::complex<double> sum{};
  for (const Eigenvalue& e : alone) {
    sum += e.value;
    CHECK(std::isnan(e.residual));
  }
  const double trace = fitted(0, 0) + fitted(1, 1) + fitted(2, 2) + fitted(3, 3);
  CHECK(std::abs(sum - trace) <= 1e-13);  // 4 eigenvalues of modulus 1, a few eps each

  Operator turn;
  turn.size = 3;
  turn.values = {0, -1, 0, 1, 0, 0, 0, 0, -0.5};
  const auto known = eigenvalues(turn);
  REQUIRE(known.size() == 3);
  CHECK(known[0].value.imag() > 0);
  CHECK(std::abs(known[0].value - std::complex<double>(0, 1)) <= 1e-15);
  CHECK(std::abs(known[2].value + 0.5) <= 1e-15);
  // A rotation and a decay commute with their transpose; the largest singular value is 1.
  const OperatorFigures normal = figures_of(turn);
  CHECK(std::abs(normal.spectral_radius - 1) <= 1e-15);
  CHECK(normal.non_normality <= 1e-15);
  CHECK(std::abs(normal.transient_growth - 1) <= 1e-15);
  // [[0.5, 2], [0, 0.5]]: A^T A - A A^T = [[-4, 0], [0, 4]]; sigma_1^2 = (4.5 + sqrt(4.5^2 - 0.25)) / 2 by trace and
  // determinant.
  Operator sheared;
  sheared.size = 2;
  sheared.values = {0.5, 2, 0, 0.5};
  const OperatorFigures shear = figures_of(sheared);
  CHECK(std::abs(shear.spectral_radius - 0.5) <= 1e-7);  // a double eigenvalue: the root of rounding
  CHECK(std::abs(shear.non_normality - std::sqrt(32.0)) <= 1e-14);
  CHECK(std::abs(shear.transient_growth - std::sqrt((4.5 + std::sqrt(20.0)) / 2)) <= 1e-14);
  CHECK(std::isnan(figures_of(Operator{}).non_normality));
  turn.values[4] = std::numeric_limits<double>::quiet_NaN();
  CHECK(eigenvalues(turn).empty());
  CHECK(eigenvalues(Operator{}).empty());
}

TEST_CASE("eigenfunctions follow their eigenvalues as closely as the residuals say", "[fit][spectrum][devices]") {
  struct Case {
    index_t delays, interval, ahead;
    Regression regression;
    double noise;
  };
  Engine engine(test::device());
  for (const Case& c :
       {Case{6, 2, 2, Regression::principal_components, 0.05}, Case{1, 1, 1, Regression::reduced_rank, 0.05},
        Case{3, 1, 1, Regression::total_least_squares, 0.02}}) {
    const TrajectorySet set = test::set_of(oscillations({60, 45}, 5, c.noise));
    const Dmd dmd{.delays = c.delays,
                  .interval = c.interval,
                  .rank = 4,
                  .steps_ahead = c.ahead,
                  .regression = c.regression};
    const Eigenfunctions found = engine.eigenfunctions(std::vector{set}, dmd)[0];
    CAPTURE(word_of(c.regression), found.facts.detail);
    REQUIRE(found.facts.spectrum.size() == 4);
    REQUIRE(found.trials.size() == 2);
    const index_t reach = (c.delays - 1) * c.interval;
    REQUIRE(std::ssize(found.trials[1]) == 4 * (45 - reach));
    for (std::size_t k = 0; k < 4; ++k) {
      const std::complex<double> mu = found.facts.spectrum[k].value;
      double error = 0, length = 0, size = 0;
      std::size_t rows = 0;
      for (const auto& phi : found.trials) {
        const std::size_t n = phi.size() / 4, ahead = static_cast<std::size_t>(c.ahead);
        rows += n;
        for (std::size_t t = 0; t < n; ++t) {
          size += std::norm(phi[4 * t + k]);
          if (t + ahead >= n) continue;
          error += std::norm(phi[4 * (t + ahead) + k] - mu * phi[4 * t + k]);
          length += std::norm(phi[4 * t + k]);
        }
      }
      CAPTURE(k);
      CHECK(std::abs(size / static_cast<double>(rows) - 1) <= 1e-12);
      // The residual comes from differences of moments: some eps over its square, which noise keeps above 1e-4.
      CHECK(std::abs(std::sqrt(error / length) - found.facts.spectrum[k].residual) <= 1e-8);
    }
  }
  const std::vector<double> still(40, 1.0);
  const auto none =
      engine.eigenfunctions(std::vector{TrajectorySet::view("still", still.data(), 1, 20, 2)}, {.rank = 1})[0];
  CHECK((none.facts.status == FitStatus::failed && none.trials.empty()));
}

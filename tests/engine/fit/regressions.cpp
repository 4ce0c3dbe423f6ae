/// The regressions against explicit long-double arithmetic, their closed cases, and what they refuse.
#include "host/engine/fit/fit.hpp"
#include "tests/oracle/regression.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <array>
#include <cmath>

using namespace kindred;
using Catch::Contains;
using test::set_of;

namespace {

/// The state of two damped oscillations.
constexpr auto two_oscillations = [](double t, double phase) {
  const double slow = std::exp(-0.01 * t), fast = 0.6 * std::exp(-0.03 * t);
  return std::array{slow * std::cos(0.31 * t + phase), slow * std::sin(0.31 * t + phase),
                    fast * std::cos(0.83 * t - phase), fast * std::sin(0.83 * t - phase)};
};

OperatorSet fit(const std::vector<TrajectorySet>& systems, const Dmd& dmd) {
  Engine engine(test::device());
  return engine.fit(systems, dmd);
}

/// f(t) of one channel.
template <class F>
oracle::Trial series(index_t steps, F&& f) {
  oracle::Trial out;
  for (index_t t = 0; t < steps; ++t) out.push_back(f(static_cast<double>(t)));
  return out;
}

}  // namespace

TEST_CASE("every regression is that of explicit matrices", "[fit][regression][devices]") {
  struct Case {
    std::vector<index_t> steps;
    index_t channels, delays, interval, rank, ahead;
    double ridge;
  };
  const std::vector<Case> cases = {
      {{60, 45}, 5, 1, 1, 4, 1, 1e-8},      // no embedding, two trials
      {{50, 40, 44}, 7, 1, 1, 4, 2, 1e-3},  // the same two steps ahead, with a ridge that counts
      {{50, 40, 44}, 2, 6, 2, 4, 2, 1e-3},  // ragged, two steps ahead, a ridge that counts
      {{36, 36}, 4, 10, 1, 5, 1, 1e-8},     // 54 rows, 40 columns
      {{24}, 6, 6, 2, 4, 1, 1e-8},          // fewer rows (14) than columns (36)
      {{400}, 3, 2, 1, 4, 1, 0},            // long: the Gram route and the shift structure
  };
  for (const auto& c : cases) {
    const auto trials = test::mixed_trials(c.steps, c.channels, 0.05, 3, two_oscillations);
    const auto columns = static_cast<std::size_t>(c.delays * c.channels);
    Dmd dmd{.delays = c.delays, .interval = c.interval, .rank = c.rank, .steps_ahead = c.ahead, .ridge = c.ridge};
    const auto r = static_cast<std::size_t>(c.rank);
    const auto steps = [&](std::size_t count) {
      return oracle::steps_of(trials, static_cast<std::size_t>(c.delays), static_cast<std::size_t>(c.interval), count,
                              static_cast<std::size_t>(c.ahead));
    };
    const auto check = [&](Regression regression, const oracle::Matrix& expected) {
      dmd.regression = regression;
      const Operator got = fit({set_of(trials)}, dmd)[0];
      CAPTURE(c.delays, c.channels, word_of(regression), got.facts.detail);
      REQUIRE(got.size == c.rank);
      // Noise of 5 % keeps sigma_r and, in the joint moments, the gap behind it above 1e-3 sigma_1: rounding of the
      // moments, eps, over its square.
      CHECK(oracle::difference(oracle::square(got.size, got.values), expected) <= 1e-10);
    };
    check(Regression::principal_components,
          oracle::dmd(trials, static_cast<std::size_t>(c.delays), static_cast<std::size_t>(c.interval), r,
                      static_cast<std::size_t>(c.ahead), c.ridge)
              .a);
    check(Regression::forward_backward, oracle::forward_backward(steps(r), c.ridge));
    // Older delays are predicted exactly, all alike, so that the best r of them are not unique.
    if (c.delays == 1) check(Regression::reduced_rank, oracle::reduced_rank(steps(columns), r, c.ridge));
    check(Regression::total_least_squares, oracle::total_least_squares(steps(r), c.ridge));
    dmd.ridge = 0;
    check(Regression::total_least_squares, oracle::total_least_squares(steps(r)));
  }
}

TEST_CASE("the basis and singular values are those of the embedded data", "[fit][regression][devices]") {
  const auto trials = test::mixed_trials({50, 40, 44}, 3, 0.05, 3, two_oscillations);
  const std::vector<TrajectorySet> systems = {set_of(trials)};
  Engine engine(test::device(), {.bases = true});
  for (const auto& [regression, delays] : {std::pair{Regression::principal_components, 4},
                                           {Regression::forward_backward, 4},
                                           {Regression::reduced_rank, 1}}) {
    constexpr index_t rank = 3;
    const Dmd dmd{.delays = delays, .interval = 2, .rank = rank, .regression = regression};
    const Operator op = engine.fit(systems, dmd)[0];
    const auto h = oracle::hankel(trials, static_cast<std::size_t>(delays), 2);
    const auto [sigma, u] = oracle::left_svd(h);
    CAPTURE(word_of(regression), delays);
    REQUIRE(op.singular_values.size() == 3);
    REQUIRE(op.basis.size() == 3 * h.columns);
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(std::abs(op.singular_values[k] - static_cast<double>(sigma[k])) <= 1e-12 * op.singular_values[0]);
    }
    // States with which `basis` gives the embedded rows step as the operator says: as well as its residual.
    oracle::Matrix basis(h.columns, 3);
    for (std::size_t i = 0; i < basis.values.size(); ++i) basis.values[i] = op.basis[i];
    const auto gram = oracle::multiply(oracle::transpose(basis), basis);
    const auto states = oracle::transpose(oracle::solve(gram, oracle::transpose(oracle::multiply(h, basis))));
    for (std::size_t k = 0; k < 3 && regression != Regression::reduced_rank; ++k) {
      CHECK(std::abs(std::sqrt(gram(k, k)) - sigma[k]) <= 1e-12L * sigma[0]);
      for (std::size_t j = 0; j < k; ++j) CHECK(std::abs(gram(k, j)) <= 1e-12L * gram(0, 0));
    }
    oracle::real error = 0, size = 0;
    std::size_t row = 0;
    for (const auto& trial : trials) {
      const std::size_t length = trial.size() - 2 * static_cast<std::size_t>(delays - 1);
      for (std::size_t s = 0; s + 1 < length; ++s) {
        for (std::size_t i = 0; i < 3; ++i) {
          oracle::real next = states(row + s + 1, i);
          size += next * next;
          for (std::size_t j = 0; j < 3; ++j)
            next -=
                static_cast<oracle::real>(op(static_cast<index_t>(i), static_cast<index_t>(j))) * states(row + s, j);
          error += next * next;
        }
      }
      row += length;
    }
    CHECK(std::abs(static_cast<double>(std::sqrt(error / size)) - op.facts.residual) <= 1e-9);
  }
  const Operator none = engine.fit(systems, {.delays = 4, .rank = 3, .regression = Regression::n4sid})[0];
  CHECK((none.basis.empty() && none.singular_values.empty()));
  CHECK(fit(systems, {.rank = 3})[0].basis.empty());
}

TEST_CASE("without noise all regressions find the eigenvalues", "[fit][regression][devices]") {
  const auto trials = test::mixed_trials({80, 60}, 6, 0, 5, two_oscillations);
  // Trace and determinant of the four eigenvalues exp(-0.01 +- 0.31 i), exp(-0.03 +- 0.83 i).
  const double trace = 2 * std::exp(-0.01) * std::cos(0.31) + 2 * std::exp(-0.03) * std::cos(0.83);
  for (const auto& known : words<Regression>) {
    const Operator got = fit({set_of(trials)}, {.rank = 4, .ridge = 0, .regression = known.value})[0];
    CAPTURE(known.word, got.facts.detail);
    REQUIRE(got.size == 4);
    double sum = 0;
    for (index_t i = 0; i < 4; ++i) sum += got(i, i);
    // sigma_4 is above 1e-2 sigma_1: rounding over its square.
    CHECK(std::abs(sum - trace) <= 1e-10);
    CHECK(got.facts.residual <= 1e-6);
  }
}

TEST_CASE("generators of continuous time", "[fit][regression][devices]") {
  // One damped oscillation, sampled every 0.1 and every 0.25: A differs, the generator's eigenvalues -0.2 +- 3 i do
  // not.
  const auto sampled = [](double dt) {
    return set_of({series(90, [dt](double t) {
      const double time = dt * t, size = std::exp(-0.2 * time);
      return std::vector<double>{size * std::cos(3 * time), size * std::sin(3 * time), size * std::cos(3 * time + 1)};
    })});
  };
  Engine engine(test::device());
  const std::vector<TrajectorySet> systems = {sampled(0.1), sampled(0.25), sampled(0.1)};
  const std::vector<Dmd> dmds = {{.rank = 2, .ridge = 0, .dt = 0.1},
                                 {.rank = 2, .ridge = 0, .dt = 0.25},
                                 {.rank = 2, .steps_ahead = 3, .ridge = 0, .dt = 0.1}};
  const OperatorSet got = engine.fit_each(systems, dmds);
  for (const Operator& op : got) {
    REQUIRE(op.size == 2);
    CHECK(std::abs(op(0, 0) + op(1, 1) + 0.4) <= 1e-10);
    CHECK(std::abs(op(0, 0) * op(1, 1) - op(0, 1) * op(1, 0) - (0.04 + 9)) <= 1e-10);
  }

  // The exponential of the generator is the operator.
  const auto trials = test::mixed_trials({70, 64}, 3, 0.02, 8, two_oscillations);
  Dmd dmd{.delays = 3, .rank = 4};
  const Operator a = fit({set_of(trials)}, dmd)[0];
  dmd.dt = 0.5;
  Operator generator = fit({set_of(trials)}, dmd)[0];
  CAPTURE(generator.facts.detail);
  REQUIRE(generator.size == 4);
  CHECK(generator.facts.residual == a.facts.residual);
  for (double& v : generator.values) v *= 0.5;
  const auto back = oracle::exponential(oracle::square(4, generator.values));
  for (std::size_t i = 0; i < 16; ++i)
    CHECK(std::abs(back.values[i] - static_cast<oracle::real>(a.values[i])) <= 1e-12L);
}

TEST_CASE("what has no logarithm or no root fails, and spoils no other", "[fit][regression][devices]") {
  // Eigenvalues 0.95 and -0.9.
  const auto opposite =
      set_of({series(60,
                     [](double t) {
                       return std::vector<double>{std::pow(0.95, t) + std::pow(-0.9, t), std::pow(0.95, t)};
                     })},
             "alternating");
  const auto good = set_of(test::mixed_trials({60, 50}, 4, 0.01, 2, two_oscillations), "good");
  const OperatorSet logs = fit({opposite, good}, {.rank = 2, .dt = 1});
  CHECK(logs[0].facts.status == FitStatus::failed);
  CHECK_THAT(logs[0].facts.detail, Contains("eigenvalue -0.9") && Contains("logarithm has no real branch"));
  CHECK(logs[1].facts.status == FitStatus::ok);

  // Eigenvalues 0.9 and -0.9: every change of basis of the square 0.81 I has a root.
  const auto ambiguous =
      set_of({series(60,
                     [](double t) {
                       return std::vector<double>{std::pow(0.9, t) + std::pow(-0.9, t), std::pow(0.9, t)};
                     })},
             "ambiguous");
  const OperatorSet roots = fit({ambiguous, good}, {.rank = 2, .ridge = 0, .regression = Regression::forward_backward});
  CHECK(roots[0].facts.status == FitStatus::failed);
  CHECK_THAT(roots[0].facts.detail, Contains("no real square root"));
  CHECK(roots[1].facts.status == FitStatus::ok);

  const OperatorSet vast = fit({good}, {.rank = 2, .dt = 1e-320});
  CHECK(vast[0].facts.status == FitStatus::failed);
  CHECK_THAT(vast[0].facts.detail, Contains("generator overflows") && Contains("Dmd::dt"));

  // Rank 3 of data with two directions.
  const OperatorSet tls =
      fit({opposite, good}, {.delays = 2, .rank = 3, .regression = Regression::total_least_squares});
  CHECK(tls[0].facts.status == FitStatus::failed);
  CHECK_THAT(tls[0].facts.detail, Contains("total least squares"));
  for (const double v : tls[0].values) CHECK(std::isnan(v));
  CHECK(tls[1].facts.status == FitStatus::ok);
}

TEST_CASE("parameters of regressions are refused by name", "[fit][regression]") {
  const auto x = set_of(test::mixed_trials({40}, 3, 0.1, 1, two_oscillations));
  Engine engine(Device::cpu());
  const std::vector<TrajectorySet> systems = {x};
  CHECK_THROWS_WITH(engine.fit(systems, Dmd{.rank = 2, .ridge = -1e-3}), Contains("Dmd::ridge is -0.001"));
  CHECK_THROWS_WITH(engine.fit(systems, Dmd{.rank = 2, .dt = -1}), Contains("Dmd::dt is -1"));
  CHECK_THROWS_WITH(engine.fit(systems, Dmd{.rank = 2, .dt = std::nan("")}), Contains("Dmd::dt is nan"));
}

TEST_CASE("the regressions do not depend on the other systems", "[fit][regression][devices]") {
  std::vector<TrajectorySet> systems;
  for (unsigned i = 0; i < 4; ++i) systems.push_back(set_of(test::mixed_trials({50, 40}, 3, 0.1, i, two_oscillations)));
  for (const auto& known : words<Regression>) {
    const Dmd dmd{.delays = 3, .rank = 4, .regression = known.value};
    const OperatorSet all = fit(systems, dmd);
    for (std::size_t i = 0; i < systems.size(); ++i) CHECK(fit({systems[i]}, dmd)[0].values == all[i].values);
  }
}

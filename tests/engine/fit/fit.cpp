#include "host/engine/fit/fit.hpp"
#include "tests/oracle/dmd.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <limits>
#include <random>

using namespace kindred;

namespace {

/// A recording of K trials: coupled oscillators with noise, so that the spectrum of H falls slowly.
struct Data {
  std::vector<oracle::Trial> trials;

  Data(index_t count, std::vector<index_t> steps, index_t channels, double noise, unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (index_t k = 0; k < count; ++k) {
      oracle::Trial trial;
      const double phase = normal(random);
      for (index_t t = 0; t < steps[static_cast<std::size_t>(k) % steps.size()]; ++t) {
        std::vector<double> x;
        for (index_t c = 0; c < channels; ++c) {
          const double w = 0.3 + 0.17 * static_cast<double>(c);
          x.push_back(std::cos(w * static_cast<double>(t) + phase + static_cast<double>(c)) + noise * normal(random));
        }
        trial.push_back(x);
      }
      trials.push_back(trial);
    }
  }

  /// The same numbers as float64 or float32, in separate trials; the set owns them.
  template <class T>
  [[nodiscard]] TrajectorySet set(const std::string& name) const {
    return test::set_of<T>(trials, name);
  }

  /// Rounds every value to float32, so that both element types hold the same numbers.
  Data& to_float() {
    for (auto& trial : trials) {
      for (auto& x : trial) {
        for (double& v : x) v = static_cast<double>(static_cast<float>(v));
      }
    }
    return *this;
  }
};

OperatorSet fit(const std::vector<TrajectorySet>& systems, const Dmd& dmd) {
  const auto backend = test::make_backend(std::size_t{1} << 30);
  host::Recordings recordings(*backend, systems);
  return host::fit_operators(recordings, dmd, {});
}

}  // namespace

TEST_CASE("the operator is that of an explicit Hankel matrix and its SVD", "[fit][devices]") {
  struct Case {
    index_t trials;
    std::vector<index_t> steps;
    index_t channels, delays, interval, rank, ahead;
  };
  const std::vector<Case> cases = {
      {1, {60}, 1, 1, 1, 1, 1},                                               // no embedding, one channel
      {3, {40, 33, 51}, 2, 7, 2, 6, 1},                                       // ragged
      {5, {30}, 3, 5, 3, 8, 2},                                               // two steps ahead
      {2, {30}, 4, 12, 2, 9, 1},                                              // fewer rows (16) than columns (48)
      {1, {700}, 2, 3, 1, 5, 1},                                              // long: the Gram route
      {4, {300}, 1, 8, 1, 6, 3},        {3, {400, 523, 470}, 2, 4, 5, 6, 2},  // the same, ragged
      {2, {150}, 3, 1, 1, 2, 1},                                              // the same without delays
  };
  for (const auto& c : cases) {
    const Data data = Data(c.trials, c.steps, c.channels, 0.1, 7).to_float();
    const Dmd dmd{.delays = c.delays, .interval = c.interval, .rank = c.rank, .steps_ahead = c.ahead};
    const auto expected =
        oracle::dmd(data.trials, static_cast<std::size_t>(c.delays), static_cast<std::size_t>(c.interval),
                    static_cast<std::size_t>(c.rank), static_cast<std::size_t>(c.ahead));
    const OperatorSet got = fit({data.set<double>("a"), data.set<float>("b")}, dmd);
    REQUIRE(got.size() == 2);
    for (const auto& op : got) {
      INFO(op.name << " trials " << c.trials << " delays " << c.delays << " rank " << c.rank);
      CHECK(op.facts.status == FitStatus::ok);
      CHECK(op.facts.rows == static_cast<index_t>(expected.rows));
      CHECK(op.facts.columns == static_cast<index_t>(expected.columns));
      // Orthogonal route: eps sigma_1 / sigma_r with factors of the sizes; Gram route: its square above 1e-3.
      CHECK(oracle::difference(oracle::square(op.size, op.values), expected.a) <= 1e-11);
      CHECK(op.facts.residual == Approx(static_cast<double>(expected.residual)).epsilon(1e-9));
      CHECK(op.facts.sigma_ratio ==
            Approx(static_cast<double>(expected.sigma[static_cast<std::size_t>(c.rank) - 1] / expected.sigma.front()))
                .epsilon(1e-9));
    }
  }
}

TEST_CASE("planted spectra down to 1e-13 of the largest singular value", "[fit][devices]") {
  // Two rotations in orthogonal pairs of directions of 8 channels, the second of a size that falls.
  constexpr index_t steps = 200;
  const std::complex<double> planted[] = {std::polar(0.99, 0.3), std::polar(0.97, 1.1)};
  for (const double ratio : {1e-2, 1e-5, 1e-8, 3e-10, 1e-12, 1e-13, 1e-14}) {
    std::vector<std::vector<double>> states;
    std::vector<double> square(4, 0.0);
    for (index_t t = 0; t < steps; ++t) {
      const auto a = std::pow(planted[0], static_cast<double>(t)), b = std::pow(planted[1], static_cast<double>(t));
      states.push_back({a.real(), a.imag(), b.real(), b.imag()});
      for (std::size_t k = 0; k < 4; ++k) square[k] += states.back()[k] * states.back()[k];
    }
    oracle::Trial trial;
    for (const auto& state : states) {
      auto& x = trial.emplace_back(8, 0.0);
      for (std::size_t c = 0; c < 8; ++c) {
        for (std::size_t k = 0; k < 4; ++k) {
          const double angle = std::acos(-1.0) * (static_cast<double>(c) + 0.5) * static_cast<double>(k + 1) / 8;
          x[c] += (k < 2 ? 1 : ratio) * state[k] / std::sqrt(square[k]) * 0.5 * std::cos(angle);
        }
      }
    }
    const std::vector<TrajectorySet> systems = {test::set_of<double>({trial}, "planted")};
    Dmd dmd{.rank = 4, .ridge = 0};
    const Operator got = fit(systems, dmd)[0];
    CAPTURE(ratio, got.facts.sigma_ratio);
    REQUIRE(got.size == 4);
    if (ratio < 200 * std::numeric_limits<double>::epsilon()) {  // below what counts for the numerical rank
      CHECK(got.facts.status == FitStatus::rank_excess);
      CHECK(got.facts.numerical_rank == 2);
      dmd.rank_excess = RankExcess::clip;
      CHECK(fit(systems, dmd)[0].size == 2);
      dmd.rank_excess = RankExcess::error;
      CHECK_THROWS_WITH(fit(systems, dmd), Catch::Contains("rank 4 exceeds the numerical rank 2"));
      continue;
    }
    CHECK(got.facts.status == FitStatus::ok);
    CHECK(got.facts.numerical_rank == 4);
    // Rounding of the samples, eps sigma_1, is all that the fit adds to: eps sigma_1 / sigma_r.
    const double tolerance = std::max(1e-12, std::numeric_limits<double>::epsilon() / ratio);
    if (got.facts.sigma_ratio > 1e-10) CHECK(tolerance <= 1e-6);
    const oracle::Matrix expected = oracle::dmd({trial}, 1, 1, 4, 1, 0).a;
    const oracle::Matrix a = oracle::square(4, got.values);
    const auto invariants = [](const oracle::Matrix& m) {  // tr A, tr A^2, |A|_F^2
      std::array<oracle::real, 3> out{};
      for (std::size_t i = 0; i < 4; ++i) {
        out[0] += m(i, i);
        for (std::size_t j = 0; j < 4; ++j) {
          out[1] += m(i, j) * m(j, i);
          out[2] += m(i, j) * m(i, j);
        }
      }
      return out;
    };
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(std::abs(static_cast<double>(invariants(a)[k] - invariants(expected)[k])) <= tolerance);
    }
    const auto found = eigenvalues(got);
    for (const auto& mu : planted) {
      double nearest = HUGE_VAL;
      for (const Eigenvalue& e : found) nearest = std::min(nearest, std::abs(e.value - mu));
      CHECK(nearest <= 10 * tolerance);
    }
  }
}

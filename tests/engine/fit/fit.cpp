#include "host/engine/fit/fit.hpp"
#include "tests/oracle/dmd.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/trials.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
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

/// Systems of which the eigenvalues alone are known, closed under conjugation or not.
#include "tests/oracle/assignment.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <complex>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace kindred;

namespace {

using Values = std::vector<std::complex<double>>;

Operator system_of(const std::string& name, const Values& values) { return operator_with_spectrum(name, values); }

/// Complex numbers anywhere, or as many real ones and pairs.
Values random_values(std::mt19937_64& random, std::size_t count, bool closed) {
  std::normal_distribution<double> normal;
  Values out;
  while (out.size() < count) {
    const std::complex<double> z(normal(random), normal(random));
    if (!closed) {
      out.push_back(z);
    } else if (out.size() + 1 == count) {
      out.emplace_back(z.real());
    } else {
      out.push_back(z);
      out.push_back(std::conj(z));
    }
  }
  return out;
}

/// W_p^p of points of equal mass, the shorter list repeated or padded with zeros until both are of one length.
double least_cost(const Values& a, const Values& b, int order, bool pad) {
  const std::size_t n = pad ? std::max(a.size(), b.size()) : std::lcm(a.size(), b.size());
  const auto at = [&](const Values& x, std::size_t i) -> std::complex<long double> {
    if (pad) return i < x.size() ? std::complex<long double>(x[i]) : 0;
    return x[i % x.size()];
  };
  std::vector<std::vector<long double>> cost(n, std::vector<long double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) cost[i][j] = std::pow(std::abs(at(a, i) - at(b, j)), order);
  }
  return static_cast<double>(oracle::least_by_hungarian(cost) / static_cast<long double>(n));
}

double directed(const Values& a, const Values& b) {
  long double farthest = 0;
  for (const auto& x : a) {
    long double nearest = HUGE_VALL;
    for (const auto& y : b) {
      nearest = std::min(nearest, std::abs(std::complex<long double>(x) - std::complex<long double>(y)));
    }
    farthest = std::max(farthest, nearest);
  }
  return static_cast<double>(farthest);
}

double cross(Engine& engine, const Operator& a, const Operator& b, const Spectral& metric) {
  return engine.cross(OperatorSet{a}, OperatorSet{b}, metric)(0, 0);
}

}  // namespace

TEST_CASE("given spectra by hand", "[spectral][given][devices]") {
  Engine engine(test::device());
  const std::complex<double> i(0, 1);
  const Operator up = system_of("up", {i}), down = system_of("down", {-i}), both = system_of("both", {i, -i}),
                 one = system_of("one", {1}), ones = system_of("ones", {1, 1}), mixed = system_of("mixed", {1, i});
  CHECK(cross(engine, both, ones, {}) == 2);
  CHECK(cross(engine, up, down, {}) == 4);  // not folded onto each other
  CHECK(cross(engine, up, down, {.order = 1}) == 2);
  CHECK(cross(engine, mixed, one, {}) == 0.5);  // i goes to the zero that pads
  CHECK(cross(engine, mixed, one, {.mass = SpectralMass::share}) == 1);
  CHECK(cross(engine, both, up, {.mass = SpectralMass::share}) == 2);
  const Spectral hausdorff{.score = SpectralScore::root, .measure = SpectralMeasure::hausdorff},
      one_way{.score = SpectralScore::root, .measure = SpectralMeasure::directed_hausdorff};
  CHECK(cross(engine, both, up, hausdorff) == 2);
  CHECK(cross(engine, up, both, one_way) == 0);
  CHECK(cross(engine, both, up, one_way) == 2);
  // Masses 1/4 and 3/4 against 1: 3/4 travel from 3i to i.
  const Operator uneven = system_of("uneven", {i, 3.0 * i});
  CHECK(std::abs(cross(engine, uneven, up, {.weights = SpectralWeights::modulus}) - 3) <= 1e-15 * 3);
}

TEST_CASE("given spectra of any kind and number agree with the oracle", "[spectral][given][devices]") {
  Engine engine(test::device());
  std::mt19937_64 random(11);
  for (int trial = 0; trial < test::either(60, 6); ++trial) {
    const auto size = [&] { return std::uniform_int_distribution<std::size_t>(1, trial % 5 == 0 ? 24 : 7)(random); };
    const Values x = random_values(random, size(), trial % 2 == 0), y = random_values(random, size(), trial % 3 == 0);
    const Operator a = system_of("a", x), b = system_of("b", y);
    CAPTURE(trial, x.size(), y.size());
    for (const int order : {1, 2}) {
      for (const bool pad : {true, false}) {
        const double expected = least_cost(x, y, order, pad);
        const Spectral metric{.mass = pad ? SpectralMass::pad : SpectralMass::share, .order = order};
        // Sums of terms >= 0, each good to a few eps.
        CHECK(std::abs(cross(engine, a, b, metric) - expected) <= 1e-13 * (1 + expected));
        CHECK(cross(engine, a, b, metric) == cross(engine, b, a, metric));
      }
    }
    const Spectral one_way{.score = SpectralScore::root, .measure = SpectralMeasure::directed_hausdorff};
    CHECK(std::abs(cross(engine, a, b, one_way) - directed(x, y)) <= 1e-14 * (1 + directed(x, y)));
  }
}

TEST_CASE("given spectra: weights in whole numbers are copies", "[spectral][given][devices]") {
  Engine engine(test::device());
  std::mt19937_64 random(12);
  for (int trial = 0; trial < test::either(20, 3); ++trial) {
    const auto draw = [&](Values& copies, OperatorSet& out) {
      Values values;
      for (int k = 0; k < 3; ++k) {
        const int units = std::uniform_int_distribution<int>(1, 3)(random);
        values.push_back(std::polar(static_cast<double>(units), std::uniform_real_distribution<double>(0, 6)(random)));
        copies.insert(copies.end(), static_cast<std::size_t>(units), values.back());
      }
      out.push_back(system_of("by modulus", values));
      out.push_back(out.back());  // the same masses by residuals
      for (Eigenvalue& one : out.back().facts.spectrum) one.residual = 0.1 / std::round(std::abs(one.value));
    };
    Values x, y;
    OperatorSet a, b;
    draw(x, a), draw(y, b);
    const double expected = least_cost(x, y, 2, false);
    CHECK(std::abs(cross(engine, a[0], b[0], {.weights = SpectralWeights::modulus}) - expected) <=
          1e-13 * (1 + expected));
    CHECK(std::abs(cross(engine, a[1], b[1], {.weights = SpectralWeights::inverse_residual}) - expected) <=
          1e-13 * (1 + expected));
  }
}

TEST_CASE("a pair of spectra does not depend on the others, nor on how they were given", "[spectral][given][devices]") {
  Engine engine(test::device());
  std::mt19937_64 random(13);
  OperatorSet all;
  for (int k = 0; k < 6; ++k) {
    all.push_back(system_of(std::to_string(k), random_values(random, 3 + k % 2, k < 3)));
  }
  Operator turn;  // a rotation, and its eigenvalues
  turn.name = "turn";
  turn.size = 2;
  turn.values = {0, -1, 1, 0};
  all.push_back(turn);
  all.push_back(system_of("turn given", {{0, 1}, {0, -1}}));
  for (const Spectral& metric :
       {Spectral{}, Spectral{.mass = SpectralMass::share}, Spectral{.measure = SpectralMeasure::hausdorff},
        Spectral{.weights = SpectralWeights::modulus, .order = 1}}) {
    const auto d = engine.pairwise(all, metric);
    for (index_t i = 0; i < std::ssize(all); ++i) {
      CHECK(d(i, i) == 0);
      for (index_t j = 0; j < std::ssize(all); ++j) {
        CHECK(d(i, j) == d(j, i));
        CHECK(d(i, j) == cross(engine, all[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(j)], metric));
      }
    }
    CHECK(d(6, 7) <= 1e-15);
  }
  const auto d = engine.pairwise(all, Spectral{});
  const auto found = engine.nearest(all, Spectral{}, {.k = 2});
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<double> others;
    for (index_t j = 0; j < std::ssize(all); ++j) {
      if (j != static_cast<index_t>(i)) others.push_back(d(static_cast<index_t>(i), j));
    }
    std::sort(others.begin(), others.end());
    for (std::size_t k = 0; k < 2; ++k) CHECK(found.of[i][k].result.distance == others[k]);
  }
}

TEST_CASE("given spectra: what is left out, refused or fails", "[spectral][given][devices]") {
  Engine engine(test::device());
  OperatorSet both{system_of("net", {{0.5, 0.1}, {0.2, 0}}), system_of("other", {{0.5, 0.1}})};
  const auto refuses = [&](const Metric& metric, const char* reason) {
    CHECK_THROWS_WITH(engine.pairwise(both, metric), Catch::Contains(reason));
  };
  for (const Metric& metric : {Metric(Dsa{.zero_pad = true}), Metric(SpectralGrassmann{}), Metric(InputDsa{})}) {
    refuses(metric, "system 'net' is given by its eigenvalues alone");
  }
  CHECK_THROWS_WITH(engine.nearest(both, Dsa{}, {.k = 1}), Catch::Contains("by its eigenvalues alone"));
  CHECK_THROWS_WITH(engine.align(both[0], both[1]), Catch::Contains("by its eigenvalues alone"));
  refuses(Cka{}, "compares recordings");
  refuses(Spectral{.prune = 0.1}, "without residuals");
  refuses(Spectral{.weights = SpectralWeights::inverse_residual}, "'net' has no residuals");
  both[0].facts.spectrum[0].residual = 0.01, both[0].facts.spectrum[1].residual = 0.7;
  both[1].facts.spectrum[0].residual = 0.02;
  CHECK(engine.pairwise(both, Spectral{.prune = 0.1})(0, 1) == 0);
  CHECK(engine.pairwise(both, Spectral{.weights = SpectralWeights::inverse_residual, .prune = 0.1})(0, 1) == 0);
  CHECK(eigenvalues(both[0]).empty());
  CHECK(std::isnan(figures_of(both[0]).spectral_radius));
  CHECK(!has_spectrum_alone(Operator{}));
  CHECK_THROWS_WITH(system_of("none", {}), Catch::Contains("'none': its spectrum is empty"));
  CHECK_THROWS_WITH(system_of("bad", {1, {0, HUGE_VAL}}), Catch::Contains("'bad': eigenvalue 1 is 0 + infi"));
  both.push_back(system_of("huge", {1e200}));
  CHECK(engine.pairwise(both, Spectral{}).status(0, 2) == PairStatus::failed);
  CHECK(std::isfinite(engine.pairwise(both, Spectral{})(0, 1)));
}

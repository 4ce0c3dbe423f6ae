/// Measures between spectra: masses, weights, orders, Hausdorff distances.
#include "host/engine/operators/operator_bounds.hpp"
#include "host/engine/operators/spectral_scorer.hpp"
#include "tests/oracle/assignment.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace kindred;

namespace {

using oracle::Spectrum;

/// An operator of block-diagonal form with this spectrum, whose conjugates it adds.
Operator with_spectrum(const std::vector<std::complex<double>>& upper, Spectrum& spectrum) {
  Operator op;
  spectrum.clear();
  for (const auto& z : upper) op.size += z.imag() != 0 ? 2 : 1;
  const auto r = static_cast<std::size_t>(op.size);
  op.values.assign(r * r, 0.0);
  std::size_t k = 0;
  for (const auto& z : upper) {
    op.values[k * r + k] = z.real();
    spectrum.emplace_back(z.real(), z.imag());
    if (z.imag() == 0) {
      ++k;
      continue;
    }
    op.values[(k + 1) * r + k + 1] = z.real();
    op.values[k * r + k + 1] = z.imag();
    op.values[(k + 1) * r + k] = -z.imag();
    spectrum.emplace_back(z.real(), -z.imag());
    k += 2;
  }
  return op;
}

PairResult pair(const Operator& a, const Operator& b, const Spectral& metric, bool within = true) {
  const auto backend = test::make_backend();
  PairResult out;
  if (within) {
    const std::vector<Operator> both = {a, b};
    const host::PairIndex index{0, 1};
    host::make_spectral_scorer(*backend, both, {}, metric, {})->run({&index, 1}, {&out, 1});
  } else {
    const host::PairIndex index{0, 0};
    host::make_spectral_scorer(*backend, {&a, 1}, {&b, 1}, metric, {})->run({&index, 1}, {&out, 1});
  }
  return out;
}

/// W_p^p of equal masses: every eigenvalue as many times as makes both sides equal.
long double shared_mass(const Spectrum& a, const Spectrum& b, int order) {
  const std::size_t n = std::lcm(a.size(), b.size());
  std::vector<std::vector<long double>> cost(n, std::vector<long double>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) cost[i][j] = std::pow(std::abs(a[i % a.size()] - b[j % b.size()]), order);
  }
  return oracle::least_by_hungarian(cost) / static_cast<long double>(n);
}

long double directed(const Spectrum& a, const Spectrum& b) {
  long double farthest = 0;
  for (const auto& x : a) {
    long double nearest = std::abs(x - b[0]);
    for (const auto& y : b) nearest = std::min(nearest, std::abs(x - y));
    farthest = std::max(farthest, nearest);
  }
  return farthest;
}

std::vector<std::complex<double>> random_spectrum(std::mt19937_64& random, int reals, int pairs) {
  std::normal_distribution<double> normal;
  std::vector<std::complex<double>> out;
  for (int k = 0; k < reals; ++k) out.emplace_back(normal(random), 0);
  for (int k = 0; k < pairs; ++k) out.emplace_back(normal(random), 0.1 + std::fabs(normal(random)));
  return out;
}

}  // namespace

TEST_CASE("masses, orders and Hausdorff distances of spectra agree with the oracle", "[spectral][devices]") {
  std::mt19937_64 random(7);
  for (int trial = 0; trial < 20; ++trial) {
    Spectrum a, b;
    const Operator x = with_spectrum(random_spectrum(random, trial % 4, 1 + trial % 3), a),
                   y = with_spectrum(random_spectrum(random, (trial + 1) % 3, trial % 4 + 1), b);
    CAPTURE(trial, a.size(), b.size());
    for (const int order : {1, 2}) {
      const Spectral share{.mass = SpectralMass::share, .order = order};
      const double expected = static_cast<double>(shared_mass(a, b, order));
      REQUIRE(std::fabs(pair(x, y, share).distance - expected) <= 1e-13 * (1 + expected));
      REQUIRE(pair(x, y, share).distance == pair(y, x, share).distance);
      Spectral root = share;
      root.score = SpectralScore::root;
      REQUIRE(std::fabs(pair(x, y, root).distance - std::pow(expected, 1.0 / order)) <= 1e-13 * (1 + expected));
      Spectrum padded_a = a, padded_b = b;
      padded_a.resize(std::max(a.size(), b.size()), 0);
      padded_b.resize(padded_a.size(), 0);
      const double padded = static_cast<double>(shared_mass(padded_a, padded_b, order));
      REQUIRE(std::fabs(pair(x, y, Spectral{.order = order}).distance - padded) <= 1e-13 * (1 + padded));
    }
    const Spectral hausdorff{.score = SpectralScore::root, .measure = SpectralMeasure::hausdorff};
    const double both = static_cast<double>(std::max(directed(a, b), directed(b, a)));
    REQUIRE(std::fabs(pair(x, y, hausdorff).distance - both) <= 1e-13 * (1 + both));
    const Spectral one_way{.score = SpectralScore::root, .measure = SpectralMeasure::directed_hausdorff};
    const double forward = static_cast<double>(directed(a, b));
    REQUIRE(std::fabs(pair(x, y, one_way, false).distance - forward) <= 1e-13 * (1 + forward));
  }
}

TEST_CASE("spectra by hand: masses, weights by modulus, zeros", "[spectral][devices]") {
  Spectrum s;
  const Operator one = with_spectrum({{1, 0}}, s), two = with_spectrum({{1, 0}, {0, 0}}, s),
                 uneven = with_spectrum({{3, 0}, {1, 0}}, s), zero = with_spectrum({{0, 0}, {0, 0}}, s);
  // {1} against {1, 0}: half of the mass goes from 1 to 0; padded they are the same.
  CHECK(pair(one, two, Spectral{.mass = SpectralMass::share}).distance == 0.5);
  CHECK(pair(one, two, Spectral{.order = 1}).distance == 0);
  // By modulus {1, 0} is {1}, and {3, 1} has masses 3/4 and 1/4: 3/4 goes from 1 to 3.
  const Spectral modulus{.weights = SpectralWeights::modulus};
  CHECK(pair(one, two, modulus).distance == 0);
  CHECK(std::fabs(pair(one, uneven, modulus).distance - 0.75 * 4) <= 1e-15 * 4);
  CHECK(pair(zero, one, modulus).distance == 1);
  CHECK(pair(zero, zero, modulus).distance == 0);
  CHECK(pair(one, uneven, Spectral{.score = SpectralScore::squared, .measure = SpectralMeasure::hausdorff}).distance ==
        4);
}

TEST_CASE("spectra: what is refused, what fails, and the triangle inequality", "[spectral][devices]") {
  std::mt19937_64 random(8);
  Spectrum s;
  std::vector<Operator> operators;
  for (int k = 0; k < 6; ++k) operators.push_back(with_spectrum(random_spectrum(random, k % 3, 1 + k % 2), s));
  const auto backend = test::make_backend();
  const auto all = [&](const Spectral& metric) {
    const auto scorer = host::make_spectral_scorer(*backend, operators, {}, metric, {});
    std::vector<host::PairIndex> pairs;
    for (index_t i = 0; i < 6; ++i) {
      for (index_t j = 0; j < 6; ++j) pairs.push_back({i, j});
    }
    std::vector<PairResult> out(pairs.size());
    scorer->run(pairs, out);
    return out;
  };
  for (const Spectral& metric : {Spectral{.score = SpectralScore::root, .mass = SpectralMass::share},
                                 Spectral{.score = SpectralScore::root, .weights = SpectralWeights::modulus},
                                 Spectral{.score = SpectralScore::root, .mass = SpectralMass::share, .order = 1},
                                 Spectral{.score = SpectralScore::root, .measure = SpectralMeasure::hausdorff}}) {
    const auto d = all(metric);
    const auto at = [&](std::size_t i, std::size_t j) { return d[6 * i + j].distance; };
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(at(i, i) <= 1e-15);
      for (std::size_t j = 0; j < 6; ++j) {
        CHECK(at(i, j) == at(j, i));
        for (std::size_t k = 0; k < 6; ++k) CHECK(at(i, j) <= at(i, k) + at(k, j) + 1e-13);
      }
    }
  }
  operators[2].values[0] = std::nan("");
  const auto broken = all(Spectral{.order = 1});
  CHECK(broken[2].status == PairStatus::failed);
  CHECK(std::isfinite(broken[1].distance));
  CHECK_THROWS_WITH(all(Spectral{.order = 3}), Catch::Contains("Spectral::order is 3"));
  CHECK_THROWS_WITH(all(Spectral{.measure = SpectralMeasure::directed_hausdorff}),
                    Catch::Contains("directed-hausdorff"));
  CHECK_THROWS_WITH(host::bound_rule(Spectral{.mass = SpectralMass::share}, {}, {}),
                    Catch::Contains("Spectral::mass = pad"));
}

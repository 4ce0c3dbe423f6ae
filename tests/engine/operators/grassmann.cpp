/// Spectral-Grassmann transport, and spectra weighted by the residuals of their eigenvalues.
#include "tests/oracle/assignment.hpp"
#include "tests/oracle/elimination.hpp"

#include <kindred/kindred.hpp>
#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <complex>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;

namespace {

using Real = long double;
using Complex = std::complex<Real>;
using Matrix = std::vector<std::vector<Complex>>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix out(a.size(), std::vector<Complex>(b[0].size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      for (std::size_t j = 0; j < b[0].size(); ++j) out[i][j] += a[i][k] * b[k][j];
    }
  }
  return out;
}

Matrix adjoint(const Matrix& a) {
  Matrix out(a[0].size(), std::vector<Complex>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[0].size(); ++j) out[j][i] = std::conj(a[i][j]);
  }
  return out;
}

/// An operator with known eigenvectors: a conjugate pair and two real ones.
struct Known {
  Operator op;
  std::vector<Complex> values;
  Matrix right, left;  ///< by columns
};

Known random_operator(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  Known out;
  const Complex z(normal(random), 0.2 + std::fabs(normal(random)));
  out.values = {z, std::conj(z), normal(random), normal(random)};
  out.right = Matrix(4, std::vector<Complex>(4));
  for (auto& row : out.right) {
    row[0] = {normal(random), normal(random)};
    row[1] = std::conj(row[0]);
    row[2] = normal(random), row[3] = normal(random);
  }
  const Matrix back = oracle::inverse(out.right);
  Matrix scaled = out.right;
  for (auto& row : scaled) {
    for (std::size_t k = 0; k < 4; ++k) row[k] *= out.values[k];
  }
  out.left = adjoint(back);
  out.op.size = 4;
  for (const auto& row : product(scaled, back)) {
    for (const Complex& x : row) out.op.values.push_back(static_cast<double>(x.real()));
  }
  return out;
}

/// |<x, y>| of the columns i and j at unit length.
Real cosine(const Matrix& x, std::size_t i, const Matrix& y, std::size_t j) {
  Complex xy = 0;
  Real xx = 0, yy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    xy += std::conj(x[k][i]) * y[k][j];
    xx += std::norm(x[k][i]), yy += std::norm(y[k][j]);
  }
  return std::abs(xy) / std::sqrt(xx * yy);
}

/// W by all permutations.
Real expected(const Known& a, const Known& b, const SpectralGrassmann& m) {
  std::vector<std::vector<Real>> cost(4, std::vector<Real>(4));
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      const Real delta = cosine(a.right, i, b.right, j) * cosine(a.left, i, b.left, j);
      const Real squared = m.subspace == Subspace::chordal      ? 1 - delta * delta
                           : m.subspace == Subspace::geodesic   ? std::pow(std::acos(delta), 2)
                           : m.subspace == Subspace::procrustes ? 2 * (1 - delta)
                                                                : -std::log(std::max(delta * delta, Real(1e-12)));
      const Real q = static_cast<Real>(m.exponent), p = static_cast<Real>(m.order);
      cost[i][j] = std::pow(m.eta * std::pow(std::abs(a.values[i] - b.values[j]), q) +
                                (1 - static_cast<Real>(m.eta)) * std::pow(squared, q / 2),
                            p / 2);
    }
  }
  return std::pow(oracle::least_by_permutations(cost) / 4, 1 / static_cast<Real>(m.order));
}

double distance(const Operator& a, const Operator& b, const Metric& metric) {
  return Engine(Device::cpu(1)).cross(OperatorSet{a}, OperatorSet{b}, metric)(0, 0);
}

/// Two trials of 60 steps: noisy rotations of three channels.
std::vector<simulate::Recording> recordings(int count) {
  std::vector<simulate::Recording> out;
  for (int i = 0; i < count; ++i) {
    simulate::Random random(3, static_cast<std::uint64_t>(i));
    simulate::Recording& x = out.emplace_back(2, 60, 3);
    const double angle = 0.2 + 0.15 * i;
    for (index_t k = 0; k < 2; ++k) {
      double a = random.normal(), b = random.normal(), c = random.normal();
      for (index_t t = 0; t < 60; ++t) {
        const double turned = 0.95 * (std::cos(angle) * a - std::sin(angle) * b);
        b = 0.95 * (std::sin(angle) * a + std::cos(angle) * b) + 0.1 * random.normal();
        a = turned + 0.1 * random.normal();
        c = 0.7 * c + 0.3 * a + 0.1 * random.normal();
        x.at(k, t)[0] = a, x.at(k, t)[1] = b, x.at(k, t)[2] = c;
      }
    }
  }
  return out;
}

std::vector<TrajectorySet> owned(const std::vector<simulate::Recording>& all) {
  std::vector<TrajectorySet> out;
  for (const auto& x : all) out.push_back(simulate::own(x, "system " + std::to_string(out.size())));
  return out;
}

}  // namespace

TEST_CASE("spectral-Grassmann transport agrees with the oracle", "[spectral]") {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  for (int trial = 0; trial < 6; ++trial) {
    Known a = random_operator(random), b = random_operator(random);
    for (const bool with_basis : {false, true}) {
      if (with_basis) {  // states in six coordinates; the functionals vanish off their span
        for (Known* one : {&a, &b}) {
          Matrix basis(6, std::vector<Complex>(4));
          for (auto& row : basis) {
            for (Complex& x : row) {
              x = normal(random);
              one->op.basis.push_back(static_cast<double>(x.real()));
            }
          }
          one->left = product(product(basis, oracle::inverse(product(adjoint(basis), basis))), one->left);
          one->right = product(basis, one->right);
        }
      }
      for (const Subspace kind : {Subspace::chordal, Subspace::geodesic, Subspace::procrustes, Subspace::martin}) {
        for (const auto& [order, exponent] : {std::pair<index_t, index_t>{2, 1}, {1, 1}, {2, 2}}) {
          SpectralGrassmann metric{.score = SpectralScore::squared, .subspace = kind, .order = order};
          metric.exponent = exponent;
          metric.eta = trial % 2 == 0 ? 0.5 : 0.3;
          const auto w = static_cast<double>(expected(a, b, metric));
          CAPTURE(trial, with_basis, order, exponent, w);
          // Eigenvectors have conditions of some hundreds.
          REQUIRE(std::fabs(distance(a.op, b.op, metric) - w) <= 1e-10 * (1 + w));
          REQUIRE(distance(a.op, b.op, metric) == distance(b.op, a.op, metric));
          metric.score = SpectralScore::root;
          REQUIRE(std::fabs(distance(a.op, b.op, metric) - std::sqrt(w)) <= 1e-10 * (1 + w));
        }
      }
    }
  }
}

TEST_CASE("spectral-Grassmann transport by hand, and on equal, singular and unusable operators", "[spectral]") {
  Operator a, b;
  a.size = b.size = 2;
  a.values = {0.9, 0, 0, 0.5};
  b.values = {0.5, 0, 0, 0.9};
  const SpectralGrassmann metric{.score = SpectralScore::squared};
  // The same eigenspaces at 0.4, or the same eigenvalues at a right angle.
  CHECK(std::fabs(distance(a, b, metric) - std::sqrt(0.2)) <= 1e-15);
  CHECK(distance(a, b, {SpectralGrassmann{.score = SpectralScore::squared, .eta = 1}}) == 0);
  CHECK(distance(a, b, {SpectralGrassmann{.score = SpectralScore::squared, .eta = 0}}) == 0);
  Operator near = a, zero = a, nilpotent = a, broken = a;
  near.values[1] = 1e-9;  // turns one eigenvector by 2.5e-9
  zero.values = {0, 0, 0, 0};
  nilpotent.values = {0, 1, 0, 0};
  broken.values[2] = NAN;
  CHECK(distance(a, a, metric) == 0);
  const double turned = distance(a, near, {SpectralGrassmann{.score = SpectralScore::squared, .eta = 0, .order = 1}});
  CHECK(turned <= 1e-4);
  CHECK(turned >= 1e-5);
  for (const Operator* other : {&zero, &nilpotent}) CHECK(std::isfinite(distance(a, *other, metric)));
  CHECK(Engine(Device::cpu(1)).cross(OperatorSet{a}, OperatorSet{broken}, metric).status(0, 0) == PairStatus::failed);
  // One change of basis of both changes nothing.
  const double c = 0.6, s = 0.8;
  const auto rotated = [&](const Operator& op) {
    Operator out = op;
    const double x = op(0, 0), y = op(1, 1);
    out.values = {c * c * x + s * s * y, c * s * (x - y), c * s * (x - y), s * s * x + c * c * y};
    return out;
  };
  CHECK(std::fabs(distance(rotated(a), rotated(b), metric) - distance(a, b, metric)) <= 1e-7);
  Operator wider = a;
  wider.size = 3;
  wider.values.assign(9, 0.1);
  CHECK_THROWS_WITH(distance(a, wider, metric), Catch::Contains("shared coordinates"));
  CHECK_THROWS_WITH(distance(a, b, {SpectralGrassmann{.eta = 2}}), Catch::Contains("SpectralGrassmann::eta"));
}

TEST_CASE("operators of recordings are compared in the coordinates of their channels", "[spectral]") {
  const auto raw = recordings(3);
  const auto systems = owned(raw);
  const SpectralGrassmann metric{.dmd = {.delays = 2, .rank = 4}};
  Engine engine(Device::cpu(2));
  const auto d = engine.pairwise(std::span<const TrajectorySet>(systems), metric);
  EngineOptions keeping;
  keeping.bases = true;
  Engine keeper(Device::cpu(1), keeping);
  OperatorSet operators = keeper.fit(systems, metric.dmd);
  REQUIRE(operators[0].basis.size() == 6 * 4);
  const auto again = keeper.pairwise(operators, metric);
  for (index_t i = 0; i < 3; ++i) {
    for (index_t j = 0; j < 3; ++j) CHECK(d(i, j) == again(i, j));
  }
  CHECK(d(0, 1) > 0.01);
  // The basis is V S: the embedded rows of the states are those of the recording.
  const Operator& op = operators[0];
  long double kept = 0;
  for (std::size_t t = 0; t < 2 * 60; ++t) {
    if (t % 60 == 0) continue;  // no row crosses the start of a trial
    std::vector<long double> h;
    for (const std::size_t back : {std::size_t{0}, std::size_t{1}}) {
      const double* row = raw[0].values.data() + 3 * (t - back);
      h.insert(h.end(), row, row + 3);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      long double dot = 0, norm = 0;
      for (std::size_t i = 0; i < 6; ++i) dot += h[i] * op.basis[i * 4 + k], norm += std::pow(op.basis[i * 4 + k], 2);
      kept += dot * dot / norm / norm;  // sum of the squared states: each column of U has length 1
    }
  }
  CHECK(std::fabs(kept - 4) <= 1e-9);
  // Operators without coordinates are not mixed with those that have them.
  operators[1].basis.clear();
  CHECK_THROWS_WITH(keeper.pairwise(operators, metric), Catch::Contains("coordinates of its own"));
}

TEST_CASE("eigenvalues weigh by the inverse of their residuals", "[spectral]") {
  const auto with = [](std::vector<std::pair<double, double>> values) {  // eigenvalue, residual
    Operator op;
    op.size = static_cast<index_t>(values.size());
    op.values.assign(values.size() * values.size(), 0.0);
    for (std::size_t k = 0; k < values.size(); ++k) {
      op.values[k * values.size() + k] = values[k].first;
      op.facts.spectrum.push_back({{values[k].first, 0}, values[k].second});
    }
    return op;
  };
  // Masses 1/3, 2/3 against 1/2, 1/2, as points of six.
  const Operator a = with({{0.9, 1}, {0.2, 0.5}}), b = with({{0.8, 0.25}, {-0.5, 0.25}});
  const oracle::Spectrum x{0.9L, 0.9L, 0.2L, 0.2L, 0.2L, 0.2L}, y{0.8L, 0.8L, 0.8L, -0.5L, -0.5L, -0.5L};
  const auto squared = static_cast<double>(oracle::least_by_hungarian(oracle::squared_distances(x, y)) / 6);
  Spectral metric{.weights = SpectralWeights::inverse_residual};
  CHECK(std::fabs(distance(a, b, metric) - squared) <= 1e-14);
  CHECK(distance(a, b, metric) == distance(b, a, metric));
  metric.score = SpectralScore::root;
  CHECK(std::fabs(distance(a, b, metric) - std::sqrt(squared)) <= 1e-14);
  // An eigenvalue of which nothing is known weighs nothing; a spectrum of which nothing is known is none.
  const Operator c = with({{0.9, 1}, {0.2, 0.5}, {7, NAN}}), unknown = with({{0.9, NAN}});
  CHECK(std::fabs(distance(c, a, metric)) <= 1e-7);
  CHECK(std::isnan(distance(a, unknown, metric)));
  Operator bare = a;
  bare.facts.spectrum.clear();
  CHECK_THROWS_WITH(distance(a, bare, metric), Catch::Contains("no residuals"));
  // Recordings are fitted with residuals, and fits are shared with metrics that do not look at them.
  const auto systems = owned(recordings(3));
  Engine engine(Device::cpu(1));
  Comparisons comparisons(engine, systems);
  metric.dmd.rank = 3;
  const auto plain = comparisons.compare(Spectral{.dmd = metric.dmd});
  const auto weighted = comparisons.compare(metric), direct = Engine(Device::cpu(2)).pairwise(systems, metric);
  for (index_t i = 0; i < 3; ++i) {
    CHECK(weighted(i, i) == 0);
    for (index_t j = 0; j < 3; ++j) CHECK(weighted(i, j) == direct(i, j));
  }
  CHECK(weighted(0, 1) != std::sqrt(plain(0, 1)));
}

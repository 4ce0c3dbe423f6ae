// PAVF against the oracle in long double; proofs; hard operators, alone and in a collection.
#include "tests/oracle/procrustes.hpp"
#include "tests/support/operators.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace kindred;
using namespace kindred::test;

namespace {

oracle::Square as_square(const double* values, index_t r) {
  oracle::Square s(static_cast<std::size_t>(r));
  std::copy_n(values, r * r, s.x.begin());
  return s;
}
oracle::Square as_square(const Matrix& a) { return as_square(a.data(), a.rows()); }

/// A copy of A in other coordinates; `noise` relative to what an alignment sees of A, its part without trace.
Matrix moved(const Matrix& a, double noise, unsigned seed) {
  const index_t r = a.rows();
  const Matrix traceless = a - a.trace() / static_cast<double>(r) * Matrix::Identity(r, r);
  const Matrix q = orthogonal(r, seed), e = gaussian(r, seed + 1);
  return q * (a + noise * traceless.norm() / e.norm() * e) * q.transpose();
}

/// Unequal kinds of operators, each of order one.
std::vector<std::pair<std::string, Matrix>> hard_operators(index_t r) {
  const Matrix zero = Matrix::Zero(r, r), one = Matrix::Identity(r, r), g = gaussian(r, 40), q = orthogonal(r, 41);
  Matrix nilpotent = zero, defective = 0.5 * one, repeated = zero;
  for (index_t i = 0; i + 1 < r; ++i) nilpotent(i, i + 1) = defective(i, i + 1) = 1;
  for (index_t i = 0; i < r; ++i) repeated(i, i) = i < r / 2 ? 1 : -1;
  return {{"identity", one},
          {"multiple of the identity", -3 * one},
          {"nilpotent", nilpotent},
          {"defective", defective},
          {"repeated eigenvalues", q * repeated * q.transpose()},
          {"rank one", g.col(0) * g.row(0)},
          {"skew", g - g.transpose()},
          {"symmetric", g + g.transpose()},
          {"orthogonal", q},
          {"upper triangular", g.triangularView<Eigen::Upper>()},
          {"Gaussian", g}};
}

}  // namespace

TEST_CASE("pavf: the minimum over both components of O(r) at r = 2, 3, 4", "[pavf][oracle][devices]") {
  Dsa config;
  config.score = DsaScore::euclidean;
  config.unit_norm = false;
  config.certify = true;
  for (const index_t r : sizes({.cpu = {2, 3, 4}, .gpu = {2, 3}})) {
    for (unsigned seed = 0; seed < (r == 4 ? 1u : either(3u, 1u)); ++seed) {
      const Matrix a = gaussian(r, 500 + seed), b = gaussian(r, 600 + seed);
      const auto least =
          static_cast<double>(oracle::procrustes(as_square(a), as_square(b), r == 2 ? 4 : 8, 700 + seed));
      const PairResult d = pavf_result(a, b, config);
      INFO("r = " << r << ", seed " << seed << ", distance " << d.distance << ", oracle " << least);
      // both stop where the squared residual changes in its last digits: distances agree to about 1e-9
      CHECK(std::abs(d.distance - least) <= 1e-8 * least);
      CHECK(d.lower_bound <= least * (1 + 1e-12));
    }
  }
}

TEST_CASE("pavf: the alignment is stationary and its residual is the distance", "[pavf][oracle][devices]") {
  const auto backend = make_backend();
  Dsa config;
  config.score = DsaScore::euclidean;
  config.effort = Effort::fast;
  config.unit_norm = false;
  config.certify = true;
  for (const index_t r : sizes({.cpu = {5, 12, 33}, .gpu = {5}})) {
    for (const double noise : {0.0, 0.05, 2.0}) {
      const Matrix a = gaussian(r, 50), b = moved(a, noise, 52);
      const host::PavfAlignment found = host::pavf_align(*backend, as_operator(a), as_operator(b), config);
      const oracle::Square left = as_square(a), right = as_square(b), c = as_square(found.transform.data(), r);
      INFO("r = " << r << ", noise " << noise);
      // C is orthonormal to some r eps, which moves the residual by as much of ||A||
      const double rounding = 1e-14 * static_cast<double>(r) * a.norm();
      CHECK(std::abs(found.result.distance - static_cast<double>(oracle::residual(left, right, c))) <= rounding);
      // the gradient bounds the distance to the minimum to first order; 1e-10 of ||R|| is where the polish stops, or
      // where float64 sees no further decrease: sqrt(eps) of it
      CHECK(static_cast<double>(oracle::gradient_norm(left, right, c)) <= 1e-6 * a.squaredNorm());
    }
  }
}

TEST_CASE("pavf: no distance found is below a proven bound", "[pavf][oracle][devices]") {
  Dsa quick, thorough;
  quick.score = thorough.score = DsaScore::euclidean;
  quick.effort = Effort::fast;
  quick.certify = true;
  thorough.effort = either(Effort::thorough, Effort::standard);
  for (const index_t r : sizes({.cpu = {3, 6, 10}, .gpu = {3}})) {
    for (const double noise : {0.05, 0.3, 1.0}) {
      const Matrix a = gaussian(r, 60), b = moved(a, noise, 61);
      const PairResult proof = pavf_result(a, b, quick), best = pavf_result(a, b, thorough);
      INFO("r = " << r << ", noise " << noise);
      CHECK(proof.lower_bound <= proof.distance);
      // both distances are sums of r^2 squares of order one
      CHECK(proof.lower_bound <= best.distance + 1e-14 * static_cast<double>(r * r));
    }
  }
}

TEST_CASE("pavf: copies in other coordinates, with and without noise, are proven", "[pavf][devices]") {
  Dsa config;
  config.score = DsaScore::euclidean;
  config.certify = true;
  config.effort = either(Effort::standard, Effort::fast);
  for (const index_t r : sizes({.cpu = {5, 10, 20, 50, 100}, .gpu = {5}})) {
    for (unsigned seed = 0; seed < (r == 50 ? 2u : r > 50 ? 1u : either(6u, 2u)); ++seed) {
      // nearly the identity, as operators of slow dynamics are, or not at all
      const Matrix a = gaussian(r, 70 + seed) + (seed % 2 == 0 ? 20.0 : 0.0) * Matrix::Identity(r, r);
      const PairResult exact = pavf_result(a / a.norm(), moved(a / a.norm(), 0.0, 80 + seed), config);
      INFO("r = " << r << ", seed " << seed);
      CHECK(exact.distance <= copy_tolerance);
      CHECK(exact.status == PairStatus::certified);
      if (r > 50) continue;
      CHECK(pavf_result(a, moved(a, 0.01, 90 + seed), config).status == PairStatus::certified);
    }
  }
}

/// Normal operators have X diagonal in every pencil: nothing couples the phases of a start, and any will do.
TEST_CASE("pavf: copies of normal operators are found from one start", "[pavf][devices]") {
  Dsa config;
  config.score = DsaScore::euclidean;
  config.effort = Effort::fast;
  for (const index_t r : sizes({.cpu = {6, 10, 21, 50}, .gpu = {10}})) {
    const Matrix g = gaussian(r, 140), q = orthogonal(r, 141);
    Matrix blocks = Matrix::Zero(r, r), cycle = Matrix::Zero(r, r);
    for (index_t i = 0; i + 1 < r; i += 2) {
      blocks(i, i) = blocks(i + 1, i + 1) = g(i, 0);
      blocks(i, i + 1) = g(i, 1);
      blocks(i + 1, i) = -g(i, 1);
    }
    for (index_t i = 0; i < r; ++i) cycle(i, (i + 1) % r) = 1;
    const std::pair<std::string, Matrix> all[] = {{"skew", g - g.transpose()},
                                                  {"symmetric", g + g.transpose()},
                                                  {"orthogonal", q},
                                                  {"blocks", q * blocks * q.transpose()},
                                                  {"cycle", cycle}};
    for (const auto& [name, a] : all) {
      INFO("r = " << r << ", " << name);
      CHECK(pavf_result(a, moved(a, 0.0, 150), config).distance <= copy_tolerance);
    }
  }
}

enum class Spectrum { pairs, slow, real, mixed };

/// Normal operators: conjugate pairs (and one real where r is odd), pairs near 1, real eigenvalues, or some of each.
Matrix normal_operator(index_t r, unsigned seed, Spectrum spectrum) {
  const Matrix g = gaussian(r, seed), q = orthogonal(r, seed + 1);
  Matrix d = Matrix::Zero(r, r);
  for (index_t i = 0; i < r; ++i) d(i, i) = g(i, i);
  for (index_t i = 0; i + 1 < r && spectrum != Spectrum::real; i += 2) {
    if (spectrum == Spectrum::mixed && i % 4 == 2) continue;
    const double decay = 1 - 0.1 * std::abs(g(i, 0)), angle = 0.3 * g(i, 1);
    const bool slow = spectrum == Spectrum::slow;
    d(i, i) = d(i + 1, i + 1) = slow ? decay * std::cos(angle) : g(i, 0);
    d(i, i + 1) = slow ? decay * std::sin(angle) : g(i, 1);
    d(i + 1, i) = -d(i, i + 1);
  }
  const Matrix a = q * d * q.transpose();
  return a / a.norm();
}

/// ||A - C B C^T||_F^2 >= r W2^2 of the spectra for all unitary C, with equality at one that assigns the eigenvalues
/// (Hoffman and Wielandt). It is real where pairs go to pairs and reals to reals, as they do where there is one kind
/// alone; a pair that the transport splits between a pair and a real has no real C. The spectral distance has tests
/// against brute force.
TEST_CASE("pavf: between normal operators the distance is the spectral one, from one start",
          "[pavf][oracle][devices]") {
  Dsa config;
  config.score = DsaScore::euclidean;
  config.effort = Effort::fast;
  config.unit_norm = false;
  for (const index_t r : sizes({.cpu = {2, 5, 6, 11, 20, 50}, .gpu = {5, 6}})) {
    for (const Spectrum spectrum : {Spectrum::pairs, Spectrum::slow, Spectrum::real, Spectrum::mixed}) {
      OperatorSet set;
      for (unsigned k = 0; k < 4; ++k) {
        set.push_back(as_operator(normal_operator(r, 200 + 10 * k, spectrum), "n" + std::to_string(k)));
      }
      const bool exact = spectrum == Spectrum::real || (spectrum != Spectrum::mixed && r % 2 == 0);
      Engine engine(device());
      const auto d = engine.pairwise(set, config), w = engine.pairwise(set, Spectral{});
      config.group = Group::special_orthogonal;
      const auto rotations = engine.pairwise(set, config);
      config.group = Group::orthogonal;
      for (index_t i = 0; i < d.rows(); ++i) {
        for (index_t j = 0; j < i; ++j) {
          INFO("r = " << r << ", spectrum " << static_cast<int>(spectrum) << ": " << i << ", " << j);
          const double least = std::sqrt(static_cast<double>(r) * w(i, j));
          CHECK(d(i, j) >= least * (1 - 1e-9));  // eigenvalues to r eps
          // the search sees energies to a few float32 eps
          if (exact) CHECK(d(i, j) <= least * (1 + 1e-6));
          CHECK(rotations(i, j) >= least * (1 - 1e-9));
          if (r % 2 != 0) CHECK(rotations(i, j) <= d(i, j) * (1 + 1e-6));
        }
      }
    }
  }
}

TEST_CASE("pavf: hard operators against their own copies and each other", "[pavf][devices]") {
  for (const index_t r : sizes({.cpu = {1, 2, 3, 6}, .gpu = {1, 3}})) {
    const auto all = hard_operators(r);
    OperatorSet set, copies;
    for (std::size_t k = 0; k < all.size(); k += either<std::size_t>(1, 3)) {
      if (all[k].second.norm() == 0) continue;  // a 1 x 1 nilpotent or skew operator is zero: no distance at unit norm
      set.push_back(as_operator(all[k].second, all[k].first));
      copies.push_back(as_operator(moved(all[k].second, 0.0, 100 + static_cast<unsigned>(k)), all[k].first));
    }
    Dsa config;
    config.score = DsaScore::euclidean;
    config.certify = either(true, false);
    config.effort = either(Effort::standard, Effort::fast);
    Engine engine(device());
    const auto d = engine.cross(set, copies, config), back = engine.cross(copies, set, config);
    const index_t n = static_cast<index_t>(set.size());
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < n; ++j) {
        const std::string pair = set[static_cast<std::size_t>(i)].name + ", " + set[static_cast<std::size_t>(j)].name;
        INFO("r = " << r << ": " << pair);
        CHECK(d.status(i, j) != PairStatus::failed);
        CHECK(d(i, j) >= 0);
        CHECK(d(i, j) <= 2 + 1e-12);
        CHECK(d.lower_bound(i, j) <= d(i, j));
        CHECK(d(i, j) == back(j, i));
        // a copy has the eigenvalues of its original to eps^(1/r) where they are defective, eps elsewhere
        if (i == j) CHECK(d(i, j) <= 1e-6);
      }
    }
  }
}

TEST_CASE("pavf: tiny, huge and missing entries", "[pavf][devices]") {
  const index_t r = 5;
  const Matrix a = gaussian(r, 110), b = gaussian(r, 111);
  Dsa raw;
  raw.score = DsaScore::euclidean;
  raw.unit_norm = false;
  raw.effort = either(Effort::standard, Effort::fast);
  Dsa unit = raw;
  unit.unit_norm = true;
  const double plain = pavf_result(a, b, raw).distance, scaled = pavf_result(a, b, unit).distance;
  for (const double s : either<std::vector<double>>({1e150, 1e-150}, {1e150})) {
    // a scale that is no power of two rounds each entry once: the search takes another way to the same minimum, and
    // stops where the predicted decrease is 1e-6 (default) or 1e-4 (fast) of the energy
    const double stop = either(1e-5, 1e-3);
    CHECK(pavf_result(s * a, s * b, raw).distance == Approx(s * plain).epsilon(stop));
    CHECK(pavf_result(s * a, s * b, unit).distance == Approx(scaled).epsilon(stop));
    CHECK(pavf_result(s * a, b, unit).distance == Approx(scaled).epsilon(stop));
    const PairResult far = pavf_result(s * a, b, raw);
    CHECK(far.distance == Approx(std::max(s * a.norm(), b.norm())).epsilon(1e-9));
    CHECK(far.lower_bound <= far.distance);
  }
  OperatorSet set{as_operator(a, "a"), as_operator(b, "b"), as_operator(a, "nan"),
                  as_operator(Matrix::Zero(r, r), "0")};
  set[2].values[3] = std::numeric_limits<double>::infinity();
  const auto d = Engine(device()).pairwise(set, unit);
  CHECK(d(0, 1) == scaled);
  for (index_t k = 0; k < 2; ++k) {
    CHECK(d.status(k, 2) == PairStatus::failed);
    CHECK(d.status(k, 3) == PairStatus::failed);
  }
  const auto distances = Engine(device()).pairwise(set, raw);
  CHECK(distances(0, 1) == plain);
  CHECK(distances(0, 3) == Approx(a.norm()));
  CHECK(distances.status(0, 2) == PairStatus::failed);
}

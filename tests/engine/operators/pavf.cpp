// PAVF distances: closed cases, invariances, hard inputs.
#include "host/engine/operators/pavf_distance.hpp"
#include "tests/support/operators.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace kindred;
using namespace kindred::test;

namespace {

Dsa euclidean(Effort effort = Effort::standard) {
  Dsa d;
  d.score = DsaScore::euclidean;
  d.effort = effort;
  return d;
}

}  // namespace

TEST_CASE("pavf: operators that differ by a change of basis are at distance zero", "[pavf][devices]") {
  for (const Precision precision : {Precision::mixed, Precision::f64}) {
    for (const index_t r : sizes({.cpu = {2, 3, 5, 8, 9, 16, 20, 33}, .gpu = {3, 8, 17}})) {
      for (unsigned seed = 0; seed < either(3u, 1u); ++seed) {
        Dsa config = euclidean(Effort::fast);
        config.precision = precision;
        const Matrix a = gaussian(r, 100 + seed), q = orthogonal(r, 200 + seed, seed % 2 == 1);
        const PairResult d = pavf_result(a, q * a * q.transpose(), config);
        INFO("r = " << r << ", seed " << seed);
        CHECK(d.distance <= copy_tolerance);
        CHECK(d.lower_bound <= d.distance);
      }
    }
  }
}

TEST_CASE("pavf: the operators of the tests are stiff enough for the tolerance of copies", "[pavf][oracle]") {
  Matrix nilpotent = Matrix::Zero(6, 6);
  for (index_t i = 0; i + 1 < 6; ++i) nilpotent(i, i + 1) = 1;
  CHECK(stiffness(nilpotent) > 2e-3);
  for (const index_t r : {2, 3, 4, 5, 8, 9, 16, 20}) {
    for (const unsigned seed : {22u, 70u, 100u, 101u, 102u}) {
      INFO("r = " << r << ", seed " << seed);
      CHECK(stiffness(gaussian(r, seed)) > 2e-3);
    }
  }
}

TEST_CASE("pavf: closed forms at r = 1 and for symmetric and skew operators", "[pavf][devices]") {
  Dsa raw = euclidean();
  raw.unit_norm = false;
  CHECK(pavf_result(Matrix::Constant(1, 1, 3.0), Matrix::Constant(1, 1, -1.5), raw).distance == Approx(4.5));
  // The search in float32 leaves C within some r eps of float32, 1e-6, of the minimiser; the distance depends on it to
  // second order, and 1e-12 is far below 1e-9.
  // symmetric: sorted eigenvalues; diag(3, 1, -2) and a rotated diag(4, 0, -1): sqrt(1 + 1 + 1)
  const Matrix q = orthogonal(3, 7, false);
  const Matrix s = Eigen::Vector3d(3, 1, -2).asDiagonal(), t = Eigen::Vector3d(4, 0, -1).asDiagonal();
  CHECK(pavf_result(s, q * t * q.transpose(), raw).distance == Approx(std::sqrt(3.0)).epsilon(1e-9));
  // skew: sorted singular values; blocks of angular velocity 2, 1 against 3, 0: sqrt(2 + 2)
  Matrix u = Matrix::Zero(4, 4), v = Matrix::Zero(4, 4);
  u(0, 1) = 2, u(1, 0) = -2, u(2, 3) = 1, u(3, 2) = -1;
  v(0, 1) = 3, v(1, 0) = -3;
  const Matrix p = orthogonal(4, 8, true);
  CHECK(pavf_result(u, p * v * p.transpose(), raw).distance == Approx(2.0).epsilon(1e-9));
}

TEST_CASE("pavf: bounds, symmetry and scale", "[pavf][devices]") {
  for (const index_t r : sizes({.cpu = {2, 3, 4, 7, 12, 21}, .gpu = {3, 6}})) {
    const Matrix a = gaussian(r, 1), b = gaussian(r, 2);
    const PairResult ab = pavf_result(a, b, euclidean()), ba = pavf_result(b, a, euclidean());
    CHECK(ab.distance == ba.distance);
    CHECK(ab.lower_bound == ba.lower_bound);
    CHECK(ab.lower_bound <= ab.distance);
    CHECK(ab.distance <= 2.0);
    CHECK(ab.status == PairStatus::converged);
    // a power of two changes no digit of a prepared operator
    CHECK(pavf_result(a * 0x1p400, b * 0x1p-400, euclidean()).distance == ab.distance);
    Dsa angular = euclidean();
    angular.score = DsaScore::angular;
    CHECK(pavf_result(a, b, angular).distance == 2 * std::asin(ab.distance / 2));
  }
}

TEST_CASE("pavf: hard operators", "[pavf][devices]") {
  Dsa raw = euclidean();
  raw.unit_norm = false;
  const index_t r = 6;
  const Matrix zero = Matrix::Zero(r, r), one = Matrix::Identity(r, r), a = gaussian(r, 3);
  CHECK(pavf_result(zero, a, euclidean()).status == PairStatus::failed);
  // no search: sums of r^2 squares, a root, and the scale
  const double eps = std::numeric_limits<double>::epsilon();
  CHECK(std::abs(pavf_result(zero, a, raw).distance - a.norm()) <= 36 * eps * a.norm());
  CHECK(std::abs(pavf_result(one, 3 * one, raw).distance - 2 * std::sqrt(6.0)) <= 36 * eps * 5);
  CHECK(pavf_result(one, 3 * one, euclidean()).distance <= 36 * eps);
  Matrix nilpotent = zero, jordan = 0.5 * one;
  for (index_t i = 0; i + 1 < r; ++i) nilpotent(i, i + 1) = jordan(i, i + 1) = 1;
  const Matrix q = orthogonal(r, 4, true);
  CHECK(pavf_result(nilpotent, q * nilpotent * q.transpose(), euclidean()).distance <= copy_tolerance);
  CHECK(pavf_result(jordan, q * jordan * q.transpose(), euclidean()).distance <= copy_tolerance);
  Matrix nan = a;
  nan(2, 3) = std::numeric_limits<double>::quiet_NaN();
  const PairResult bad = pavf_result(nan, a, euclidean());
  CHECK(bad.status == PairStatus::failed);
  CHECK(std::isnan(bad.distance));
}

TEST_CASE("pavf: unequal sizes are an error that names both, or embedded", "[pavf][devices]") {
  const Matrix a = gaussian(3, 5), b = gaussian(5, 6);
  CHECK_THROWS_WITH(pavf_result(a, b, euclidean()), Catch::Contains("'a'") && Catch::Contains("'b'"));
  Dsa pad = euclidean();
  pad.zero_pad = true;
  Matrix embedded = Matrix::Zero(5, 5);
  embedded.topLeftCorner(3, 3) = a;
  CHECK(pavf_result(a, b, pad).distance == pavf_result(embedded, b, euclidean()).distance);
}

TEST_CASE("pavf: a proof for operators that differ by a change of basis and a little noise", "[pavf][devices]") {
  Dsa config = euclidean(Effort::fast);
  config.certify = true;
  for (const index_t r : {3, 6, 11}) {
    const Matrix a = gaussian(r, 10), q = orthogonal(r, 11, r == 6);
    for (const double noise : {0.0, 0.01}) {
      const PairResult d =
          pavf_result(a, q * (a + noise * a.norm() * gaussian(r, 12) / static_cast<double>(r)) * q.transpose(), config);
      INFO("r = " << r << ", noise " << noise);
      CHECK(d.status == PairStatus::certified);
      CHECK(d.gap <= host::pavf_proof_tolerance);
      CHECK(d.lower_bound <= d.distance);
    }
  }
}

TEST_CASE("pavf: the alignment reproduces the distance; rotations only where asked", "[pavf][devices]") {
  const auto backend = make_backend();
  for (const index_t r : {3, 4, 8}) {
    for (const Group group : {Group::orthogonal, Group::special_orthogonal}) {
      Dsa config = euclidean();
      config.unit_norm = false;
      config.group = group;
      const Matrix a = gaussian(r, 20), b = gaussian(r, 21);
      const host::PavfAlignment found = host::pavf_align(*backend, as_operator(a), as_operator(b), config);
      const Eigen::Map<const Matrix> c(found.transform.data(), r, r), m(found.aligned.data(), r, r);
      // C is the product of three orthogonal matrices, each to a few r eps in every entry; so r^2 eps in norm
      const double rounding = 32 * static_cast<double>(r * r) * std::numeric_limits<double>::epsilon();
      CHECK((c.transpose() * c - Matrix::Identity(r, r)).norm() <= rounding);
      CHECK(std::abs((a - m).norm() - found.result.distance) <= rounding * (a.norm() + b.norm()));
      CHECK((c * b * c.transpose() - m).norm() <= rounding * b.norm());
      if (group == Group::special_orthogonal && r % 2 == 0) CHECK(c.determinant() > 0);
    }
  }
  Dsa rotations = euclidean();
  rotations.group = Group::special_orthogonal;
  const Matrix a = gaussian(4, 22), q = orthogonal(4, 23, true);
  CHECK(pavf_result(a, q * a * q.transpose(), euclidean()).distance <= copy_tolerance);
  // q reflects, and no rotation does what it does: far above what copies are left at
  CHECK(pavf_result(a, q * a * q.transpose(), rotations).distance > 1e4 * copy_tolerance);
}

TEST_CASE("pavf: a pair's bits depend on neither tile, order nor threads", "[pavf][devices]") {
  const index_t r = 6, count = 5;
  std::vector<Operator> operators;
  for (index_t k = 0; k < count; ++k) operators.push_back(as_operator(gaussian(r, 30 + static_cast<unsigned>(k))));
  const auto one = make_backend(0, 1), two = make_backend(0, 2);
  std::vector<host::PairIndex> pairs, turned;
  for (std::int32_t i = 0; i < count; ++i) {
    for (std::int32_t j = i + 1; j < count; ++j) pairs.push_back({i, j});
  }
  for (auto p = pairs.rbegin(); p != pairs.rend(); ++p) turned.push_back({p->j, p->i});
  std::vector<PairResult> whole(pairs.size()), reversed(pairs.size());
  host::make_pavf_scorer(*one, operators, {}, euclidean(), {})->run(pairs, whole);
  host::make_pavf_scorer(*two, operators, {}, euclidean(), {})->run(turned, reversed);
  const auto alone = host::make_pavf_scorer(*one, operators, operators, euclidean(), {});
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    PairResult single;
    alone->run({&pairs[k], 1}, {&single, 1});
    CHECK(single.distance == whole[k].distance);
    CHECK(reversed[pairs.size() - 1 - k].distance == whole[k].distance);
    CHECK(reversed[pairs.size() - 1 - k].lower_bound == whole[k].lower_bound);
  }
}

// The proof of optimality: its bound of the least eigenvalue against dense eigenvalues, and that it proves no minimum
// that is not the least.
#include "host/engine/operators/pavf_prepare.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/steps.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// Without trace, of unit norm.
Matrix deflated(const Matrix& a) {
  const Matrix x = a - a.trace() / static_cast<double>(a.rows()) * Matrix::Identity(a.rows(), a.rows());
  return x / x.norm();
}

Matrix noisy(const Matrix& a, double noise, unsigned seed) {
  const Matrix e = gaussian(a.rows(), seed);
  return a + noise * a.norm() / e.norm() * e;
}

std::vector<std::pair<std::string, Matrix>> operators(index_t r, unsigned seed) {
  const Matrix g = gaussian(r, seed), q = orthogonal(r, seed + 1), one = Matrix::Identity(r, r);
  Matrix nilpotent = Matrix::Zero(r, r), repeated = nilpotent, blocks = nilpotent;
  for (index_t i = 0; i + 1 < r; ++i) nilpotent(i, i + 1) = 1;
  for (index_t i = 0; i < r; ++i) repeated(i, i) = i < r / 2 ? 1 : -1;
  for (index_t i = 0; i + 1 < r; i += 2)
    blocks(i, i + 1) = static_cast<double>(i + 1), blocks(i + 1, i) = -blocks(i, i + 1);
  return {{"Gaussian", g},
          {"symmetric", g + g.transpose()},
          {"skew", g - g.transpose()},
          {"orthogonal", q},
          {"nilpotent", nilpotent},
          {"defective", 0.5 * one + nilpotent},
          {"repeated eigenvalues", q * repeated * q.transpose()},
          {"uncoupled rotations", q * blocks * q.transpose()},
          {"rank one", g.col(0) * g.row(0)}};
}

/// Matrices as the program takes them, one after the other, in memory of the backend.
host::Buffer<double> stacked(host::Backend& backend, const std::vector<Matrix>& matrices) {
  const auto ld = static_cast<std::size_t>(kernels::pavf_padded(matrices.front().rows()));
  std::vector<double> all;
  for (const Matrix& x : matrices) {
    const std::size_t first = all.size();
    all.resize(first + ld * ld, 0.0);
    for (index_t i = 0; i < x.rows(); ++i) {
      std::copy_n(x.data() + i * x.cols(), x.cols(), all.data() + first + static_cast<std::size_t>(i) * ld);
    }
  }
  return to_device(backend, all);
}

/// Least eigenvalue on the complement of the identity of T with the multipliers P, Q.
double least_eigenvalue(const Matrix& a, const Matrix& m, const Matrix& p, const Matrix& q) {
  const index_t r = a.rows();
  Matrix t(r * r, r * r);
  for (index_t k = 0; k < r * r; ++k) {  // row k: T(E_ij), i = k / r, j = k % r
    Matrix e = Matrix::Zero(r, r);
    e(k / r, k % r) = 1;
    const Matrix image = p * e + e * q - a * e * m.transpose() - a.transpose() * e * m;
    t.row(k) = Eigen::Map<const Eigen::RowVectorXd>(image.data(), r * r);
  }
  const Matrix id = Matrix::Identity(r, r) / std::sqrt(static_cast<double>(r));
  const Eigen::Map<const Eigen::VectorXd> v(id.data(), r * r);
  const Matrix off = Matrix::Identity(r * r, r * r) - v * v.transpose();
  // the identity is moved far above: ||T|| <= 8 for operators of unit norm
  const Matrix moved = off * t * off + 100.0 * v * v.transpose();
  return Eigen::SelfAdjointEigenSolver<Matrix>(0.5 * (moved + moved.transpose())).eigenvalues()(0);
}

/// What is found out about one pair: its gap, or a bound of the least eigenvalue; and that eigenvalue.
struct Proof {
  double value, least;
};

/// Pairs A, M of one size, which nothing is known of but that they are aligned: C is the identity.
std::vector<Proof> prove(const std::vector<Matrix>& a, const std::vector<Matrix>& m, bool gap) {
  const index_t r = a.front().rows(), ld = kernels::pavf_padded(r), count = std::ssize(a);
  const auto backend = make_backend();
  const auto left = stacked(*backend, a), right = stacked(*backend, m),
             start = stacked(*backend, std::vector<Matrix>(a.size(), Matrix::Identity(r, r)));
  const host::Buffer<double> energy(*backend, count), value(*backend, count), p(*backend, count * ld * ld),
      q(*backend, count * ld * ld);
  run_steps<ProofStep>(*backend,
                       {.r = r,
                        .a = left.data(),
                        .b = right.data(),
                        .next = ld * ld,
                        .normal_part = nullptr,
                        .paired = 0,
                        .starts = start.data(),
                        .iterations = 0,
                        .gap = gap,
                        .energy = energy.data(),
                        .value = value.data(),
                        .p1 = p.data(),
                        .p2 = q.data()},
                       count);
  const std::vector<double> values = fetch(value), ps = fetch(p), qs = fetch(q);
  std::vector<Proof> proofs;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const auto view = [&](const std::vector<double>& x) {
      return Matrix(Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>(x.data() + static_cast<index_t>(k) * ld * ld, r,
                                                                      r, Eigen::OuterStride<>(ld)));
    };
    proofs.push_back({values[k], least_eigenvalue(a[k], m[k], view(ps), view(qs))});
  }
  return proofs;
}

}  // namespace

TEST_CASE("pavf certificate: the bound is below the least eigenvalue, and close to it", "[pavf][devices]") {
  for (index_t r = 2; r <= either(8, 5); ++r) {
    for (unsigned seed = 0; seed < (r < 7 ? either(3u, 1u) : 1u); ++seed) {
      const auto all = operators(r, 10 * seed);
      std::vector<Matrix> left, right;
      std::vector<std::string> names;
      for (std::size_t k = 0; k < all.size(); ++k) {
        const Matrix a = deflated(all[k].second), q = orthogonal(r, 200 + seed);
        const std::vector<std::pair<std::string, Matrix>> others{
            {"itself", a},
            {"itself, 1 % off", deflated(noisy(a, 0.01, 300 + seed))},
            {"a copy not aligned", q * a * q.transpose()},
            {"the next", deflated(all[(k + 1) % all.size()].second)}};
        for (const auto& [name, m] : others) {
          if (!a.allFinite() || !m.allFinite()) continue;  // a multiple of the identity: nothing to align
          left.push_back(a);
          right.push_back(m);
          names.push_back(all[k].first + ", " + name);
        }
      }
      const std::vector<Proof> proofs = prove(left, right, false);
      for (std::size_t k = 0; k < proofs.size(); ++k) {
        const auto [bound, least] = proofs[k];
        INFO("r = " << r << ", seed " << seed << ": " << names[k] << ": " << bound << " " << least);
        // products of r terms of order one in both, and the eigensolver's r^2 eps
        CHECK(bound <= least + 1e-14 * static_cast<double>(r * r));
        // what is told from zero: 1e-9, doubled until excluded; else 5 % below, doubled
        CHECK(bound >= std::min(0.0, 1.2 * least) - 1e-6);
      }
    }
  }
}

TEST_CASE("pavf certificate: where the split proves it, the operator is positive", "[pavf][devices]") {
  std::size_t proven = 0, pairs = 0;
  for (const index_t r : sizes({.cpu = {3, 5, 8}, .gpu = {3}})) {
    std::vector<Matrix> left, right;
    for (unsigned seed = 0; seed < 8; ++seed) {
      const Matrix a = deflated(gaussian(r, 400 + seed) - gaussian(r, 400 + seed).transpose() + 0.2 * gaussian(r, 500));
      left.push_back(a);
      right.push_back(deflated(noisy(a, 0.02 * static_cast<double>(1 + seed), 600 + seed)));
    }
    for (const auto& [gap, least] : prove(left, right, true)) {
      // M is not stationary here: the gradient alone leaves a gap, which the least eigenvalue bounds from below
      CHECK(gap >= 0.5 * static_cast<double>(r) * std::max(0.0, -least) - 1e-13);
      proven += least > 0;
      ++pairs;
    }
  }
  CHECK(2 * proven > pairs);
}

TEST_CASE("pavf certificate: no local minimum above the least is proven", "[pavf][devices]") {
  std::size_t worse = 0, minima = 0;
  const index_t starts = either(24, 8);
  const auto backend = make_backend();
  for (const index_t r : sizes({.cpu = {3, 6, 10}, .gpu = {3, 6}})) {
    const index_t ld = kernels::pavf_padded(r);
    for (const double noise : {0.01, 0.1, 2.0}) {
      const Matrix a = gaussian(r, 700), q = orthogonal(r, 701), b = q * noisy(a, noise, 702) * q.transpose();
      const auto systems = host::pavf_prepare(*backend, std::vector<const double*>{a.data(), b.data()}, r);
      std::vector<Matrix> from;
      for (index_t k = 0; k < starts; ++k) from.push_back(orthogonal(r, 800 + static_cast<unsigned>(k)));
      const auto left = to_device(*backend, systems[0].op), normal = to_device(*backend, systems[0].normal_part),
                 right = to_device(*backend, systems[1].op), start = stacked(*backend, from);
      const host::Buffer<double> energy(*backend, starts), gap(*backend, starts),
          multipliers(*backend, starts * ld * ld);
      run_steps<ProofStep>(*backend,
                           {.r = r,
                            .a = left.data(),
                            .b = right.data(),
                            .next = 0,
                            .normal_part = normal.data(),
                            .paired = systems[0].paired,
                            .starts = start.data(),
                            .iterations = 600,
                            .gap = true,
                            .energy = energy.data(),
                            .value = gap.data(),
                            .p1 = multipliers.data(),
                            .p2 = multipliers.data()},
                           starts);
      const std::vector<double> energies = fetch(energy), gaps = fetch(gap);
      const double best = *std::min_element(energies.begin(), energies.end());
      for (std::size_t k = 0; k < energies.size(); ++k) {
        INFO("r = " << r << ", noise " << noise << ": " << energies[k] << " - " << gaps[k] << ", best " << best);
        CHECK(energies[k] - gaps[k] <= best + 1e-13);
        worse += energies[k] > best + 1e-6;
        ++minima;
      }
    }
  }
  CHECK(4 * worse > minima);
}

TEST_CASE("pavf certificate: rotated with 1 % noise, all proven", "[pavf][devices]") {
  Dsa config;
  config.certify = true;
  config.effort = either(Effort::standard, Effort::fast);
  for (const index_t r : sizes({.cpu = {3, 5, 10, 20}, .gpu = {3, 5}})) {
    for (unsigned seed = 0; seed < either(4u, 1u); ++seed) {
      const Matrix g = gaussian(r, 900 + seed), q = orthogonal(r, 910 + seed), c = orthogonal(r, 920 + seed);
      const Eigen::VectorXd decay = (-0.3 * Eigen::VectorXd::LinSpaced(r, 0.0, 1.0)).array().exp();
      for (const Matrix& a : {g, Matrix(q * decay.asDiagonal()), Matrix(g - g.transpose() + 0.3 * q)}) {
        const Matrix b = c * noisy(a, 0.01, 930 + seed) * c.transpose();
        const PairResult d = pavf_result(a, b, config);
        INFO("r = " << r << ", seed " << seed << ", distance " << d.distance << ", gap " << d.gap);
        CHECK(d.status == PairStatus::certified);
        CHECK(d.lower_bound <= d.distance);
      }
    }
  }
}

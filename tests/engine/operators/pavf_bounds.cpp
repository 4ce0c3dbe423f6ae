// Proven lower bounds against distances that are known in long double. A result's own bound is held to the distance
// that was found, which hides a bound that is too large: here it is judged before that, and after.
#include "host/engine/operators/pavf_distance.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "tests/oracle/assignment.hpp"
#include "tests/support/operators.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

/// Normal operators in random coordinates, given by their eigenvalues: real ones, and pairs x +- i y. The distance is
/// the assignment of the eigenvalues (Hoffman and Wielandt): all real, or all pairs, so that it has a real C.
struct Known {
  std::string name;
  oracle::Spectrum a, b;
};

oracle::Spectrum reals(const std::vector<double>& x) { return {x.begin(), x.end()}; }
oracle::Spectrum pairs(const std::vector<std::pair<double, double>>& x) {
  oracle::Spectrum s;
  for (const auto& [re, im] : x) s.insert(s.end(), {{re, im}, {re, -im}});
  return s;
}

std::vector<double> draws(index_t n, unsigned seed) {
  const Matrix g = gaussian(n, seed);
  return {g.data(), g.data() + n};
}

std::vector<Known> known(index_t r, unsigned seed) {
  const std::vector<double> x = draws(r, seed), y = draws(r, seed + 1);
  std::vector<double> near = x;
  for (double& v : near) v += 1e-3 * v * v;
  std::vector<Known> all{{"symmetric", reals(x), reals(y)},
                         {"symmetric, close together", reals(x), reals(near)},
                         {"symmetric, the same spectrum", reals(x), reals(x)}};
  if (r % 2 != 0) return all;
  std::vector<std::pair<double, double>> skew_x, skew_y, pairs_x, pairs_y, rotated;
  for (std::size_t k = 0; k + 1 < x.size(); k += 2) {
    skew_x.emplace_back(0, x[k]);
    skew_y.emplace_back(0, y[k]);
    pairs_x.emplace_back(x[k], x[k + 1]);
    pairs_y.emplace_back(y[k], y[k + 1]);
    rotated.emplace_back(x[k] + 1e-3, x[k + 1]);
  }
  all.push_back({"skew", pairs(skew_x), pairs(skew_y)});
  all.push_back({"conjugate pairs", pairs(pairs_x), pairs(pairs_y)});
  all.push_back({"conjugate pairs, close together", pairs(pairs_x), pairs(rotated)});
  return all;
}

long double norm_of(const oracle::Spectrum& s) {
  long double sum = 0;
  for (const auto& z : s) sum += std::norm(z);
  return std::sqrt(sum);
}

/// The distance that `config` asks for.
long double distance_of(const Known& k, const Dsa& config) {
  oracle::Spectrum a = k.a, b = k.b;
  if (config.unit_norm) {
    for (auto& z : a) z /= norm_of(k.a);
    for (auto& z : b) z /= norm_of(k.b);
  }
  const long double d = std::sqrt(oracle::least_by_hungarian(oracle::squared_distances(a, b)));
  return config.score == DsaScore::angular ? 2 * std::asin(d / 2) : d;
}

Matrix operator_of(const oracle::Spectrum& s, unsigned seed) {
  const auto r = static_cast<index_t>(s.size());
  Matrix d = Matrix::Zero(r, r);
  for (index_t i = 0; i < r; ++i) {
    const auto z = s[static_cast<std::size_t>(i)];
    d(i, i) = static_cast<double>(z.real());
    if (z.imag() == 0) continue;
    d(i + 1, i + 1) = d(i, i);
    d(i, i + 1) = static_cast<double>(z.imag());
    d(i + 1, i) = -d(i, i + 1);
    ++i;
  }
  const Matrix q = orthogonal(r, seed);
  return q * d * q.transpose();
}

}  // namespace

TEST_CASE("pavf: no proven bound is above a distance that is known", "[pavf][oracle][devices]") {
  const auto backend = make_backend();
  Dsa raw, unit, angular;
  raw.score = unit.score = DsaScore::euclidean;
  raw.unit_norm = false;
  index_t tight = 0, proofs = 0;
  for (const index_t r : sizes({.cpu = {2, 3, 4, 7, 10}, .gpu = {3, 4}})) {
    for (const Known& k : known(r, 1000 + static_cast<unsigned>(r))) {
      for (Dsa config : {raw, unit, angular}) {
        config.certify = true;
        config.effort = Effort::fast;
        const Matrix a = operator_of(k.a, 5), b = operator_of(k.b, 6);
        const double* const values[] = {a.data(), b.data()};
        host::PreparedOperators operators(*backend, values, r, config);
        const kernels::PavfPair pair{0, 1};
        kernels::PavfOutcome outcome;
        operators.align({&pair, 1}, {&outcome, 1});
        host::PavfSystem x = operators.system(0), y = operators.system(1);
        const auto truth = static_cast<double>(distance_of(k, config));
        const double scale = config.unit_norm ? 2.0 : a.norm() + b.norm();
        // Q D Q^T is rounded by less than 4 r eps of its norm, which moves the distance by no more; the bound's own
        // rounding is of the same order. An angle grows up to five times as fast as the distance, below 1.95.
        const double rounding = 32 * static_cast<double>(r) * std::numeric_limits<double>::epsilon() * scale;
        const PairResult result = host::pavf_result_of(x, y, r, config, &outcome);
        const double bound = host::pavf_proven_bound(x, y, r, config, outcome);
        // the program's proof alone, without the spectra of the symmetric and skew parts
        x.invariants.clear();
        y.invariants.clear();
        const double proof = host::pavf_proven_bound(x, y, r, config, outcome);
        INFO("r = " << r << ", " << k.name << ", unit norm " << config.unit_norm << ", angular "
                    << (config.score == DsaScore::angular) << ": distance " << truth << ", bound - distance "
                    << bound - truth << ", proof - distance " << proof - truth);
        CHECK(bound <= truth + rounding);
        CHECK(proof <= truth + rounding);
        CHECK(result.lower_bound <= truth + rounding);
        CHECK(result.lower_bound <= result.distance);
        CHECK(result.distance >= truth - rounding);
        // for symmetric and skew operators the spectra of the parts are the distance; its margin is 32 r eps of x, and
        // for a small distance d an error of r eps in d^2 is one of r eps / d in d
        if (k.name == "symmetric" || k.name == "skew") CHECK(bound >= truth - 4 * rounding);
        tight += proof >= truth - 1e-8;
        ++proofs;
      }
    }
  }
  // else a proof that is too large by little would pass
  CHECK(2 * tight >= proofs);
}

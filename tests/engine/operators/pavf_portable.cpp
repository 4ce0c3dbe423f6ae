// The pair program without LIBXSMM: the portable products give the same results to rounding. About the CPU: every
// device's products have the same checks in products.cpp.
#undef KINDRED_HAVE_LIBXSMM
#undef KINDRED_TARGET
#define KINDRED_TARGET portable
#include "kernels/exec/cpu.hpp"
#include "kernels/program/pavf.hpp"

#include "host/engine/operators/pavf_scorer.hpp"
#include "tests/support/pavf_pair.hpp"
#include "tests/support/products.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <memory>
#include <random>
#include <vector>

using namespace kindred;

namespace {

std::vector<double> gaussian(index_t count, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(static_cast<std::size_t>(count));
  for (double& v : x) v = normal(engine);
  return x;
}

Operator as_operator(const std::vector<double>& values, index_t r) {
  Operator o;
  o.size = r;
  o.values = values;
  return o;
}

/// Systems 0 and 1 by the program compiled in this file, with proof.
template <class T>
kernels::PavfOutcome portable(host::Backend& backend, const std::vector<host::PavfSystem>& systems, index_t r) {
  const test::PavfPair<T> pair(backend, systems, r);
  const auto p = pair.params(0, 1);
  const kernels::Scratch need = kernels::Pavf<T>::scratch(p);
  std::vector<std::byte> memory(need.bytes + 64);
  void* arena = memory.data();
  std::size_t space = memory.size();
  std::align(64, need.bytes, arena, space);
  kernels::CpuExec ex(static_cast<std::byte*>(arena), need.bytes);
  kernels::Pavf<T>::run(ex, p, 0);
  return pair.outcome();
}

}  // namespace

TEMPLATE_TEST_CASE("portable products are the products", "[pavf][portable]", float, double) {
  using T = TestType;
  kernels::CpuExec ex(nullptr, 0);
  test::check_products<T>(300, [&](index_t m, index_t n, index_t k, bool accumulate, const std::vector<T>& a,
                                   const std::vector<T>& b, std::vector<T>& c) {
    const index_t lda = kernels::pavf_padded(k), ld = kernels::pavf_padded(n);
    ex.multiply(ex.product<T>(m, n, k, lda, ld, ld, accumulate), a.data(), b.data(), c.data());
  });
}

TEST_CASE("halves of symmetric and skew products are the products", "[pavf][portable]") {
  kernels::CpuExec ex(nullptr, 0);
  test::check_symmetric_products<double>(201, [&](index_t r, index_t ld, double sign, const std::vector<double>& a,
                                                  const std::vector<double>& b, std::vector<double>& c) {
    ex.multiply(ex.symmetric_product<double>(r, ld), a.data(), b.data(), c.data(), sign);
  });
}

TEST_CASE("the search on portable products finds the minimum of the library", "[pavf][portable]") {
  for (const index_t r : {3, 8, 21}) {
    const auto a = gaussian(r * r, 10);
    auto b = a;
    const auto noise = gaussian(r * r, 11);
    for (std::size_t k = 0; k < b.size(); ++k) b[k] += 0.02 * noise[k];
    const auto backend = host::make_cpu_backend(1, 0);
    const std::vector<const double*> both{a.data(), b.data()};
    const auto systems = host::pavf_prepare(*backend, both, r);
    const auto distance = [&](double energy) {  // A = mean I + norm A0, the larger scale of the two the unit
      const double sa = systems[0].scale, sb = systems[1].scale, mean = sa * systems[0].mean - sb * systems[1].mean;
      const double x = sa * systems[0].norm, y = sb * systems[1].norm;
      return std::sqrt(static_cast<double>(r) * mean * mean + (x - y) * (x - y) + 2 * x * y * energy);
    };
    Dsa config;
    config.score = DsaScore::euclidean;
    config.unit_norm = false;
    config.certify = true;
    const std::vector<Operator> rows{as_operator(a, r), as_operator(b, r)};
    const auto stage = host::make_pavf_scorer(*backend, rows, {}, config, {});
    const host::PairIndex pair{0, 1};
    PairResult library;
    stage->run({&pair, 1}, {&library, 1});
    INFO("r = " << r);
    // one minimum, polished in float64 until the energy stands still
    CHECK(distance(portable<float>(*backend, systems, r).energy) == Approx(library.distance).epsilon(1e-9));
    CHECK(distance(portable<double>(*backend, systems, r).energy) == Approx(library.distance).epsilon(1e-9));
  }
}

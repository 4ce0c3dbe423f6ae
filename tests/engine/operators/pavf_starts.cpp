// Analytic starts of a pair, evaluated side by side.
#include "kernels/program/pavf.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/pavf_pair.hpp"

#include <catch2/catch.hpp>

using namespace kindred;
using test::gaussian;
using test::Matrix;
using test::orthogonal;

namespace {

/// A short search of the pair with 1, 2 and 3 starts side by side: the same bits, the same effort.
template <class T>
void check_stacks(const Matrix& a, const Matrix& b, bool special = false) {
  const index_t r = a.rows();
  const auto backend = test::make_backend();
  const auto systems = host::pavf_prepare(*backend, std::vector<const double*>{a.data(), b.data()}, r);
  const test::PavfPair<T> pair(*backend, systems, r);
  const auto search = [&](index_t stack) {
    auto params = pair.params(0, 1, stack);
    params.special = special;
    params.certify = false;
    backend->launch<kernels::Pavf<T>>(params, 1);
    return pair.outcome();
  };
  const kernels::PavfOutcome one = search(1);
  const std::vector<double> alone = pair.alignment();
  for (const index_t stack : test::sizes({.cpu = {2, 3}, .gpu = {3}})) {
    const kernels::PavfOutcome other = search(stack);
    INFO("r = " << r << ", " << stack << " side by side");
    CHECK(other.energy == one.energy);
    CHECK(other.refinements == one.refinements);
    CHECK(other.iterations == one.iterations);
    CHECK(pair.alignment() == alone);
  }
}

}  // namespace

TEST_CASE("pavf: as many starts side by side as a warp has tiles for", "[pavf]") {
  CHECK(kernels::pavf_stack(1, 3) == 3);
  CHECK(kernels::pavf_stack(5, 6) == 6);   // 768 / (5 x 8) = 19
  CHECK(kernels::pavf_stack(9, 6) == 3);   // 768 / (9 x 16) = 5: two equal groups
  CHECK(kernels::pavf_stack(10, 3) == 3);  // 768 / (10 x 16) = 4
  CHECK(kernels::pavf_stack(16, 6) == 3);  // 768 / (16 x 16) = 3
  CHECK(kernels::pavf_stack(16, 1) == 1);
  CHECK(kernels::pavf_stack(17, 6) == 1);  // 768 / (17 x 24) = 1
  CHECK(kernels::pavf_stack(100, 3) == 1);
}

TEMPLATE_TEST_CASE("pavf: starts side by side change no bit of a search", "[pavf][devices]", float, double) {
  for (const index_t r : test::sizes({.cpu = {2, 5, 10, 21, 33}, .gpu = {5}})) {
    check_stacks<TestType>(gaussian(r, 50), gaussian(r, 51));
    if (test::on_cpu()) check_stacks<TestType>(gaussian(r, 52), gaussian(r, 53), true);
  }
}

TEST_CASE("pavf: a start that ends the search is the same beside others", "[pavf][devices]") {
  for (const index_t r : test::sizes({.cpu = {3, 6, 11}, .gpu = {6}})) {
    const Matrix g = gaussian(r, 60), one = Matrix::Identity(r, r), q = orthogonal(r, 61, true);
    Matrix nilpotent = Matrix::Zero(r, r), repeated = nilpotent;
    for (index_t i = 0; i + 1 < r; ++i) nilpotent(i, i + 1) = 1;
    for (index_t i = 0; i < r; ++i) repeated(i, i) = i < r / 2 ? 1 : -1;
    // copies solved by the first pencil, by a later one or by none: where eigenvalues of a pencil repeat
    std::vector<Matrix> all{g, nilpotent};
    if (test::on_cpu()) {
      all.insert(all.end(), {g - g.transpose(), g + g.transpose(), repeated, one + nilpotent, g.col(0) * g.row(0)});
    }
    for (const Matrix& a : all) {
      check_stacks<float>(a, q * a * q.transpose());
      check_stacks<float>(a, q * (a + 1e-3 * gaussian(r, 62)) * q.transpose());
    }
  }
}

#pragma once
/// Random operators and changes of basis, for tests of comparisons.
#include "host/engine/operators/pavf_align.hpp"
#include "host/engine/operators/pavf_scorer.hpp"
#include "tests/support/devices.hpp"

#include <kindred/dmd.hpp>

#include <Eigen/Dense>

#include <random>
#include <string>
#include <vector>

namespace kindred::test {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// r x r of standard normal draws.
Matrix gaussian(index_t r, unsigned seed);

/// An orthogonal matrix, of a distribution that has both signs of the determinant.
Matrix orthogonal(index_t r, unsigned seed);

/// The same with determinant -1 if `reflect`, else +1.
Matrix orthogonal(index_t r, unsigned seed, bool reflect);

Operator as_operator(const Matrix& a, const std::string& name = "a");

/// Operators g0, g1, ... with eigenvalues of order one.
OperatorSet gaussians(int count, index_t r);

/// How far apart the search may leave operators of unit norm that differ by a change of basis alone. The last
/// refinement ends when its gradient G is below 1e-10 of 2 |f| / sqrt(r) <= 2 (kernels/program/pavf.hpp). Where M is A
/// turned by a small skew W, E = A - M = [W, A] to first order and ||E||^2 = <W, G>, so that ||E|| <= ||G|| / s, s the
/// least singular value of W -> [W, A] that is not zero. s > 2e-3 for the operators that are compared with this
/// tolerance: see the test of stiffness().
inline constexpr double copy_tolerance = 1e-7;

/// s, the least singular value above 1e-7 of W -> [W, A] on skew W, A without trace and of unit norm.
double stiffness(const Matrix& a);

/// The scorer's result of one pair, on the device under test.
PairResult pavf_result(const Matrix& a, const Matrix& b, const Dsa& config);

}  // namespace kindred::test

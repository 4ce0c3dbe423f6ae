#pragma once
#include <kindred/types.hpp>

#include <string>
#include <vector>

namespace kindred::host {

/// Replaces A (r x r, row-major) by its principal logarithm, which is real and whose eigenvalues have imaginary parts
/// in (-pi, pi). Returns why there is none: an eigenvalue on the closed negative real axis, to rounding; else nothing.
///
/// Inverse scaling and squaring: square roots of the complex Schur form until it is within 1/4 of I, then the Pade
/// approximant of degree 7, as a sum of fractions (Gauss-Legendre nodes). Errors are eps times the condition of the
/// logarithm. Cost about 25 r^3 complex flops and r^3 / 3 for each root. Source: Higham 2008, Functions of Matrices,
/// algorithms 6.3 and 11.9; Kenney and Laub 1989, doi 10.1137/0610014.
[[nodiscard]] std::string take_logarithm(std::vector<double>& a, index_t r);

}  // namespace kindred::host

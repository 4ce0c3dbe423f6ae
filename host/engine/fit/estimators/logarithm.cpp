#include "host/engine/fit/estimators/logarithm.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <sstream>

namespace kindred::host {
namespace {

using Complex = std::complex<double>;

/// Column-major, r x r.
struct Square {
  index_t r;
  std::vector<Complex> values;

  explicit Square(index_t size) : r(size), values(at(size * size)) {}
  Complex& operator()(index_t i, index_t j) { return values[at(j * r + i)]; }
  const Complex& operator()(index_t i, index_t j) const { return values[at(j * r + i)]; }
  [[nodiscard]] lapack_complex_double* data() { return reinterpret_cast<lapack_complex_double*>(values.data()); }
};

/// Principal square root of an upper triangle, column by column (Bjorck and Hammarling 1983).
Square root_of(const Square& t) {
  Square out(t.r);
  for (index_t j = 0; j < t.r; ++j) {
    out(j, j) = std::sqrt(t(j, j));
    for (index_t i = j - 1; i >= 0; --i) {
      Complex sum = t(i, j);
      for (index_t k = i + 1; k < j; ++k) sum -= out(i, k) * out(k, j);
      out(i, j) = sum / (out(i, i) + out(j, j));
    }
  }
  return out;
}

double distance_to_identity(const Square& t) {
  double largest = 0;
  for (index_t j = 0; j < t.r; ++j) {
    double sum = 0;
    for (index_t i = 0; i <= j; ++i) sum += std::abs(t(i, j) - Complex(i == j ? 1 : 0));
    largest = std::max(largest, sum);
  }
  return largest;
}

/// Adds weight X (I + node X)^-1 to `sum`, X = T - I: a column at a time by back substitution, as X and the inverse
/// commute.
void add_fraction(const Square& t, double weight, double node, Square& sum) {
  const auto x = [&t](index_t i, index_t j) { return t(i, j) - Complex(i == j ? 1 : 0); };
  std::vector<Complex> column(at(t.r));
  for (index_t j = 0; j < t.r; ++j) {
    for (index_t i = j; i >= 0; --i) {
      Complex value = x(i, j);
      for (index_t k = i + 1; k <= j; ++k) value -= node * x(i, k) * column[at(k)];
      column[at(i)] = value / (1.0 + node * x(i, i));
      sum(i, j) += weight * column[at(i)];
    }
  }
}

/// log T for T within 1/4 of I.
Square pade(const Square& t) {
  // Gauss-Legendre of 7 points on [-1, 1]: log(I + X) = integral over s in [0, 1] of X (I + s X)^-1.
  constexpr double nodes[] = {0, 0.4058451513773971669, 0.7415311855993944399, 0.9491079123427585245};
  constexpr double weights[] = {0.4179591836734693878, 0.3818300505051189449, 0.2797053914892766679,
                                0.1294849661688696933};
  Square sum(t.r);
  for (std::size_t k = 0; k < std::size(nodes); ++k) {
    add_fraction(t, weights[k] / 2, (1 + nodes[k]) / 2, sum);
    if (k > 0) add_fraction(t, weights[k] / 2, (1 - nodes[k]) / 2, sum);
  }
  return sum;
}

/// Whether an eigenvalue lies on the closed negative real axis, as far as rounding tells.
bool has_no_logarithm(Complex eigenvalue, double rounding) {
  return eigenvalue.real() <= rounding && std::abs(eigenvalue.imag()) <= rounding;
}

}  // namespace

std::string take_logarithm(std::vector<double>& a, index_t r) {
  const auto n = static_cast<lapack_int>(r);
  Square t(r), z(r);
  double size = 0;
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) {
      t(i, j) = a[at(i * r + j)];
      size = std::max(size, std::abs(a[at(i * r + j)]));
    }
  }
  std::vector<Complex> eigenvalues(at(r));
  lapack_int selected = 0;
  if (LAPACKE_zgees(LAPACK_COL_MAJOR, 'V', 'N', nullptr, n, t.data(), n, &selected,
                    reinterpret_cast<lapack_complex_double*>(eigenvalues.data()), z.data(), n) != 0) {
    return "the eigenvalues of its operator did not converge";
  }
  const double rounding = static_cast<double>(r) * std::numeric_limits<double>::epsilon() * size;
  for (const Complex& value : eigenvalues) {
    if (!has_no_logarithm(value, rounding)) continue;
    std::ostringstream text;
    text << "its operator has the eigenvalue " << value.real()
         << ", on the negative real axis or zero, where the logarithm has no real branch; sample faster, lower "
            "Dmd::rank, or leave Dmd::dt = 0";
    return text.str();
  }
  int roots = 0;
  for (; distance_to_identity(t) > 0.25 && roots < 100; ++roots) t = root_of(t);
  const Square log_t = pade(t);
  // log A = Z (2^roots log T) Z^H, which is real.
  const double scale = std::ldexp(1.0, roots);
  Square half(r);
  for (index_t j = 0; j < r; ++j) {
    for (index_t k = 0; k <= j; ++k) {
      for (index_t i = 0; i < r; ++i) half(i, j) += z(i, k) * log_t(k, j);
    }
  }
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) {
      double sum = 0;
      for (index_t k = 0; k < r; ++k) sum += (half(i, k) * std::conj(z(j, k))).real();
      a[at(i * r + j)] = scale * sum;
    }
  }
  return {};
}

}  // namespace kindred::host

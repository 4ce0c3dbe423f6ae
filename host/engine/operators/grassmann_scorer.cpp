#include "host/engine/operators/grassmann_scorer.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/base/transport.hpp"
#include "host/engine/operators/listed_operators.hpp"

#include <kindred/error.hpp>

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

using Complex = std::complex<double>;

[[noreturn]] void refuse(ErrorCode code, const std::string& what) { throw Error(code, what); }

/// Eigenvalues, and unit eigenvectors by columns, n x r column-major.
struct Atoms {
  index_t size = 0, coordinates = 0;
  std::vector<Complex> values, right, left;
  bool usable = false;
};

index_t coordinates_of(const Operator& op) { return op.basis.empty() ? op.size : std::ssize(op.basis) / op.size; }

/// LAPACK's eigenvectors, of a conjugate pair the real and the imaginary part, as complex columns.
std::vector<Complex> complex_columns(const std::vector<double>& v, const std::vector<double>& im, index_t r) {
  std::vector<Complex> out(at(r * r));
  for (index_t k = 0; k < r; ++k) {
    const bool second = im[at(k)] < 0;  // of a pair
    const index_t re = second ? k - 1 : k;
    for (index_t i = 0; i < r; ++i) {
      const double part = im[at(k)] == 0 ? 0 : v[at((re + 1) * r + i)];
      out[at(k * r + i)] = {v[at(re * r + i)], second ? -part : part};
    }
  }
  return out;
}

/// Columns of length 1. False where one is 0 or not finite.
bool normalize(std::vector<Complex>& v, index_t n) {
  for (auto first = v.begin(); first != v.end(); first += n) {
    double square = 0;
    std::for_each(first, first + n, [&](const Complex& x) { square += std::norm(x); });
    if (!(square > 0) || !std::isfinite(square)) return false;
    std::for_each(first, first + n, [by = 1 / std::sqrt(square)](Complex& x) { x *= by; });
  }
  return true;
}

/// Q times columns: n x r times r x r.
std::vector<Complex> in_coordinates(const std::vector<double>& q, const std::vector<Complex>& v, index_t n, index_t r) {
  std::vector<Complex> out(at(n * r));
  for (index_t k = 0; k < r; ++k) {
    for (index_t j = 0; j < r; ++j) {
      for (index_t i = 0; i < n; ++i) out[at(k * n + i)] += q[at(i * r + j)] * v[at(k * r + j)];
    }
  }
  return out;
}

/// Turns coordinates of the states into those of the basis Q R. False where R is singular.
bool into_basis(const Operator& op, Atoms& out) {
  const index_t n = out.coordinates, r = out.size;
  const auto rows = static_cast<lapack_int>(n), columns = static_cast<lapack_int>(r);
  std::vector<double> q = op.basis, tau(at(r));
  if (n < r || LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, rows, columns, q.data(), columns, tau.data()) != 0) return false;
  std::vector<double> upper(q.begin(), q.begin() + r * r);
  for (index_t k = 0; k < r; ++k) {
    if (upper[at(k * r + k)] == 0) return false;
  }
  if (LAPACKE_dorgqr(LAPACK_ROW_MAJOR, rows, columns, columns, q.data(), columns, tau.data()) != 0) return false;
  for (index_t k = 0; k < r; ++k) {
    Complex* w = &out.right[at(k * r)];  // R w, from the first entry on, as R is upper triangular
    for (index_t i = 0; i < r; ++i) {
      Complex sum = 0;
      for (index_t j = i; j < r; ++j) sum += upper[at(i * r + j)] * w[j];
      w[i] = sum;
    }
    Complex* v = &out.left[at(k * r)];  // R^-T v
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j < i; ++j) v[i] -= upper[at(j * r + i)] * v[j];
      v[i] /= upper[at(i * r + i)];
    }
  }
  out.right = in_coordinates(q, out.right, n, r);
  out.left = in_coordinates(q, out.left, n, r);
  return true;
}

Atoms atoms_of(const Operator& op) {
  Atoms out;
  const auto finite = [](const std::vector<double>& v) {
    return std::all_of(v.begin(), v.end(), [](double x) { return std::isfinite(x); });
  };
  if (op.size == 0 || !finite(op.values) || !finite(op.basis)) return out;
  const index_t r = out.size = op.size;
  out.coordinates = coordinates_of(op);
  const auto n = static_cast<lapack_int>(r);
  std::vector<double> a = op.values, re(at(r)), im(at(r)), left(at(r * r)), right(at(r * r));
  // The row-major array is A^T column-major: its right eigenvectors are conjugates of A's left ones, and the reverse.
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'V', 'V', n, a.data(), n, re.data(), im.data(), right.data(), n, left.data(),
                    n) != 0) {
    return out;
  }
  for (index_t k = 0; k < r; ++k) out.values.emplace_back(re[at(k)], im[at(k)]);
  out.right = complex_columns(right, im, r);
  out.left = complex_columns(left, im, r);
  for (Complex& x : out.right) x = std::conj(x);
  for (Complex& x : out.left) x = std::conj(x);
  if (!op.basis.empty() && !into_basis(op, out)) return out;
  out.usable = normalize(out.right, out.coordinates) && normalize(out.left, out.coordinates);
  return out;
}

/// 1 - |<x_i, y_j>|^2 of unit columns, r x r', row-major.
std::vector<double> squared_sines(const std::vector<Complex>& x, const std::vector<Complex>& y, index_t n) {
  const index_t p = std::ssize(x) / n, q = std::ssize(y) / n;
  std::vector<Complex> products(at(p * q));
  const Complex one = 1, zero = 0;
  cblas_zgemm(CblasRowMajor, CblasNoTrans, CblasConjTrans, static_cast<int>(p), static_cast<int>(q),
              static_cast<int>(n), &one, x.data(), static_cast<int>(n), y.data(), static_cast<int>(n), &zero,
              products.data(), static_cast<int>(q));
  constexpr double near = 1e-2;
  std::vector<double> out;
  for (index_t k = 0; k < p * q; ++k) {
    double sine = std::max(0.0, 1 - std::norm(products[at(k)]));
    if (sine < near) {  // ||x - y <y, x>||^2
      const Complex *a = &x[at(k / q * n)], *b = &y[at(k % q * n)];
      sine = 0;
      for (index_t i = 0; i < n; ++i) sine += std::norm(a[i] - b[i] * products[at(k)]);
    }
    out.push_back(std::min(1.0, sine));
  }
  return out;
}

/// The distance of two eigenspaces, from 1 - delta^2.
double distance_of(Subspace kind, double sine) {
  const double delta = std::sqrt(1 - sine);
  switch (kind) {
    case Subspace::geodesic:
      return delta > 0.5 ? std::asin(std::sqrt(sine)) : std::acos(delta);
    case Subspace::procrustes:
      return std::sqrt(2 * sine / (1 + delta));
    case Subspace::martin:
      return std::sqrt(-std::log1p(-std::min(sine, 1 - 1e-12)));
    case Subspace::chordal:
      break;
  }
  return std::sqrt(sine);
}

class GrassmannScorer final : public ListedOperators {
 public:
  GrassmannScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns,
                  const SpectralGrassmann& metric, const Progress& progress)
      : ListedOperators(backend, rows, columns), metric_(metric) {
    require_shared();
    const auto count = std::ssize(operators_);
    atoms_.resize(at(count));
    tell_progress(progress, "prepare", 0, count);
    for_each_on_host(backend, count, [&](index_t i) { atoms_[at(i)] = atoms_of(*operators_[at(i)]); });
    tell_progress(progress, "prepare", count, count);
  }

  void run(std::span<const PairIndex> pairs, std::span<PairResult> out) override {
    for_each_on_host(backend_, std::ssize(pairs), [&](index_t k) {
      const auto [i, j] = ends(pairs[at(k)]);
      out[at(k)] = scored(i, j);
    });
  }

  [[nodiscard]] index_t preferred_tile() const override { return 64 * backend_.parallelism(); }

 private:
  void require_shared() const {
    const Operator* reference = nullptr;
    std::size_t bytes = 0;
    for (const Operator* op : operators_) {
      if (op->size == 0 || op->facts.status == FitStatus::failed) continue;
      if (reference == nullptr) reference = op;
      const index_t n = coordinates_of(*op), wanted = coordinates_of(*reference);
      if (n != wanted || op->basis.empty() != reference->basis.empty()) {
        const auto in = [](const Operator& o) {
          return o.basis.empty() ? " coordinates of its own" : " coordinates (delays x channels)";
        };
        refuse(ErrorCode::invalid_data, "system '" + op->name + "' has eigenvectors in " + std::to_string(n) + in(*op) +
                                            ", expected " + std::to_string(wanted) + in(*reference) + " as system '" +
                                            reference->name + "': sgot compares eigenvectors in shared coordinates");
      }
      bytes += at(n * op->size) * 4 * sizeof(double);
    }
    if (bytes > backend_.memory_budget()) {
      refuse(ErrorCode::out_of_memory, "the eigenvectors of all systems need " + std::to_string(bytes) +
                                           " bytes, the budget is " + std::to_string(backend_.memory_budget()) +
                                           "; use fewer delays, a lower rank, or a larger budget");
    }
  }

  [[nodiscard]] PairResult scored(std::size_t i, std::size_t j) const {
    if (!atoms_[i].usable || !atoms_[j].usable) return failed();
    const Operator &a = *operators_[i], &b = *operators_[j];
    if (a.values == b.values && a.basis == b.basis) return same();
    const bool turned = b.values < a.values || (a.values == b.values && b.basis < a.basis);
    const double w = transport(atoms_[turned ? j : i], atoms_[turned ? i : j]);
    return exact_or_failed(metric_.score == SpectralScore::root ? std::sqrt(w) : w);
  }

  /// W, of distances d with d^2 = eta |lambda - lambda'|^q + (1 - eta) d_G^q.
  [[nodiscard]] double transport(const Atoms& x, const Atoms& y) const {
    const std::vector<double> right = squared_sines(x.right, y.right, x.coordinates),
                              left = squared_sines(x.left, y.left, x.coordinates);
    std::vector<double> cost;
    for (std::size_t k = 0; k < right.size(); ++k) {
      const std::size_t i = k / at(y.size), j = k % at(y.size);
      double spectral = std::abs(x.values[i] - y.values[j]),
             spaces = distance_of(metric_.subspace, std::min(1.0, right[k] + left[k] - right[k] * left[k]));
      if (metric_.exponent == 2) spectral *= spectral, spaces *= spaces;
      const double d2 = metric_.eta * spectral + (1 - metric_.eta) * spaces;
      cost.push_back(metric_.order == 1 ? std::sqrt(d2) : d2);
    }
    const auto masses = equal_masses(x.size, y.size), others = equal_masses(y.size, x.size);
    const std::vector<std::int64_t> flow = transport_plan(cost, masses, others);
    double sum = 0, mass = 0;
    for (std::size_t k = 0; k < cost.size(); ++k) sum += static_cast<double>(flow[k]) * cost[k];
    for (const std::int64_t units : masses) mass += static_cast<double>(units);
    return metric_.order == 1 ? sum / mass : std::sqrt(sum / mass);
  }

  SpectralGrassmann metric_;
  std::vector<Atoms> atoms_;
};

}  // namespace

std::unique_ptr<PairScorer> make_whole_scorer(Backend& backend, std::span<const Operator> rows,
                                              std::span<const Operator> columns, const SpectralGrassmann& metric,
                                              const Progress& progress) {
  const auto check = [](bool good, const char* field, const auto& value, const char* expected) {
    if (!good) {
      refuse(ErrorCode::invalid_argument,
             std::string("SpectralGrassmann::") + field + " is " + std::to_string(value) + ", expected " + expected);
    }
  };
  check(metric.eta >= 0 && metric.eta <= 1, "eta", metric.eta, "0 to 1");
  check(metric.order == 1 || metric.order == 2, "order", metric.order, "1 or 2");
  check(metric.exponent == 1 || metric.exponent == 2, "exponent", metric.exponent, "1 or 2");
  return std::make_unique<GrassmannScorer>(backend, rows, columns, metric, progress);
}

}  // namespace kindred::host

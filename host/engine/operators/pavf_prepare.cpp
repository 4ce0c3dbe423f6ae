#include "host/engine/operators/pavf_prepare.hpp"

#include "host/base/index.hpp"
#include "kernels/pavf/search.hpp"
#include "kernels/prim/random.hpp"
#include "kernels/program/pavf_basis.hpp"

#include <cblas.h>
#include <lapacke.h>
#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <complex>
#include <numbers>

namespace kindred::host {
namespace {

using kernels::pavf_padded;
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::uint64_t hash(const double* a, index_t count, index_t r) {
  std::uint64_t h = kernels::mix(static_cast<std::uint64_t>(r));
  for (index_t i = 0; i < count; ++i) h = kernels::mix(h + std::bit_cast<std::uint64_t>(a[i] + 0.0));
  return h;
}

/// Scale, trace, norm; op <- A0 (r x r, no padding).
void deflate(const double* a, index_t r, PavfSystem& s) {
  const index_t count = r * r;
  s.finite = std::all_of(a, a + count, [](double x) { return std::isfinite(x); });
  if (!s.finite) return;
  s.scale = 0;
  for (index_t i = 0; i < count; ++i) s.scale = std::max(s.scale, std::abs(a[i]));
  s.op.assign(a, a + count);
  if (s.scale > 0) {
    for (double& x : s.op) x /= s.scale;
  }
  s.key = hash(s.op.data(), count, r);
  for (index_t i = 0; i < r; ++i) s.mean += s.op[at(i * r + i)] / static_cast<double>(r);
  for (index_t i = 0; i < r; ++i) s.op[at(i * r + i)] -= s.mean;
  double sum = 0;
  for (double x : s.op) sum += x * x;
  s.norm = std::sqrt(sum);
  s.scalar = !(s.norm > 0);
  if (!s.scalar) {
    for (double& x : s.op) x /= s.norm;
  }
}

/// det Q < 0, from the factors P L U of the orthogonal Q.
bool reflects(Matrix q) {
  const auto n = static_cast<lapack_int>(q.rows());
  std::vector<lapack_int> pivots(at(n));
  LAPACKE_dgetrf(LAPACK_ROW_MAJOR, n, n, q.data(), n, pivots.data());
  bool negative = false;
  for (lapack_int i = 0; i < n; ++i) {
    const bool exchanged = pivots[at(i)] != i + 1, below = q(i, i) < 0;
    negative = negative != (exchanged != below);
  }
  return negative;
}

/// Real Schur basis with the members of 2x2 blocks apart, complex pairs first; op <- A0 in it, padded.
void schur(index_t r, PavfSystem& s) {
  const int n = static_cast<int>(r);
  std::vector<double> t = s.op, z(t.size()), re(at(r)), im(at(r));
  lapack_int selected = 0;
  if (LAPACKE_dgees(LAPACK_ROW_MAJOR, 'V', 'N', nullptr, n, t.data(), n, &selected, re.data(), im.data(), z.data(),
                    n) != 0) {  // not converged: any basis will do, all blocks real
    std::fill(z.begin(), z.end(), 0.0);
    for (index_t i = 0; i < r; ++i) z[at(i * r + i)] = 1;
    std::fill(im.begin(), im.end(), 0.0);
  }
  std::vector<index_t> order(at(r)), singles;
  const index_t half = r / 2;
  for (index_t i = 0; i < r; ++i) {
    if (i + 1 < r && im[at(i)] != 0) {
      order[at(s.paired)] = i;
      order[at(half + s.paired)] = i + 1;
      ++s.paired;
      ++i;
    } else {
      singles.push_back(i);
    }
  }
  // real modes in the order of their eigenvalues, two to a block
  std::stable_sort(singles.begin(), singles.end(), [&](index_t x, index_t y) { return re[at(x)] > re[at(y)]; });
  index_t next = 0;
  for (index_t k = s.paired; k < half; ++k) {
    order[at(k)] = singles[at(next++)];
    order[at(half + k)] = singles[at(next++)];
  }
  if (r % 2 == 1) order[at(r - 1)] = singles[at(next)];
  Matrix q(r, r);
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) q(i, j) = z[at(i * r + order[at(j)])];
  }
  if (reflects(q)) q.col(r - 1) *= -1;  // rotations stay rotations in the prepared bases
  const Matrix a = Eigen::Map<const Matrix>(s.op.data(), r, r), m = q.transpose() * a * q;
  const index_t ld = pavf_padded(r);
  s.basis.assign(q.data(), q.data() + r * r);
  s.op.assign(at(ld * ld), 0.0);
  for (index_t i = 0; i < r; ++i) std::copy_n(m.data() + i * r, r, s.op.data() + i * ld);
}

Matrix unpadded(const std::vector<double>& x, index_t r) {
  return Eigen::Map<const Matrix, 0, Eigen::OuterStride<>>(x.data(), r, r, Eigen::OuterStride<>(pavf_padded(r)));
}

/// Eigenvectors U (column-major, ascending eigenvalues w) of Hermitian matrices of one size: tridiagonal form T = Q^H H
/// Q, divide and conquer on the real T, U = Q Z.
class HermitianSolver {
 public:
  explicit HermitianSolver(index_t r)
      : n_(static_cast<int>(r)),
        tau_(at(r)),
        complex_work_(at(64 * r)),
        off_(at(r)),
        z_(at(r * r)),
        work_(at(1 + 4 * r + r * r)),
        integers_(at(3 + 5 * r)) {}

  /// h: lower triangle, destroyed. False where the iteration did not converge.
  [[nodiscard]] bool solve(std::complex<double>* h, std::complex<double>* u, double* w) {
    const auto c = [](std::complex<double>* x) { return reinterpret_cast<lapack_complex_double*>(x); };
    const auto size = [](const auto& x) { return static_cast<lapack_int>(x.size()); };
    if (LAPACKE_zhetrd_work(LAPACK_COL_MAJOR, 'L', n_, c(h), n_, w, off_.data(), c(tau_.data()),
                            c(complex_work_.data()), size(complex_work_)) != 0) {
      return false;
    }
    if (LAPACKE_dstedc_work(LAPACK_COL_MAJOR, 'I', n_, w, off_.data(), z_.data(), n_, work_.data(), size(work_),
                            integers_.data(), size(integers_)) != 0) {
      return false;
    }
    std::copy(z_.begin(), z_.end(), u);
    return LAPACKE_zunmtr_work(LAPACK_COL_MAJOR, 'L', 'L', 'N', n_, n_, c(h), n_, c(tau_.data()), c(u), n_,
                               c(complex_work_.data()), size(complex_work_)) == 0;
  }

 private:
  int n_;
  std::vector<std::complex<double>> tau_, complex_work_;
  std::vector<double> off_, z_, work_;
  std::vector<lapack_int> integers_;
};

/// out (r x r, column-major, leading dimension r) = alpha op(a) b + beta out.
void multiply(index_t r, CBLAS_TRANSPOSE op, double alpha, const double* a, const double* b, double beta, double* out) {
  const int n = static_cast<int>(r);
  cblas_dgemm(CblasColMajor, op, CblasNoTrans, n, n, n, alpha, a, n, b, n, beta, out, n);
}

/// Angles of the pencils in degrees.
enum class Angle : int {
  degrees_15 = 15,
  degrees_30 = 30,
  degrees_45 = 45,
  degrees_60 = 60,
  degrees_75 = 75,
  right = 90
};

/// The most useful ones first: a search at `fast` takes the first three.
constexpr Angle angles[] = {Angle::degrees_60, Angle::right,      Angle::degrees_30,
                            Angle::degrees_75, Angle::degrees_45, Angle::degrees_15};
static_assert(std::size(angles) == kernels::pavf_pencils);

/// The pencils of one operator, S = sym A0 and K = skew A0 given, column-major.
class Pencils {
 public:
  Pencils(index_t r, const std::vector<double>& sym, const std::vector<double>& skew)
      : r_(r),
        sym_(sym),
        skew_(skew),
        solver_(r),
        h_(sym.size()),
        u_(sym.size()),
        w_(at(r)),
        ur_(sym.size()),
        ui_(ur_),
        vr_(ur_),
        vi_(ur_),
        xr_(ur_),
        xi_(ur_) {}

  /// Re U, Im U, Re X, Im X, to four matrices at `out`, r x ld with ld rows. Since H = cos S + i sin K = U Lambda U^H,
  /// X = U^H H' U = cot Lambda - U^H S U / sin. False where the eigensolver failed.
  [[nodiscard]] bool write(Angle angle, double* out) {
    const index_t ld = pavf_padded(r_), step = ld * ld;
    const double phi = static_cast<double>(angle) * std::numbers::pi / 180, sine = std::sin(phi);
    const double cosine = angle == Angle::right ? 0.0 : std::cos(phi);
    for (std::size_t i = 0; i < h_.size(); ++i) h_[i] = {cosine * sym_[i], sine * skew_[i]};
    if (!solver_.solve(h_.data(), u_.data(), w_.data())) return false;
    for (std::size_t i = 0; i < u_.size(); ++i) {
      ur_[i] = u_[i].real();
      ui_[i] = u_[i].imag();
    }
    multiply(r_, CblasNoTrans, -1 / sine, sym_.data(), ur_.data(), 0, vr_.data());
    multiply(r_, CblasNoTrans, -1 / sine, sym_.data(), ui_.data(), 0, vi_.data());
    multiply(r_, CblasTrans, 1, ur_.data(), vr_.data(), 0, xr_.data());
    multiply(r_, CblasTrans, 1, ui_.data(), vi_.data(), 1, xr_.data());
    multiply(r_, CblasTrans, 1, ur_.data(), vi_.data(), 0, xi_.data());
    multiply(r_, CblasTrans, -1, ui_.data(), vr_.data(), 1, xi_.data());
    for (index_t i = 0; i < r_; ++i) {
      for (index_t j = 0; j < r_; ++j) {
        const std::size_t from = at(j * r_ + i);
        out[i * ld + j] = ur_[from];
        out[step + i * ld + j] = ui_[from];
        out[2 * step + i * ld + j] = xr_[from] + (i == j ? cosine / sine * w_[at(i)] : 0.0);
        out[3 * step + i * ld + j] = xi_[from];
      }
    }
    return true;
  }

  /// Lambda of the last pencil.
  [[nodiscard]] const std::vector<double>& eigenvalues() const { return w_; }

 private:
  index_t r_;
  const std::vector<double>&sym_, &skew_;
  HermitianSolver solver_;
  std::vector<std::complex<double>> h_, u_;
  std::vector<double> w_, ur_, ui_, vr_, vi_, xr_, xi_;
};

/// Pencils and phi(A0). False where an eigensolver failed.
[[nodiscard]] bool spectra(index_t r, PavfSystem& s) {
  const index_t ld = pavf_padded(r), step = ld * ld, count = r * r;
  std::vector<double> sym(at(count)), skew(at(count));  // column-major
  for (index_t i = 0; i < r; ++i) {
    for (index_t j = 0; j < r; ++j) {
      const double x = s.op[at(i * ld + j)], y = s.op[at(j * ld + i)];
      sym[at(j * r + i)] = 0.5 * (x + y);
      skew[at(j * r + i)] = 0.5 * (x - y);
    }
  }
  s.pencils.assign(at(kernels::pavf_pencils * 4 * step), 0.0);
  Pencils pencils(r, sym, skew);
  std::array<std::vector<double>, std::size(angles)> eigenvalues;
  for (index_t k = 0; k < kernels::pavf_pencils; ++k) {
    if (!pencils.write(angles[k], s.pencils.data() + k * 4 * step)) return false;
    eigenvalues[at(k)] = pencils.eigenvalues();
  }
  const int n = static_cast<int>(r);
  std::vector<double> w(at(r));
  if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'L', n, sym.data(), n, w.data()) != 0) return false;
  s.invariants.assign(w.rbegin(), w.rend());
  const auto add = [&](Angle angle) {
    const std::vector<double>& values = eigenvalues[at(std::find(angles, std::end(angles), angle) - angles)];
    s.invariants.insert(s.invariants.end(), values.begin(), values.end());
  };
  // H = i skew A0: its eigenvalues are plus and minus the singular values.
  add(Angle::right);
  std::transform(s.invariants.begin() + r, s.invariants.end(), s.invariants.begin() + r,
                 [](double x) { return std::abs(x); });
  std::sort(s.invariants.begin() + r, s.invariants.end(), std::greater<>());
  for (const Angle angle : {Angle::degrees_60, Angle::degrees_30, Angle::degrees_75, Angle::degrees_15,
                            Angle::degrees_45, Angle::degrees_45}) {
    add(angle);
  }
  return true;
}

/// All aligned systems of a batch through the nearest-normal basis program.
void nearest_normal(Backend& backend, index_t r, std::vector<PavfSystem>& systems) {
  const index_t ld = pavf_padded(r), step = ld * ld;
  std::vector<std::int32_t> paired;
  std::vector<double> op;
  for (const PavfSystem& s : systems) {
    if (!s.finite || s.scalar) continue;
    paired.push_back(s.paired);
    op.insert(op.end(), s.op.begin(), s.op.end());
  }
  const index_t count = static_cast<index_t>(paired.size());
  if (count == 0) return;
  std::vector<double> basis(op.size()), parts(at(count * 2 * ld));
  const Buffer<std::int32_t> d_paired(backend, std::span<const std::int32_t>(paired));
  const Buffer<double> d_op(backend, std::span<const double>(op)), d_basis(backend, count * step),
      d_parts(backend, count * 2 * ld);
  backend.launch<kernels::PavfBasis>({r, d_paired.data(), d_op.data(), d_basis.data(), d_parts.data()}, count);
  d_op.download(op);
  d_basis.download(basis);
  d_parts.download(parts);
  backend.synchronize();
  index_t k = 0;
  for (PavfSystem& s : systems) {
    if (!s.finite || s.scalar) continue;
    std::copy_n(op.begin() + k * step, step, s.op.begin());
    s.normal_part.assign(parts.begin() + k * 2 * ld, parts.begin() + (k + 1) * 2 * ld);
    const std::vector<double> c(basis.begin() + k * step, basis.begin() + (k + 1) * step);
    const Matrix q = Eigen::Map<const Matrix>(s.basis.data(), r, r) * unpadded(c, r).transpose();
    s.basis.assign(q.data(), q.data() + r * r);
    ++k;
  }
}

}  // namespace

std::vector<PavfSystem> pavf_prepare(Backend& backend, std::span<const double* const> operators, index_t r) {
  std::vector<PavfSystem> systems(operators.size());
  const index_t count = static_cast<index_t>(systems.size());
  for_each_on_host(backend, count, [&](index_t i) {
    PavfSystem& s = systems[at(i)];
    deflate(operators[at(i)], r, s);
    if (s.finite && !s.scalar) schur(r, s);
  });
  nearest_normal(backend, r, systems);
  for_each_on_host(backend, count, [&](index_t i) {
    PavfSystem& s = systems[at(i)];
    if (s.finite && !s.scalar) s.finite = spectra(r, s);
  });
  return systems;
}

}  // namespace kindred::host

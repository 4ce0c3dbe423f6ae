#include "host/engine/fit/krylov.hpp"

#include "host/base/dense_matrix.hpp"
#include "host/base/index.hpp"
#include "host/engine/fit/embedding_operator.hpp"
#include "kernels/prim/random.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

constexpr index_t most_steps = 16;      ///< blocks of the basis
constexpr index_t usual_steps = 10;     ///< that a spectrum with a gap or a decay takes
constexpr double looks_settled = 2e-9;  ///< estimated angle at which the iteration ends
constexpr double settled = 5e-9;        ///< bound of the angle at which its directions are kept
constexpr double resolved = 1e-6;       ///< s / s_1 above which singular values are counted
constexpr double infinity = std::numeric_limits<double>::infinity();

index_t block_size(index_t r) { return r + std::max<index_t>(4, r / 4); }

/// Steps for which there is room: the basis is at most half of the space.
index_t steps_of(const FitShape& s, index_t r) { return std::min(most_steps, s.width() / 2 / block_size(r)); }

/// Eigenvalues, descending, and eigenvectors, in rows, of a symmetric matrix.
struct Eigenpairs {
  std::vector<double> values;
  DenseMatrix vectors;
  bool ok = false;
};

Eigenpairs eigenpairs(const DenseMatrix& t) {
  const index_t k = t.rows();
  DenseMatrix a = t;
  std::vector<double> w(at(k));
  const auto n = static_cast<lapack_int>(k);
  Eigenpairs out;
  serially([&] { out.ok = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, a.data(), n, w.data()) == 0; });
  out.values.assign(w.rbegin(), w.rend());
  out.vectors = DenseMatrix(k, k);
  for (index_t i = 0; i < k; ++i) std::copy_n(a.row(k - 1 - i), k, out.vectors.row(i));
  return out;
}

/// Bound of the angle between the span of r approximate singular vectors and the exact one, from the singular values
/// (descending, more than r) and the norms of H^T u - s v. Zero where these are rounding noise.
double angle_bound(const std::vector<double>& s, const std::vector<double>& residual, index_t r, index_t size) {
  double squares = 0;
  for (index_t i = 0; i < r; ++i) squares += residual[i] * residual[i];
  const double noise = 16 * std::numeric_limits<double>::epsilon() * std::sqrt(static_cast<double>(size)) * s.front();
  if (std::sqrt(squares) <= noise) return 0;
  const double gap = s[r - 1] - s[r] - residual[r];
  return gap > 0 ? std::sqrt(squares) / gap : infinity;
}

/// The iteration for one system.
class Krylov {
 public:
  Krylov(Batch& batch, index_t member, const MatrixBatch<double>& vectors, const MatrixBatch<double>& projected)
      : backend_(batch.backend()),
        r_(batch.directions_asked()),
        b_(block_size(r_)),
        n_(batch.embedding(member).columns),
        m_(batch.embedding(member).rows),
        steps_(steps_of(batch.shape(), r_)),
        operator_(backend_, batch.members()[member], batch.dmd(), b_),
        basis_(backend_, steps_ * b_ * n_),
        next_(backend_, b_ * n_),
        spare_(backend_, b_ * n_),
        image_(backend_, m_ * b_),
        small_(backend_, std::max(steps_, index_t{1}) * b_ * b_),
        sigma_(backend_, b_),
        vectors_(packed(vectors[member].data, b_, n_)),
        projected_(packed(projected[member].data, m_, b_)) {}

  /// Fills sigma; false: the directions did not settle.
  bool run(Fitted& out) {
    start();
    for (index_t step = 1; step <= steps_; ++step) {
      const DenseMatrix rest = extend(step);
      const Eigenpairs ritz = eigenpairs(t_);
      if (!ritz.ok || !(ritz.values.front() > 0)) return false;
      const double angle = estimate(ritz, rest);
      if (angle <= looks_settled) return finish(ritz, step, out);
      if (is_hopeless(step)) return false;
    }
    return false;
  }

 private:
  [[nodiscard]] MatrixBatch<double> block(index_t step) const { return packed(basis_.data() + step * b_ * n_, b_, n_); }
  [[nodiscard]] MatrixBatch<double> next() const { return packed(next_.data(), b_, n_); }
  [[nodiscard]] MatrixBatch<double> spare() const { return packed(spare_.data(), b_, n_); }
  [[nodiscard]] MatrixBatch<double> image() const { return packed(image_.data(), m_, b_); }
  [[nodiscard]] MatrixBatch<double> small(index_t columns) const { return packed(small_.data(), b_, columns); }

  DenseMatrix download(const MatrixBatch<double>& from) {
    DenseMatrix out(from.rows, from.columns);
    backend_.download(out.data(), from.data, at(from.rows * from.columns) * sizeof(double));
    return out;
  }

  void upload(const double* values, const MatrixBatch<double>& to) {
    backend_.upload(to.data, values, at(to.rows * to.columns) * sizeof(double));
  }

  /// Q_0: a random matrix made orthonormal.
  void start() {
    std::vector<double> random(at(b_ * n_));
    const std::uint64_t key = kernels::random_bits(static_cast<std::uint64_t>(m_), static_cast<std::uint64_t>(n_));
    for (index_t i = 0; i < b_ * n_; ++i) random[i] = 2 * kernels::random_unit(key, static_cast<std::uint64_t>(i)) - 1;
    upload(random.data(), next());
    backend_.svd(next(), sigma_.data(), b_, block(0), 1);
  }

  /// Takes the part within the first `steps` blocks of the basis from the rows of x; leaves its coefficients in
  /// `small`.
  void orthogonalise(const MatrixBatch<double>& x, index_t steps) {
    const MatrixBatch<double> basis = packed(basis_.data(), steps * b_, n_);
    backend_.gemm(1.0, x, t(basis), 0.0, small(steps * b_));
    backend_.gemm(-1.0, small(steps * b_), basis, 1.0, x);
  }

  /// Row and column `step` - 1 of T, and block `step` of the basis, from R = A Q_(step - 1) without its part in the
  /// basis. Returns R R^T.
  DenseMatrix extend(index_t step) {
    operator_.apply(block(step - 1), image());
    operator_.apply_transposed(image(), next());
    orthogonalise(next(), step);
    const index_t k = step * b_;
    const DenseMatrix row = download(small(k));
    DenseMatrix grown(k, k);
    for (index_t i = 0; i < k - b_; ++i) std::copy_n(t_.row(i), k - b_, grown.row(i));
    for (index_t i = 0; i < b_; ++i) {
      for (index_t j = 0; j < k; ++j) grown(k - b_ + i, j) = grown(j, k - b_ + i) = row(i, j);
    }
    t_ = std::move(grown);
    backend_.gemm(1.0, next(), t(next()), 0.0, small(b_));
    DenseMatrix rest = download(small(b_));
    if (step < steps_) {
      backend_.svd(next(), sigma_.data(), b_, spare(), 1);
      orthogonalise(spare(), step);
      backend_.svd(spare(), sigma_.data(), b_, block(step), 1);
    }
    return rest;
  }

  /// The angle that the last block of T lets expect: the residual of A v - s^2 v is R^T y, y the last b components of
  /// an eigenvector of T.
  double estimate(const Eigenpairs& ritz, const DenseMatrix& rest) {
    const index_t k = t_.rows();
    if (k <= r_ + 1) return infinity;
    std::vector<double> s, residual;
    for (index_t i = 0; i <= r_; ++i) {
      s.push_back(std::sqrt(std::max(ritz.values[i], 0.0)));
      const double* y = ritz.vectors.row(i) + (k - b_);
      double square = 0;
      for (index_t p = 0; p < b_; ++p) {
        for (index_t q = 0; q < b_; ++q) square += y[p] * rest(p, q) * y[q];
      }
      residual.push_back(s[i] > 0 ? std::sqrt(std::max(square, 0.0)) / s[i] : infinity);
    }
    errors_.push_back(*std::max_element(residual.begin(), residual.begin() + r_) / s.front());
    goal_ = looks_settled * std::max(s[r_ - 1] - s[r_], 0.0) / s.front();
    return angle_bound(s, residual, r_, std::max(m_, n_));
  }

  /// Whether the error falls so slowly that the steps left will not do, even if it falls twice as fast from here.
  [[nodiscard]] bool is_hopeless(index_t step) const {
    constexpr index_t back = 3;
    const index_t seen = std::ssize(errors_);
    if (seen <= back + 1) return false;
    const double fall = std::log(errors_[seen - 1] / errors_[seen - 1 - back]) / back;
    const double left = std::log(std::max(goal_, std::numeric_limits<double>::epsilon()) / errors_[seen - 1]);
    return !(2 * fall * static_cast<double>(steps_ - step) <= left);
  }

  /// The b leading directions: improved within their span, judged by the residual of H itself.
  bool finish(const Eigenpairs& ritz, index_t step, Fitted& out) {
    const index_t k = step * b_;
    upload(ritz.vectors.data(), small(k));
    backend_.gemm(1.0, small(k), packed(basis_.data(), k, n_), 0.0, next());
    operator_.apply(next(), image());
    // R of the image (a copy of it, which the factorisation may destroy), whose right vectors turn the span.
    DenseMatrix identity(b_, b_);
    for (index_t i = 0; i < b_; ++i) identity(i, i) = 1;
    upload(identity.data(), small(b_));
    backend_.gemm(1.0, image(), small(b_), 0.0, projected_);
    const MatrixBatch<double> triangle = projected_.block(0, 0, b_, b_), turn = small(b_);
    backend_.qr_r(projected_, triangle, 1);
    backend_.svd(triangle, sigma_.data(), b_, turn, 1);
    backend_.gemm(1.0, turn, next(), 0.0, vectors_);
    backend_.gemm(1.0, image(), t(turn), 0.0, projected_);
    out.sigma.resize(at(b_));
    sigma_.download(out.sigma);

    operator_.apply_transposed(projected_, next());
    const DenseMatrix v = download(vectors_), back = download(next());
    std::vector<double> residual;
    for (index_t i = 0; i <= r_; ++i) {
      const double s = out.sigma[i];
      double square = 0;
      for (index_t j = 0; j < n_; ++j) {
        const double e = back(i, j) / s - s * v(i, j);
        square += e * e;
      }
      residual.push_back(std::sqrt(square));
    }
    // The other values of T are lower bounds of singular values.
    for (index_t i = b_; i < k; ++i) out.sigma.push_back(std::sqrt(std::max(ritz.values[i], 0.0)));
    return out.sigma[r_ - 1] > resolved * out.sigma.front() &&
           angle_bound(out.sigma, residual, r_, std::max(m_, n_)) <= settled;
  }

  Backend& backend_;
  index_t r_, b_, n_, m_, steps_;
  EmbeddingOperator operator_;
  Buffer<double> basis_, next_, spare_, image_, small_, sigma_;
  MatrixBatch<double> vectors_, projected_;
  DenseMatrix t_;
  std::vector<double> errors_;  ///< largest residual of the r leading ones over s_1, step by step
  double goal_ = 0;             ///< of the same
};

}  // namespace

bool krylov_pays(const FitShape& s, const Dmd& dmd) {
  const index_t r = directions_asked(dmd, s.width());
  if (r == 0 || !s.is_large() || steps_of(s, r) < usual_steps) return false;
  const auto m = static_cast<double>(s.rows), n = static_cast<double>(s.columns), w = static_cast<double>(s.width());
  const index_t b = block_size(r);
  const auto steps = static_cast<double>(usual_steps), basis = steps * static_cast<double>(b);
  // In flops at the speed of large products. Those with a block of the basis run at half of it, and the leading
  // eigenpairs take the time of 7 n^3 (measured at n = 1280): half of the 4/3 n^3 of the reduction are matrix-vector
  // products.
  const double partial =
      2 * (2 * steps * EmbeddingOperator::flops(s.segments, s.channels, dmd, b) + 4 * n * basis * basis);
  const auto c = static_cast<double>(s.channels);
  const double gram =
      s.short_ends ? m * c * std::min(6 * n, 20 * c) : m * n * w;  // delay_gram.hpp, by rows or by frequencies
  return partial < gram + 7 * w * w * w;
}

std::size_t krylov_bytes(const FitShape& s, const Dmd& dmd) {
  const index_t r = directions_asked(dmd, s.width()), b = block_size(r), steps = steps_of(s, r);
  const index_t elements = (steps + 3) * b * s.columns + 2 * b * s.rows + (steps + 1) * b * b;
  return at(elements) * sizeof(double) + EmbeddingOperator::bytes(s.segments, s.rows, s.channels, dmd, b);
}

Directions krylov_route(Batch& batch, std::span<Fitted> out) {
  const FitShape& shape = batch.shape();
  const index_t b = block_size(batch.directions_asked()), count = batch.count();
  const MatrixBatch<double> vectors =
      packed(grown(batch.backend(), batch.work().vectors, count * b * shape.columns), b, shape.columns);
  const MatrixBatch<double> projected =
      packed(grown(batch.backend(), batch.work().projected, count * shape.rows * b), shape.rows, b);
  Directions result{vectors, false, {}, false, projected};
  for (index_t k = 0; k < count; ++k) {
    result.usable.push_back(Krylov(batch, k, vectors, projected).run(out[k]));
    const double threshold = rank_threshold(batch.embedding(k), shape.is_float32);
    if (!result.usable[k]) continue;
    out[k].numerical_rank = count_above(out[k].sigma, std::max(threshold, resolved));
    out[k].numerical_rank_is_bound = out[k].numerical_rank < shape.width();
    batch.settle_rank(k, out[k]);
  }
  return result;
}

}  // namespace kindred::host

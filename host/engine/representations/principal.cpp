#include "host/engine/representations/principal.hpp"

#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"

#include <cblas.h>
#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace kindred::host {
namespace {

/// SVD of X, `rows` x C values on the device: of its R factor where it has more rows than columns, else of X itself, so
/// that the cost is 2 m C min(m, C).
Principal directions(Backend& backend, const MatrixBatch<double>& x, double tolerance) {
  const index_t channels = x.columns, count = std::min(x.rows, channels);
  const Buffer<double> r(backend, x.rows >= channels ? channels * channels : 0), s(backend, count),
      vt(backend, count * channels);
  MatrixBatch<double> factor = x;
  if (x.rows >= channels) {
    factor = packed(r.data(), channels, channels);
    backend.qr_r(x, factor, 1);
  }
  backend.svd(factor, s.data(), 0, packed(vt.data(), count, channels), 1);
  Principal out;
  out.sigma.resize(at(count));
  std::vector<double> rows_of_vt(at(count * channels));
  s.download(out.sigma);
  vt.download(rows_of_vt);
  if (!std::isfinite(out.sigma.front())) return {};
  const double least = tolerance * out.sigma.front();
  const auto below = std::find_if(out.sigma.begin(), out.sigma.end(), [&](double v) { return !(v > least); });
  out.sigma.erase(below, out.sigma.end());
  const auto rank = out.sigma.size();
  out.v.resize(at(channels) * rank);
  for (std::size_t c = 0; c < at(channels); ++c) {
    for (std::size_t k = 0; k < rank; ++k) {
      out.v[c * rank + k] = rows_of_vt[k * at(channels) + c];
    }
  }
  return out;
}

constexpr double eps = std::numeric_limits<double>::epsilon();

double compression_tolerance(const Factor& f) {
  return static_cast<double>(std::max<index_t>(f.survey.channels, 32)) * eps;
}

/// Largest rank that is worth a basis.
index_t compressible_rank(const Factor& f) {
  return f.rows < f.survey.channels ? f.survey.channels - 1 : 3 * f.survey.channels / 4;
}

/// Centred, scaled samples of about every (m / count)-th row, count x C.
std::vector<double> some_samples(const Factor& f, index_t count) {
  std::vector<double> out;
  out.reserve(at(count * f.survey.channels));
  index_t row = 0, taken = 0;
  for_each_row(*f.survey.system, [&](const double* x) {
    if (taken < count && row == taken * f.rows / count) {
      for (index_t c = 0; c < f.survey.channels; ++c) out.push_back((x[c] - f.survey.mean[c]) * f.survey.scale());
      ++taken;
    }
    ++row;
  });
  return out;
}

/// Whether the rank is above compressible_rank for certain: some rows of the k = that + 1 largest channels alone have
/// k singular values above the tolerance, as their Gram matrix less that and its rounding is positive definite.
bool surely_wide(const Factor& f) {
  const index_t k = compressible_rank(f) + 1, count = std::min(f.rows, 2 * f.survey.channels);
  if (count < k) return false;
  const std::vector<double> x = some_samples(f, count);
  const int n = static_cast<int>(f.survey.channels);
  const auto channels = at(n);
  std::vector<double> gram(channels * channels);
  cblas_dsyrk(CblasRowMajor, CblasLower, CblasTrans, n, static_cast<int>(count), 1.0, x.data(), n, 0.0, gram.data(), n);
  std::vector<std::size_t> order(channels);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto squares = [&](std::size_t c) { return gram[c * channels + c]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return squares(a) > squares(b); });
  order.resize(at(k));
  double trace = 0;
  for (const std::size_t c : order) trace += squares(c);
  const double shift = 2 * static_cast<double>(count + k) * eps * trace +
                       compression_tolerance(f) * compression_tolerance(f) * f.squared_norm;
  std::vector<double> shifted;
  for (const std::size_t i : order) {
    for (const std::size_t j : order) {
      shifted.push_back(i == j ? squares(i) - shift : gram[std::max(i, j) * channels + std::min(i, j)]);
    }
  }
  const int size = static_cast<int>(k);
  return LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', size, shifted.data(), size) == 0;
}

}  // namespace

double range_tolerance(const Factor& factor) {
  return static_cast<double>(std::max(factor.rows, factor.survey.channels)) * eps;
}

Principal principal_directions(Backend& backend, const Factor& factor, double tolerance) {
  const index_t rows = factor.rows, channels = factor.survey.channels;
  const Buffer<double> x(backend, rows * channels);
  write_factor(backend, factor, kernels::Panels<double>{x.data(), rows, channels}, 0);
  return directions(backend, packed(x.data(), rows, channels), tolerance);
}

void set_basis(Factor& factor, const Principal& principal, std::span<const double> weight) {
  const std::size_t rank = principal.sigma.size(), kept = weight.size();
  const auto channels = at(factor.survey.channels);
  factor.columns = static_cast<index_t>(kept);
  std::vector<double> basis(channels * kept);
  double squares = 0;
  for (std::size_t k = 0; k < kept; ++k) {
    const double s = principal.sigma[k] * weight[k];
    squares += s * s;
    for (std::size_t c = 0; c < channels; ++c) basis[c * kept + k] = principal.v[c * rank + k] * weight[k];
  }
  factor.source = Projected{std::move(basis)};
  factor.squared_norm = squares;
}

void compress(Backend& backend, std::vector<Factor>& factors) {
  std::vector<char> wide(factors.size(), 1);
  for_each_on_host(backend, std::ssize(factors), [&](index_t i) {
    const Factor& f = factors[i];
    wide[i] = !f.usable || surely_wide(f);
  });
  for (std::size_t i = 0; i < factors.size(); ++i) {
    Factor& f = factors[i];
    if (wide[i]) continue;
    const Principal p = principal_directions(backend, f, compression_tolerance(f));
    if (p.sigma.empty() || std::ssize(p.sigma) > compressible_rank(f)) continue;
    const double norm = f.squared_norm;
    set_basis(f, p, std::vector<double>(p.sigma.size(), 1.0));
    f.squared_norm = norm;
  }
}

}  // namespace kindred::host

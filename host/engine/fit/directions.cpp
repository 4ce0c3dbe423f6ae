#include "host/engine/fit/directions.hpp"

#include "host/base/index.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

constexpr double gram_accurate = 1e-3;  ///< sigma_r / sigma_1 above which directions of the Gram route are kept
constexpr double gram_resolved = 1e-6;  ///< sigma / sigma_1 that it resolves

/// Singular values, descending, from `width` singular values or ascending eigenvalues a member on the device.
void take_sigma(Batch& batch, const double* device, index_t width, bool eigenvalues, std::span<Fitted> out) {
  std::vector<double> all(at(batch.count() * width));
  batch.backend().download(all.data(), device, all.size() * sizeof(double));
  for (index_t b = 0; b < batch.count(); ++b) {
    auto& sigma = out[b].sigma;
    sigma.assign(all.begin() + b * width, all.begin() + (b + 1) * width);
    if (!eigenvalues) continue;
    std::reverse(sigma.begin(), sigma.end());
    for (double& value : sigma) value = std::sqrt(value < 0 ? 0.0 : value);
  }
}

/// The R factors of row panels join one triangle, whose SVD follows.
Directions orthogonal_route(Batch& batch, std::span<Fitted> out) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const FitShape& shape = batch.shape();
  const index_t n = shape.width(), count = batch.count();
  const index_t capacity = shape.panel(0);
  const MatrixBatch<double> a = packed(grown(backend, work.panel, count * (n + capacity) * n), n + capacity, n);
  const MatrixBatch<double> triangle = a.block(0, 0, n, n);
  const MatrixBatch<double> vt = packed(grown(backend, work.vectors, count * n * n), n, n);
  double* s = grown(backend, work.sigma, count * n);
  const Cuts cuts = shape.row_side ? Cuts{} : batch.cut(capacity, 0);
  for (index_t p = 0; p * capacity < shape.height(); ++p) {
    // The triangle so far stays on top of the next panel.
    const index_t above = p == 0 ? 0 : n;
    const index_t rows = batch.write_panel(cuts, p, capacity, a.block(above, 0, capacity, n));
    backend.qr_r(a.block(0, 0, above + rows, n), triangle, count);
  }
  backend.svd(triangle, s, n, vt, count);
  take_sigma(batch, s, n, false, out);
  for (index_t b = 0; b < count; ++b) {
    out[b].numerical_rank = count_above(out[b].sigma, rank_threshold(batch.embedding(b), shape.is_float32));
    batch.settle_rank(b, out[b]);
  }
  return {vt, false, std::vector<bool>(at(count), true), false};
}

/// H^T H over row panels.
void gram_of_panels(Batch& batch, const MatrixBatch<double>& g) {
  Backend& backend = batch.backend();
  const FitShape& shape = batch.shape();
  const index_t n = shape.width();
  const index_t capacity = shape.panel(0);
  const MatrixBatch<double> h = packed(grown(backend, batch.work().panel, batch.count() * capacity * n), capacity, n);
  const Cuts cuts = shape.row_side ? Cuts{} : batch.cut(capacity, 0);
  for (index_t p = 0; p * capacity < shape.height(); ++p) {
    const index_t rows = batch.write_panel(cuts, p, capacity, h);
    backend.gram(h.block(0, 0, rows, n), p == 0 ? 0.0 : 1.0, g, batch.count());
  }
}

/// The eigenvectors of H^T H.
Directions gram_route(Batch& batch, std::span<Fitted> out) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const FitShape& shape = batch.shape();
  const Dmd& dmd = batch.dmd();
  const index_t n = shape.width(), count = batch.count();
  const auto square = [&](Buffer<double>& buffer) { return packed(grown(backend, buffer, count * n * n), n, n); };
  const MatrixBatch<double> g = square(work.vectors);
  double* w = grown(backend, work.sigma, count * n);
  if (shape.short_ends) {
    const DelayGrams grams{g, square(work.now_next), square(work.first), square(work.last)};
    delay_grams(backend, work.delay_gram, batch.source(), batch.members(), dmd, shape.delay_gram_plan(dmd), grams);
  } else {
    gram_of_panels(batch, g);
  }
  const index_t asked = batch.directions_asked();
  backend.eigh(g, w, n, count, asked > 0 ? std::min(asked, n) : n);
  take_sigma(batch, w, n, true, out);
  Directions result{g, true, {}, shape.short_ends};
  for (index_t b = 0; b < count; ++b) {
    Fitted& f = out[b];
    const double threshold = rank_threshold(batch.embedding(b), shape.is_float32);
    f.numerical_rank = count_above(f.sigma, std::max(threshold, gram_resolved));
    const bool settled = threshold >= gram_resolved || f.numerical_rank == n || shape.is_large();
    f.numerical_rank_is_bound = threshold < gram_resolved && f.numerical_rank < n;
    const index_t r = batch.settle_rank(b, f);
    const bool accurate = r > 0 && f.sigma[r - 1] > gram_accurate * f.sigma.front();
    result.usable.push_back(settled && accurate);
  }
  return result;
}

}  // namespace

Directions directions(Batch& batch, Route route, std::span<Fitted> out) {
  return route == Route::gram ? gram_route(batch, out) : orthogonal_route(batch, out);
}

}  // namespace kindred::host

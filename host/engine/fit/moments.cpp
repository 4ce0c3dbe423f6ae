#include "host/engine/fit/moments.hpp"

#include "host/base/index.hpp"
#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <initializer_list>

namespace kindred::host {
namespace {

/// Consecutive members first .. first + count - 1 whose moments have one rank r.
struct Run {
  index_t first, count, r;
};

/// f(run) for all usable members: as many at once as need the same number of directions by the rule alone.
template <class F>
void for_each_run(const Batch& batch, const Directions& directions, std::span<const Fitted> out, F&& f) {
  const auto needed = [&](index_t b) { return directions_needed(batch.dmd(), out[b].rank, out[b].numerical_rank); };
  const auto usable = [&](index_t b) { return directions.usable[b] && out[b].numerical_rank > 0 && out[b].rank > 0; };
  for (index_t b = 0; b < batch.count();) {
    index_t end = b;
    while (end < batch.count() && usable(end) && (end == b || batch.directions_asked() > 0)) ++end;
    if (end > b) f(Run{b, end - b, needed(b)});
    b = std::max(end, b + 1);
  }
}

/// Parts of the moments, r x r each and one behind the other, to the members of a run.
void download_parts(Backend& backend, const double* sums, std::initializer_list<DenseMatrix Moments::*> parts,
                    bool ascending, const Run& run, std::span<Fitted> out) {
  const index_t size = run.r * run.r;
  std::vector<double> all(at(run.count * std::ssize(parts) * size));
  backend.download(all.data(), sums, all.size() * sizeof(double));
  auto from = all.begin();
  for (index_t b = run.first; b < run.first + run.count; ++b) {
    Moments& m = out[b].moments;
    m.rank = run.r;
    for (const auto part : parts) {
      m.*part = DenseMatrix(run.r, run.r);
      // Reversing rows and columns of a square row-major matrix is reversing its elements.
      ascending ? std::reverse_copy(from, from + size, (m.*part).data())
                : std::copy(from, from + size, (m.*part).data());
      from += size;
    }
  }
}

/// Row numbers within a panel: now at 0, next at `pairs`, last at 2 `pairs`.
void index_rows(const Panel& panel, const std::vector<index_t>& trial_rows, index_t ahead, index_t pairs,
                index_t* index) {
  index_t* now = index;
  index_t* next = index + pairs;
  index_t* last = index + 2 * pairs;
  index_t row = 0;
  for (const Segment& segment : panel) {
    const index_t with_successor = segment.rows - ahead;
    for (index_t i = 0; i < with_successor; ++i) {
      *now++ = row + i;
      *next++ = row + i + ahead;
    }
    if (segment.first + segment.rows == trial_rows[segment.trial]) {
      for (index_t i = with_successor; i < segment.rows; ++i) *last++ = row + i;
    }
    row += segment.rows;
  }
}

/// A batch of matrices W, with rows in panel order.
struct Rows {
  const double* data;
  index_t row_stride, column_stride, stride;
};

/// Elements of the moments with m inputs, one member's.
constexpr index_t input_moments(index_t r, index_t m) { return (2 * r + m) * m; }

/// Adds the moments with inputs of panel p: now_input and next_input, r x m each, and input_input, m x m.
void accumulate_inputs(Batch& batch, const std::vector<const Panel*>& panels, const Run& run, index_t p,
                       const MatrixBatch<double>& now, const MatrixBatch<double>& next) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const index_t pairs = now.rows, r = run.r, m = batch.shape().inputs;
  std::vector<double> values(at(run.count * pairs * m), 0.0);
  for (index_t b = 0; b < run.count; ++b) {
    if (panels[b] == nullptr) continue;
    const Dmd& dmd = batch.dmd();
    batch.members()[run.first + b].inputs->gather(*panels[b], dmd.steps_ahead, (dmd.delays - 1) * dmd.interval,
                                                  values.data() + b * pairs * m);
  }
  const MatrixBatch<double> c = packed(grown(backend, work.inputs, run.count * pairs * m), pairs, m);
  backend.upload(c.data, values.data(), values.size() * sizeof(double));
  const index_t size = input_moments(r, m);
  double* sums = grown(backend, work.input_moments, run.count * size);
  const double beta = p == 0 ? 0.0 : 1.0;
  backend.gemm(1.0, t(now), c, beta, MatrixBatch<double>{sums, r, m, m, size}, run.count);
  backend.gemm(1.0, t(next), c, beta, MatrixBatch<double>{sums + r * m, r, m, m, size}, run.count);
  backend.gemm(1.0, t(c), c, beta, MatrixBatch<double>{sums + 2 * r * m, m, m, m, size}, run.count);
}

/// Adds the moments of panel p: now_now, last_last, now_next, next_next, r x r each.
void accumulate(Batch& batch, const Cuts& cuts, const Run& run, index_t p, const Rows& w, index_t capacity,
                double* sums) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const index_t r = run.r;
  const index_t pairs = std::min(capacity, batch.shape().pairs);
  const index_t last = std::min(capacity, batch.shape().last);
  const index_t total = 2 * pairs + last;
  std::vector<index_t> index(at(run.count * total), -1);
  const auto panels = Batch::panels_at(cuts, p, run.first, run.count);
  for (index_t b = 0; b < run.count; ++b) {
    if (panels[b] == nullptr) continue;
    index_rows(*panels[b], batch.embedding(run.first + b).trial_rows, batch.dmd().steps_ahead, pairs,
               index.data() + b * total);
  }
  index_t* device_index = grown(backend, work.index, run.count * total);
  const MatrixBatch<double> rows = packed(grown(backend, work.gathered, run.count * total * r), total, r);
  backend.upload(device_index, index.data(), index.size() * sizeof(index_t));
  backend.launch<kernels::GatherRows>(
      {w.data, w.row_stride, w.column_stride, w.stride, device_index, rows.data, total, r},
      kernels::GatherRows::items(run.count, total));
  const MatrixBatch<double> now = rows.block(0, 0, pairs, r), next = rows.block(pairs, 0, pairs, r),
                            end = rows.block(2 * pairs, 0, last, r);
  const auto part = [&](index_t k) { return MatrixBatch<double>{sums + k * r * r, r, r, r, 4 * r * r}; };
  const double beta = p == 0 ? 0.0 : 1.0;
  backend.gram(now, beta, part(0), run.count);
  backend.gram(end, beta, part(1), run.count);
  backend.gemm(1.0, t(now), next, beta, part(2), run.count);
  backend.gram(next, beta, part(3), run.count);
  if (batch.shape().inputs > 0) accumulate_inputs(batch, panels, run, p, now, next);
}

void download_inputs(Batch& batch, bool ascending, const Run& run, std::span<Fitted> out) {
  const index_t r = run.r, m = batch.shape().inputs, size = input_moments(r, m);
  std::vector<double> all(at(run.count * size));
  batch.backend().download(all.data(), batch.work().input_moments.data(), all.size() * sizeof(double));
  for (index_t b = 0; b < run.count; ++b) {
    Moments& to = out[run.first + b].moments;
    const double* from = all.data() + b * size;
    to.now_input = DenseMatrix(r, m);
    to.next_input = DenseMatrix(r, m);
    to.input_input = DenseMatrix(m, m);
    for (index_t i = 0; i < r; ++i) {
      const index_t row = ascending ? r - 1 - i : i;
      std::copy_n(from + row * m, m, to.now_input.row(i));
      std::copy_n(from + (r + row) * m, m, to.next_input.row(i));
    }
    std::copy_n(from + 2 * r * m, m * m, to.input_input.data());
  }
}

/// Moments from W, which is made in panels once more.
void moments_of_rows(Batch& batch, const Directions& directions, const Run& run, std::span<Fitted> out) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const FitShape& shape = batch.shape();
  const index_t n = shape.width(), r = run.r, ahead = batch.dmd().steps_ahead;
  const MatrixBatch<const double> v = directions.leading(run.first, r);
  double* sums = grown(backend, work.moments, run.count * 4 * r * r);
  if (directions.projected.data != nullptr) {
    const MatrixBatch<const double>& w = directions.projected;
    accumulate(batch, batch.cut(shape.rows, ahead), run, 0, {w[run.first].data, w.ld, 1, w.stride}, shape.rows, sums);
  } else if (shape.row_side) {
    // The directions are the left singular vectors themselves.
    accumulate(batch, batch.cut(shape.rows, ahead), run, 0, {v.data, 1, v.ld, v.stride}, shape.rows, sums);
  } else {
    const index_t capacity = shape.panel(ahead);
    const MatrixBatch<double> h = packed(grown(backend, work.panel, run.count * capacity * n), capacity, n);
    const MatrixBatch<double> w = packed(grown(backend, work.projected, run.count * capacity * r), capacity, r);
    EmbeddingPanels rows(backend, batch.members().subspan(run.first, run.count), batch.dmd());
    const Cuts cuts = batch.cut(capacity, ahead);
    const auto most =
        std::max_element(cuts.begin(), cuts.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    for (index_t p = 0; p < std::ssize(*most); ++p) {
      rows.write_rows(Batch::panels_at(cuts, p, run.first, run.count), capacity, h);
      backend.gemm(1.0, h, t(v), 0.0, w, run.count);
      accumulate(batch, cuts, run, p, {w.data, w.ld, 1, w.stride}, capacity, sums);
    }
  }
  download_parts(backend, sums, {&Moments::now_now, &Moments::last_last, &Moments::now_next, &Moments::next_next},
                 directions.ascending, run, out);
  if (shape.inputs > 0) download_inputs(batch, directions.ascending, run, out);
}

/// Moments from those of all columns, which the shift structure gave: those of W are V_r^T M V_r, and W^T W is the
/// diagonal of sigma^2.
void moments_of_columns(Batch& batch, const Directions& directions, const Run& run, std::span<Fitted> out) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const index_t n = batch.shape().width(), r = run.r;
  const MatrixBatch<const double> v = directions.leading(run.first, r);
  const MatrixBatch<double> half = packed(grown(backend, work.projected, run.count * r * n), r, n);
  double* sums = grown(backend, work.moments, run.count * 3 * r * r);
  index_t part = 0;
  for (const double* m : {work.last.data(), work.now_next.data(), work.first.data()}) {
    backend.gemm(1.0, v, packed(m + run.first * n * n, n, n), 0.0, half, run.count);
    backend.gemm(1.0, half, t(v), 0.0, MatrixBatch<double>{sums + part++ * r * r, r, r, r, 3 * r * r}, run.count);
  }
  download_parts(backend, sums, {&Moments::last_last, &Moments::now_next, &Moments::next_next}, true, run, out);
  for (index_t b = run.first; b < run.first + run.count; ++b) {
    Moments& m = out[b].moments;
    const auto all_but = [&sigma = out[b].sigma, r](DenseMatrix ends) {
      for (index_t k = 0; k < r * r; ++k) ends.data()[k] = -ends.data()[k];
      for (index_t i = 0; i < r; ++i) ends(i, i) += sigma[i] * sigma[i];
      return ends;
    };
    m.now_now = all_but(m.last_last);
    m.next_next = all_but(m.next_next);
  }
}

/// H^T U of a run whose directions are the left singular vectors U, r x n: right ones times the singular values.
std::vector<double> right_from_left(Batch& batch, const MatrixBatch<const double>& u, const Run& run) {
  Backend& backend = batch.backend();
  FitWorkspace& work = batch.work();
  const FitShape& shape = batch.shape();
  const index_t n = shape.columns, m = shape.rows, r = run.r, capacity = shape.panel(0);
  const MatrixBatch<double> h = packed(grown(backend, work.panel, run.count * capacity * m), capacity, m);
  const MatrixBatch<double> part = packed(grown(backend, work.projected, run.count * capacity * r), capacity, r);
  EmbeddingPanels columns(backend, batch.members().subspan(run.first, run.count), batch.dmd());
  std::vector<double> out(at(run.count * r * n)), here(at(run.count * capacity * r));
  for (index_t first = 0; first < n; first += capacity) {
    const index_t count = std::min(capacity, n - first);
    columns.write_columns(first, count, h.block(0, 0, count, m));
    backend.gemm(1.0, h.block(0, 0, count, m), t(u), 0.0, part.block(0, 0, count, r), run.count);
    backend.download(here.data(), part.data, here.size() * sizeof(double));
    for (index_t b = 0; b < run.count; ++b) {
      for (index_t j = 0; j < count; ++j) {
        for (index_t i = 0; i < r; ++i) out[(b * r + i) * n + first + j] = here[(b * capacity + j) * r + i];
      }
    }
  }
  return out;
}

/// Fills encoder and decoder of a run. With V in rows, W = H V^T, or U = H V^T S^-1 where the directions are U.
void keep_directions(Batch& batch, const Directions& directions, const Run& run, std::span<Fitted> out) {
  const index_t n = batch.shape().columns, r = run.r;
  const MatrixBatch<const double> v = directions.leading(run.first, r);
  const bool left = batch.shape().row_side && directions.projected.data == nullptr;
  std::vector<double> all;
  if (left) all = right_from_left(batch, v, run);
  for (index_t b = 0; b < run.count; ++b) {
    Fitted& fit = out[run.first + b];
    const Embedding& embedding = batch.embedding(run.first + b);
    fit.encoder = DenseMatrix(r, n);
    fit.decoder = DenseMatrix(embedding.channels, r);
    if (left) {
      std::copy_n(all.begin() + b * r * n, r * n, fit.encoder.data());
    } else {
      batch.backend().download(fit.encoder.data(), v[b].data, at(r * n) * sizeof(double));
    }
    if (directions.ascending) {
      for (index_t i = 0; i < r / 2; ++i)
        std::swap_ranges(fit.encoder.row(i), fit.encoder.row(i) + n, fit.encoder.row(r - 1 - i));
    }
    for (index_t i = 0; i < r; ++i) {
      // The decoder takes V S where the encoder is V S^-1, and both the scale of the embedding.
      const double sigma = fit.sigma[at(i)], to = left ? (sigma > 0 ? 1 / (sigma * sigma) : 0) : 1;
      for (index_t c = 0; c < embedding.channels; ++c) fit.decoder(c, i) = fit.encoder(i, c) / embedding.scale;
      for (index_t j = 0; j < n; ++j) fit.encoder(i, j) *= to * embedding.scale;
    }
  }
}

}  // namespace

void take_moments(Batch& batch, const Directions& directions, std::span<Fitted> out) {
  for_each_run(batch, directions, out, [&](const Run& run) {
    if (batch.keeps_directions()) keep_directions(batch, directions, run, out);
    directions.shifted ? moments_of_columns(batch, directions, run, out) : moments_of_rows(batch, directions, run, out);
  });
}

}  // namespace kindred::host

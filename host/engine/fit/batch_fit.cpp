#include "host/engine/fit/batch_fit.hpp"
#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace kindred::host {
namespace {

constexpr index_t large_width = 1024;        ///< columns from which the Gram route is tried first
constexpr index_t long_aspect = 32;          ///< rows a column from which it is
constexpr double gram_accurate = 1e-3;       ///< sigma_r / sigma_1 above which its directions are kept
constexpr double gram_resolved = 1e-6;       ///< sigma / sigma_1 that it resolves
constexpr index_t panel_elements = 1 << 18;  ///< 2 MiB: what a core keeps close

/// n rounded up to a grid of at most 1/16 of its size, so that nearly equal systems share a batch.
index_t rounded(index_t n) {
  if (n <= 16) return n;
  const index_t grid = static_cast<index_t>(std::bit_floor(static_cast<std::uint64_t>(n))) / 16;
  return (n + grid - 1) / grid * grid;
}

/// Rows gathered from a panel for the moments: now, next, last.
index_t gather_count(const FitShape& s, const Dmd& dmd) {
  const index_t p = s.row_side ? s.rows : s.panel(dmd.steps_ahead);
  return 2 * std::min(p, s.pairs) + std::min(p, s.last);
}

/// Whether the Gram route is worth trying.
bool gram_first(const FitShape& s, const Dmd& dmd) {
  return s.width() > large_width || (s.height() >= long_aspect * s.width() && 10 * dmd.rank <= 9 * s.width());
}

/// Rows of a panel of the shift structure: two of them, and the blocks beside, take the place of one.
index_t shifted_panel(const FitShape& s, const Dmd& dmd) {
  return std::max(s.panel(dmd.steps_ahead) / 4, dmd.steps_ahead + 1);
}

/// Right singular vectors of the tall matrices of a batch, in rows.
struct Directions {
  double* rows = nullptr;    ///< batch x width x width
  bool ascending = false;    ///< order of the singular values
  std::vector<bool> usable;  ///< by member: accurate enough for this rank
  bool shifted = false;      ///< moments of all columns are known by the shift structure
};

class BatchFit {
 public:
  BatchFit(Backend& backend, FitWorkspace& work, const FitShape& shape, const Dmd& dmd,
           std::vector<BatchMember> members)
      : backend_(backend),
        work_(work),
        shape_(shape),
        dmd_(dmd),
        members_(std::move(members)),
        batch_(static_cast<index_t>(members_.size())),
        width_(shape.width()),
        height_(shape.height()) {}

  /// Fills out[b] for every member.
  void run(std::span<Fitted> out) {
    const Directions directions = gram_first(shape_, dmd_) ? gram_route(out) : orthogonal_route(out);
    std::vector<BatchMember> rest;
    std::vector<std::size_t> rest_of;
    for (index_t b = 0; b < batch_; ++b) {
      const auto k = static_cast<std::size_t>(b);
      if (!directions.usable[k]) {
        rest.push_back(members_[k]);
        rest_of.push_back(k);
      }
    }
    for_each_run(directions, out, [&](index_t first, index_t count) {
      directions.shifted ? project_moments(directions, first, count, out) : moments(directions, first, count, out);
    });
    if (rest.empty()) return;
    BatchFit again(backend_, work_, shape_, dmd_, std::move(rest));
    std::vector<Fitted> result(again.members_.size());
    const Directions better = again.orthogonal_route(result);
    again.for_each_run(better, result,
                       [&](index_t first, index_t count) { again.moments(better, first, count, result); });
    for (std::size_t k = 0; k < result.size(); ++k) out[rest_of[k]] = std::move(result[k]);
  }

 private:
  EmbeddingPanels& source() {
    if (source_.empty()) source_.emplace_back(backend_, members_, dmd_);
    return source_.front();
  }

  /// Panel `p` of the tall matrices to `out`; returns its rows.
  index_t write_panel(const std::vector<std::vector<Panel>>& cuts, index_t p, index_t capacity, double* out,
                      index_t stride) {
    const index_t rows = std::min(capacity, height_ - p * capacity);
    if (shape_.row_side) {
      source().write_columns(p * capacity, rows, out, width_, stride);
    } else {
      source().write_rows(panels_at(cuts, p), rows, out, stride);
    }
    return rows;
  }

  std::vector<std::vector<Panel>> cut(index_t capacity, index_t overlap) const {
    std::vector<std::vector<Panel>> cuts;
    for (const BatchMember& member : members_) {
      cuts.push_back(cut_into_panels(member.embedding->trial_rows, capacity, overlap));
    }
    return cuts;
  }

  static std::vector<const Panel*> panels_at(const std::vector<std::vector<Panel>>& cuts, index_t p) {
    std::vector<const Panel*> panels;
    const auto k = static_cast<std::size_t>(p);
    for (const auto& of_member : cuts) panels.push_back(k < of_member.size() ? &of_member[k] : nullptr);
    return panels;
  }

  Directions orthogonal_route(std::span<Fitted> out) {
    const index_t n = width_;
    const index_t capacity = shape_.panel(0);
    const index_t stride = (n + capacity) * n;
    double* a = FitWorkspace::grown(backend_, work_.panel, batch_ * stride);
    double* vt = FitWorkspace::grown(backend_, work_.vectors, batch_ * n * n);
    double* s = FitWorkspace::grown(backend_, work_.sigma, batch_ * n);
    const auto cuts = shape_.row_side ? std::vector<std::vector<Panel>>{} : cut(capacity, 0);
    for (index_t p = 0; p * capacity < height_; ++p) {
      // The triangle so far stays on top of the next panel.
      const index_t above = p == 0 ? 0 : n;
      const index_t rows = write_panel(cuts, p, capacity, a + above * n, stride);
      backend_.qr_r(above + rows, n, a, n, stride, a, n, stride, batch_);
    }
    backend_.svd(n, n, a, n, stride, s, n, vt, n, n * n, batch_);
    take_sigma(s, false, out);
    for (index_t b = 0; b < batch_; ++b) {
      auto& f = out[static_cast<std::size_t>(b)];
      f.numerical_rank = count_above(f.sigma, rank_threshold(b));
    }
    return {vt, false, std::vector<bool>(static_cast<std::size_t>(batch_), true), false};
  }

  Directions gram_route(std::span<Fitted> out) {
    const index_t n = width_;
    const index_t capacity = shape_.panel(0);
    const index_t stride = capacity * n;
    double* g = FitWorkspace::grown(backend_, work_.vectors, batch_ * n * n);
    double* w = FitWorkspace::grown(backend_, work_.sigma, batch_ * n);
    if (shape_.short_ends) {
      const index_t trials = (shape_.last + dmd_.steps_ahead - 1) / dmd_.steps_ahead;
      delay_grams(backend_, work_.delay_gram, source(), members_, dmd_, shifted_panel(shape_, dmd_), trials,
                  {g, FitWorkspace::grown(backend_, work_.now_next, batch_ * n * n),
                   FitWorkspace::grown(backend_, work_.first, batch_ * n * n),
                   FitWorkspace::grown(backend_, work_.last, batch_ * n * n)});
    } else {
      double* h = FitWorkspace::grown(backend_, work_.panel, batch_ * stride);
      const auto cuts = shape_.row_side ? std::vector<std::vector<Panel>>{} : cut(capacity, 0);
      for (index_t p = 0; p * capacity < height_; ++p) {
        const index_t rows = write_panel(cuts, p, capacity, h, stride);
        backend_.gram(rows, n, h, n, stride, p == 0 ? 0.0 : 1.0, g, n, n * n, batch_);
      }
    }
    backend_.eigh(n, g, n * n, w, n, batch_);
    take_sigma(w, true, out);
    Directions directions{g, true, {}, shape_.short_ends};
    for (index_t b = 0; b < batch_; ++b) {
      auto& f = out[static_cast<std::size_t>(b)];
      const double threshold = rank_threshold(b);
      f.numerical_rank = count_above(f.sigma, std::max(threshold, gram_resolved));
      const bool settled = threshold >= gram_resolved || f.numerical_rank == n || width_ > large_width;
      const index_t r = dmd_.rank > 0 ? dmd_.rank : f.numerical_rank;
      const bool accurate = r > 0 && f.sigma[static_cast<std::size_t>(r - 1)] > gram_accurate * f.sigma.front();
      directions.usable.push_back(settled && accurate);
    }
    return directions;
  }

  /// Singular values, descending, from singular values or ascending eigenvalues on the device.
  void take_sigma(const double* device, bool eigenvalues, std::span<Fitted> out) {
    std::vector<double> all(static_cast<std::size_t>(batch_ * width_));
    backend_.download(all.data(), device, all.size() * sizeof(double));
    for (index_t b = 0; b < batch_; ++b) {
      auto& sigma = out[static_cast<std::size_t>(b)].sigma;
      sigma.assign(all.begin() + b * width_, all.begin() + (b + 1) * width_);
      if (!eigenvalues) continue;
      std::reverse(sigma.begin(), sigma.end());
      for (double& value : sigma) value = std::sqrt(value < 0 ? 0.0 : value);
    }
  }

  /// sigma / sigma_1 at or below which a direction is rounding.
  [[nodiscard]] double rank_threshold(index_t b) const {
    const Embedding& e = *members_[static_cast<std::size_t>(b)].embedding;
    const double eps = shape_.is_float32 ? static_cast<double>(std::numeric_limits<float>::epsilon())
                                         : std::numeric_limits<double>::epsilon();
    return static_cast<double>(std::max(e.rows, e.columns)) * eps;
  }

  static index_t count_above(const std::vector<double>& sigma, double threshold) {
    return std::count_if(sigma.begin(), sigma.end(), [&](double s) { return s > threshold * sigma.front(); });
  }

  /// f(first, count) for consecutive usable members whose moments have one rank: all of them, or one by one when every
  /// system has its own.
  template <class F>
  void for_each_run(const Directions& directions, std::span<const Fitted> out, F&& f) {
    const auto usable = [&](index_t b) {
      const auto k = static_cast<std::size_t>(b);
      return directions.usable[k] && out[k].numerical_rank > 0;
    };
    for (index_t b = 0; b < batch_;) {
      index_t end = b;
      while (end < batch_ && usable(end) && (end == b || dmd_.rank > 0)) ++end;
      if (end > b) f(b, end - b);
      b = std::max(end, b + 1);
    }
  }

  /// Step 2 for members first .. first + count - 1.
  void moments(const Directions& directions, index_t first, index_t count, std::span<Fitted> out) {
    const index_t n = width_;
    const index_t r = dmd_.rank > 0 ? dmd_.rank : out[static_cast<std::size_t>(first)].numerical_rank;
    const double* v = directions.rows + first * n * n + (directions.ascending ? (n - r) * n : 0);
    double* sums = FitWorkspace::grown(backend_, work_.moments, count * 4 * r * r);
    if (shape_.row_side) {
      // The directions are the left singular vectors themselves.
      accumulate(cut(shape_.rows, dmd_.steps_ahead), first, count, r, 0, {v, 1, n, n * n}, shape_.rows, sums);
    } else {
      const index_t capacity = shape_.panel(dmd_.steps_ahead);
      const index_t stride = capacity * n;
      double* h = FitWorkspace::grown(backend_, work_.panel, count * stride);
      double* w = FitWorkspace::grown(backend_, work_.projected, count * capacity * r);
      EmbeddingPanels rows(
          backend_, std::span(members_).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
          dmd_);
      const auto cuts = cut(capacity, dmd_.steps_ahead);
      const auto most =
          std::max_element(cuts.begin(), cuts.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
      for (index_t p = 0; p < static_cast<index_t>(most->size()); ++p) {
        const auto panels = panels_at(cuts, p);
        rows.write_rows(std::span(panels).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count)),
                        capacity, h, stride);
        backend_.gemm(
            {Op::none, Op::transpose, capacity, r, n, 1.0, h, n, stride, v, n, n * n, 0.0, w, r, capacity * r, count});
        accumulate(cuts, first, count, r, p, {w, r, 1, capacity * r}, capacity, sums);
      }
    }
    take_moments(sums, {&Moments::now_now, &Moments::last_last, &Moments::now_next, &Moments::next_next},
                 directions.ascending, first, count, r, out);
  }

  /// Step 2 for the same members from the moments of all columns: those of W = H V_r are V_r^T M V_r, and W^T W is the
  /// diagonal of sigma^2.
  void project_moments(const Directions& directions, index_t first, index_t count, std::span<Fitted> out) {
    const index_t n = width_;
    const index_t r = dmd_.rank > 0 ? dmd_.rank : out[static_cast<std::size_t>(first)].numerical_rank;
    const double* v = directions.rows + first * n * n + (n - r) * n;
    double* half = FitWorkspace::grown(backend_, work_.projected, count * r * n);
    double* sums = FitWorkspace::grown(backend_, work_.moments, count * 3 * r * r);
    index_t part = 0;
    for (const double* m : {work_.last.data(), work_.now_next.data(), work_.first.data()}) {
      backend_.gemm(
          {Op::none, Op::none, r, n, n, 1.0, v, n, n * n, m + first * n * n, n, n * n, 0.0, half, n, r * n, count});
      backend_.gemm({Op::none, Op::transpose, r, r, n, 1.0, half, n, r * n, v, n, n * n, 0.0, sums + part++ * r * r, r,
                     3 * r * r, count});
    }
    take_moments(sums, {&Moments::last_last, &Moments::now_next, &Moments::next_next}, true, first, count, r, out);
    for (index_t b = first; b < first + count; ++b) {
      Fitted& fit = out[static_cast<std::size_t>(b)];
      Moments& m = fit.moments;
      const auto less = [&sigma = fit.sigma, r](std::vector<double> ends) {
        for (double& x : ends) x = -x;
        for (index_t i = 0; i < r; ++i) {
          const double s = sigma[static_cast<std::size_t>(i)];
          ends[static_cast<std::size_t>(i * r + i)] += s * s;
        }
        return ends;
      };
      m.now_now = less(m.last_last);
      m.next_next = less(m.next_next);
    }
  }

  /// A batch of matrices with rows in panel order.
  struct Rows {
    const double* data;
    index_t row_stride, column_stride, stride;
  };

  /// Adds the moments of panel p: now_now, last_last, now_next, next_next, r x r each.
  void accumulate(const std::vector<std::vector<Panel>>& cuts, index_t first, index_t count, index_t r, index_t p,
                  const Rows& w, index_t capacity, double* sums) {
    const index_t pairs = std::min(capacity, shape_.pairs);
    const index_t last = std::min(capacity, shape_.last);
    const index_t total = 2 * pairs + last;
    std::vector<index_t> index(static_cast<std::size_t>(count * total), -1);
    for (index_t b = 0; b < count; ++b) {
      const auto k = static_cast<std::size_t>(first + b);
      if (p >= static_cast<index_t>(cuts[k].size())) continue;
      index_rows(cuts[k][static_cast<std::size_t>(p)], members_[k].embedding->trial_rows, pairs,
                 index.data() + b * total);
    }
    index_t* device_index = FitWorkspace::grown(backend_, work_.index, count * total);
    double* rows = FitWorkspace::grown(backend_, work_.gathered, count * total * r);
    backend_.upload(device_index, index.data(), index.size() * sizeof(index_t));
    backend_.launch<kernels::GatherRows>(
        {w.data, w.row_stride, w.column_stride, w.stride, device_index, rows, total, r},
        kernels::GatherRows::items(count, total));
    const double* next = rows + pairs * r;
    const double* end = rows + 2 * pairs * r;
    const index_t in = total * r, to = 4 * r * r;
    const double beta = p == 0 ? 0.0 : 1.0;
    backend_.gram(pairs, r, rows, r, in, beta, sums, r, to, count);
    backend_.gram(last, r, end, r, in, beta, sums + r * r, r, to, count);
    backend_.gemm(
        {Op::transpose, Op::none, r, r, pairs, 1.0, rows, r, in, next, r, in, beta, sums + 2 * r * r, r, to, count});
    backend_.gram(pairs, r, next, r, in, beta, sums + 3 * r * r, r, to, count);
  }

  /// Row numbers within a panel: now at 0, next at `pairs`, last at 2 `pairs`.
  void index_rows(const Panel& panel, const std::vector<index_t>& trial_rows, index_t pairs, index_t* index) const {
    index_t* now = index;
    index_t* next = index + pairs;
    index_t* last = index + 2 * pairs;
    index_t row = 0;
    for (const Segment& segment : panel) {
      const index_t with_successor = segment.rows - dmd_.steps_ahead;
      for (index_t i = 0; i < with_successor; ++i) {
        *now++ = row + i;
        *next++ = row + i + dmd_.steps_ahead;
      }
      if (segment.first + segment.rows == trial_rows[static_cast<std::size_t>(segment.trial)]) {
        for (index_t i = with_successor; i < segment.rows; ++i) *last++ = row + i;
      }
      row += segment.rows;
    }
  }

  /// `parts` of the moments, r x r each and one behind the other, for members first .. first + count - 1.
  void take_moments(const double* sums, std::initializer_list<std::vector<double> Moments::*> parts, bool ascending,
                    index_t first, index_t count, index_t r, std::span<Fitted> out) {
    const auto size = static_cast<std::size_t>(r * r);
    std::vector<double> all(static_cast<std::size_t>(count) * parts.size() * size);
    backend_.download(all.data(), sums, all.size() * sizeof(double));
    auto from = all.begin();
    for (index_t b = 0; b < count; ++b) {
      Moments& m = out[static_cast<std::size_t>(first + b)].moments;
      m.rank = r;
      for (const auto part : parts) {
        (m.*part).assign(from, from + static_cast<std::ptrdiff_t>(size));
        // Reversing rows and columns of a square row-major matrix is reversing its elements.
        if (ascending) std::reverse((m.*part).begin(), (m.*part).end());
        from += static_cast<std::ptrdiff_t>(size);
      }
    }
  }

  Backend& backend_;
  FitWorkspace& work_;
  FitShape shape_;
  Dmd dmd_;
  std::vector<BatchMember> members_;
  index_t batch_, width_, height_;
  std::vector<EmbeddingPanels> source_;  ///< of the whole batch, made at first use
};

}  // namespace

index_t FitShape::panel(index_t overlap) const {
  return std::min(height(), std::max({4 * width(), panel_elements / width(), 4 * (overlap + 1)}));
}

FitShape shape_of(const TrajectorySet& system, const Embedding& e, const Dmd& dmd) {
  FitShape s;
  const index_t last = static_cast<index_t>(e.trial_rows.size()) * dmd.steps_ahead;
  s.is_float32 = system.is_float32();
  s.row_side = e.rows < e.columns;
  s.channels = e.channels;
  s.columns = e.columns;
  s.rows = s.row_side ? e.rows : rounded(e.rows);
  s.pairs = rounded(e.rows - last);
  s.last = rounded(last);
  s.short_ends = gram_first(s, dmd) && !s.row_side && has_short_ends(e, dmd);
  return s;
}

std::size_t fit_bytes(const FitShape& s, const Dmd& dmd) {
  const index_t n = s.width();
  const index_t r = dmd.rank > 0 ? dmd.rank : n;
  const index_t p = s.panel(dmd.steps_ahead);
  const index_t elements = (n + p) * n + 2 * n * n + n + p * r + gather_count(s, dmd) * (r + 1) + 4 * r * r;
  const std::size_t shifted = s.short_ends ? delay_gram_bytes(n, s.channels, shifted_panel(s, dmd)) +
                                                 static_cast<std::size_t>(3 * n * n + r * n) * sizeof(double)
                                           : 0;
  return static_cast<std::size_t>(elements) * sizeof(double) + shifted;
}

void fit_batch(Backend& backend, FitWorkspace& work, const FitShape& shape, const Dmd& dmd,
               std::vector<BatchMember> members, std::span<Fitted> out) {
  BatchFit(backend, work, shape, dmd, std::move(members)).run(out);
}

}  // namespace kindred::host

#include "host/engine/fit/fit_batch.hpp"

#include "host/base/index.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace kindred::host {
namespace {

constexpr index_t large_width = 1024;        ///< columns from which the Gram route is tried first
constexpr index_t long_aspect = 32;          ///< rows a column from which it is
constexpr index_t shifted_width = 128;       ///< columns from which it is where the shift structure makes it cheap
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

Route first_route(const FitShape& s, const Dmd& dmd, bool short_ends) {
  const bool cheap_gram =
      s.height() >= long_aspect * s.width() || (short_ends && s.width() >= shifted_width);
  const bool gram = s.is_large() || (cheap_gram && 10 * directions_asked(dmd, s.width()) <= 9 * s.width());
  return gram ? Route::gram : Route::orthogonal;
}

}  // namespace

bool FitShape::is_large() const { return width() > large_width; }

index_t FitShape::panel(index_t overlap) const {
  return std::min(height(), std::max({4 * width(), panel_elements / width(), 4 * (overlap + 1)}));
}

DelayGramPlan FitShape::delay_gram_plan(const Dmd& dmd) const {
  // Two of these panels, and the blocks beside, take the place of one of panel().
  const index_t trials = (last + dmd.steps_ahead - 1) / dmd.steps_ahead;
  return {std::max(panel(dmd.steps_ahead) / 4, dmd.steps_ahead + 1), trials,
          plan_lag_products(rows, trials, channels, dmd)};
}

FitShape shape_of(const TrajectorySet& system, const Embedding& e, const Dmd& dmd) {
  FitShape s;
  s.is_float32 = system.is_float32();
  s.row_side = e.rows < e.columns;
  s.channels = e.channels;
  s.columns = e.columns;
  s.rows = s.row_side ? e.rows : rounded(e.rows);
  s.pairs = rounded(e.transitions);
  s.last = rounded(e.rows - e.transitions);
  if (s.is_large()) s.segments = plan_segments(e, dmd);
  s.inputs = system.input_count();
  // The moments with inputs are taken from rows, which the shift structure does without.
  const bool short_ends = !s.row_side && s.inputs == 0 && has_short_ends(e, dmd);
  s.route = first_route(s, dmd, short_ends);
  s.short_ends = short_ends && s.route == Route::gram;
  return s;
}

std::size_t fit_bytes(const FitShape& s, const Dmd& dmd) {
  const index_t n = s.width();
  const index_t asked = directions_asked(dmd, n), r = asked > 0 ? asked : n;
  const index_t p = s.panel(dmd.steps_ahead);
  const index_t elements = (n + p) * n + 2 * n * n + n + p * r + gather_count(s, dmd) * (r + 1) + 4 * r * r;
  const std::size_t shifted = s.short_ends ? delay_gram_bytes(n, s.channels, s.delay_gram_plan(dmd), dmd) +
                                                 at(3 * n * n + r * n) * sizeof(double)
                                           : 0;
  const index_t with_inputs = s.inputs * (std::min(p, s.pairs) + 2 * r + s.inputs);
  return at(elements + with_inputs) * sizeof(double) + shifted;
}

Batch::Batch(Backend& backend, FitWorkspace& work, const FitShape& shape, const Dmd& dmd,
             std::vector<BatchMember> members)
    : backend_(backend), work_(work), shape_(shape), dmd_(dmd), members_(std::move(members)) {}

Batch Batch::subset(std::span<const index_t> which) const {
  std::vector<BatchMember> members;
  for (const index_t b : which) members.push_back(members_[b]);
  Batch out(backend_, work_, shape_, dmd_, std::move(members));
  out.keep_directions(keeps_directions_);
  return out;
}

index_t Batch::settle_rank(index_t b, Fitted& fit) const {
  fit.rank = rank_by_rule(dmd_.rank, fit.sigma, embedding(b), fit.numerical_rank);
  return directions_needed(dmd_, fit.rank, fit.numerical_rank);
}

EmbeddingPanels& Batch::source() {
  if (!source_) source_.emplace(backend_, members_, dmd_);
  return *source_;
}

Cuts Batch::cut(index_t capacity, index_t overlap) const {
  Cuts cuts;
  for (const BatchMember& member : members_) {
    cuts.push_back(cut_into_panels(member.embedding->trial_rows, capacity, overlap));
  }
  return cuts;
}

std::vector<const Panel*> Batch::panels_at(const Cuts& cuts, index_t p, index_t first, index_t count) {
  std::vector<const Panel*> panels;
  for (index_t b = first; b < first + count; ++b) {
    panels.push_back(p < std::ssize(cuts[b]) ? &cuts[b][p] : nullptr);
  }
  return panels;
}

index_t Batch::write_panel(const Cuts& cuts, index_t p, index_t capacity, const MatrixBatch<double>& out) {
  const index_t rows = std::min(capacity, shape_.height() - p * capacity);
  if (shape_.row_side) {
    source().write_columns(p * capacity, rows, out);
  } else {
    source().write_rows(panels_at(cuts, p, 0, count()), rows, out);
  }
  return rows;
}

}  // namespace kindred::host

#include "host/engine/operators/operator_bounds.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/pairs/pair_result.hpp"
#include "kernels/program/distance_bounds.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace kindred::host {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon(), nan = std::numeric_limits<double>::quiet_NaN();

constexpr index_t group_rows = 8, group_columns = 32;  // panels of an item on a processor: 120 kB of vectors at r = 10

class BoundScorer final : public PairScorer {
 public:
  BoundScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns, BoundRule rule,
              const Progress& progress)
      : symmetric_(columns.empty()), bounds_(backend, rows, columns, std::move(rule), progress) {}

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    std::vector<Tile> out;
    for (index_t i = 0; i < pairs.rows(); i += block) {
      for (index_t j = pairs.symmetric() ? i : 0; j < pairs.columns(); j += block) {
        const Tile cell{i, j, std::min(block, pairs.rows() - i), std::min(block, pairs.columns() - j)};
        for (const Tile& part : pairs.within(cell)) {
          for (const Tile& piece : cut(part, limits.most)) {
            if (pairs.count(piece) > 0) out.push_back(piece);
          }
        }
      }
    }
    return out;
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    values_.resize(at(tile.rows * tile.columns));
    bounds_.of(tile, values_);
    for_each_pair(tile, symmetric_, [&](index_t, index_t, std::size_t k) {
      out[k] = std::isnan(values_[k]) ? failed() : bound_result(bounds_.score(values_[k]));
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    double value = 0;
    bounds_.of({i, i, 1, 1}, {&value, 1});
    return std::isnan(value) ? failed() : same();
  }

  [[nodiscard]] index_t stored_side() const override { return 64; }

 private:
  static constexpr index_t block = 1024;  // a multiple of the side: squares that are kept are never cut

  bool symmetric_;
  OperatorBounds bounds_;
  std::vector<double> values_;
};

}  // namespace

OperatorBounds::OperatorBounds(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns,
                               BoundRule rule, const Progress& progress)
    : backend_(backend),
      rule_(std::move(rule)),
      panel_(backend.column_plan(sizeof(double)).panel_width),
      side_(std::min<index_t>(backend.column_plan(sizeof(double)).columns, 3072)),
      symmetric_(columns.empty()) {
  for (const Operator& o : rows) row_sizes_.push_back(o.size);
  for (const Operator& o : symmetric_ ? rows : columns) column_sizes_.push_back(o.size);
  for (const auto* sizes : {&row_sizes_, &column_sizes_}) {
    for (const index_t r : *sizes) {
      if (r > 0) prepared_[r];
    }
  }
  index_t done = 0;
  for (auto& [r, one] : prepared_) {
    one.rows = vectors_of(rows, r);
    if (!symmetric_) one.columns = vectors_of(columns, r);
    tell_progress(progress, "bounds", ++done, std::ssize(prepared_));
  }
}

OperatorBounds::Vectors OperatorBounds::vectors_of(std::span<const Operator> operators, index_t r) const {
  const index_t length = 2 * r, kinds = rule_.kinds;
  Vectors out;
  std::vector<const Operator*> members;
  for (const Operator& o : operators) {
    out.position.push_back(std::ssize(members));
    if (o.size > 0 && o.size <= r) members.push_back(&o);
  }
  const index_t count = std::ssize(members);
  out.position.push_back(count);
  out.columns = (count + panel_ - 1) / panel_ * panel_;
  std::vector<double> norms(at(2 * out.columns), nan);
  std::vector<double> stack(at(kinds * length * out.columns), 0.0);
  for_each_on_host(backend_, count, [&](index_t m) {
    std::vector<double> vectors(at(kinds * length));
    if (!rule_.vectors(*members[at(m)], r, vectors.data())) return;
    double &norm = norms[at(m)], &root = norms[at(out.columns + m)];
    norm = root = 0;
    for (index_t l = 0; l < length; ++l) norm += vectors[at(l)] * vectors[at(l)];
    if (std::isinf(norm)) {  // nothing is known of its distances: the bound is 0
      norm = -norm;
      return;
    }
    root = std::sqrt(norm);
    for (index_t kind = 0; kind < kinds; ++kind) {
      const kernels::Panels<double> panels{stack.data() + kind * length * out.columns, length, panel_};
      for (index_t l = 0; l < length; ++l) *panels.at(l, m) = vectors[at(kind * length + l)];
    }
  });
  out.stack = Buffer<double>(backend_, std::span<const double>(stack));
  out.norms = Buffer<double>(backend_, std::span<const double>(norms));
  return out;
}

void OperatorBounds::of(const Tile& tile, std::span<double> out) {
  // All systems of one size, and memory that the device shares: the bounds are made in their place.
  if (prepared_.size() == 1 && backend_.shares_host_memory()) {
    const auto& [r, prepared] = *prepared_.begin();
    const Vectors &u = prepared.rows, &v = symmetric_ ? prepared.rows : prepared.columns;
    const Tile places = places_of(u, v, tile);
    if (places.rows == tile.rows && places.columns == tile.columns)
      return launch(r, u, v, places, out.data(), tile.columns);
  }
  std::fill(out.begin(), out.end(), nan);
  for (index_t i = 0; i < tile.rows; i += side_) {
    for (index_t j = 0; j < tile.columns; j += side_) {
      const Tile part{tile.row + i, tile.column + j, std::min(side_, tile.rows - i), std::min(side_, tile.columns - j)};
      const std::span<double> corner = out.subspan(at(i * tile.columns + j));
      for (const auto& [r, prepared] : prepared_) of_size(r, prepared, part, corner, tile.columns);
    }
  }
}

Tile OperatorBounds::places_of(const Vectors& u, const Vectors& v, const Tile& tile) {
  const index_t row = u.position[at(tile.row)], column = v.position[at(tile.column)];
  return {row, column, u.position[at(tile.row + tile.rows)] - row, v.position[at(tile.column + tile.columns)] - column};
}

void OperatorBounds::launch(index_t r, const Vectors& u, const Vectors& v, const Tile& places, double* out,
                            index_t ld) {
  const index_t length = 2 * r;
  const bool host = backend_.shares_host_memory();
  // ||u - v||^2 is that of the sum over the vectors' numbers, which are eigenvalues of matrices of r rows and good to a
  // few r eps of the matrices' norms; products and sums err by no more than (length + 3) eps (||u||^2 + ||v||^2), and
  // so much do the norms of an operator's vectors differ at most. ||u|| + ||v|| is not less than the root of that sum
  // of squares.
  const kernels::DistanceBounds::Params params{.a = {u.stack.data(), length, panel_},
                                               .b = {v.stack.data(), length, panel_},
                                               .a_step = length * u.columns,
                                               .b_step = length * v.columns,
                                               .kinds = rule_.kinds,
                                               .a_norms = u.norms.data(),
                                               .b_norms = v.norms.data(),
                                               .a_columns = u.columns,
                                               .b_columns = v.columns,
                                               .a_first = places.row,
                                               .a_count = places.rows,
                                               .b_first = places.column,
                                               .b_count = places.columns,
                                               .a_group = host ? group_rows : 1,
                                               .b_group = host ? group_columns : 1,
                                               .slack = 8 * static_cast<double>(length + 8) * eps,
                                               .loss = 12 * static_cast<double>(length) * eps,
                                               .out = out,
                                               .ld = ld};
  backend_.launch<kernels::DistanceBounds>(params, kernels::DistanceBounds::items(params));
}

void OperatorBounds::of_size(index_t r, const OneSize& prepared, const Tile& tile, std::span<double> out, index_t ld) {
  const Vectors &u = prepared.rows, &v = symmetric_ ? prepared.rows : prepared.columns;
  const Tile places = places_of(u, v, tile);
  if (places.rows == 0 || places.columns == 0) return;
  const index_t count = places.rows * places.columns;
  if (bounds_.size() < count) bounds_ = Buffer<double>(backend_, count);
  launch(r, u, v, places, bounds_.data(), places.columns);
  const double* bounds = bounds_.data();
  if (!backend_.shares_host_memory()) {
    fetched_.resize(at(count));
    backend_.download(fetched_.data(), bounds, fetched_.size() * sizeof(double));
    bounds = fetched_.data();
  }
  for_each_on_host(backend_, tile.rows, [&](index_t i) {
    const index_t left = row_sizes_[at(tile.row + i)];
    if (left == 0 || left > r) return;
    const double* row = bounds + (u.position[at(tile.row + i)] - places.row) * places.columns;
    for (index_t j = 0; j < tile.columns; ++j) {
      const index_t right = column_sizes_[at(tile.column + j)];
      if (right == 0 || std::max(left, right) != r) continue;
      out[at(i * ld + j)] = row[v.position[at(tile.column + j)] - places.column];
    }
  });
}

std::unique_ptr<PairScorer> make_bound_scorer(Backend& backend, std::span<const Operator> rows,
                                              std::span<const Operator> columns, BoundRule rule,
                                              const Progress& progress) {
  return std::make_unique<BoundScorer>(backend, rows, columns, std::move(rule), progress);
}

}  // namespace kindred::host

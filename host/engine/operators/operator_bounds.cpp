#include "host/engine/operators/operator_bounds.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/pairs/pair_result.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace kindred::host {
namespace {

constexpr double eps = std::numeric_limits<double>::epsilon(), nan = std::numeric_limits<double>::quiet_NaN();

/// A lower bound of ||u - v|| from ||u||^2 + ||v||^2 and <u, v>, u and v of `length` numbers that are eigenvalues of
/// matrices of r rows, good to a few r eps of the matrices' norms. The product and the sums err by no more than
/// (length + 3) eps (||u||^2 + ||v||^2), and so much do the norms of an operator's vectors differ at most.
double distance_bound(double norms, double product, double length) {
  if (std::isnan(norms)) return nan;
  const double square = norms - 2 * product - 8 * (length + 8) * eps * norms;
  return square > 0 ? std::max(0.0, std::sqrt(square) - 12 * length * eps * std::sqrt(norms)) : 0;
}

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
  out.norms.assign(at(count), nan);
  std::vector<double> stack(at(kinds * length * out.columns), 0.0);
  for_each_on_host(backend_, count, [&](index_t m) {
    std::vector<double> vectors(at(kinds * length));
    if (!rule_.vectors(*members[at(m)], r, vectors.data())) return;
    double& norm = out.norms[at(m)];
    norm = 0;
    for (index_t l = 0; l < length; ++l) norm += vectors[at(l)] * vectors[at(l)];
    if (std::isinf(norm)) {  // nothing is known of its distances: the bound is 0
      norm = -norm;
      return;
    }
    for (index_t kind = 0; kind < kinds; ++kind) {
      const kernels::Panels<double> panels{stack.data() + kind * length * out.columns, length, panel_};
      for (index_t l = 0; l < length; ++l) *panels.at(l, m) = vectors[at(kind * length + l)];
    }
  });
  out.stack = Buffer<double>(backend_, std::span<const double>(stack));
  return out;
}

void OperatorBounds::of(const Tile& tile, std::span<double> out) {
  std::fill(out.begin(), out.end(), nan);
  // Parts whose products stay in a processor's caches.
  constexpr index_t rows = 192, columns = 768;
  for (index_t i = 0; i < tile.rows; i += rows) {
    for (index_t j = 0; j < tile.columns; j += columns) {
      const Tile part{tile.row + i, tile.column + j, std::min(rows, tile.rows - i),
                      std::min(columns, tile.columns - j)};
      const std::span<double> corner = out.subspan(at(i * tile.columns + j));
      for (const auto& [r, prepared] : prepared_) of_size(r, prepared, part, corner, tile.columns);
    }
  }
}

void OperatorBounds::of_size(index_t r, const OneSize& prepared, const Tile& tile, std::span<double> out, index_t ld) {
  const Vectors &u = prepared.rows, &v = symmetric_ ? prepared.rows : prepared.columns;
  const index_t length = 2 * r, kinds = rule_.kinds;
  // The systems' places at this size, and the whole panels that hold them.
  const auto range = [this](const Vectors& x, index_t first, index_t count) {
    const index_t begin = x.position[at(first)], end = x.position[at(first + count)];
    const index_t panels = begin / panel_ * panel_;
    return std::pair{panels, end > begin ? (end + panel_ - 1) / panel_ * panel_ - panels : 0};
  };
  const auto [a_first, a_columns] = range(u, tile.row, tile.rows);
  const auto [b_first, b_columns] = range(v, tile.column, tile.columns);
  if (a_columns == 0 || b_columns == 0) return;
  const index_t step = a_columns * b_columns;
  if (products_.size() < kinds * step) products_ = Buffer<double>(backend_, kinds * step);
  for (index_t kind = 0; kind < kinds; ++kind) {
    const double* a = u.stack.data() + kind * length * u.columns + length * a_first;
    const double* b = v.stack.data() + kind * length * v.columns + length * b_first;
    backend_.column_product({.a = {a, length, panel_},
                             .b = {b, length, panel_},
                             .a_columns = a_columns,
                             .b_columns = b_columns,
                             .c = products_.data() + kind * step,
                             .ldc = b_columns});
  }
  const double* products = products_.data();
  if (!backend_.shares_host_memory()) {
    fetched_.resize(at(kinds * step));
    backend_.download(fetched_.data(), products, fetched_.size() * sizeof(double));
    products = fetched_.data();
  }
  for_each_on_host(backend_, tile.rows, [&, a = a_first, b = b_first, ldc = b_columns](index_t i) {
    const index_t left = row_sizes_[at(tile.row + i)], p = u.position[at(tile.row + i)];
    if (left == 0 || left > r) return;
    const double norm = u.norms[at(p)];
    const double* row = products + (p - a) * ldc - b;
    for (index_t j = 0; j < tile.columns; ++j) {
      const index_t right = column_sizes_[at(tile.column + j)], q = v.position[at(tile.column + j)];
      if (right == 0 || std::max(left, right) != r) continue;
      double product = row[q];  // the smallest belongs to the largest distance
      for (index_t kind = 1; kind < kinds; ++kind) product = std::min(product, row[kind * step + q]);
      out[at(i * ld + j)] = distance_bound(norm + v.norms[at(q)], product, static_cast<double>(length));
    }
  });
}

std::unique_ptr<PairScorer> make_bound_scorer(Backend& backend, std::span<const Operator> rows,
                                              std::span<const Operator> columns, BoundRule rule,
                                              const Progress& progress) {
  return std::make_unique<BoundScorer>(backend, rows, columns, std::move(rule), progress);
}

}  // namespace kindred::host

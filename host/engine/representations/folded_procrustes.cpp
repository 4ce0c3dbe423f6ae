#include "host/engine/representations/folded_procrustes.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/engine/representations/folds.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/principal.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace kindred::host {
namespace {

/// <P W^T, tested> for the singular vectors P S W^T of `fitted` (p x q) whose singular value exceeds `least`.
double aligned(const std::vector<double>& fitted, const std::vector<double>& tested, index_t p, index_t q,
               double least) {
  const auto rows = static_cast<int>(p), columns = static_cast<int>(q), k = std::min(rows, columns);
  std::vector<double> a(fitted), s(at(k)), left(at(p * k)), right(at(k * q));
  if (LAPACKE_dgesdd(LAPACK_ROW_MAJOR, 'S', rows, columns, a.data(), columns, s.data(), left.data(), k, right.data(),
                     columns) != 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  double sum = 0;
  for (index_t i = 0; i < p; ++i) {
    for (index_t j = 0; j < q; ++j) {
      double rotation = 0;
      for (index_t l = 0; l < k && s[at(l)] > least; ++l) rotation += left[at(i * k + l)] * right[at(l * q + j)];
      sum += rotation * tested[at(i * q + j)];
    }
  }
  return sum;
}

class FoldedProcrustes final : public PairScorer {
 public:
  FoldedProcrustes(Backend& backend, Factors given, const Shape& metric, const Progress& progress)
      : backend_(backend),
        factors_(std::move(given)),
        metric_(metric),
        scale_(scale_of(metric.over_half_pi)),
        progress_(progress) {
    if (factors_.has_pairs()) folds_ = folds_of(factors_.rows, factors_.right(), folding_of(metric));
  }

  [[nodiscard]] std::vector<Tile> plan(const PairSet& pairs, const PlanLimits& limits) const override {
    return square_tiles(pairs, limits, 64);
  }

  void score(const Tile& tile, std::span<PairResult> out) override {
    const bool square = factors_.symmetric && tile.row == tile.column && tile.rows == tile.columns;
    const auto rows = std::span(factors_.rows).subspan(at(tile.row), at(tile.rows));
    const auto columns = std::span(factors_.right()).subspan(at(tile.column), at(tile.columns));
    std::vector<double> products(out.size(), 0.0), row_norm(rows.size(), 0.0), column_norm(columns.size(), 0.0);
    index_t done = 0;
    for (const SampleRange& fold : folds_) {
      const auto pause = [&] { tell_progress(progress_, "folds", done, std::ssize(folds_)); };
      FoldSide x(backend_, rows, fold, metric_.centre);
      prepare(x, fold, row_norm);
      std::optional<FoldSide> other;
      if (!square) {
        other.emplace(backend_, columns, fold, metric_.centre);
        prepare(*other, fold, column_norm);
      }
      const FoldSide& y = square ? x : *other;
      const auto take = [&]<class T>(index_t i, index_t j, bool turned, const std::vector<std::vector<T>>& blocks) {
        const Factor *f = &x.train[at(i)], *g = &y.train[at(j)];
        if (turned) std::swap(f, g);
        const std::vector<double> fitted(blocks[0].begin(), blocks[0].end()),
            tested(blocks[1].begin(), blocks[1].end());
        // The rounding of the products of the fitted samples.
        const double least = static_cast<double>(f->rows) * std::numeric_limits<double>::epsilon() *
                             std::sqrt(f->squared_norm * g->squared_norm);
        products[at(i) * columns.size() + at(j)] += aligned(fitted, tested, f->columns, g->columns, least);
      };
      for_all_blocks_on_host(backend_, fold_products(x, y, square), metric_.precision, true, pause, take);
      ++done;
    }
    if (square) column_norm = row_norm;
    fill(tile, factors_.symmetric, out, [&](index_t i, index_t j, std::size_t k) {
      const double x = row_norm[at(i - tile.row)], y = column_norm[at(j - tile.column)];
      const bool equal = factors_.same_recording(i, j);
      return shown(x, factors_.row(i), y, factors_.column(j), equal ? std::sqrt(x * y) : products[k]);
    });
  }

  [[nodiscard]] PairResult self(index_t i) override {
    if (!factors_.row(i).usable) return failed();
    return exact(metric_.score == ProcrustesScore::similarity ? 1 : 0);
  }

 private:
  /// Whitens the fitted samples, makes the tests, and adds their squared norms; NaN for a system that cannot be fitted.
  void prepare(FoldSide& side, const SampleRange& fold, std::vector<double>& norms) {
    const Weights weights = partial_whitening(metric_.alpha, metric_.preserve_variance);
    for (Factor& f : side.train) {
      if (!f.usable || metric_.alpha == 1) continue;
      const Principal p = principal_directions(backend_, f, range_tolerance(f));
      f.usable = !p.sigma.empty();
      if (f.usable) set_basis(f, p, weights(p.sigma, f));
    }
    side.make_tests(fold);
    const std::vector<double> squares = squared_norms(backend_, side.test);
    for (std::size_t i = 0; i < norms.size(); ++i) {
      norms[i] += side.test[i].usable ? squares[i] : std::numeric_limits<double>::quiet_NaN();
    }
  }

  [[nodiscard]] double shown(double xx, const Factor& x, double yy, const Factor& y, double xy) const {
    const double norm = std::sqrt(xx * yy);
    if (!(norm > 0)) return std::numeric_limits<double>::quiet_NaN();
    if (metric_.score == ProcrustesScore::similarity) return xy / norm;
    if (metric_.score == ProcrustesScore::angular) return angle_of((norm - xy) / norm) * scale_;
    // In units of the larger system, so that nothing overflows; whitened ones are in those of the data.
    const int of_x = metric_.alpha < 1 ? 0 : x.unit, of_y = metric_.alpha < 1 ? 0 : y.unit, unit = std::max(of_x, of_y);
    const double a = std::ldexp(1.0, of_x - unit), b = std::ldexp(1.0, of_y - unit);
    const double squared = std::max(0.0, a * a * xx + b * b * yy - 2 * a * b * xy);
    return metric_.score == ProcrustesScore::squared ? std::ldexp(squared, 2 * unit)
                                                     : std::ldexp(std::sqrt(squared), unit);
  }

  Backend& backend_;
  Factors factors_;
  Shape metric_;
  double scale_;
  Progress progress_;
  std::vector<SampleRange> folds_;
};

}  // namespace

std::unique_ptr<PairScorer> make_folded_procrustes(Backend& backend, Factors factors, const Shape& metric,
                                                   const Progress& progress) {
  return std::make_unique<FoldedProcrustes>(backend, std::move(factors), metric, progress);
}

}  // namespace kindred::host

#pragma once
#include <kindred/dmd.hpp>
#include <kindred/export.hpp>
#include <kindred/pairs.hpp>
#include <kindred/types.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kindred {

/// What is known about one pair's distance.
enum class PairStatus : std::uint8_t {
  exact,            ///< closed form, or identical operators
  certified,        ///< proven global minimum, within the pair's gap
  converged,        ///< a stationary point; an upper bound on the distance
  iteration_limit,  ///< stopped before it was stationary; still an upper bound
  failed,           ///< an input is unusable (not finite, zero, constant): the distance is NaN
  bound,            ///< a proven lower bound in place of the distance, which nobody looked for
};

/// The enumerator's name, as results and reports write it.
[[nodiscard]] constexpr const char* status_name(PairStatus status) {
  switch (status) {
    case PairStatus::exact:
      return "exact";
    case PairStatus::certified:
      return "certified";
    case PairStatus::converged:
      return "converged";
    case PairStatus::iteration_limit:
      return "iteration_limit";
    case PairStatus::bound:
      return "bound";
    case PairStatus::failed:
      break;
  }
  return "failed";
}

/// Result for one pair.
struct PairResult {
  double distance = 0;
  double lower_bound = 0;        ///< proven: lower_bound <= true minimum <= distance
  double gap = 0;                ///< proven bound on distance - minimum: distance - lower_bound; NaN of a bound
  std::int32_t refinements = 0;  ///< local minimisations spent
  PairStatus status = PairStatus::exact;
};

/// One pair of operators, and the change of basis that aligns them best.
struct Alignment {
  PairResult result;
  index_t size = 0;                     ///< r, of the larger operator
  std::vector<double> change_of_basis;  ///< C, orthogonal, r x r, row-major: A is nearest to C B C^T
  std::vector<double> aligned;          ///< C B C^T, r x r, of B as given (embedded where it is smaller)
};

/// Where the results of pairs go, tile by tile and in no particular order.
class KINDRED_EXPORT PairSink {
 public:
  virtual ~PairSink() = default;

  /// Whether the results of a tile are here already, so that they need not be computed.
  [[nodiscard]] virtual bool has(const Tile& /*tile*/) { return false; }
  /// Takes the results of a tile, row-major; of one collection's pairs only those of i < j are looked at.
  virtual void put(const Tile& tile, std::span<const PairResult> results) = 0;
  /// Takes the result of a system of one collection with itself: 0 unless it failed or the metric is a similarity.
  /// Comes once for each i whose place (i, i) lies in a tile that was asked for.
  virtual void put_self(index_t /*i*/, const PairResult& /*result*/) {}
};

/// All pairs of one collection (symmetric, each kept once; zero diagonal, NaN for a system that failed) or of two (rows
/// against columns), in memory.
class KINDRED_EXPORT DistanceMatrix final : public PairSink {
 public:
  DistanceMatrix() = default;
  /// For the pairs of one collection.
  explicit DistanceMatrix(std::vector<std::string> names) : row_names_(std::move(names)), symmetric_(true) {
    pairs_.resize(row_names_.size() * (row_names_.size() + 1) / 2);
  }
  /// For the pairs of two collections, rows against columns.
  DistanceMatrix(std::vector<std::string> row_names, std::vector<std::string> column_names)
      : row_names_(std::move(row_names)),
        column_names_(std::move(column_names)),
        pairs_(row_names_.size() * column_names_.size()) {}

  [[nodiscard]] index_t rows() const { return static_cast<index_t>(row_names_.size()); }
  [[nodiscard]] index_t columns() const { return static_cast<index_t>(column_names().size()); }
  /// Whether it is of one collection, so that (i, j) and (j, i) are one entry.
  [[nodiscard]] bool symmetric() const { return symmetric_; }
  [[nodiscard]] double operator()(index_t i, index_t j) const { return at(i, j).distance; }
  [[nodiscard]] double lower_bound(index_t i, index_t j) const { return at(i, j).lower_bound; }
  [[nodiscard]] PairStatus status(index_t i, index_t j) const { return at(i, j).status; }
  [[nodiscard]] const PairResult& at(index_t i, index_t j) const { return pairs_[offset(i, j)]; }
  [[nodiscard]] PairResult& at(index_t i, index_t j) { return pairs_[offset(i, j)]; }
  [[nodiscard]] const std::vector<std::string>& row_names() const { return row_names_; }
  [[nodiscard]] const std::vector<std::string>& column_names() const { return symmetric_ ? row_names_ : column_names_; }

  /// Distances, rows x columns, row-major.
  [[nodiscard]] std::vector<double> distances() const { return gather(&PairResult::distance); }
  /// Lower bounds, rows x columns, row-major.
  [[nodiscard]] std::vector<double> lower_bounds() const { return gather(&PairResult::lower_bound); }

  void put(const Tile& tile, std::span<const PairResult> results) override {
    for_each_pair(tile, symmetric_, [&](index_t i, index_t j, std::size_t k) { at(i, j) = results[k]; });
  }
  void put_self(index_t i, const PairResult& result) override { at(i, i) = result; }

  /// Facts of the fits behind the rows, then of those behind the columns (once, if the same).
  std::vector<FitFacts> row_facts;
  std::vector<FitFacts> column_facts;

 private:
  [[nodiscard]] std::size_t offset(index_t i, index_t j) const {
    if (!symmetric_) return static_cast<std::size_t>(i * columns() + j);
    // Row i of the upper triangle starts behind the n, n - 1, ... entries of the rows before it.
    const index_t row = std::min(i, j), column = std::max(i, j);
    return static_cast<std::size_t>(row * rows() - row * (row - 1) / 2 + (column - row));
  }
  [[nodiscard]] std::vector<double> gather(double PairResult::*member) const {
    std::vector<double> out;
    out.reserve(static_cast<std::size_t>(rows() * columns()));
    for (index_t i = 0; i < rows(); ++i) {
      for (index_t j = 0; j < columns(); ++j) out.push_back(at(i, j).*member);
    }
    return out;
  }
  std::vector<std::string> row_names_;
  std::vector<std::string> column_names_;  // empty when symmetric
  std::vector<PairResult> pairs_;          // all of them; the upper triangle with its diagonal when symmetric
  bool symmetric_ = false;
};

}  // namespace kindred

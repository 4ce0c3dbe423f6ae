#pragma once
#include <kindred/dmd.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace kindred {

/// What is known about one pair's distance.
enum class PairStatus : std::uint8_t {
  exact,            ///< closed form, or identical operators
  certified,        ///< proven global minimum, within the pair's gap
  converged,        ///< a stationary point; an upper bound on the distance
  iteration_limit,  ///< stopped before it was stationary; still an upper bound
  failed,           ///< an input is unusable (not finite, zero, constant): the distance is NaN
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
    case PairStatus::failed:
      break;
  }
  return "failed";
}

/// Result for one pair.
struct PairResult {
  double distance = 0;
  double lower_bound = 0;        ///< proven: lower_bound <= true minimum <= distance
  double gap = 0;                ///< proven bound on distance - minimum; distance - lower_bound without a certificate
  std::int32_t refinements = 0;  ///< local minimisations spent
  PairStatus status = PairStatus::exact;
};

/// All pairs of one collection (symmetric, zero diagonal) or of two (rows against columns).
class DistanceMatrix {
 public:
  DistanceMatrix() = default;
  DistanceMatrix(std::vector<std::string> row_names, std::vector<std::string> column_names)
      : row_names_(std::move(row_names)),
        column_names_(std::move(column_names)),
        pairs_(row_names_.size() * column_names_.size()) {}

  [[nodiscard]] index_t rows() const { return static_cast<index_t>(row_names_.size()); }
  [[nodiscard]] index_t columns() const { return static_cast<index_t>(column_names_.size()); }
  [[nodiscard]] double operator()(index_t i, index_t j) const { return at(i, j).distance; }
  [[nodiscard]] double lower_bound(index_t i, index_t j) const { return at(i, j).lower_bound; }
  [[nodiscard]] PairStatus status(index_t i, index_t j) const { return at(i, j).status; }
  [[nodiscard]] const PairResult& at(index_t i, index_t j) const { return pairs_[offset(i, j)]; }
  [[nodiscard]] PairResult& at(index_t i, index_t j) { return pairs_[offset(i, j)]; }
  [[nodiscard]] const std::vector<std::string>& row_names() const { return row_names_; }
  [[nodiscard]] const std::vector<std::string>& column_names() const { return column_names_; }

  /// Distances, rows x columns, row-major.
  [[nodiscard]] std::vector<double> distances() const { return gather(&PairResult::distance); }
  /// Lower bounds, rows x columns, row-major.
  [[nodiscard]] std::vector<double> lower_bounds() const { return gather(&PairResult::lower_bound); }

  /// Facts of the fits behind the rows, then of those behind the columns (once, if the same).
  std::vector<FitFacts> row_facts;
  std::vector<FitFacts> column_facts;

 private:
  [[nodiscard]] std::size_t offset(index_t i, index_t j) const {
    return static_cast<std::size_t>(i) * column_names_.size() + static_cast<std::size_t>(j);
  }
  [[nodiscard]] std::vector<double> gather(double PairResult::*member) const {
    std::vector<double> out;
    out.reserve(pairs_.size());
    for (const auto& pair : pairs_) out.push_back(pair.*member);
    return out;
  }
  std::vector<std::string> row_names_;
  std::vector<std::string> column_names_;
  std::vector<PairResult> pairs_;
};

}  // namespace kindred

#pragma once
#include <kindred/device.hpp>
#include <kindred/dmd.hpp>
#include <kindred/io.hpp>
#include <kindred/metrics.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/results.hpp>
#include <kindred/statistics.hpp>
#include <kindred/trajectories.hpp>
#include <kindred/types.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kindred::cli {

/// How one system was given, and its fit if it was fitted.
struct SystemSummary {
  struct Recording {
    index_t trials = 0, shortest = 0, longest = 0;  ///< steps of the shortest and of the longest trial
    index_t channels = 0, inputs = 0;
    bool is_float32 = false;
  };

  std::string name, label;
  std::string part_of;  ///< the recording that it is a part of, if it is one
  std::optional<Recording> recording;
  index_t operator_size = 0;             ///< of a system that was given as an operator
  FitFields own{};                       ///< fields of Dmd that a manifest gives this system
  std::optional<Preprocess> preprocess;  ///< of a recording whose manifest sets steps of its preparation
  Gaps gaps;                             ///< of the recording
  std::optional<FitFacts> fit;
  std::vector<Eigenvalue> eigenvalues{};  ///< of an operator that was given, where a page shows them
};

/// What the pairs of one matrix came to.
struct PairCounts {
  static constexpr std::array statuses = {PairStatus::exact,           PairStatus::certified, PairStatus::converged,
                                          PairStatus::iteration_limit, PairStatus::failed,    PairStatus::bound};

  index_t pairs = 0;
  std::array<index_t, statuses.size()> of_status{};
  index_t refinements = 0;
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest;  ///< over the pairs with a distance
  double largest_gap = 0;

  void add(const PairResult& pair);
  [[nodiscard]] index_t failed() const { return of_status[static_cast<std::size_t>(PairStatus::failed)]; }
};

/// Counts the pairs of a matrix; of a symmetric one those with i < j.
[[nodiscard]] PairCounts count_pairs(const DistanceMatrix& matrix, bool symmetric);

struct MetricSummary {
  std::string name;
  Metric metric;
  PairCounts counts;
  double seconds = 0;
  std::optional<double> noise_floor;                  ///< mean distance between parts of one recording
  std::optional<statistics::GroupComparison> groups;  ///< where labels make groups that can be compared
};

/// Everything about a run but the numbers that it computed. It is written as text (result/tables.hpp), as JSON
/// (result/sidecar.hpp) and as a page (report/comparison_report.hpp).
struct RunSummary {
  std::string command;
  std::vector<std::string> arguments;  ///< the whole command line
  std::string created;                 ///< UTC
  DeviceInfo device;
  std::string layout;                                        ///< of the arrays, as given
  std::vector<std::pair<std::string, std::string>> outputs;  ///< kind ("out", "report") and path
  std::optional<Preprocess> preprocess;                      ///< of the recordings, if they were prepared
  std::optional<Dmd> dmd;                                    ///< of the command `fit`
  double fit_seconds = 0;
  std::vector<MetricSummary> metrics;  ///< none in the command `fit`
  std::vector<SystemSummary> rows;
  bool paired = false;                                ///< the i-th row with the i-th column alone
  std::optional<std::vector<SystemSummary>> columns;  ///< none where the pairs are those of one collection
  /// How many of all systems pictures show, where results went to files as they came.
  struct Sampled {
    index_t rows = 0, of_rows = 0, columns = 0, of_columns = 0;
  };
  std::optional<Sampled> sampled;
};

/// "2026-01-31T12:00:00Z", now.
[[nodiscard]] std::string utc_now();

/// One thing worth telling, with its place in the sidecar: {"device", "kind"}.
struct Fact {
  struct Nothing {};  ///< told as null
  struct NoneOf {};   ///< told as an object without members
  using Value =
      std::variant<Nothing, NoneOf, bool, index_t, std::uint64_t, double, std::string, std::vector<std::string>>;

  std::vector<std::string> place;
  Value value;
};

/// Each step of a preparation of recordings.
[[nodiscard]] std::vector<Fact> facts_of(const Preprocess& steps);
/// The facts of the run itself and of one of its metrics.
[[nodiscard]] std::vector<Fact> facts_of(const RunSummary& run);
[[nodiscard]] std::vector<Fact> facts_of(const MetricSummary& metric);

}  // namespace kindred::cli

#pragma once
#include "host/cli/console.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/result/alignments.hpp"
#include "host/cli/result/run_summary.hpp"
#include "host/cli/result/streamed.hpp"
#include "host/job/shared_store.hpp"

#include <kindred/comparisons.hpp>
#include <kindred/engine.hpp>
#include <kindred/journal.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kindred::cli {

class MemoryBound;

/// The systems of a comparison: all pairs of `rows`, rows against columns, the i-th row with the i-th column, or each
/// row with the identity.
struct Sides {
  Collection rows;
  std::optional<Collection> columns;
  bool paired = false;
  bool identity = false;
  std::vector<std::string> part_of = {};  ///< the recording that each row is a part of; empty: they are whole
};

/// The pairs of every row with every column, or of the rows.
[[nodiscard]] PairSet pairs_of(const Sides& sides);

/// One metric's result.
struct Compared {
  MetricEntry entry;
  DistanceMatrix matrix;  ///< of a sample of the systems, where results went to files as they came
  PairCounts counts;      ///< of all pairs
  double seconds = 0;
};

/// Results of one run, for all metrics.
struct Comparison {
  bool symmetric = true;  ///< pairs of one collection
  bool paired = false;    ///< a value a row, in matrices of one column
  std::vector<Compared> metrics;
  std::optional<Collection> identities;           ///< the partners of rows compared with the identity
  Alignments alignments;                          ///< if they are asked for
  std::vector<FitFacts> row_facts, column_facts;  ///< empty if nothing was fitted
  double fit_seconds = 0;
  std::optional<Sample> sample;  ///< the systems of the matrices, where they are not all
  /// Where the pairs of a part are: of each metric, its journal and what was in it before. There are no matrices then.
  std::vector<std::pair<std::string, Journal::State>> parts;
};

/// Throws invalid_argument where paired sides differ in number, or a metric has no distance to the identity.
void check(const Sides& sides, const std::vector<MetricEntry>& metrics);

/// What of a comparison is kept or handed out beside the distances.
struct Extras {
  std::string journal;     ///< a file; empty: nothing is kept
  bool alignment = false;  ///< the change of basis of every pair
  /// Where results of the k-th metric go as they come (null: nowhere else); empty: matrices are held.
  std::function<PairSink*(std::size_t k)> stream = {};
  const MemoryBound* bound = nullptr;  ///< null: none
  Shard part;                          ///< of the pairs; of one part alone there is no matrix
  /// The processes that share the pairs, of which the first has the matrix; null: one alone.
  job::Exchange* team = nullptr;
};

/// Fits the systems once if a metric needs operators, then runs every metric. Finished pairs
/// are kept in the file `journal`, or with several metrics in "`journal`.METRIC". Throws invalid_argument if a metric
/// needs recordings that are not there. Precondition: `check` passed.
[[nodiscard]] Comparison compare(Engine& engine, const Sides& sides, const std::vector<MetricEntry>& metrics,
                                 const Extras& extras, const Console& console);

/// The recordings of one side or of both, each fitted as the options and its manifest say. The collections must outlive
/// the result.
[[nodiscard]] Comparisons comparisons_of(Engine& engine, const Collection& rows, const Collection* columns);

/// One line for each fit that deserves one (the first ten).
void warn_about_fits(const std::vector<std::string>& names, const std::vector<FitFacts>& facts, const Console& console);

/// One line for each fit that deserves one (the first ten), and for pairs without a distance. Throws invalid_data if
/// there are pairs and none has a distance.
void warn_about(const Sides& sides, const Comparison& comparison, const Console& console);

}  // namespace kindred::cli

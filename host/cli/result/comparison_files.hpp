#pragma once
#include "host/cli/options/comparison_options.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"
#include "host/io/atomic_file.hpp"
#include "host/job/hdf5/results_writer.hpp"
#include "host/job/npy_matrix.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace kindred::cli {

/// The files that a comparison writes. They appear together, last the distances: where a matrix is, its company is.
class ComparisonFiles {
 public:
  explicit ComparisonFiles(const ComparisonOptions& options) : options_(options) {}

  /// Throws invalid_argument where an output of so many metrics cannot be written as results come.
  void check_streamed(std::size_t metrics) const;
  /// Begins the matrices, at their full size, for results that come while they are computed.
  void stream(const Sides& sides, const std::vector<MetricEntry>& metrics);
  /// Where results of the k-th metric go; null: none of the files takes them.
  [[nodiscard]] PairSink* sink(std::size_t k) { return sinks_.empty() ? nullptr : sinks_[k].get(); }

  /// Writes all outputs that the options ask for, then lets them appear. `title` is that of the page.
  void write(const RunSummary& run, const Sides& sides, const Comparison& comparison, const std::string& title);

 private:
  /// Begins those of the matrices that are written in place: all, or those that no other way writes.
  void begin(const Sides& sides, const std::vector<MetricEntry>& metrics, bool all);
  [[nodiscard]] bool in_place(const std::string& path) const;

  const ComparisonOptions& options_;
  io::AtomicFiles files_;
  std::vector<std::unique_ptr<host::NpyMatrix>> matrices_;
  std::unique_ptr<host::ResultsWriter> results_;
  std::vector<std::unique_ptr<PairSink>> sinks_;  ///< of each metric, to all of them
};

}  // namespace kindred::cli

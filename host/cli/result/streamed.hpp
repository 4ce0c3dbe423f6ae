#pragma once
#include "host/cli/result/run_summary.hpp"

#include <kindred/results.hpp>

#include <span>
#include <string>
#include <vector>

namespace kindred::cli {

/// Systems of which all pairs are kept where the others are only counted: some of the rows and some of the columns, in
/// their order.
struct Sample {
  std::vector<index_t> rows, columns;  ///< the same where the pairs are of one collection
};

/// At most so many of `count` systems, evenly apart.
[[nodiscard]] std::vector<index_t> sample_of(std::size_t count);

/// What a run keeps of results that go to files as they come: how many of each status, their range, and a sample of the
/// systems for pictures.
class StreamedPairs final : public PairSink {
 public:
  StreamedPairs(const PairSet& pairs, const Sample& sample, const std::vector<std::string>& row_names,
                const std::vector<std::string>& column_names);

  void put(const Tile& tile, std::span<const PairResult> results) override;
  void put_self(index_t i, const PairResult& result) override;

  [[nodiscard]] const PairCounts& counts() const { return counts_; }
  [[nodiscard]] DistanceMatrix& sample() { return matrix_; }

 private:
  bool symmetric_;
  Sample sample_;
  PairCounts counts_;
  DistanceMatrix matrix_;
};

}  // namespace kindred::cli

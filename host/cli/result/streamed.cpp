#include "host/cli/result/streamed.hpp"

#include <algorithm>
#include <cstddef>

namespace kindred::cli {
namespace {

constexpr std::size_t most_shown = 300;  // systems of which a page still shows each

std::vector<std::string> names_at(const std::vector<index_t>& places, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const index_t i : places) out.push_back(names[static_cast<std::size_t>(i)]);
  return out;
}

/// Calls f(k, i) for those of the sampled systems i, the k-th, that lie in first, ..., first + count - 1.
template <class F>
void for_each_in(const std::vector<index_t>& sample, index_t first, index_t count, F&& f) {
  for (auto at = std::lower_bound(sample.begin(), sample.end(), first); at != sample.end() && *at < first + count;
       ++at) {
    f(static_cast<index_t>(at - sample.begin()), *at);
  }
}

}  // namespace

std::vector<index_t> sample_of(std::size_t count) {
  const std::size_t taken = std::min(count, most_shown);
  std::vector<index_t> out;
  for (std::size_t k = 0; k < taken; ++k) out.push_back(static_cast<index_t>(k * count / taken));
  return out;
}

StreamedPairs::StreamedPairs(const PairSet& pairs, const Sample& sample, const std::vector<std::string>& row_names,
                             const std::vector<std::string>& column_names)
    : symmetric_(pairs.symmetric()),
      sample_(sample),
      matrix_(symmetric_ ? DistanceMatrix(names_at(sample.rows, row_names))
                         : DistanceMatrix(names_at(sample.rows, row_names), names_at(sample.columns, column_names))) {}

void StreamedPairs::put(const Tile& tile, std::span<const PairResult> results) {
  for_each_pair(tile, symmetric_, [&](index_t, index_t, std::size_t k) { counts_.add(results[k]); });
  for_each_in(sample_.rows, tile.row, tile.rows, [&](index_t row, index_t i) {
    for_each_in(sample_.columns, tile.column, tile.columns, [&](index_t column, index_t j) {
      if (symmetric_ && j <= i) return;
      matrix_.at(row, column) = results[(i - tile.row) * tile.columns + (j - tile.column)];
    });
  });
}

void StreamedPairs::put_self(index_t i, const PairResult& result) {
  for_each_in(sample_.rows, i, 1, [&](index_t k, index_t) { matrix_.at(k, k) = result; });
}

}  // namespace kindred::cli

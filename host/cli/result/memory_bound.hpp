#pragma once
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/comparison.hpp"

#include <kindred/progress.hpp>

#include <cstddef>

namespace kindred::cli {

/// How a comparison keeps within the memory that it may have: what --memory says, else what is free.
class MemoryBound {
 public:
  /// Construct it after the systems are read, and before the engine. `prepared`: the recordings will be copied;
  /// `whole`: this process will hold the matrices, not another one or the journals of parts. The collections must
  /// outlive this.
  MemoryBound(const DeviceOptions& device, const Sides& sides, const std::vector<MetricEntry>& metrics, bool prepared,
              bool whole);

  /// Whether the matrices are too large to be held: results then go to their files as they come.
  [[nodiscard]] bool streams() const { return streams_; }
  /// Bytes of all matrices in memory.
  [[nodiscard]] std::size_t matrices() const { return matrices_; }
  /// Bytes that will be held beside the engine's workspace.
  [[nodiscard]] std::size_t beside() const;
  /// `progress`, which also lets go of the pages of recordings when there are more than they may be.
  [[nodiscard]] Progress watching(Progress progress) const;

 private:
  const Sides& sides_;
  bool given_, streams_ = false;
  std::size_t matrices_ = 0, operators_ = 0, copies_ = 0, pages_ = 0;
  std::size_t most_pages_ = 0;  ///< of files in all, before recordings' are let go of
};

}  // namespace kindred::cli

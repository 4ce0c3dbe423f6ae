#pragma once
/// How the pairs of one metric are come by: computed, taken from a journal, or shared with other processes.
#include "host/cli/result/journals.hpp"
#include "host/job/shared_store.hpp"

#include <kindred/job.hpp>

#include <memory>

namespace kindred::cli {

class PairJob {
 public:
  /// `kept`, `team` (null: this process alone) and what `progress` refers to must outlive it.
  PairJob(const RunJournal& kept, const Shard& part, job::Exchange* team, const Progress& progress);

  [[nodiscard]] const JobOptions& options() const { return options_; }

 private:
  std::unique_ptr<job::Exchange::Store> shared_;
  JobOptions options_;
};

/// Takes results and forgets them: of a part of the pairs, which are in its journal.
class Nowhere final : public PairSink {
 public:
  void put(const Tile& /*tile*/, std::span<const PairResult> /*results*/) override {}
};

}  // namespace kindred::cli

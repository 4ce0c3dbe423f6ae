#pragma once
/// Journals of a run: one for each metric, and what is said of them.
#include "host/cli/console.hpp"
#include "host/cli/options/metric_options.hpp"

#include <kindred/error.hpp>
#include <kindred/journal.hpp>

#include <memory>
#include <string>
#include <vector>

namespace kindred::cli {

/// A journal and what was found in it.
struct RunJournal {
  std::string file;
  Journal::State state;
  std::unique_ptr<Journal> journal;  ///< null where nothing is kept
};

/// The file `path`, or with several metrics "`path`.METRIC"; nothing is kept where `path` is empty. What a comparison
/// finds in one is said when it begins, and stands in its state then.
[[nodiscard]] std::vector<std::unique_ptr<RunJournal>> open_journals(const std::string& path,
                                                                     const std::vector<MetricEntry>& metrics,
                                                                     const Shard& part, const Console& console);

/// compute(); if it is cancelled, the message says that nothing finished is lost.
template <class F>
auto keeping(const RunJournal& journal, F&& compute) {
  try {
    return compute();
  } catch (const Error& error) {
    if (journal.journal == nullptr || error.code() != ErrorCode::cancelled) throw;
    throw Error(error.code(), "stopped; what is finished is in the journal, where the same command goes on");
  }
}

}  // namespace kindred::cli

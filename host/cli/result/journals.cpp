#include "host/cli/result/journals.hpp"

#include "host/cli/options/arguments.hpp"

namespace kindred::cli {
namespace {

/// What a journal holds of a comparison that begins.
void tell_of(const std::string& path, const Journal::State& state, const Console& console) {
  if (state.damaged) {
    console.warn("journal " + path + ": " + std::to_string(state.discarded) +
                 " of its bytes are damaged; their pairs are computed again");
  }
  if (state.kept > 0) {
    console.note("journal " + path + ": " + std::to_string(state.kept) + " of " + std::to_string(state.pairs) +
                 " pairs are there already" +
                 (state.added > 0 ? ", " + counted(state.added, "system") + " new to it" : ""));
  }
}

}  // namespace

std::vector<std::unique_ptr<RunJournal>> open_journals(const std::string& path, const std::vector<MetricEntry>& metrics,
                                                       const Shard& part, const Console& console) {
  std::vector<std::unique_ptr<RunJournal>> out;
  for (const MetricEntry& metric : metrics) {
    RunJournal& one = *out.emplace_back(std::make_unique<RunJournal>());
    if (path.empty()) continue;
    one.file = metrics.size() == 1 ? path : path + '.' + metric.name;
    one.journal = std::make_unique<Journal>(
        one.file,
        [&one, &console](const Journal::State& state) {
          one.state = state;
          tell_of(one.file, state, console);
        },
        part);
  }
  return out;
}

}  // namespace kindred::cli

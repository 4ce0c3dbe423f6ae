#include "host/cli/result/pair_job.hpp"

#include <string_view>
#include <utility>

namespace kindred::cli {

PairJob::PairJob(const RunJournal& kept, const Shard& part, job::Exchange* team, const Progress& progress) {
  options_.store = kept.journal.get();
  options_.progress = progress;
  if (team != nullptr) {
    shared_ = team->store(kept.journal.get(), [] { return interrupt_signal() == 0; });
    options_.store = shared_.get();
    options_.more = [store = shared_.get()] { return store->more(); };
  } else if (part.count > 1) {
    options_.more = [&kept, asked = false]() mutable {
      return std::exchange(asked, true) ? std::vector<Tile>{} : kept.journal->tiles();
    };
    options_.progress = [&kept, progress](ProgressEvent event) {
      if (std::string_view(event.stage) == "pairs") event.total = kept.state.pairs;
      return progress(event);
    };
  }
}

}  // namespace kindred::cli

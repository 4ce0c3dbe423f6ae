#pragma once
/// A comparison that the processes of a team share: tiles are handed out on demand by the first, which alone keeps
/// results.
///
/// Each process prepares all systems; then the first deals out runs of tiles, large ones at first, single tiles at the
/// end, to whoever asks, itself among them. The others send it each tile of the grid when it is finished. Their results
/// are those that the first would have computed: which process computed a pair does not show.
#include "host/job/team.hpp"

#include <kindred/error.hpp>
#include <kindred/journal.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kindred::job {

/// What the processes say to each other. Lives as long as the team works; of the first process, a thread of its own
/// that answers the others. The team must outlive it.
class Exchange {
 public:
  explicit Exchange(Team& team);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  [[nodiscard]] Team& team() const;

  /// The store of one comparison, of this process. Of the first, results are kept in `journal`, or without one in
  /// memory until they have been handed on. To be used up before the next; every process makes as many, in the same
  /// order. The first asks `go_on` while it waits for others, and throws Error{cancelled} when that says no. Throws
  /// Error with what another process failed of; that it compares other systems, or in another way, is such a failure.
  class Store : public PairStore {
   public:
    /// What JobOptions::more is to give: tiles for this process to compute; of the first, also those that came in.
    [[nodiscard]] virtual std::vector<Tile> more() = 0;
  };
  [[nodiscard]] std::unique_ptr<Store> store(Journal* journal, std::function<bool()> go_on);

  /// Ends the team, this process with `exit_code`. Of others than the first: tells that of it, which says so and ends
  /// the team; the team is ended from here if it has not done so after a minute.
  [[noreturn]] void fail(int exit_code, ErrorCode code, const std::string& message);
  /// Waits until all have finished, without taking processors from those that have not. Throws Error with what another
  /// process failed of.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred::job

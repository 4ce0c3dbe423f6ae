#pragma once
/// Processes that a launcher (mpirun, srun) started together, to share one job.
#include "host/base/interface.hpp"

#include <kindred/types.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kindred::job {

/// The processes of a job; its destructor leaves the team, and waits for the others to do so. One thread at a time may
/// call it; the implementation sees to that.
class Team : public host::Interface {
 public:
  [[nodiscard]] virtual int rank() const = 0;  ///< of 0, ..., size - 1; 0 leads
  [[nodiscard]] virtual int size() const = 0;
  [[nodiscard]] virtual int local_rank() const = 0;  ///< among those on this machine
  [[nodiscard]] virtual int local_size() const = 0;  ///< processes on this machine
  /// Sends bytes, which may be changed when this returns.
  virtual void send(int to, std::string_view bytes) = 0;
  struct Message {
    int from = 0;
    std::string bytes;
  };
  /// A message, if one has come. Those of one sender come in their order.
  [[nodiscard]] virtual std::optional<Message> receive() = 0;
  /// Ends all processes of the team, this one with `code`.
  [[noreturn]] virtual void abort(int code) = 0;
};

/// Where this process stands among those that a launcher started together, by its environment alone: nothing is loaded.
struct Launch {
  int rank = 0, size = 1;
};
[[nodiscard]] Launch launch();

/// Joins the processes of this launch, by MPI, whose library is loaded now. Throws Error{device} if this build has
/// none, or its module cannot be loaded.
[[nodiscard]] std::unique_ptr<Team> join_team();

/// Processors for each process of a team on one machine: its share of those there are, no more than it may use.
[[nodiscard]] int share_of_processors(int local_size);

/// What the module offers.
using JoinTeam = Team* (*)();

}  // namespace kindred::job

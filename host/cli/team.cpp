#include "host/cli/team.hpp"

#include <kindred/device.hpp>

#include <algorithm>
#include <memory>

namespace kindred::cli {
namespace {

struct Members {
  std::unique_ptr<job::Team> team = job::join_team();
  job::Exchange exchange{*team};
};
std::unique_ptr<Members>& members() {
  static std::unique_ptr<Members> joined;
  return joined;
}

}  // namespace

bool is_member() { return job::launch().rank > 0; }

void require_alone(const std::string& command) {
  if (job::launch().size == 1) return;
  throw Error(ErrorCode::invalid_argument, "kindred " + command + " is for one process, and " +
                                               std::to_string(job::launch().size) +
                                               " were started together; pairwise and cross share their pairs");
}

job::Exchange* team() {
  if (job::launch().size == 1) return nullptr;
  if (!members()) members() = std::make_unique<Members>();
  return &members()->exchange;
}

DeviceOptions share_of_machine(const job::Exchange* team, DeviceOptions options) {
  if (team == nullptr) return options;
  const job::Team& all = team->team();
  if (options.device == "auto") {
    const std::vector<DeviceInfo> there = devices();
    const auto gpus = std::count_if(there.begin(), there.end(), [](const DeviceInfo& d) { return d.kind == "cuda"; });
    options.device = gpus > 0 ? "cuda:" + std::to_string(all.local_rank() % gpus) : "cpu";
  }
  if (options.device == "cpu" && options.threads == 0) options.threads = job::share_of_processors(all.local_size());
  return options;
}

void leave_team() {
  if (!members()) return;
  members()->exchange.finish();
  members().reset();
}

void end_team(int exit_code, ErrorCode code, const std::string& message) {
  if (members()) members()->exchange.fail(exit_code, code, message);
}

}  // namespace kindred::cli

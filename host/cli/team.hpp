#pragma once
/// The processes that mpirun or srun started together, as the program sees them.
#include "host/cli/console.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/job/shared_store.hpp"

#include <kindred/error.hpp>

#include <string>

namespace kindred::cli {

/// Whether this process is not the first of several: it says nothing and writes nothing.
[[nodiscard]] bool is_member();

/// Throws invalid_argument if several processes were started for a command that is for one.
void require_alone(const std::string& command);

/// Joins the others that were started with this process, if there are any; null for a process alone. For the life of
/// the program; the same from the second call on.
job::Exchange* team();

/// The device and the threads of this process' share of its machine, as far as the options leave them open.
[[nodiscard]] DeviceOptions share_of_machine(const job::Exchange* team, DeviceOptions options);

/// The end of a command, for all processes.
void leave_team();
/// The end of all processes, if there are several, after an error.
void end_team(int exit_code, ErrorCode code, const std::string& message);

}  // namespace kindred::cli

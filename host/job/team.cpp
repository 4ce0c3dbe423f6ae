#include "host/job/team.hpp"

#include "host/base/text.hpp"
#ifdef KINDRED_HAVE_MPI
#include "host/backend/modules.hpp"
#endif

#include <kindred/error.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

namespace kindred::job {
namespace {

/// The first of some variables of the environment that is set to a number; -1 if none is.
int number_of(std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const char* text = std::getenv(name);
    if (text != nullptr && *text >= '0' && *text <= '9') return static_cast<int>(std::strtol(text, nullptr, 10));
  }
  return -1;
}

}  // namespace

Launch launch() {
  // mpirun of Open MPI; srun, where it starts tasks as MPI processes.
  const int size = number_of({"OMPI_COMM_WORLD_SIZE"});
  if (size > 1) return {std::max(0, number_of({"OMPI_COMM_WORLD_RANK"})), size};
  if (size < 0 && number_of({"PMIX_RANK", "PMI_RANK"}) >= 0) {
    const int tasks = number_of({"SLURM_STEP_NUM_TASKS", "SLURM_NTASKS", "PMI_SIZE"});
    if (tasks > 1) return {number_of({"PMIX_RANK", "PMI_RANK"}), tasks};
  }
  return {};
}

int share_of_processors(int local_size) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const long there = ::sysconf(_SC_NPROCESSORS_ONLN);
  const int may = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : static_cast<int>(there);
  return std::max(1, std::min(may, static_cast<int>(there) / std::max(1, local_size)));
}

std::unique_ptr<Team> join_team() {
#ifdef KINDRED_HAVE_MPI
  const auto file = host::find_module("mpi");
  if (file.empty()) {
    host::fail(ErrorCode::device,
               "several processes were started together, but the module of MPI, libkindred_mpi.so, is "
               "not installed beside kindred; install it, or start one process");
  }
  const host::Module module = host::load_module(file);
  if (module.interface == nullptr) host::fail(ErrorCode::device, "MPI cannot be used: ", module.problem);
  return std::unique_ptr<Team>((*static_cast<const JoinTeam*>(module.interface))());
#else
  host::fail(ErrorCode::device,
             "several processes were started together, but this kindred was built without MPI; build "
             "it with libopenmpi-dev (KINDRED_MPI), or compute parts in processes of their own and "
             "merge their journals");
#endif
}

}  // namespace kindred::job

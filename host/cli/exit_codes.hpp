#pragma once
#include <csignal>

namespace kindred::cli {

/// What the program returns; documented in docs/cli.md.
enum ExitCode : int {
  exit_ok = 0,
  exit_internal = 1,       ///< a defect of the program
  exit_usage = 2,          ///< options or parameters
  exit_data = 3,           ///< shape, type or values of the data
  exit_io = 4,             ///< a file cannot be read or written
  exit_device = 5,         ///< the device is absent or failed
  exit_memory = 6,         ///< out of memory
  exit_interrupted = 128,  ///< plus the signal's number: 130 after Ctrl-C
};

/// What the help says of them, in the order of the numbers.
struct ExitCodeName {
  int code;
  const char* name;
};
inline constexpr ExitCodeName exit_code_names[] = {{exit_ok, "done"},
                                                   {exit_internal, "internal error"},
                                                   {exit_usage, "usage"},
                                                   {exit_data, "bad data"},
                                                   {exit_io, "file"},
                                                   {exit_device, "device"},
                                                   {exit_memory, "out of memory"},
                                                   {exit_interrupted + SIGINT, "interrupted"}};

}  // namespace kindred::cli

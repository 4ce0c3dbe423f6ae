#pragma once
#include "host/cli/console.hpp"

#include <kindred/engine.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace kindred::cli {

/// Options of every command.
struct SayOptions {
  bool quiet = false;
  bool json = false;
};
void add_say_options(CLI::App& app, SayOptions& options);

/// Where and within which bounds a command computes.
struct DeviceOptions {
  std::string device = "auto";
  int threads = 0;
  std::uint64_t memory = 0;
};
void add_device_options(CLI::App& app, DeviceOptions& options);

/// What every command that computes and writes files takes last: --no-clobber, and the options above.
void add_run_options(CLI::App& app, bool& no_clobber, SayOptions& say, DeviceOptions& device);

/// The engine that the options ask for; `spectra` as in EngineOptions. With `auto`, notes which device was chosen and why.
/// Throws invalid_argument, device.
[[nodiscard]] Engine make_engine(const DeviceOptions& options, const Console& console, bool spectra = false);

/// One line: "cpu: AMD EPYC 7B13 (x86_64_v3, 8 threads)".
[[nodiscard]] std::string one_line(const DeviceInfo& device);

}  // namespace kindred::cli

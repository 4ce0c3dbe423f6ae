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

/// Bytes that the program itself comes to, beside what it holds of data: code, stacks, heaps, libraries' buffers.
inline constexpr std::size_t program_bytes = std::size_t{48} << 20;

/// The engine that the options ask for. With `auto`, notes which device was chosen and why. On the CPU its workspace is
/// what --memory leaves of the process: less what it holds now, the program itself and `beside` bytes that are still to
/// come. `spectra` and `bases` as in EngineOptions. Throws invalid_argument, device, out_of_memory where nothing is
/// left.
[[nodiscard]] Engine make_engine(const DeviceOptions& options, const Console& console, std::size_t beside = 0,
                                 bool spectra = false, bool bases = false);

/// One line: "cpu: AMD EPYC 7B13 (x86_64_v3, 8 threads)".
[[nodiscard]] std::string one_line(const DeviceInfo& device);

}  // namespace kindred::cli

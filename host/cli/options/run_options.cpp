#include "host/cli/options/run_options.hpp"

#include "host/base/memory.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/outputs.hpp"

namespace kindred::cli {
namespace {

/// K of "cuda:K" (0 for "cuda"); -1 for anything else.
int cuda_ordinal(const std::string& device) {
  if (device == "cuda") return 0;
  if (!device.starts_with("cuda:")) return -1;
  const std::string digits = device.substr(5);
  const bool good = !digits.empty() && digits.size() < 5 && digits.find_first_not_of("0123456789") == std::string::npos;
  return good ? std::stoi(digits) : -1;
}

std::string megabytes(std::size_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + "M"; }

/// The part of `memory`, which is for the whole process, that is left for the engine. 0 stays 0: the engine's own
/// choice.
std::size_t workspace(std::size_t memory, std::size_t beside) {
  if (memory == 0) return 0;
  constexpr std::size_t least = std::size_t{8} << 20;
  const std::size_t taken = host::process_memory().own + program_bytes + beside;
  if (memory >= taken + least) return memory - taken;
  throw Error(ErrorCode::out_of_memory, "--memory allows " + megabytes(memory) +
                                            ", but the program and its data take " + megabytes(taken) + "; allow " +
                                            megabytes(taken + 2 * least) + " or more");
}

}  // namespace

void add_say_options(CLI::App& app, SayOptions& options) {
  add_output_flag(app, "-q,--quiet", options.quiet, "Only warnings and errors");
  add_output_flag(app, "--json", options.json, "The result as JSON on standard output");
}

void add_run_options(CLI::App& app, bool& no_clobber, SayOptions& say, DeviceOptions& device) {
  add_output_flag(app, "--no-clobber", no_clobber, "Refuse to replace outputs that are there");
  add_say_options(app, say);
  add_device_options(app, device);
}

void add_device_options(CLI::App& app, DeviceOptions& options) {
  const std::string group = "Machine";
  app.add_option("--device", options.device, "auto, cpu or cuda:K")
      ->check(CLI::Validator(
          [](std::string& text) {
            const bool good = text == "auto" || text == "cpu" || cuda_ordinal(text) >= 0;
            return good ? std::string() : "'" + text + "' is not auto, cpu or cuda:K";
          },
          ""))
      ->group(group);
  app.add_option("--threads", options.threads, "CPU threads (0: as many as there are)")
      ->check(whole_number(0, 4096))
      ->group(group);
  app.add_option(
         "--memory", options.memory,
         "Bytes that the program may hold at once, as 500M or 4G; larger results go to their files as they come (0: a "
         "quarter of what is free, for the workspace)")
      ->transform(byte_count())
      ->group(group);
}

Engine make_engine(const DeviceOptions& options, const Console& console, std::size_t beside, bool spectra, bool bases) {
  const int ordinal = cuda_ordinal(options.device);
  const EngineOptions whole{
      .memory_budget = static_cast<std::size_t>(options.memory), .tile_pairs = 0, .spectra = spectra, .bases = bases};
  if (ordinal >= 0) {
    if (options.threads > 0) throw Error(ErrorCode::invalid_argument, "--threads applies to the CPU only");
    return Engine(Device::cuda(ordinal), whole);
  }
  const auto on_cpu = [&] {
    EngineOptions bounded = whole;
    bounded.memory_budget = workspace(options.memory, beside);
    return Engine(Device::cpu(options.threads), bounded);
  };
  if (options.device == "cpu") return on_cpu();
  const std::string reason = cuda_unavailable_reason();
  Engine engine = reason.empty() ? Engine(Device::cuda(0), whole) : on_cpu();
  console.note("device " + one_line(engine.device()) + (reason.empty() ? ", the first GPU" : ", no GPU: " + reason));
  return engine;
}

std::string one_line(const DeviceInfo& device) { return device.kind + ": " + device.name + " (" + device.detail + ")"; }

}  // namespace kindred::cli

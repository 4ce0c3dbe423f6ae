#include "host/cli/options/run_options.hpp"

#include "host/cli/options/arguments.hpp"

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

}  // namespace

void add_say_options(CLI::App& app, SayOptions& options) {
  app.add_flag("-q,--quiet", options.quiet, "Only warnings and errors")->group("Output");
  app.add_flag("--json", options.json, "The result as JSON on standard output")->group("Output");
}

void add_run_options(CLI::App& app, bool& no_clobber, SayOptions& say, DeviceOptions& device) {
  app.add_flag("--no-clobber", no_clobber, "Refuse to replace outputs that are there")->group("Output");
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
  app.add_option("--memory", options.memory, "Bytes of workspace, as 500M or 4G (0: a quarter of what is free)")
      ->transform(byte_count())
      ->group(group);
}

Engine make_engine(const DeviceOptions& options, const Console& console, bool spectra) {
  const EngineOptions budget{
      .memory_budget = static_cast<std::size_t>(options.memory), .tile_pairs = 0, .spectra = spectra};
  const int ordinal = cuda_ordinal(options.device);
  if (ordinal >= 0) {
    if (options.threads > 0) throw Error(ErrorCode::invalid_argument, "--threads applies to the CPU only");
    return Engine(Device::cuda(ordinal), budget);
  }
  if (options.device == "cpu") return Engine(Device::cpu(options.threads), budget);
  const std::string reason = cuda_unavailable_reason();
  Engine engine(reason.empty() ? Device::cuda(0) : Device::cpu(options.threads), budget);
  console.note("device " + one_line(engine.device()) + (reason.empty() ? ", the first GPU" : ", no GPU: " + reason));
  return engine;
}

std::string one_line(const DeviceInfo& device) { return device.kind + ": " + device.name + " (" + device.detail + ")"; }

}  // namespace kindred::cli

#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/recording_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/tables.hpp"

#include "host/io/atomic_file.hpp"

#include <kindred/error.hpp>
#include <kindred/io.hpp>
#include <kindred/shape_mean.hpp>
#include <kindred/version.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace kindred::cli {
namespace {

struct MeanOptions : RecordingOptions {
  ShapeMeanOptions shape;
  bool no_centre = false;
  std::string out, coordinates;
  bool no_clobber = false;
  SayOptions say;
  DeviceOptions device;
};

/// A line a system: its distance from the mean and its tangent coordinates.
std::string coordinates_csv(const Collection& collection, const ShapeMean& mean) {
  std::string text = "name,label,distance";
  for (index_t k = 1; k <= mean.dimensions; ++k) text += ",x" + std::to_string(k);
  text += "\n";
  const std::vector<std::string> names = collection.names(), labels = collection.labels();
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += csv_field(names[i]) + "," + csv_field(labels[i]) + "," + digits(mean.distances[i]);
    for (index_t k = 0; k < mean.dimensions; ++k) {
      text +=
          "," + digits(mean.coordinates[i * static_cast<std::size_t>(mean.dimensions) + static_cast<std::size_t>(k)]);
    }
    text += "\n";
  }
  return text;
}

Json document_of(const MeanOptions& o, const Collection& collection, const ShapeMean& mean,
                 const std::vector<std::string>& arguments) {
  Json document = {{"program", "kindred"},        {"version", version()},
                   {"command", "mean"},           {"arguments", arguments},
                   {"outputs", Json::object()},   {"score", o.shape.unit_norm ? "angular" : "euclidean"},
                   {"centre", !o.no_centre},      {"samples", mean.samples},
                   {"channels", mean.channels},   {"variance", mean.variance},
                   {"shares", mean.shares},       {"iterations", mean.iterations},
                   {"converged", mean.converged}, {"systems", Json::array()}};
  const std::vector<std::string> names = collection.names(), labels = collection.labels();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto first = mean.coordinates.begin() + static_cast<std::ptrdiff_t>(i) * mean.dimensions;
    document["systems"].push_back({{"name", names[i]},
                                   {"label", labels[i]},
                                   {"distance", mean.distances[i]},
                                   {"coordinates", std::vector<double>(first, first + mean.dimensions)}});
  }
  return document;
}

void run(const MeanOptions& o, const Call& call) {
  const Console console = console_for(o.say, {o.out, o.coordinates});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give recordings (FILES)");
  if (o.out.empty() && o.coordinates.empty() && !o.say.json) {
    throw Error(ErrorCode::invalid_argument, "nothing to write: give --out, --coordinates or --json");
  }
  Outputs outputs;
  outputs.add("--out", o.out, {".npy"});
  outputs.add("--coordinates", o.coordinates, {".csv"});
  const Preprocess steps = preprocess_of(o.preprocess);
  Collection collection = read_recordings(o, outputs, o.no_clobber, console);
  Engine engine = make_engine(o.device, console);
  prepare(engine, collection, steps);
  ShapeMeanOptions how = o.shape;
  how.centre = !o.no_centre;
  how.threads = o.device.threads;
  how.dimensions = std::min<index_t>(how.dimensions, std::ssize(collection.systems));
  ProgressMeter meter(console);
  const ShapeMean mean = shape_mean(collection.systems, how, meter.callback());
  if (!mean.converged) {
    console.warn("the mean still moved after " + std::to_string(mean.iterations) + " iterations (--iterations)");
  }
  Json document = document_of(o, collection, mean, call.arguments);
  check_interrupt();
  if (!o.out.empty()) save_npy(o.out, {mean.samples, mean.channels}, mean.mean.data());
  if (!o.coordinates.empty()) io::write_file(o.coordinates, coordinates_csv(collection, mean));
  char told[160];
  std::snprintf(told, sizeof told, "mean shape of %zu systems, %lld x %lld: variance %.6g, after %lld iterations\n",
                collection.size(), static_cast<long long>(mean.samples), static_cast<long long>(mean.channels),
                mean.variance, static_cast<long long>(mean.iterations));
  std::string text = told;
  for (const auto& [option, path] : outputs.list()) document["outputs"][option.substr(2)] = path.string();
  if (o.say.json) console.result(text_of(document, -1));
  console.print(text);
  print_written(outputs, console);
}

void declare(CLI::App& app, MeanOptions& o) {
  add_recordings(app, o);
  app.add_flag("--unit-norm", o.shape.unit_norm, "Shapes of norm 1, by angle (as procrustes); else their size counts")
      ->group("Metric");
  app.add_flag("--no-centre", o.no_centre, "Recordings as they are, without subtracting the mean of each channel")
      ->group("Metric");
  app.add_option("--iterations", o.shape.iterations, "Of the mean, at most")->check(whole_number(1))->group("Metric");
  app.add_option("--dimensions", o.shape.dimensions, "Of the tangent coordinates, at most one a system")
      ->check(whole_number(1))
      ->group("Output");
  add_output(app, "-o,--out", o.out, "The mean, samples x channels: .npy");
  add_output(app, "--coordinates", o.coordinates,
             "A line a system: distance from the mean, tangent coordinates: .csv (-: to standard output)");
  add_run_options(app, o.no_clobber, o.say, o.device);
}

}  // namespace

Command mean_command(CLI::App* app) { return make_command<MeanOptions>(app, declare, run); }

}  // namespace kindred::cli

#include "host/cli/options/comparison_options.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/report/comparison_report.hpp"
#include "host/io/file.hpp"
#include "host/job/hdf5/results_writer.hpp"

#include <kindred/error.hpp>

#include <charconv>
#include <optional>

namespace kindred::cli {
namespace {

/// k and n of "k/n", whole numbers with 1 <= k <= n.
std::optional<Shard> parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  Shard out;
  const char *middle = text.data() + slash, *end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), middle, out.number),
             count = std::from_chars(middle + 1, end, out.count);
  const bool whole = number.ec == std::errc() && count.ec == std::errc() && number.ptr == middle && count.ptr == end;
  if (!whole || out.number < 1 || out.number > out.count) return std::nullopt;
  return out;
}

}  // namespace

void add_comparison_options(CLI::App& app, ComparisonOptions& o, bool one_collection) {
  add_files(app, o.files);
  add_operators(app, o.operators);
  add_read_options(app, o.input);
  add_preprocess_options(app, o.preprocess, one_collection);
  add_metric_options(app, o.metric);
  add_output(
      app, "-o,--out", o.out,
      "Distances: .npy, .npz with one array a metric, or .h5 with lower bounds, statuses and names; a .json of all "
      "facts goes beside it (-: to standard output)");
  add_output(app, "--lower-bound", o.lower_bound, "Proven lower bounds of the distances, as --out");
  add_output(
      app, "--status", o.status,
      "How each distance is known, as --out: 0 exact, 1 certified, 2 converged, 3 iteration limit, 4 failed, 5 lower "
      "bound alone");
  add_output(app, "--report", o.report, "Picture of the distances: one HTML file");
  if (one_collection) {
    add_output_flag(app, "--condensed", o.condensed,
                    "Of each pair one number, in the order of SciPy's pdist; in .npy and .h5");
  }
  add_output_flag(app, "--float32", o.float32, "Numbers rounded to 32 bits; in .npy and .h5");
  app.add_option("--journal", o.journal,
                 "Keep finished pairs in this file: after a Ctrl-C, a kill or a full disk the same command goes on "
                 "there")
      ->group("Output");
  app.add_option("--shard", o.shard,
                 "K/N: compute the K-th of N equal parts of the pairs, into --journal; kindred merge joins the parts")
      ->check(CLI::Validator(
          [](std::string& text) {
            return parse_shard(text) ? std::string()
                                     : "'" + text + "' is no part, expected K/N with 1 <= K <= N, such as 2/8";
          },
          ""))
      ->group("Machine");
  add_run_options(app, o.no_clobber, o.say, o.device);
}

Preprocess preprocess_of(const ComparisonOptions& o) {
  if (!o.operators.empty() && !o.preprocess.fields.empty()) {
    throw Error(ErrorCode::invalid_argument,
                preprocess_option(o.preprocess.fields.begin()->first) + " prepares recordings; --operators has none");
  }
  return preprocess_of(o.preprocess);
}

Shard shard_of(const ComparisonOptions& o) {
  if (o.shard.empty()) return {};
  if (o.journal.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "--shard computes a part of the pairs: give --journal, a file to keep it in");
  }
  const std::pair<const char*, const std::string&> whole[] = {{"--out", o.out},
                                                              {"--lower-bound", o.lower_bound},
                                                              {"--status", o.status},
                                                              {"--report", o.report},
                                                              {"--alignment", o.alignment}};
  for (const auto& [option, path] : whole) {
    if (path.empty()) continue;
    throw Error(ErrorCode::invalid_argument,
                std::string(option) +
                    " needs all pairs, --shard computes a part of them: leave it out, join the parts "
                    "(kindred merge), and give it to the same command with the joined --journal");
  }
  return *parse_shard(o.shard);
}

Outputs outputs_of(const ComparisonOptions& o, const std::vector<MetricEntry>& metrics) {
  Outputs outputs;
  const std::vector<std::string> endings =
      metrics.size() > 1 ? std::vector<std::string>{".npz"} : std::vector<std::string>{".npy", ".npz"};
  const std::pair<const char*, const std::string&> files[] = {
      {"--out", o.out}, {"--lower-bound", o.lower_bound}, {"--status", o.status}};
  const bool rounded = o.condensed || o.float32;
  for (const auto& [option, path] : files) {
    std::vector<std::string> allowed = endings;
    if (option == files[0].first && !is_stream(path)) allowed.emplace_back(".h5");
    if (rounded) std::erase(allowed, ".npz");
    require_ending(option, path, allowed);
    if (rounded && !path.empty() && is_stream(path)) {
      throw Error(ErrorCode::invalid_argument, std::string(option) + " " + path + ": " +
                                                   (o.condensed ? "--condensed" : "--float32") +
                                                   " goes to a file, not to a pipe");
    }
    outputs.add(option, path);
  }
  if (io::ending_of(o.out) == ".h5" && !host::writes_hdf5()) {
    throw Error(ErrorCode::invalid_argument,
                "--out " + o.out + ": this kindred was built without HDF5; give a name that ends in .npy or .npz");
  }
  outputs.add("--sidecar", sidecar_of(o.out));
  outputs.add("--report", o.report);
  require_ending("--alignment", o.alignment, {".npz"});
  outputs.add("--alignment", o.alignment);
  if (outputs.list().empty() && !o.say.json && o.shard.empty()) {
    throw Error(ErrorCode::invalid_argument, "nothing to write: give --out, --report or --json");
  }
  if (!o.report.empty()) {
    for (const MetricEntry& entry : metrics) report::check_shown(entry.metric);
  }
  return outputs;
}

void warn_of_unused(const ComparisonOptions& o, const std::vector<MetricEntry>& metrics, const Console& console) {
  warn_of_unused(o.given, metrics, o.metric.metrics, !o.operators.empty(), console);
}

void warn_of_unused(const std::vector<std::string>& given, const std::vector<MetricEntry>& metrics,
                    const std::string& asked, bool from_operators, const Console& console) {
  const auto unused = unused_options(given, metrics, from_operators);
  if (unused.empty()) return;
  console.warn(joined(unused, ", ") + ": no effect on --metric " + asked + (from_operators ? " with --operators" : ""));
}

}  // namespace kindred::cli

#include "host/cli/commands/commands.hpp"
#include "host/cli/commands/testcase_networks.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/preprocess_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/report/testcase_report.hpp"
#include "host/cli/result/network_tables.hpp"
#include "host/cli/result/testcase_files.hpp"
#include "host/cli/result/testcase_tables.hpp"

#include "host/io/atomic_file.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/metric_names.hpp>
#include <kindred/testcase.hpp>
#include <kindred/version.hpp>

#include <memory>
#include <variant>

namespace kindred::cli {
namespace {

/// The study compares settings, not minima: its distances are those of fast effort.
struct TestcaseOptions {
  std::string which;
  MetricOptions metric;
  index_t seeds = 20, permutations = 1999;
  index_t study_seeds = 0;  ///< 0: three, at fast effort one
  std::uint64_t first_seed = 0;
  std::vector<std::string> foreign, files;
  InputOptions input;
  index_t resample = 0;
  NetworkCaseOptions networks;
  std::string out, report, trajectories;
  SayOptions say;
  DeviceOptions device;
};

/// Names of the cases, then those of groups of them.
std::vector<std::string> choices() {
  std::vector<std::string> out;
  for (const testcase::CaseEntry& entry : testcase::registry()) {
    if (out.empty() || out.back() != entry.name) out.emplace_back(entry.name);
  }
  out.insert(out.end(), {"rnn", "mamba", "all", "recordings"});
  return out;
}

struct Planned {
  testcase::Case test;
  bool study;
};

std::vector<Planned> plan(const std::string& which) {
  std::vector<Planned> out;
  for (const testcase::CaseEntry& entry : testcase::registry()) {
    if (which == entry.name || which == "all") out.push_back({entry.make(), entry.study});
  }
  return out;
}

/// The names that `--metric all` stands for: all distances but those that the cases' 40,000 samples are too many for,
/// over pairs of samples, and those that compare what the cases do not have, inputs and repeated trials.
std::string judged_metrics() {
  std::string names;
  for (const MetricName& known : metric_names()) {
    const Metric metric = make_metric(known.name);
    const auto* cka = std::get_if<Cka>(&metric);
    const bool over_pairs = std::holds_alternative<Rsa>(metric) || std::holds_alternative<NeighbourGraph>(metric) ||
                            std::holds_alternative<DistanceCorrelation>(metric) ||
                            (cka != nullptr && cka->kernel != CkaKernel::linear);
    const bool of_others = std::holds_alternative<InputDsa>(metric) || std::holds_alternative<StochasticShape>(metric);
    if (over_pairs || of_others || is_similarity(metric)) continue;
    names += (names.empty() ? "" : ",") + std::string(known.name);
  }
  return names;
}

std::vector<testcase::Measure> measures(const TestcaseOptions& o, bool study) {
  MetricOptions options = o.metric;
  if (options.metrics == "all") options.metrics = judged_metrics();
  if (study) options.fields["effort"] = "fast";
  std::vector<testcase::Measure> out;
  for (const MetricEntry& entry : metric_list(options)) {
    if (!study || dmd_of(entry.metric) != nullptr) out.push_back({entry.name, entry.metric});
  }
  if (study) return out;
  for (const std::string& pair : o.foreign) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::invalid_argument, "--distances: expected NAME=FOLDER, not '" + pair + "'");
    }
    out.push_back(saved_distances(pair.substr(0, equals), pair.substr(equals + 1)));
  }
  return out;
}

testcase::Options run_options(const TestcaseOptions& o, bool study, const Progress& progress) {
  testcase::Options out;
  const index_t study_seeds = o.study_seeds > 0 ? o.study_seeds : value_of(o.metric, "effort") == "fast" ? 1 : 3;
  out.seeds = study ? std::min(study_seeds, o.seeds) : o.seeds;
  out.first_seed = o.first_seed;
  out.permutations = o.permutations;
  out.progress = progress;
  if (!o.trajectories.empty() && !study) {
    out.on_systems = [&o](const testcase::Case& test, std::uint64_t seed, const std::vector<TrajectorySet>& systems) {
      save_systems(o.trajectories, test, seed, systems);
    };
  }
  if (!o.out.empty()) {
    out.on_distances = [&o](const testcase::Case& test, std::size_t setting, std::uint64_t seed,
                            const std::string& metric, const std::vector<double>& distances) {
      save_distances(o.out, test, setting, seed, metric, distances);
    };
  }
  return out;
}

using Json = nlohmann::ordered_json;

/// Labelled recordings: how well each metric's distances reproduce the labels.
Json run_recordings(const TestcaseOptions& o, Engine& engine, const Console& console) {
  Collection collection = read_systems(o.files, o.input, console);
  prepare(engine, collection, {.resample = o.resample});
  Table table{std::to_string(collection.size()) + " recordings", "", {"metric", "1-NN accuracy", "silhouette"}, {}};
  Json metrics = Json::array();
  for (const MetricEntry& entry : metric_list(o.metric)) {
    ProgressMeter meter(console);
    const auto distances =
        engine.pairwise(std::span<const TrajectorySet>(collection.systems), entry.metric, meter.callback());
    const auto agreement = testcase::label_agreement(distances, collection.labels());
    table.rows.push_back(
        {entry.name, report::significant(agreement.accuracy), report::significant(agreement.silhouette)});
    metrics.push_back({{"metric", entry.name}, {"accuracy", agreement.accuracy}, {"silhouette", agreement.silhouette}});
  }
  console.print(plain(table));
  return {{"name", "recordings"}, {"files", o.files}, {"metrics", std::move(metrics)}};
}

void check_case(const TestcaseOptions& o) {
  if (o.which.empty()) {
    throw Error(ErrorCode::invalid_argument, "no case is given, expected " + joined(choices()));
  }
  if (o.which == "recordings" && o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, "recordings: give the files, or a manifest with labels");
  }
  if (o.which != "recordings" && !o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, o.which + " makes its own systems; files go with recordings");
  }
}

constexpr index_t network_seeds = 3;  ///< of the network cases, unless --seeds says otherwise

/// What `all` is going to take.
std::string announce(const TestcaseOptions& o, bool networks) {
  const std::string effort = value_of(o.metric, "effort") == "fast" ? "2 minutes on two cores"
                                                                    : "10 minutes on two cores, 2 with --effort fast";
  return "all: regimes, motifs, noise, relations, study; 20 seeds take about " + effort +
         (networks ? "; then rnn and mamba, whose networks are trained: about 3 minutes a seed on two cores"
                   : "; rnn and mamba train networks and are left out unless --with-networks is given");
}

void run(const TestcaseOptions& o, const Call& call) {
  refuse_idle_network_options(call.app, o.which, network_cases(o.which, o.networks));
  const Console console = console_for(o.say, {o.report});
  check_case(o);
  Outputs outputs;
  outputs.add("--report", o.report);
  outputs.check({}, false);
  Engine engine = make_engine(o.device, console);
  std::vector<testcase::Result> results;
  std::vector<testcase::NetworkStudy> studies;
  const auto networks = network_cases(o.which, o.networks);
  if (o.which == "all") console.note(announce(o, !networks.empty()));
  Json cases = Json::array();
  if (o.which == "recordings") cases.push_back(run_recordings(o, engine, console));
  for (const auto& [test, study] : plan(o.which)) {
    const auto metrics = measures(o, study);
    if (metrics.empty()) continue;
    console.note(test.name);
    ProgressMeter meter(console);
    results.push_back(testcase::run(engine, test, metrics, run_options(o, study, meter.callback())));
    cases.push_back(to_json(results.back()));
    for (const auto& table : tabulate(results.back())) console.print(plain(table) + "\n");
  }
  for (const std::string& kind : networks) {
    ProgressMeter meter(console);
    console.note(kind);
    auto how = run_options(o, false, meter.callback());
    if (call.app.count("--seeds") == 0) how.seeds = network_seeds;
    studies.push_back(run_network_case(kind, o.networks, engine, measures(o, false), how, o.device.threads, console));
    cases.push_back(to_json(studies.back()));
    for (const auto& table : tabulate(studies.back())) console.print(plain(table) + "\n");
  }
  const Json document{{"kindred", version()},
                      {"command", call.arguments},
                      {"device", one_line(engine.device())},
                      {"effort", value_of(o.metric, "effort")},
                      {"cases", std::move(cases)}};
  const std::string text = document.dump(1) + "\n";
  if (!o.out.empty()) io::write_file(std::filesystem::path(o.out) / "testcase.json", text);
  if (!o.report.empty()) {
    io::write_file(o.report, report::render(results, studies));
    print_written(outputs, console);
  }
  if (o.say.json) console.result(text);
}

void declare(CLI::App& app, TestcaseOptions& o) {
  o.metric.metrics = "dsa,spectral,cka,procrustes";
  o.metric.fields["over_half_pi"] = "yes";  // the paper's dissimilarities are angles over pi / 2
  app.add_option("CASE", o.which, "regimes, motifs, noise, relations, study; all of these; rnn, mamba; or recordings")
      ->default_str("")
      ->check(CLI::IsMember(choices()));
  app.add_option("FILES", o.files, "With recordings: files as pairwise takes them, with labels");
  const std::string metric = "Metric", data = "Data", output = "Output";
  app.add_option("--resample", o.resample,
                 "With recordings: steps of every trial, by linear interpolation; cka and "
                 "procrustes need equal lengths")
      ->check(whole_number(1))
      ->group(data);
  add_dmd_options(app, o.metric);
  app.add_option("--metric", o.metric.metrics,
                 "Names with commas, as for pairwise; all: every one that the cases allow")
      ->group(metric)
      ->capture_default_str();
  add_field_option(app, o.metric, "effort");
  app.add_option("--distances", o.foreign,
                 "NAME=FOLDER: judge another program's distances too, from files as --out writes them")
      ->group(metric);
  app.add_option("--seeds", o.seeds, "Draws of every case (rnn and mamba: 3 unless given)")
      ->check(whole_number(1))
      ->group(data)
      ->capture_default_str();
  app.add_option("--first-seed", o.first_seed, "Seed of the first draw")->check(whole_number(0))->group(data);
  app.add_option("--study-seeds", o.study_seeds,
                 "Draws of the study, which runs at fast effort (0: 3; 1 with --effort fast)")
      ->check(whole_number(0))
      ->group(data);
  app.add_option("--permutations", o.permutations, "Random permutations behind a p-value")
      ->check(whole_number(1))
      ->group(data)
      ->capture_default_str();
  app.add_option("--out", o.out, "Folder for testcase.json and every matrix of distances")->group(output);
  add_output(app, "--report", o.report, "Tables and pictures: one HTML file");
  app.add_option("--save-trajectories", o.trajectories, "Folder for the systems of every draw, as .npy and manifests")
      ->group(output);
  add_network_case_options(app, o.networks);
  add_read_options(app, o.input);
  add_name_options(app, o.input);
  add_say_options(app, o.say);
  add_device_options(app, o.device);
}

}  // namespace

Command testcase_command(CLI::App* app) { return make_command<TestcaseOptions>(app, declare, run); }

}  // namespace kindred::cli

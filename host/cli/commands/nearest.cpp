#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/comparison_options.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/preprocess_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"
#include "host/cli/result/tables.hpp"

#include "host/io/file.hpp"
#include "host/io/save.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace kindred::cli {
namespace {

struct NearestArguments {
  std::vector<std::string> files, queries, query_control;
  std::string operators;
  InputOptions input;
  PreprocessOptions preprocess;
  MetricOptions metric;
  NearestOptions nearest;
  DeviceOptions device;
  SayOptions say;
  std::string out;
  bool no_clobber = false;
};

/// The queries, if they are not the systems themselves, and the systems.
struct SearchedSystems {
  std::optional<Collection> queries;
  Collection systems;
};

SearchedSystems read_searched(const NearestArguments& o, const Console& console) {
  if (o.operators.empty() == o.files.empty()) {
    throw Error(ErrorCode::invalid_argument, o.files.empty() ? "no input: give recordings (FILES) or --operators"
                                                             : "give recordings (FILES) or --operators, not both");
  }
  if (o.queries.empty() && !o.query_control.empty()) {
    throw Error(ErrorCode::invalid_argument, "--query-control gives the inputs of --query, which there is none of");
  }
  SearchedSystems out;
  if (o.operators.empty()) {
    out.systems = read_systems(o.files, o.input, console);
    if (!o.queries.empty()) {
      out.queries = read_systems(o.queries, with_control(o.input, o.query_control, "--query-control"), console);
    }
    return out;
  }
  if (!(o.input.control.empty() && o.query_control.empty())) {
    throw Error(ErrorCode::invalid_argument,
                "--control and --query-control are inputs of recordings; --operators has none");
  }
  if (o.queries.size() > 1) {
    throw Error(ErrorCode::invalid_argument, "with --operators, --query takes one file of operators");
  }
  out.systems = read_operators(o.operators, o.input);
  if (!o.queries.empty()) out.queries = read_operators(o.queries.front(), o.input);
  return out;
}

Neighbours found_by(Engine& engine, const SearchedSystems& in, const Metric& metric, const NearestOptions& options,
                    const Progress& progress) {
  const auto search = [&](const OperatorSet* queries, const OperatorSet& all) {
    return queries != nullptr ? engine.nearest(*queries, all, metric, options, progress)
                              : engine.nearest(all, metric, options, progress);
  };
  if (in.systems.from_operators) return search(in.queries ? &in.queries->operators : nullptr, in.systems.operators);
  Comparisons recordings =
      in.queries ? comparisons_of(engine, *in.queries, &in.systems) : comparisons_of(engine, in.systems, nullptr);
  const Comparisons::Fit& fit = recordings.fit(*dmd_of(metric), progress);
  return in.queries ? search(&fit.rows, fit.columns) : search(nullptr, fit.rows);
}

const std::string& neighbour_name(const Neighbours& found, const Neighbour& neighbour) {
  return found.names[static_cast<std::size_t>(neighbour.system)];
}

Json list_of(const Neighbours& found) {
  Json list = Json::array();
  for (std::size_t q = 0; q < found.of.size(); ++q) {
    Json nearest = Json::array();
    for (const Neighbour& n : found.of[q]) {
      nearest.push_back({{"system", neighbour_name(found, n)},
                         {"index", n.system},
                         {"distance", n.result.distance},
                         {"lower_bound", n.result.lower_bound},
                         {"status", status_name(n.result.status)}});
    }
    list.push_back({{"query", found.query_names[q]}, {"nearest", std::move(nearest)}});
  }
  return list;
}

std::string csv_of(const Neighbours& found) {
  std::string out = "query,place,system,distance,lower_bound,status\n";
  for (std::size_t q = 0; q < found.of.size(); ++q) {
    for (std::size_t k = 0; k < found.of[q].size(); ++k) {
      const Neighbour& n = found.of[q][k];
      out += csv_field(found.query_names[q]) + ',' + std::to_string(k + 1) + ',' + csv_field(neighbour_name(found, n)) +
             ',' + Json(n.result.distance).dump() + ',' + Json(n.result.lower_bound).dump() + ',' +
             status_name(n.result.status) + '\n';
    }
  }
  return out;
}

/// "a: b 0.12, c 0.31", a line a query; of many queries the first ones.
std::string shown_lines(const Neighbours& found) {
  constexpr std::size_t most = 20, shown = 5;
  std::string out;
  for (std::size_t q = 0; q < std::min(most, found.of.size()); ++q) {
    out += found.query_names[q] + ":";
    for (std::size_t k = 0; k < std::min(shown, found.of[q].size()); ++k) {
      const Neighbour& n = found.of[q][k];
      out += (k > 0 ? ", " : " ") + neighbour_name(found, n) + ' ' + report::significant(n.result.distance);
    }
    if (found.of[q].empty()) out += " none";
    if (found.of[q].size() > shown) out += ", ...";
    out += '\n';
  }
  if (found.of.size() > most) out += "and " + std::to_string(found.of.size() - most) + " more\n";
  return out;
}

/// How much of the work the bounds have saved.
std::string saved_work(const Neighbours& found) {
  const bool by_bounds = found.scored == 0 &&
                         std::any_of(found.of.begin(), found.of.end(), [](const auto& list) { return !list.empty(); });
  if (by_bounds) return "by lower bounds alone, of " + std::to_string(found.pairs) + " pairs\n";
  const double share = found.pairs > 0 ? static_cast<double>(found.scored) / static_cast<double>(found.pairs) : 0;
  return std::to_string(found.scored) + " of " + std::to_string(found.pairs) + " pairs scored (" +
         report::significant(100 * share) + " %); the others are excluded by their lower bounds\n";
}

void run(const NearestArguments& o, const Call& call) {
  const Console console = console_for(o.say, {o.out});
  const auto metrics = metric_list(o.metric);
  if (metrics.size() != 1) throw Error(ErrorCode::invalid_argument, "nearest takes one metric");
  const MetricEntry& entry = metrics.front();
  if (dmd_of(entry.metric) == nullptr) {
    throw Error(ErrorCode::invalid_argument,
                "--metric " + entry.name + " compares recordings; neighbours are searched for by dsa or spectral");
  }
  warn_of_unused(given_options(call.app), metrics, o.metric.metrics, !o.operators.empty(), console);
  Outputs outputs;
  outputs.add("--out", o.out, {".csv", ".json"});
  const Preprocess steps = preprocess_of(o.preprocess);
  SearchedSystems in = read_searched(o, console);
  auto inputs = in.systems.files;
  if (in.queries) inputs.insert(inputs.end(), in.queries->files.begin(), in.queries->files.end());
  outputs.check(inputs, o.no_clobber);
  Engine engine = make_engine(o.device, console);
  engine.keep_for(entry.metric);
  prepare(engine, in.systems, steps);
  if (in.queries) prepare(engine, *in.queries, steps);
  Neighbours found;
  {
    ProgressMeter meter(console);
    found = found_by(engine, in, entry.metric, o.nearest, meter.callback());
  }
  if (!in.systems.from_operators) {
    warn_about_fits(found.query_names, found.query_facts, console);
    if (in.queries) warn_about_fits(found.names, found.facts, console);
    note_gaps(in.queries ? *in.queries : in.systems, found.query_facts, console);
    if (in.queries) note_gaps(in.systems, found.facts, console);
  }
  RunSummary run = begin_summary("nearest", call.arguments, engine.device(), o.input, outputs);
  if (steps != Preprocess{}) run.preprocess = steps;
  run.rows = summarize(in.queries ? *in.queries : in.systems, found.query_facts);
  if (in.queries) run.columns = summarize(in.systems, found.facts);
  Json document = json_of(run);
  document["metric"] = text_of(entry.metric, !in.systems.from_operators);
  document["unit"] = unit_of(entry.metric);
  document["k"] = o.nearest.k;
  document["radius"] = std::isfinite(o.nearest.radius) ? Json(o.nearest.radius) : Json(nullptr);
  document["pairs"] = found.pairs;
  document["scored"] = found.scored;
  document["neighbours"] = list_of(found);
  check_interrupt();
  if (!o.out.empty()) {
    io::AtomicFiles files;
    const bool table = io::ending_of(o.out) != ".json";
    files.add(o.out).write(table ? csv_of(found) : text_of(document));
    files.commit();
  }
  if (o.say.json) console.result(text_of(document, -1));
  console.print(shown_lines(found) + saved_work(found));
  print_written(outputs, console);
}

void declare(CLI::App& app, NearestArguments& o) {
  add_files(app, o.files);
  add_operators(app, o.operators);
  app.add_option(
         "--query", o.queries,
         "Systems whose neighbours are wanted: recordings, or one file of operators (none: the systems themselves)")
      ->default_str("")
      ->group("Input");
  add_read_options(app, o.input);
  add_name_options(app, o.input);
  add_control_option(app, o.input);
  add_control_option(app, o.query_control, "--query-control", "the systems of --query");
  add_preprocess_options(app, o.preprocess, /*one_collection=*/false);
  app.add_option("--k", o.nearest.k, "Neighbours of each (0: all within --radius)")
      ->check(whole_number(0))
      ->group("Search");
  app.add_option("--radius", o.nearest.radius, "None further away than this, in the metric's units")
      ->check(number(0))
      ->default_str("none")
      ->group("Search");
  add_metric_options(app, o.metric);
  add_output(app, "-o,--out", o.out, "Neighbours: .csv, or .json with all facts (-: .csv to standard output)");
  add_run_options(app, o.no_clobber, o.say, o.device);
}

}  // namespace

Command nearest_command(CLI::App* app) { return make_command<NearestArguments>(app, declare, run); }

}  // namespace kindred::cli

#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/prediction_options.hpp"
#include "host/cli/options/recording_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/spectra.hpp"
#include "host/cli/report/sweep_report.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/prediction_json.hpp"
#include "host/cli/result/summarize.hpp"

#include "host/io/save.hpp"

#include <kindred/version.hpp>

#include <algorithm>
#include <optional>

namespace kindred::cli {
namespace {

struct SweepOptions : RecordingOptions {
  MetricOptions metric;
  PredictionOptions prediction;
  DeviceOptions device;
  SayOptions say;
  std::string delays = "1", interval = "1", rank;
  std::string out, report, journal;
  double tolerance = default_tolerance;
  bool recommend = false, no_clobber = false;
};

constexpr const char* around_start = "q-star";

/// The delays of the grid: those listed, or some around q*.
std::vector<index_t> delays_of(const SweepOptions& o, const Collection& collection,
                               std::optional<StartingPoint>& start) {
  if (o.delays != around_start) return number_list(o.delays);
  start = starting_point(collection.systems);
  std::vector<index_t> out{1};
  for (const index_t quarters : {1, 2, 4, 6, 8}) out.push_back((start->delays * quarters + 3) / 4);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The eigenvalues of operators fitted to whole recordings at a point.
std::string spectra_at(const SweepPoint& point, Engine& engine, const SweepOptions& o, const Collection& collection,
                       const Progress& progress) {
  Dmd dmd = dmd_of(o.metric);
  dmd.delays = point.delays;
  dmd.interval = point.interval;
  dmd.rank = point.rank;
  std::vector<report::SystemSpectrum> all;
  for (const Operator& a : engine.fit(collection.systems, dmd, progress)) all.push_back({a.name, a.facts.spectrum});
  return report::spectra(all, /*generators=*/false);
}

report::SweepReport report_of(const SweepOptions& o, const SweepResult& sweep, const Recommendation& found,
                              const RunSummary& run, std::string spectra) {
  const std::size_t feasible = static_cast<std::size_t>(
      std::count_if(sweep.points.begin(), sweep.points.end(), [](const SweepPoint& p) { return p.feasible; }));
  return {"Delays and rank by held-out prediction",
          counted(run.rows.size() - sweep.left_out.size(), "system") + ", " + counted(sweep.points.size(), "point") +
              ", " + std::to_string(feasible) + " of them feasible, kindred " + std::string(version()) + ", " +
              run.created,
          flags_of(sweep.points[found.chosen]),
          reason_for(sweep, found, o.tolerance),
          sweep,
          found,
          std::move(spectra),
          {{"arguments", joined(run.arguments, " ")},
           {"device", run.device.name + ", " + run.device.detail},
           {"held out", o.prediction.hold_out},
           {"reseed", std::to_string(o.prediction.reseed)},
           {"first steps not scored", std::to_string(sweep.skip)}}};
}

void run(const SweepOptions& o, const std::vector<std::string>& arguments) {
  const Console console = console_for(o.say, {o.out, o.report});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give recordings (FILES)");
  if (o.rank.empty()) throw Error(ErrorCode::invalid_argument, "no ranks to try: give --rank, such as --rank 5:50:5");
  Outputs outputs;
  outputs.add("--out", o.out, {".json"});
  outputs.add("--report", o.report, {".html"});
  const Preprocess steps = preprocess_of(o.preprocess);
  Collection collection = read_recordings(o, outputs, o.no_clobber, console);
  Engine engine = make_engine(o.device, console, 0, !o.report.empty());
  prepare(engine, collection, steps);
  drop_own_fits(collection, console);
  std::optional<SweepJournal> journal;
  if (!o.journal.empty()) journal.emplace(o.journal);
  if (journal && journal->size() > 0) console.note(o.journal + ": goes on behind " + counted(journal->size(), "point"));
  std::optional<StartingPoint> start;
  const std::vector<index_t> delays = delays_of(o, collection, start);
  if (start) {
    console.note("q* = " + std::to_string(start->delays) + " delays, rank " + std::to_string(start->rank) +
                 ": where the grid starts from");
  }
  SweepResult sweep;
  std::string spectra;
  {
    ProgressMeter meter(console);
    sweep = engine.sweep(collection.systems, dmd_of(o.metric), {delays, number_list(o.interval), number_list(o.rank)},
                         hold_out_of(o.prediction), {.reseed = o.prediction.reseed}, meter.callback(),
                         journal ? &*journal : nullptr);
    if (!o.report.empty()) {
      spectra = spectra_at(sweep.points[recommend(sweep, o.tolerance).chosen], engine, o, collection, meter.callback());
    }
  }
  for (const auto& [name, why] : sweep.left_out) console.warn("system '" + name + "' is left out: " + why);
  const Recommendation found = recommend(sweep, o.tolerance);
  RunSummary summary = begin_summary("sweep", arguments, engine.device(), o.input, outputs);
  if (steps != Preprocess{}) summary.preprocess = steps;
  summary.dmd = dmd_of(o.metric);
  summary.rows = summarize(collection, {});
  Json document = json_of(summary);
  for (const char* swept : {"delays", "interval", "rank"}) document["dmd"].erase(swept);
  document["hold_out"] = o.prediction.hold_out;
  document["reseed"] = o.prediction.reseed;
  if (start) document["q_star"] = {{"delays", start->delays}, {"rank", start->rank}};
  document["sweep"] = json_of(sweep, found, o.tolerance);
  check_interrupt();
  io::AtomicFiles files;
  if (!o.out.empty()) files.add(o.out).write(text_of(document));
  if (!o.report.empty()) files.add(o.report).write(render(report_of(o, sweep, found, summary, std::move(spectra))));
  files.commit();
  if (o.say.json) console.result(text_of(document, -1));
  const std::string flags = flags_of(sweep.points[found.chosen]);
  if (o.recommend) {
    if (!console.json()) console.result(flags + "\n");
    console.note(reason_for(sweep, found, o.tolerance));
    return;
  }
  console.print("recommended: " + flags + "\n  " + reason_for(sweep, found, o.tolerance) + "\n");
  print_written(outputs, console);
}

/// An option that takes a list of whole numbers.
void add_numbers(CLI::App& app, const std::string& name, std::string& text, const std::string& help) {
  app.add_option(name, text, help)->check(numbers())->type_name("LIST")->capture_default_str()->group("Grid");
}

}  // namespace

Command sweep_command(CLI::App* app) {
  auto options = std::make_shared<SweepOptions>();
  add_recordings(*app, *options);
  add_control_option(*app, options->input);
  app->add_option(
         "--delays", options->delays,
         "Delays to try: numbers and FROM:TO:STEP, with commas; or q-star, for 1 and shares of q*, a number of delays "
         "from the recordings' correlation time and period")
      ->check(
          CLI::Validator([](std::string& text) { return text == around_start ? std::string() : numbers()(text); }, ""))
      ->type_name("LIST|q-star")
      ->capture_default_str()
      ->group("Grid");
  add_numbers(*app, "--interval", options->interval, "Intervals to try, likewise");
  add_numbers(*app, "--rank", options->rank,
              "Ranks to try, likewise; all of one embedding come from one factorisation");
  for (const char* field : {"steps_ahead", "regression", "ridge"}) add_field_option(*app, options->metric, field);
  add_prediction_options(*app, options->prediction);
  app->add_option(
         "--tolerance", options->tolerance,
         "Share of the variance by which a smaller model may predict worse than the best and be recommended all the "
         "same (0: one standard error alone)")
      ->check(number(0, 1))
      ->type_name("FLOAT")
      ->capture_default_str()
      ->group("Prediction");
  add_output_flag(*app, "--recommend", options->recommend, "Print nothing but the recommended options, to paste");
  add_output(*app, "-o,--out", options->out, "Every point with its figures: .json");
  add_output(*app, "--report", options->report, "Heat maps, the error by rank and the recommendation: .html");
  app->add_option("--journal", options->journal, "A file that keeps finished points, so that a killed sweep goes on")
      ->group("Machine");
  add_run_options(*app, options->no_clobber, options->say, options->device);
  return {app, [options](const std::vector<std::string>& arguments) { run(*options, arguments); }};
}

}  // namespace kindred::cli

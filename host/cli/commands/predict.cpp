#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/prediction_options.hpp"
#include "host/cli/options/recording_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/prediction_json.hpp"
#include "host/cli/result/summarize.hpp"

#include "host/io/save.hpp"

#include <algorithm>

namespace kindred::cli {
namespace {

struct PredictOptions : RecordingOptions {
  MetricOptions metric;
  PredictionOptions prediction;
  DeviceOptions device;
  SayOptions say;
  std::string out;
  bool no_clobber = false;
};

/// The predicted trials of each system: one array trials x steps x channels, or of trials of unequal length one each,
/// "NAME/0".
std::vector<NpzArray> arrays_of(const std::vector<TrajectorySet>& held_out, const std::vector<Prediction>& predictions,
                                std::vector<std::vector<double>>& joined) {
  std::vector<NpzArray> out;
  joined.reserve(predictions.size());
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const auto& trials = predictions[i].values;
    const index_t channels = held_out[i].channels();
    if (trials.empty()) continue;
    const bool equal =
        std::all_of(trials.begin(), trials.end(), [&](const auto& t) { return t.size() == trials[0].size(); });
    if (!equal) {
      for (std::size_t k = 0; k < trials.size(); ++k) {
        out.push_back({held_out[i].name + "/" + std::to_string(k),
                       {std::ssize(trials[k]) / channels, channels},
                       trials[k].data()});
      }
      continue;
    }
    auto& all = joined.emplace_back();
    for (const auto& trial : trials) all.insert(all.end(), trial.begin(), trial.end());
    out.push_back({held_out[i].name, {std::ssize(trials), std::ssize(trials[0]) / channels, channels}, all.data()});
  }
  return out;
}

std::string line_of(const std::string& name, const Prediction& p) {
  using report::significant;
  if (p.facts.status == FitStatus::failed) return name + ": failed, " + p.facts.detail + "\n";
  const auto figures = [](const PredictionScore& s) {
    return "nmse " + significant(s.nmse) + ", mase " + significant(s.mase) + ", R2 " + significant(s.r2) +
           ", correlation " + significant(s.correlation);
  };
  return name + ": rank " + std::to_string(p.facts.rank) + "; one step: " + figures(p.one_step) +
         "; reseeded: " + figures(p.reseeded) + "\n";
}

/// Says of which systems nothing can be said, and why. Throws where that is so of all.
void warn_about(const std::vector<Prediction>& predictions, const std::vector<TrajectorySet>& held_out, const Dmd& dmd,
                const Console& console) {
  std::vector<std::string> names;
  std::vector<FitFacts> facts;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    names.push_back(held_out[i].name);
    FitFacts& told = facts.emplace_back(predictions[i].facts);
    if (told.status == FitStatus::failed || predictions[i].one_step.values > 0) continue;
    told.status = FitStatus::failed;
    told.detail = "what is held out of it is too short: predictions begin after " +
                  counted(static_cast<std::size_t>((dmd.delays - 1) * dmd.interval + dmd.steps_ahead), "step") +
                  " of a trial; use fewer delays, or hold out more (--hold-out)";
  }
  if (std::all_of(facts.begin(), facts.end(), [](const FitFacts& f) { return f.status == FitStatus::failed; })) {
    throw Error(ErrorCode::invalid_data,
                "no system can be judged; system '" + names.front() + "': " + facts.front().detail);
  }
  warn_about_fits(names, facts, console);
}

void run(const PredictOptions& o, const Call& call) {
  const Console console = console_for(o.say, {o.out});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give recordings (FILES)");
  Outputs outputs;
  outputs.add("--out", o.out, {".npz"});
  outputs.add("--sidecar", sidecar_of(o.out));
  const Preprocess steps = preprocess_of(o.preprocess);
  Collection collection = read_recordings(o, outputs, o.no_clobber, console);
  Engine engine = make_engine(o.device, console);
  prepare(engine, collection, steps);
  drop_own_fits(collection, console);
  std::vector<TrajectorySet> fitted, held_out;
  for (const TrajectorySet& system : collection.systems) {
    auto [first, second] = split(system, hold_out_of(o.prediction));
    fitted.push_back(std::move(first));
    held_out.push_back(std::move(second));
  }
  const Dmd dmd = dmd_of(o.metric);
  std::vector<Prediction> predictions;
  {
    ProgressMeter meter(console);
    predictions = engine.predict(fitted, held_out, dmd, {}, {.reseed = o.prediction.reseed, .values = !o.out.empty()},
                                 meter.callback())[0];
  }
  warn_about(predictions, held_out, dmd, console);
  RunSummary summary = begin_summary("predict", call.arguments, engine.device(), o.input, outputs);
  summary.dmd = dmd;
  if (steps != Preprocess{}) summary.preprocess = steps;
  std::vector<FitFacts> facts;
  for (const Prediction& p : predictions) facts.push_back(p.facts);
  summary.rows = summarize(collection, facts);
  Json document = json_of(summary);
  document["hold_out"] = o.prediction.hold_out;
  document["reseed"] = o.prediction.reseed;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    document["systems"][i]["one_step"] = json_of(predictions[i].one_step);
    document["systems"][i]["reseeded"] = json_of(predictions[i].reseeded);
  }
  if (!o.out.empty()) {
    io::AtomicFiles files;
    if (const auto beside = sidecar_of(o.out); !beside.empty()) files.add(beside).write(text_of(document));
    std::vector<std::vector<double>> joined;
    io::write_npz(files.add(o.out), arrays_of(held_out, predictions, joined), NpzCompression::stored);
    files.commit();
  }
  if (o.say.json) console.result(text_of(document, -1));
  for (std::size_t i = 0; i < predictions.size(); ++i) console.print(line_of(held_out[i].name, predictions[i]));
  print_written(outputs, console);
}

void declare(CLI::App& app, PredictOptions& o) {
  add_recordings(app, o);
  add_control_option(app, o.input);
  add_dmd_options(app, o.metric);
  add_prediction_options(app, o.prediction);
  add_output(app, "-o,--out", o.out, "Predicted recordings of what was held out: .npz; figures in the .json beside it");
  add_run_options(app, o.no_clobber, o.say, o.device);
}

}  // namespace

Command predict_command(CLI::App* app) { return make_command<PredictOptions>(app, declare, run); }

}  // namespace kindred::cli

#include "host/cli/result/comparison.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/result/tables.hpp"
#include "host/io/save.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iterator>
#include <memory>

namespace kindred::cli {
namespace {

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::vector<FitFacts> facts_of(const OperatorSet& operators) {
  std::vector<FitFacts> facts;
  for (const Operator& a : operators) facts.push_back(a.facts);
  return facts;
}

/// "rank 20 exceeds the numerical rank 17 (sigma_r / sigma_1 = 1.3e-08)", or what the fit itself says.
std::string complaint(const FitFacts& facts) {
  if (facts.status != FitStatus::rank_excess) return facts.detail;
  char ratio[32];
  std::snprintf(ratio, sizeof ratio, "%.1e", facts.sigma_ratio);
  return "rank " + std::to_string(facts.rank) + " exceeds its numerical rank " + std::to_string(facts.numerical_rank) +
         " (sigma_r / sigma_1 = " + ratio + "); the excess directions are rounding noise";
}

void warn_about_fits(const std::vector<std::string>& names, const std::vector<FitFacts>& facts,
                     const Console& console) {
  constexpr int most_lines = 10;
  int warned = 0;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].status == FitStatus::ok) continue;
    if (++warned <= most_lines) console.warn("system '" + names[i] + "': " + complaint(facts[i]));
  }
  if (warned > most_lines) {
    console.warn("and " + std::to_string(warned - most_lines) + " more systems; the sidecar lists them all");
  }
}

/// What a journal holds of a comparison that begins.
void tell_of(const std::string& path, const Journal::State& state, const Console& console) {
  if (state.damaged) {
    console.warn("journal " + path + ": " + std::to_string(state.discarded) +
                 " of its bytes are damaged; their pairs are computed again");
  }
  if (state.kept > 0) {
    console.note("journal " + path + ": " + std::to_string(state.kept) + " of " + std::to_string(state.pairs) +
                 " pairs are there already");
  }
}

/// A journal for each metric; null where none is wanted.
std::vector<std::unique_ptr<Journal>> open_journals(const std::string& path, const std::vector<MetricEntry>& metrics,
                                                    const Console& console) {
  std::vector<std::unique_ptr<Journal>> journals(metrics.size());
  if (path.empty()) return journals;
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    const std::string file = metrics.size() == 1 ? path : path + '.' + metrics[k].name;
    journals[k] = std::make_unique<Journal>(
        file, [file, &console](const Journal::State& state) { tell_of(file, state, console); });
  }
  return journals;
}

/// compare(journal); if it is cancelled, the message says that nothing finished is lost.
template <class F>
DistanceMatrix keeping(Journal* journal, F&& compare) {
  try {
    return compare(journal);
  } catch (const Error& error) {
    if (journal == nullptr || error.code() != ErrorCode::cancelled) throw;
    throw Error(error.code(),
                std::string(error.what()) + "; what is finished is in the journal, where the same command goes on");
  }
}

using Values = std::function<double(const PairResult&)>;

/// One matrix a metric, row-major.
void write_arrays(const Comparison& comparison, io::AtomicFile& file, const Values& value) {
  std::vector<std::vector<double>> data;
  std::vector<NpzArray> arrays;
  for (const Compared& result : comparison.metrics) {
    std::vector<double>& values = data.emplace_back();
    for (index_t i = 0; i < result.matrix.rows(); ++i) {
      for (index_t j = 0; j < result.matrix.columns(); ++j) values.push_back(value(result.matrix.at(i, j)));
    }
  }
  for (std::size_t k = 0; k < data.size(); ++k) {
    const Compared& result = comparison.metrics[k];
    arrays.push_back({result.entry.name, {result.matrix.rows(), result.matrix.columns()}, data[k].data()});
  }
  if (file.path().extension() == ".npz") {
    io::write_npz(file, arrays);
  } else {
    io::write_npy(file, arrays.front().shape, data.front().data());
  }
}

}  // namespace

void add_compare_options(CLI::App& app, CompareOptions& o) {
  app.add_option("FILES", o.files, "Recordings: .npy, .npz, folders, globs or .json manifests")->default_str("");
  app.add_option("--operators", o.operators, "Operators instead of recordings: .npy (N x r x r) or .npz")
      ->group("Input");
  add_read_options(app, o.input);
  const std::string group = "Preprocessing";
  app.add_option("--resample", o.preprocess.resample, "Steps of every trial, by linear interpolation (0: as recorded)")
      ->check(whole_number(0))
      ->group(group);
  app.add_flag("--trial-average", o.preprocess.trial_average, "The mean over trials in place of the trials")
      ->group(group);
  app.add_option("--scaling", o.scaling, "Of each channel: none, centre or zscore")
      ->check(CLI::IsMember({"none", "centre", "zscore"}))
      ->group(group);
  app.add_option("--components", o.preprocess.components, "Principal components kept (0: the channels themselves)")
      ->check(whole_number(0))
      ->group(group);
  add_metric_options(app, o.metric);
  app.add_option("-o,--out", o.out,
                 "Distances: .npy, or .npz with one array a metric; a .json of all facts goes beside it")
      ->group("Output");
  app.add_option("--lower-bound", o.lower_bound, "Proven lower bounds of the distances, as --out")->group("Output");
  app.add_option("--status", o.status,
                 "How each distance is known, as --out: 0 exact, 1 certified, 2 converged, "
                 "3 iteration limit, 4 failed")
      ->group("Output");
  app.add_option("--report", o.report, "Picture of the distances: one HTML file")->group("Output");
  app.add_option("--journal", o.journal,
                 "Keep finished pairs in this file: after a Ctrl-C, a kill or a full disk the same command goes on "
                 "there")
      ->group("Output");
  app.add_flag("--no-clobber", o.no_clobber, "Refuse to replace outputs that are there")->group("Output");
  add_say_options(app, o.say);
  add_device_options(app, o.device);
}

Json preprocess(Engine& engine, Collection& collection, const CompareOptions& o) {
  Preprocess steps = o.preprocess;
  steps.scaling = o.scaling == "zscore" ? Scaling::zscore : o.scaling == "centre" ? Scaling::centre : Scaling::none;
  if (steps.common_basis && steps.components == 0) {
    throw Error(ErrorCode::invalid_argument, "--common-basis needs --components");
  }
  if (steps.resample == 0 && !steps.trial_average && steps.scaling == Scaling::none && steps.components == 0) return {};
  if (collection.from_operators) {
    throw Error(ErrorCode::invalid_argument, "--operators have no recordings to resample, average, scale or project");
  }
  collection.systems = engine.preprocess(collection.systems, steps);
  return {{"resample", steps.resample},
          {"trial_average", steps.trial_average},
          {"scaling", o.scaling},
          {"components", steps.components},
          {"common_basis", steps.common_basis}};
}

Comparison compare(Engine& engine, const Collection& rows, const Collection* columns,
                   const std::vector<MetricEntry>& metrics, const std::string& journal, const Console& console) {
  Comparison comparison;
  const auto journals = open_journals(journal, metrics, console);
  comparison.symmetric = columns == nullptr;
  ProgressMeter meter(console);
  const Progress progress = meter.callback();
  const auto first = std::find_if(metrics.begin(), metrics.end(),
                                  [](const MetricEntry& entry) { return dmd_of(entry.metric) != nullptr; });
  OperatorSet row_operators = rows.operators;
  OperatorSet column_operators = columns != nullptr ? columns->operators : OperatorSet{};
  if (first != metrics.end() && !rows.from_operators) {
    const Stopwatch watch;
    // Rows and columns as one collection, so that rules over a collection (--rank-excess clip) hold across them.
    std::vector<TrajectorySet> all = rows.systems;
    if (columns != nullptr) all.insert(all.end(), columns->systems.begin(), columns->systems.end());
    row_operators = engine.fit(all, *dmd_of(first->metric), progress);
    const auto split = row_operators.begin() + static_cast<std::ptrdiff_t>(rows.systems.size());
    column_operators.assign(std::make_move_iterator(split), std::make_move_iterator(row_operators.end()));
    row_operators.erase(split, row_operators.end());
    comparison.row_facts = facts_of(row_operators);
    comparison.column_facts = facts_of(column_operators);
    comparison.fit_seconds = watch.seconds();
  }
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    const MetricEntry& entry = metrics[k];
    const Stopwatch watch;
    DistanceMatrix matrix;
    if (dmd_of(entry.metric) != nullptr) {
      matrix = keeping(journals[k].get(), [&](PairStore* store) {
        return columns == nullptr ? engine.pairwise(row_operators, entry.metric, progress, store)
                                  : engine.cross(row_operators, column_operators, entry.metric, progress, store);
      });
    } else if (rows.from_operators) {
      throw Error(ErrorCode::invalid_argument, "--metric " + entry.name + " compares recordings; --operators has none");
    } else {
      matrix = keeping(journals[k].get(), [&](PairStore* store) {
        return columns == nullptr ? engine.pairwise(rows.systems, entry.metric, progress, store)
                                  : engine.cross(rows.systems, columns->systems, entry.metric, progress, store);
      });
    }
    comparison.metrics.push_back({entry, std::move(matrix), watch.seconds()});
  }
  return comparison;
}

void warn_about(const Comparison& comparison, const Console& console) {
  if (comparison.metrics.empty()) return;
  const DistanceMatrix& any = comparison.metrics.front().matrix;
  warn_about_fits(any.row_names(), comparison.row_facts, console);
  warn_about_fits(any.column_names(), comparison.column_facts, console);
  for (const Compared& result : comparison.metrics) {
    const Json pairs = describe_pairs(result.matrix, comparison.symmetric);
    const auto total = pairs["pairs"].get<index_t>(), failed = pairs["status"]["failed"].get<index_t>();
    const std::string count = std::to_string(failed) + " of " + std::to_string(total) + " pairs have no distance";
    if (failed > 0 && failed == total) throw Error(ErrorCode::invalid_data, result.entry.name + ": " + count);
    if (failed > 0) console.warn(result.entry.name + ": " + count + " (NaN)");
  }
}

void warn_of_unused(const CompareOptions& o, const std::vector<MetricEntry>& metrics, const Console& console) {
  const bool from_operators = !o.operators.empty();
  const auto unused = unused_options(o.given, metrics, from_operators);
  if (unused.empty()) return;
  console.warn(CLI::detail::join(unused, ", ") + ": no effect on --metric " + o.metric.metrics +
               (from_operators ? " with --operators" : ""));
}

Json describe_comparison(const Comparison& comparison) {
  Json list = Json::array();
  for (const Compared& result : comparison.metrics) {
    Json entry = {{"name", result.entry.name},
                  {"unit", unit_of(result.entry.metric)},
                  {"configuration", describe_metric(result.entry.metric)}};
    entry.update(describe_pairs(result.matrix, comparison.symmetric));
    entry["seconds"] = result.seconds;
    list.push_back(std::move(entry));
  }
  return list;
}

Json compile_sidecar(const Compilation& run, const DeviceInfo& device, const Comparison& comparison,
                     const Collection& rows, const Collection* columns) {
  const auto systems = [](const Collection& collection, const std::vector<FitFacts>& facts) {
    Json list = describe_systems(collection);
    for (std::size_t i = 0; i < facts.size() && i < list.size(); ++i) list[i]["fit"] = describe_fit(facts[i]);
    return list;
  };
  Json document = describe_run(run.command, run.options.arguments, device);
  document["layout"] = run.options.input.layout;
  document["preprocess"] = run.preprocessed;
  document["outputs"] = describe_outputs(run.outputs);
  document["fit_seconds"] = comparison.fit_seconds;
  document["metrics"] = describe_comparison(comparison);
  document[columns == nullptr ? "systems" : "rows"] = systems(rows, comparison.row_facts);
  if (columns != nullptr) document["columns"] = systems(*columns, comparison.column_facts);
  return document;
}

Outputs outputs_of(const CompareOptions& o, const std::vector<MetricEntry>& metrics) {
  Outputs outputs;
  const bool several = split(o.metric.metrics).size() > 1;
  const std::vector<std::string> endings =
      several ? std::vector<std::string>{".npz"} : std::vector<std::string>{".npy", ".npz"};
  const std::pair<const char*, const std::string&> files[] = {
      {"--out", o.out}, {"--lower-bound", o.lower_bound}, {"--status", o.status}};
  for (const auto& [option, path] : files) {
    require_ending(option, path, endings);
    outputs.add(option, path);
  }
  outputs.add("--sidecar", sidecar_of(o.out));
  outputs.add("--report", o.report);
  if (outputs.list().empty() && !o.say.json) {
    throw Error(ErrorCode::invalid_argument, "nothing to write: give --out, --report or --json");
  }
  check_report(o.report, metrics);
  return outputs;
}

void write_outputs(const Comparison& comparison, const CompareOptions& o, const Json& sidecar,
                   const std::function<std::string()>& report) {
  check_interrupt();
  io::AtomicFiles files;
  if (!o.report.empty()) files.add(o.report).write(report());
  if (!o.out.empty()) files.add(sidecar_of(o.out)).write(text_of(sidecar));
  if (!o.lower_bound.empty()) {
    write_arrays(comparison, files.add(o.lower_bound), [](const PairResult& pair) { return pair.lower_bound; });
  }
  if (!o.status.empty()) {
    write_arrays(comparison, files.add(o.status),
                 [](const PairResult& pair) { return static_cast<double>(pair.status); });
  }
  if (!o.out.empty()) write_arrays(comparison, files.add(o.out), [](const PairResult& pair) { return pair.distance; });
  check_interrupt();
  files.commit();
}

Json with_distances(Json document, const Comparison& comparison) {
  for (std::size_t k = 0; k < comparison.metrics.size(); ++k) {
    const DistanceMatrix& matrix = comparison.metrics[k].matrix;
    Json rows = Json::array();
    for (index_t i = 0; i < matrix.rows(); ++i) {
      Json row = Json::array();
      for (index_t j = 0; j < matrix.columns(); ++j) row.push_back(matrix(i, j));
      rows.push_back(std::move(row));
    }
    document["metrics"][k]["distances"] = std::move(rows);
  }
  return document;
}

}  // namespace kindred::cli

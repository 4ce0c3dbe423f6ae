#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/metric_options.hpp"
#include "host/cli/options/recording_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/report/comparison_report.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/advice.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"

#include "host/io/save.hpp"

#include <algorithm>
#include <list>

namespace kindred::cli {
namespace {

struct FitOptions : RecordingOptions {
  MetricOptions metric;
  DeviceOptions device;
  SayOptions say;
  std::string out, report, eigenfunctions, basis;
  bool spectra = false, stack = false;
  bool no_clobber = false;
};

/// The operators that could be computed. A .npz leaves the others out; in a .npy, whose operators are known by their
/// place, none may be missing.
OperatorSet usable(const OperatorSet& operators, const std::string& out, const Console& console) {
  OperatorSet good;
  for (const Operator& a : operators) {
    if (a.facts.status != FitStatus::failed) good.push_back(a);
  }
  const auto why = [](const Operator& a) { return "system '" + a.name + "': " + a.facts.detail; };
  if (good.empty()) throw Error(ErrorCode::invalid_data, "no system could be fitted; " + why(operators.front()));
  for (const Operator& a : operators) {
    if (a.facts.status != FitStatus::failed) continue;
    if (out.ends_with(".npy")) {
      throw Error(ErrorCode::invalid_data, why(a) + "; a .npz would hold the other systems' operators");
    }
    console.warn("system '" + a.name + "' is left out: " + a.facts.detail);
  }
  return good;
}

void print_facts(const OperatorSet& operators, const Console& console) {
  for (const Operator& a : operators) {
    console.print(a.name + ": rank " + std::to_string(a.facts.rank) + " of " + std::to_string(a.facts.numerical_rank) +
                  (a.facts.numerical_rank_is_bound ? " or more" : "") + " (" + std::to_string(a.facts.rows) + " x " +
                  std::to_string(a.facts.columns) + ")" +
                  (a.inputs > 0 ? ", " + counted(static_cast<std::size_t>(a.inputs), "input") : std::string()) +
                  ", sigma_r / sigma_1 " + report::significant(a.facts.sigma_ratio) + ", residual " +
                  report::significant(a.facts.residual) +
                  (a.facts.status == FitStatus::ok ? "" : std::string(", ") + status_name(a.facts.status)) + "\n");
  }
}

/// The operators at one rank, and where they and their page go.
struct Fit {
  Dmd dmd;
  std::string out, report;
  OperatorSet operators;
};

Json spectrum_json(const std::vector<Eigenvalue>& spectrum) {
  Json out = Json::array();
  for (const Eigenvalue& e : spectrum) {
    out.push_back({{"re", e.value.real()}, {"im", e.value.imag()}, {"residual", e.residual}});
  }
  return out;
}

/// "ops-rank-10.npz", where there are several ranks.
std::string at_rank(const std::string& out, const std::string& rank) {
  if (out.empty()) return out;
  if (is_stream(out)) {
    throw Error(ErrorCode::invalid_argument, "output " + out + ": operators of several ranks go to a file each");
  }
  const std::filesystem::path path(out);
  return (path.parent_path() / (path.stem().string() + "-rank-" + rank + path.extension().string())).string();
}

std::vector<Fit> fits_asked(const FitOptions& o) {
  const std::vector<std::string> ranks = split(value_of(o.metric, "rank"));
  std::vector<Fit> out;
  for (const std::string& rank : ranks) {
    MetricOptions one = o.metric;
    one.fields["rank"] = rank;
    const bool several = ranks.size() > 1;
    out.push_back(
        {dmd_of(one), several ? at_rank(o.out, rank) : o.out, several ? at_rank(o.report, rank) : o.report, {}});
  }
  return out;
}

/// Fills the operators; several ranks come from one factorisation of each system.
void fit_all(Engine& engine, const Collection& collection, std::vector<Fit>& fits, const Progress& progress) {
  const bool own =
      std::any_of(collection.fits.begin(), collection.fits.end(), [](const auto& f) { return !f.empty(); });
  if (fits.size() > 1 && !own) {
    std::vector<index_t> ranks;
    for (const Fit& fit : fits) ranks.push_back(fit.dmd.rank.number);
    auto sets = engine.fit(collection.systems, fits.front().dmd, ranks, progress);
    for (std::size_t k = 0; k < fits.size(); ++k) fits[k].operators = std::move(sets[k]);
    return;
  }
  for (Fit& fit : fits) {
    std::vector<Dmd> dmds;
    for (std::size_t i = 0; i < collection.size(); ++i) {
      dmds.push_back(with_fields(fit.dmd, collection.fits[i]));
      if (fits.size() > 1 && dmds.back().rank != fit.dmd.rank) {
        throw Error(ErrorCode::invalid_argument, "--rank asks for several ranks, but the manifest gives system '" +
                                                     collection.systems[i].name + "' a rank of its own");
      }
    }
    fit.operators = engine.fit_each(collection.systems, dmds, progress);
  }
}

Json write(const Fit& fit, const FitOptions& o, RunSummary run, const Collection& collection, const Console& console) {
  const OperatorSet good = usable(fit.operators, fit.out, console);
  run.dmd = fit.dmd;
  std::vector<FitFacts> facts;
  for (const Operator& a : fit.operators) facts.push_back(a.facts);
  note_gaps(collection, facts, console);
  run.rows = summarize(collection, facts);
  Json document = json_of(run);
  for (std::size_t i = 0; o.spectra && i < facts.size(); ++i) {
    const OperatorFigures figures = figures_of(fit.operators[i]);
    Json& told = document["systems"][i]["fit"];
    told["spectral_radius"] = figures.spectral_radius;
    told["non_normality"] = figures.non_normality;
    told["transient_growth"] = figures.transient_growth;
    told["eigenvalues"] = spectrum_json(facts[i].spectrum);
  }
  check_interrupt();
  io::AtomicFiles files;
  if (const auto beside = sidecar_of(fit.out); !beside.empty()) files.add(beside).write(text_of(document));
  if (!fit.out.empty())
    io::write_operators(files.add(fit.out), good, o.stack ? OperatorArrays::stacked : OperatorArrays::each);
  if (!fit.report.empty()) files.add(fit.report).write(report::render(run, {}, "Operators of systems"));
  files.commit();
  for (std::size_t i = 0; o.say.json && i < fit.operators.size(); ++i) {
    document["systems"][i]["operator"] = fit.operators[i].values;
    if (fit.operators[i].inputs > 0) document["systems"][i]["input_matrix"] = fit.operators[i].input_matrix;
    if (fit.operators[i].outputs > 0) document["systems"][i]["output_matrix"] = fit.operators[i].output_matrix;
  }
  print_facts(fit.operators, console);
  return document;
}

/// Eigenfunctions by system and trial, "NAME/0" and so on (rows x rank x 2: real and imaginary parts),
/// with their eigenvalues "NAME/eigenvalues" and residuals "NAME/residuals".
class EigenfunctionArrays {
 public:
  explicit EigenfunctionArrays(const std::vector<Eigenfunctions>& found, const Collection& collection) {
    for (std::size_t i = 0; i < found.size(); ++i) {
      const std::string& name = collection.systems[i].name;
      const auto rank = std::ssize(found[i].facts.spectrum);
      if (found[i].trials.empty()) continue;
      std::vector<double>&values = kept_.emplace_back(), residuals;
      for (const Eigenvalue& e : found[i].facts.spectrum) {
        values.insert(values.end(), {e.value.real(), e.value.imag()});
        residuals.push_back(e.residual);
      }
      arrays.push_back({name + "/eigenvalues", {rank, 2}, values.data()});
      kept_.push_back(std::move(residuals));
      arrays.push_back({name + "/residuals", {rank}, kept_.back().data()});
      for (std::size_t k = 0; k < found[i].trials.size(); ++k) {
        const auto& trial = found[i].trials[k];
        std::vector<double>& flat = kept_.emplace_back();
        for (const auto& phi : trial) flat.insert(flat.end(), {phi.real(), phi.imag()});
        arrays.push_back({name + "/" + std::to_string(k), {std::ssize(trial) / rank, rank, 2}, flat.data()});
      }
    }
  }

  std::vector<NpzArray> arrays;

 private:
  std::list<std::vector<double>> kept_;
};

void write_eigenfunctions(Engine& engine, const FitOptions& o, const Collection& collection, const Dmd& dmd,
                          const Console& console) {
  std::vector<Eigenfunctions> found;
  {
    ProgressMeter meter(console);
    found = engine.eigenfunctions(collection.systems, dmd, meter.callback());
  }
  const EigenfunctionArrays all(found, collection);
  io::AtomicFiles files;
  io::write_npz(files.add(o.eigenfunctions), all.arrays, NpzCompression::stored);
  files.commit();
}

/// Of each operator the coordinates of its states, "NAME/basis" (columns x rank), and "NAME/sigma", the singular
/// values.
void write_bases(const FitOptions& o, const OperatorSet& operators) {
  std::vector<NpzArray> arrays;
  for (const Operator& a : operators) {
    if (a.basis.empty()) continue;
    arrays.push_back({a.name + "/basis", {std::ssize(a.basis) / a.size, a.size}, a.basis.data()});
    arrays.push_back({a.name + "/sigma", {a.size}, a.singular_values.data()});
  }
  io::AtomicFiles files;
  io::write_npz(files.add(o.basis), arrays, NpzCompression::stored);
  files.commit();
}

/// Throws invalid_argument where a basis is asked for of operators that have none, or of several ranks.
void check_basis(const FitOptions& o, const std::vector<Fit>& fits) {
  if (o.basis.empty()) return;
  if (fits.size() > 1) throw Error(ErrorCode::invalid_argument, "--basis is of one rank; --rank asks for several");
  if (is_subspace(fits.front().dmd.regression)) {
    throw Error(ErrorCode::invalid_argument,
                "--basis: the states of subspace identification are not those of an embedding; --out has its output "
                "matrices");
  }
}

/// Throws invalid_argument where eigenfunctions are asked for of more than one set of parameters.
void check_eigenfunctions(const FitOptions& o, const std::vector<Fit>& fits, const Collection& collection) {
  if (o.eigenfunctions.empty()) return;
  const bool own =
      std::any_of(collection.fits.begin(), collection.fits.end(), [](const auto& f) { return !f.empty(); });
  if (fits.size() == 1 && !own) return;
  throw Error(ErrorCode::invalid_argument,
              own ? "--eigenfunctions are of one fit of all systems; the manifest gives systems parameters of their own"
                  : "--eigenfunctions are of one rank; --rank asks for several");
}

void run(const FitOptions& o, const Call& call) {
  const Console console = console_for(o.say, {o.out, o.report, o.eigenfunctions, o.basis});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give recordings (FILES)");
  if (o.out.empty() && o.report.empty() && o.eigenfunctions.empty() && o.basis.empty() && !o.say.json) {
    throw Error(ErrorCode::invalid_argument,
                "nothing to write: give --out, --report, --eigenfunctions, --basis or --json");
  }
  require_ending("--out", o.out, {".npz", ".npy"});
  require_ending("--report", o.report, {".html"});
  require_ending("--eigenfunctions", o.eigenfunctions, {".npz"});
  require_ending("--basis", o.basis, {".npz"});
  std::vector<Fit> fits = fits_asked(o);
  check_basis(o, fits);
  Outputs outputs;
  for (const Fit& fit : fits) {
    outputs.add("--out", fit.out);
    outputs.add("--sidecar", sidecar_of(fit.out));
    outputs.add("--report", fit.report);
  }
  outputs.add("--eigenfunctions", o.eigenfunctions);
  outputs.add("--basis", o.basis);
  const Preprocess steps = preprocess_of(o.preprocess);
  Collection collection = read_recordings(o, outputs, o.no_clobber, console);
  check_eigenfunctions(o, fits, collection);
  Engine engine = make_engine(o.device, console, 0, o.spectra || !o.report.empty(), !o.basis.empty());
  prepare(engine, collection, steps);
  {
    ProgressMeter meter(console);
    fit_all(engine, collection, fits, meter.callback());
  }
  if (!o.eigenfunctions.empty()) write_eigenfunctions(engine, o, collection, fits.front().dmd, console);
  Json documents = Json::array();
  for (const Fit& fit : fits) {
    Outputs own;
    own.add("--out", fit.out);
    own.add("--sidecar", sidecar_of(fit.out));
    own.add("--report", fit.report);
    own.add("--eigenfunctions", o.eigenfunctions);
    own.add("--basis", o.basis);
    RunSummary summary = begin_summary("fit", call.arguments, engine.device(), o.input, own);
    if (steps != Preprocess{}) summary.preprocess = steps;
    documents.push_back(write(fit, o, std::move(summary), collection, console));
  }
  if (!o.basis.empty()) write_bases(o, fits.front().operators);
  if (o.say.json) console.result(text_of(fits.size() > 1 ? documents : documents[0], -1));
  print_written(outputs, console);
}

void declare(CLI::App& app, FitOptions& o) {
  add_recordings(app, o);
  add_control_option(app, o.input);
  o.metric.several_ranks = true;
  add_dmd_options(app, o.metric);
  add_output(
      app, "-o,--out", o.out,
      "Operators: .npz (one array a system) or .npy (N x r x r); a .json goes beside it (-: .npz to standard output)");
  add_output_flag(app, "--stack", o.stack,
                  "Operators of one shape as one array in the .npz: operators (N x r x r), names, and operators.B and "
                  "operators.C");
  add_output_flag(app, "--spectra", o.spectra,
                  "Eigenvalues of each operator with residuals, and how far it is from normal, in the JSON");
  add_output(
      app, "--eigenfunctions", o.eigenfunctions,
      "Eigenfunctions along each trial, with their eigenvalues and residuals: .npz (NAME/0 ..., steps x rank x 2, "
      "real and imaginary parts)");
  add_output(app, "--basis", o.basis,
             "The embedded data's leading directions and singular values: .npz (NAME/basis, columns x rank, and "
             "NAME/sigma)");
  add_output(app, "--report", o.report, "The eigenvalues in the complex plane, by residual, and the fits: .html");
  add_run_options(app, o.no_clobber, o.say, o.device);
}

}  // namespace

Command fit_command(CLI::App* app) { return make_command<FitOptions>(app, declare, run); }

}  // namespace kindred::cli

#include "host/cli/result/comparison.hpp"

#include "host/cli/result/journals.hpp"
#include "host/cli/result/memory_bound.hpp"
#include "host/cli/result/pair_job.hpp"

#include <kindred/comparisons.hpp>
#include <kindred/error.hpp>
#include <kindred/journal.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

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

std::vector<FitFacts> fit_facts_of(const OperatorSet& operators) {
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

PairResult without_distance() {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  return {.distance = nan, .lower_bound = nan, .gap = nan, .refinements = 0, .status = PairStatus::failed};
}

/// What two pairs must share to be compared in one go.
std::vector<index_t> shape_of(const Operator& a) { return {a.size, a.inputs}; }
std::vector<index_t> shape_of(const TrajectorySet& x) {
  std::vector<index_t> out{x.channels()};
  for (index_t k = 0; k < x.trial_count(); ++k) out.push_back(x.steps(k));
  return out;
}

bool has_failed(const Operator& a) { return a.facts.status == FitStatus::failed; }
bool has_failed(const TrajectorySet&) { return false; }

/// The pairs (k, k) of a comparison, into the places of the k-th pair of them all.
class PairedSink final : public PairSink {
 public:
  PairedSink(DistanceMatrix& out, const std::vector<std::size_t>& which) : out_(out), which_(which) {}
  void put(const Tile& tile, std::span<const PairResult> results) override {
    out_.at(static_cast<index_t>(which_[static_cast<std::size_t>(tile.row)]), 0) = results.front();
  }

 private:
  DistanceMatrix& out_;
  const std::vector<std::size_t>& which_;
};

/// Pairs of systems of one shape at a time, as one list each.
template <class Set>
DistanceMatrix compare_paired(Engine& engine, const Set& rows, const Set& columns, const Metric& metric,
                              const Progress& progress) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row.name);
  DistanceMatrix out(std::move(names), {"partner"});
  std::map<std::pair<std::vector<index_t>, std::vector<index_t>>, std::vector<std::size_t>> groups;
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (has_failed(rows[k]) || has_failed(columns[k])) {
      out.at(static_cast<index_t>(k), 0) = without_distance();
    } else {
      groups[{shape_of(rows[k]), shape_of(columns[k])}].push_back(k);
    }
  }
  for (const auto& [shape, which] : groups) {
    Set left, right;
    JobOptions job;
    for (std::size_t n = 0; n < which.size(); ++n) {
      left.push_back(rows[which[n]]);
      right.push_back(columns[which[n]]);
      job.tiles.push_back({static_cast<index_t>(n), static_cast<index_t>(n), 1, 1});
    }
    job.progress = progress;
    PairedSink sink(out, which);
    engine.score(left, right, metric, sink, job);
  }
  return out;
}

/// What compares the systems of one run.
struct Comparer {
  Engine& engine;
  const Collection& rows;
  const Collection* columns;  ///< null: pairs of the rows
  Comparisons* recordings;    ///< null: the systems are operators

  void score(const Metric& metric, const JobOptions& job, PairSink& out) const {
    if (recordings != nullptr) return recordings->score(metric, out, job);
    return columns == nullptr ? engine.score(rows.operators, metric, out, job)
                              : engine.score(rows.operators, columns->operators, metric, out, job);
  }
};

/// One identity a row, of its size.
Collection identities_for(const OperatorSet& rows) {
  Collection out;
  out.from_operators = true;
  for (const Operator& row : rows) {
    Operator& one = out.operators.emplace_back();
    one.name = "identity";
    one.size = one.facts.rank = row.size;
    one.values.assign(static_cast<std::size_t>(row.size * row.size), 0.0);
    for (index_t i = 0; i < row.size; ++i) one.values[static_cast<std::size_t>(i * row.size + i)] = 1;
  }
  return out;
}

/// Which operators are compared by a metric that compares them.
struct OperatorSides {
  const OperatorSet* rows = nullptr;
  const OperatorSet* columns = nullptr;  ///< null: pairs of the rows
};

std::vector<OperatorPair> pairs_of(const OperatorSides& sides, bool paired) {
  std::vector<OperatorPair> out;
  for (std::size_t i = 0; i < sides.rows->size(); ++i) {
    for (std::size_t j = paired ? i : 0; j < (paired ? i + 1 : sides.columns->size()); ++j) {
      out.emplace_back(&(*sides.rows)[i], &(*sides.columns)[j]);
    }
  }
  return out;
}

}  // namespace

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

void warn_about_failures(const Collection& collection, const Console& console) {
  std::vector<FitFacts> facts(collection.systems.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    facts[i].detail = collection.systems[i].failure;
    if (!facts[i].detail.empty()) facts[i].status = FitStatus::failed;
  }
  warn_about_fits(collection.names(), facts, console);
}

Comparisons comparisons_of(Engine& engine, const Collection& rows, const Collection* columns) {
  Comparisons out =
      columns == nullptr ? Comparisons(engine, rows.systems) : Comparisons(engine, rows.systems, columns->systems);
  std::vector<FitFields> own = rows.fits;
  own.resize(rows.systems.size());
  if (columns != nullptr) own.insert(own.end(), columns->fits.begin(), columns->fits.end());
  if (std::any_of(own.begin(), own.end(), [](const FitFields& f) { return !f.empty(); })) {
    out.fit_each([own](std::size_t i, const Dmd& dmd) { return with_fields(dmd, own[i]); });
  }
  return out;
}

PairSet pairs_of(const Sides& sides) {
  const auto rows = static_cast<index_t>(sides.rows.size());
  return sides.columns ? PairSet::rectangle(rows, static_cast<index_t>(sides.columns->size())) : PairSet::all(rows);
}

void check(const Sides& sides, const std::vector<MetricEntry>& metrics) {
  if (sides.paired && sides.columns && sides.rows.size() != sides.columns->size()) {
    throw Error(ErrorCode::invalid_argument,
                "--paired compares the i-th with the i-th: " + std::to_string(sides.rows.size()) +
                    " systems cannot be paired with " + std::to_string(sides.columns->size()));
  }
  for (const MetricEntry& entry : metrics) {
    if (!sides.identity || dmd_of(entry.metric) != nullptr) continue;
    throw Error(ErrorCode::invalid_argument,
                "--metric " + entry.name + " compares recordings; the identity is an operator, for dsa and spectral");
  }
}

Comparison compare(Engine& engine, const Sides& sides, const std::vector<MetricEntry>& metrics, const Extras& extras,
                   const Console& console) {
  const Collection& rows = sides.rows;
  const Collection* columns = sides.columns ? &*sides.columns : nullptr;
  Comparison comparison;
  comparison.symmetric = columns == nullptr && !sides.identity;
  comparison.paired = sides.paired || sides.identity;
  const bool member = extras.team != nullptr && extras.team->team().rank() > 0;
  const auto journals = open_journals(member ? std::string() : extras.journal, metrics, extras.part, console);
  ProgressMeter meter(console);
  const Progress progress = extras.bound != nullptr ? extras.bound->watching(meter.callback()) : meter.callback();
  const auto first = std::find_if(metrics.begin(), metrics.end(),
                                  [](const MetricEntry& entry) { return dmd_of(entry.metric) != nullptr; });
  std::optional<Comparisons> recordings;
  if (!rows.from_operators) {
    recordings.emplace(comparisons_of(engine, rows, columns));
    for (const MetricEntry& entry : metrics) recordings->keep_for(entry.metric);
  }
  if (first != metrics.end() && recordings) {
    const Stopwatch watch;
    const Comparisons::Fit& fit = recordings->fit(*dmd_of(first->metric), progress);
    comparison.row_facts = fit_facts_of(fit.rows);
    comparison.column_facts = fit_facts_of(fit.columns);
    comparison.fit_seconds = watch.seconds();
  }
  // The operators of one metric, given or fitted.
  const auto operators_of = [&](const Metric& metric) -> OperatorSides {
    const Comparisons::Fit* fit = recordings ? &recordings->fit(*dmd_of(metric), progress) : nullptr;
    OperatorSides out;
    out.rows = fit != nullptr ? &fit->rows : &rows.operators;
    if (columns != nullptr) out.columns = fit != nullptr ? &fit->columns : &columns->operators;
    if (sides.identity) {
      comparison.identities = identities_for(*out.rows);
      out.columns = &comparison.identities->operators;
    }
    return out;
  };
  const Comparer comparer{engine, rows, columns, recordings ? &*recordings : nullptr};
  if (extras.stream) {
    comparison.sample = {sample_of(rows.size()), sample_of(columns != nullptr ? columns->size() : rows.size())};
  }
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    const MetricEntry& entry = metrics[k];
    const Stopwatch watch;
    DistanceMatrix matrix;
    std::optional<PairCounts> counts;
    std::optional<PairJob> job;
    if (!comparison.paired) job.emplace(*journals[k], extras.part, extras.team, progress);
    const auto score = [&](PairSink& out) {
      keeping(*journals[k], [&] { comparer.score(entry.metric, job->options(), out); });
    };
    const bool of_operators = dmd_of(entry.metric) != nullptr;
    if (!of_operators && !recordings) {
      throw Error(ErrorCode::invalid_argument, "--metric " + entry.name + " compares recordings; --operators has none");
    }
    if (comparison.paired && of_operators) {
      const OperatorSides operators = operators_of(entry.metric);
      matrix = compare_paired(engine, *operators.rows, *operators.columns, entry.metric, progress);
    } else if (comparison.paired) {
      matrix = compare_paired(engine, rows.systems, columns->systems, entry.metric, progress);
    } else if (member || extras.part.count > 1) {
      Nowhere nowhere;
      score(nowhere);
      comparison.parts.emplace_back(journals[k]->file, journals[k]->state);
    } else if (comparison.sample) {
      StreamedPairs kept(pairs_of(sides), *comparison.sample, rows.names(),
                         columns != nullptr ? columns->names() : rows.names());
      std::vector<PairSink*> sinks = {&kept};
      if (PairSink* file = extras.stream(k)) sinks.push_back(file);
      Tee all(std::move(sinks));
      score(all);
      matrix = std::move(kept.sample());
      counts = kept.counts();
    } else {
      matrix = columns == nullptr ? DistanceMatrix(rows.names()) : DistanceMatrix(rows.names(), columns->names());
      score(matrix);
    }
    if (!counts) counts = count_pairs(matrix, comparison.symmetric);
    comparison.metrics.push_back({entry, std::move(matrix), *counts, watch.seconds()});
  }
  if (extras.alignment && !member) {
    const Dsa& metric = alignment_metric(metrics);
    comparison.alignments = align(engine, pairs_of(operators_of(metric), comparison.paired), metric);
  }
  return comparison;
}

void warn_about(const Sides& sides, const Comparison& comparison, const Console& console) {
  if (comparison.metrics.empty()) return;
  warn_about_fits(sides.rows.names(), comparison.row_facts, console);
  if (!comparison.paired && sides.columns) {
    warn_about_fits(sides.columns->names(), comparison.column_facts, console);
  }
  if (comparison.row_facts.empty()) {  // no metric looked at a fit, which would have said so
    warn_about_failures(sides.rows, console);
    if (!comparison.paired && sides.columns) warn_about_failures(*sides.columns, console);
  }
  for (const Compared& result : comparison.metrics) {
    const index_t total = result.counts.pairs, failed = result.counts.failed();
    const std::string count = std::to_string(failed) + " of " + std::to_string(total) + " pairs have no distance";
    if (failed > 0 && failed == total) throw Error(ErrorCode::invalid_data, result.entry.name + ": " + count);
    if (failed > 0) console.warn(result.entry.name + ": " + count + " (NaN)");
  }
}

}  // namespace kindred::cli

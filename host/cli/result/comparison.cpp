#include "host/cli/result/comparison.hpp"

#include "host/cli/report/markup.hpp"
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

/// What the fits of a side say or, where no metric looked at a fit, the preparation of its recordings. A system of
/// which Spectral::prune leaves nothing has failed as well.
std::vector<FitFacts> told_facts(const Collection& side, std::vector<FitFacts> facts, const Comparison& comparison) {
  const bool fitted = !facts.empty();
  facts.resize(side.size());
  for (std::size_t i = 0; i < side.systems.size() && !fitted; ++i) {
    facts[i].detail = side.systems[i].failure;
    if (!facts[i].detail.empty()) facts[i].status = FitStatus::failed;
  }
  for (const Compared& result : comparison.metrics) {
    const auto* metric = std::get_if<Spectral>(&result.entry.metric);
    if (metric == nullptr || metric->prune == 0) continue;
    for (FitFacts& told : facts) {
      double least = std::numeric_limits<double>::infinity();
      for (const Eigenvalue& e : told.spectrum) least = std::fmin(least, e.residual);
      if (told.spectrum.empty() || least <= metric->prune) continue;
      told.status = FitStatus::failed;
      told.detail = "no eigenvalue has a residual up to Spectral::prune = " + report::significant(metric->prune) +
                    ": the least is " + report::significant(least);
    }
  }
  return facts;
}

/// "; system 'a': all its channels are constant", of the first system that has failed.
std::string first_failure(const std::vector<std::string>& names, const std::vector<FitFacts>& facts) {
  const auto failed =
      std::find_if(facts.begin(), facts.end(), [](const FitFacts& f) { return f.status == FitStatus::failed; });
  if (failed == facts.end()) return {};
  return "; system '" + names[static_cast<std::size_t>(failed - facts.begin())] + "': " + failed->detail;
}

/// "dsa: 2 of 3 pairs have no distance".
std::string failed_pairs(const Compared& result) {
  return result.entry.name + ": " + std::to_string(result.counts.failed()) + " of " +
         std::to_string(result.counts.pairs) + " pairs have no distance";
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

/// Systems that are fitted once and compared by one metric after the other.
class Run {
 public:
  Run(Engine& engine, const Sides& sides, const std::vector<MetricEntry>& metrics, const Extras& extras,
      const Console& console)
      : engine_(engine),
        sides_(sides),
        rows_(sides.rows),
        columns_(sides.columns ? &*sides.columns : nullptr),
        metrics_(metrics),
        extras_(extras),
        member_(extras.team != nullptr && extras.team->team().rank() > 0),
        journals_(open_journals(member_ ? std::string() : extras.journal, metrics, extras.part, console)),
        meter_(console),
        progress_(extras.bound != nullptr ? extras.bound->watching(meter_.callback()) : meter_.callback()) {
    out_.symmetric = columns_ == nullptr && !sides.identity;
    out_.paired = sides.paired || sides.identity;
    if (extras.stream) {
      out_.sample = {sample_of(rows_.size()), sample_of(columns_ != nullptr ? columns_->size() : rows_.size())};
    }
  }

  Comparison compare() {
    if (!rows_.from_operators) fit();
    for (std::size_t k = 0; k < metrics_.size(); ++k) compare(k);
    if (extras_.alignment && !member_) {
      const Dsa& metric = alignment_metric(metrics_);
      out_.alignments = align(engine_, pairs_of(operators_of(metric), out_.paired), metric);
    }
    return std::move(out_);
  }

 private:
  /// The operators of the first metric that needs some; those of the others are fitted, or found, when their turn
  /// comes.
  void fit() {
    recordings_.emplace(comparisons_of(engine_, rows_, columns_));
    for (const MetricEntry& entry : metrics_) recordings_->keep_for(entry.metric);
    const auto first = std::find_if(metrics_.begin(), metrics_.end(),
                                    [](const MetricEntry& entry) { return dmd_of(entry.metric) != nullptr; });
    if (first == metrics_.end()) return;
    const Stopwatch watch;
    const Comparisons::Fit& fit = recordings_->fit(*dmd_of(first->metric), progress_);
    out_.row_facts = fit_facts_of(fit.rows);
    out_.column_facts = fit_facts_of(fit.columns);
    out_.fit_seconds = watch.seconds();
  }

  /// The operators of one metric, given or fitted.
  OperatorSides operators_of(const Metric& metric) {
    const Comparisons::Fit* fit = recordings_ ? &recordings_->fit(*dmd_of(metric), progress_) : nullptr;
    OperatorSides operators;
    operators.rows = fit != nullptr ? &fit->rows : &rows_.operators;
    if (columns_ != nullptr) operators.columns = fit != nullptr ? &fit->columns : &columns_->operators;
    if (sides_.identity) {
      out_.identities = identities_for(*operators.rows);
      operators.columns = &out_.identities->operators;
    }
    return operators;
  }

  void compare(std::size_t k) {
    const MetricEntry& entry = metrics_[k];
    const Stopwatch watch;
    if (dmd_of(entry.metric) == nullptr && !recordings_) {
      throw Error(ErrorCode::invalid_argument, "--metric " + entry.name + " compares recordings; --operators has none");
    }
    DistanceMatrix matrix;
    std::optional<PairCounts> counts;
    if (out_.paired) {
      matrix = paired(entry.metric);
    } else if (member_ || extras_.part.count > 1) {
      Nowhere nowhere;
      score(k, nowhere);
      out_.parts.emplace_back(journals_[k]->file, journals_[k]->state);
    } else if (out_.sample) {
      StreamedPairs kept(pairs_of(sides_), *out_.sample, rows_.names(),
                         columns_ != nullptr ? columns_->names() : rows_.names());
      std::vector<PairSink*> sinks = {&kept};
      if (PairSink* file = extras_.stream(k)) sinks.push_back(file);
      Tee all(std::move(sinks));
      score(k, all);
      matrix = std::move(kept.sample());
      counts = kept.counts();
    } else {
      matrix = columns_ == nullptr ? DistanceMatrix(rows_.names()) : DistanceMatrix(rows_.names(), columns_->names());
      score(k, matrix);
    }
    if (!counts) counts = count_pairs(matrix, out_.symmetric);
    out_.metrics.push_back({entry, std::move(matrix), *counts, watch.seconds()});
  }

  /// The i-th row with the i-th column, or each row with the identity.
  DistanceMatrix paired(const Metric& metric) {
    if (dmd_of(metric) == nullptr) {
      return compare_paired(engine_, rows_.systems, columns_->systems, metric, progress_);
    }
    const OperatorSides operators = operators_of(metric);
    return compare_paired(engine_, *operators.rows, *operators.columns, metric, progress_);
  }

  /// All pairs by the k-th metric, from its journal or computed.
  void score(std::size_t k, PairSink& out) {
    PairJob job(*journals_[k], extras_.part, extras_.team, progress_);
    keeping(*journals_[k], [&] {
      const Metric& metric = metrics_[k].metric;
      if (recordings_) return recordings_->score(metric, out, job.options());
      return columns_ == nullptr ? engine_.score(rows_.operators, metric, out, job.options())
                                 : engine_.score(rows_.operators, columns_->operators, metric, out, job.options());
    });
  }

  Engine& engine_;
  const Sides& sides_;
  const Collection& rows_;
  const Collection* columns_;  ///< null: pairs of the rows
  const std::vector<MetricEntry>& metrics_;
  const Extras& extras_;
  bool member_;  ///< another process of the team has the results
  std::vector<std::unique_ptr<RunJournal>> journals_;
  ProgressMeter meter_;
  Progress progress_;
  std::optional<Comparisons> recordings_;  ///< empty: operators were given
  Comparison out_;
};

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
  return Run(engine, sides, metrics, extras, console).compare();
}

void warn_about(const Sides& sides, const Comparison& comparison, const Console& console) {
  if (comparison.metrics.empty()) return;
  const bool two_sides = !comparison.paired && sides.columns;
  const auto rows = told_facts(sides.rows, comparison.row_facts, comparison);
  const auto columns =
      two_sides ? told_facts(*sides.columns, comparison.column_facts, comparison) : std::vector<FitFacts>{};
  const std::vector<std::string> names = sides.rows.names(),
                                 others = two_sides ? sides.columns->names() : std::vector<std::string>{};
  for (const Compared& result : comparison.metrics) {
    if (result.counts.pairs == 0 || result.counts.failed() < result.counts.pairs) continue;
    const std::string why = first_failure(names, rows);
    throw Error(ErrorCode::invalid_data, failed_pairs(result) + (why.empty() ? first_failure(others, columns) : why));
  }
  warn_about_fits(names, rows, console);
  warn_about_fits(others, columns, console);
  for (const Compared& result : comparison.metrics) {
    if (result.counts.failed() > 0) console.warn(failed_pairs(result) + " (NaN)");
  }
}

}  // namespace kindred::cli

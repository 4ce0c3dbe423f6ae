#include "host/cli/result/comparison.hpp"

#include "host/cli/result/run_summary.hpp"

#include <kindred/comparisons.hpp>
#include <kindred/error.hpp>
#include <kindred/journal.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>

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
    throw Error(error.code(), "stopped; what is finished is in the journal, where the same command goes on");
  }
}

}  // namespace

Comparison compare(Engine& engine, const Sides& sides, const std::vector<MetricEntry>& metrics,
                   const std::string& journal, const Console& console) {
  const Collection& rows = sides.rows;
  const Collection* columns = sides.columns ? &*sides.columns : nullptr;
  Comparison comparison;
  const auto journals = open_journals(journal, metrics, console);
  comparison.symmetric = columns == nullptr;
  ProgressMeter meter(console);
  const Progress progress = meter.callback();
  const auto first = std::find_if(metrics.begin(), metrics.end(),
                                  [](const MetricEntry& entry) { return dmd_of(entry.metric) != nullptr; });
  std::optional<Comparisons> recordings;
  if (!rows.from_operators && columns == nullptr) recordings.emplace(engine, rows.systems);
  if (!rows.from_operators && columns != nullptr) recordings.emplace(engine, rows.systems, columns->systems);
  std::vector<FitFields> own = rows.fits;
  own.resize(rows.systems.size());
  if (columns != nullptr) own.insert(own.end(), columns->fits.begin(), columns->fits.end());
  if (recordings && std::any_of(own.begin(), own.end(), [](const FitFields& f) { return !f.empty(); })) {
    recordings->fit_each([own](std::size_t i, const Dmd& dmd) { return with_fields(dmd, own[i]); });
  }
  if (first != metrics.end() && recordings) {
    const Stopwatch watch;
    const Comparisons::Fit& fit = recordings->fit(*dmd_of(first->metric), progress);
    comparison.row_facts = facts_of(fit.rows);
    comparison.column_facts = facts_of(fit.columns);
    comparison.fit_seconds = watch.seconds();
  }
  for (std::size_t k = 0; k < metrics.size(); ++k) {
    const MetricEntry& entry = metrics[k];
    const Stopwatch watch;
    DistanceMatrix matrix;
    if (dmd_of(entry.metric) == nullptr && !recordings) {
      throw Error(ErrorCode::invalid_argument, "--metric " + entry.name + " compares recordings; --operators has none");
    }
    matrix = keeping(journals[k].get(), [&](PairStore* store) {
      if (recordings) return recordings->compare(entry.metric, progress, store);
      return columns == nullptr ? engine.pairwise(rows.operators, entry.metric, progress, store)
                                : engine.cross(rows.operators, columns->operators, entry.metric, progress, store);
    });
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
    const PairCounts counts = count_pairs(result.matrix, comparison.symmetric);
    const index_t total = counts.pairs, failed = counts.failed();
    const std::string count = std::to_string(failed) + " of " + std::to_string(total) + " pairs have no distance";
    if (failed > 0 && failed == total) throw Error(ErrorCode::invalid_data, result.entry.name + ": " + count);
    if (failed > 0) console.warn(result.entry.name + ": " + count + " (NaN)");
  }
}

}  // namespace kindred::cli

#pragma once
#include <kindred/engine.hpp>
#include <kindred/export.hpp>

#include <functional>
#include <memory>
#include <span>

namespace kindred {

/// Several metrics of one collection, or of rows against columns: what they share is computed once. Metrics of
/// operators (Dsa, Spectral) whose Dmd is equal are compared on one fit.
///
///     kindred::Comparisons recordings(engine, systems);
///     const auto angular = recordings.compare(kindred::Dsa{.dmd = dmd});
///     const auto spectra = recordings.compare(kindred::Spectral{.dmd = dmd});  // the operators are there already
///
/// The engine, the systems and the memory behind them must outlive this.
class KINDRED_EXPORT Comparisons {
 public:
  /// All pairs of one collection.
  Comparisons(Engine& engine, std::span<const TrajectorySet> systems);
  /// Every system of `rows` against every system of `columns`.
  Comparisons(Engine& engine, std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns);
  ~Comparisons();
  Comparisons(Comparisons&&) noexcept;
  Comparisons& operator=(Comparisons&&) noexcept;

  /// Fits of systems whose parameters differ: system i, of the rows and then of the columns, is fitted with own(i, dmd)
  /// where a metric asks for dmd. To be said before the first fit.
  void fit_each(std::function<Dmd(std::size_t, const Dmd&)> own);

  /// As Engine::keep_for, so that one fit serves all metrics with its parameters. Call it before the first of them is
  /// compared.
  void keep_for(const Metric& metric);

  /// Operators of the rows and of the columns, fitted together, so that rules over a collection (RankExcess::clip) hold
  /// across both; without columns that set is empty.
  struct Fit {
    OperatorSet rows, columns;
  };
  /// The fit with these parameters, made when it is first asked for. Throws as Engine::fit.
  const Fit& fit(const Dmd& dmd, const Progress& progress = {});

  /// As Engine::pairwise or Engine::cross.
  [[nodiscard]] DistanceMatrix compare(const Metric& metric, const Progress& progress = {}, PairStore* store = nullptr);
  /// As Engine::score.
  void score(const Metric& metric, PairSink& out, const JobOptions& job = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred

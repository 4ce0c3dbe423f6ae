#include "host/engine/fit/fit.hpp"

#include <kindred/comparisons.hpp>
#include <kindred/metric_fields.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace kindred {

struct Comparisons::Impl {
  Engine& engine;
  std::span<const TrajectorySet> rows;
  std::optional<std::span<const TrajectorySet>> columns;
  /// By what they were fitted with, and what of it was kept.
  struct Known {
    Dmd dmd;
    host::FitExtras kept;
    std::unique_ptr<Fit> fit;
  };
  std::vector<Known> fits;
  std::function<Dmd(std::size_t, const Dmd&)> own;  ///< of each system; empty: the metric's
  host::FitExtras kept;                             ///< by the engine, of the fits to come

  const Fit& fit_with(const Dmd& dmd, const host::FitExtras& wanted, const Progress& progress);

  OperatorSet fit(std::span<const TrajectorySet> systems, const Dmd& dmd, const Progress& progress) const {
    if (!own) return engine.fit(systems, dmd, progress);
    std::vector<Dmd> dmds;
    for (std::size_t i = 0; i < systems.size(); ++i) dmds.push_back(own(i, dmd));
    return engine.fit_each(systems, dmds, progress);
  }

  /// f(rows, columns) of what a metric compares: operators, or the recordings; null columns: pairs of the rows.
  template <class F>
  auto with_sides(Comparisons& self, const Metric& metric, const Progress& progress, F&& f) {
    if (const Dmd* dmd = dmd_of(metric)) {
      self.keep_for(metric);
      const Fit& operators = fit_with(*dmd, host::extras_of(metric), progress);
      return f(operators.rows, columns ? &operators.columns : nullptr);
    }
    return f(rows, columns ? &*columns : nullptr);
  }
};

Comparisons::Comparisons(Engine& engine, std::span<const TrajectorySet> systems)
    : impl_(new Impl{engine, systems, std::nullopt, {}, {}, {}}) {}
Comparisons::Comparisons(Engine& engine, std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns)
    : impl_(new Impl{engine, rows, columns, {}, {}, {}}) {}
Comparisons::~Comparisons() = default;
Comparisons::Comparisons(Comparisons&&) noexcept = default;
Comparisons& Comparisons::operator=(Comparisons&&) noexcept = default;

void Comparisons::fit_each(std::function<Dmd(std::size_t, const Dmd&)> own) { impl_->own = std::move(own); }

void Comparisons::keep_for(const Metric& metric) {
  impl_->engine.keep_for(metric);
  impl_->kept = impl_->kept | host::extras_of(metric);
}

const Comparisons::Fit& Comparisons::Impl::fit_with(const Dmd& dmd, const host::FitExtras& wanted,
                                                    const Progress& progress) {
  const auto known = std::find_if(fits.begin(), fits.end(), [&](const Known& entry) {
    return entry.dmd == dmd && (entry.kept | wanted) == entry.kept;
  });
  if (known != fits.end()) return *known->fit;
  auto made = std::make_unique<Fit>();
  if (!columns) {
    made->rows = fit(rows, dmd, progress);
  } else {
    std::vector<TrajectorySet> both(rows.begin(), rows.end());
    both.insert(both.end(), columns->begin(), columns->end());
    made->rows = fit(both, dmd, progress);
    const auto split = made->rows.begin() + std::ssize(rows);
    made->columns.assign(std::make_move_iterator(split), std::make_move_iterator(made->rows.end()));
    made->rows.erase(split, made->rows.end());
  }
  return *fits.emplace_back(Known{dmd, kept, std::move(made)}).fit;
}

const Comparisons::Fit& Comparisons::fit(const Dmd& dmd, const Progress& progress) {
  return impl_->fit_with(dmd, {}, progress);
}

DistanceMatrix Comparisons::compare(const Metric& metric, const Progress& progress, PairStore* store) {
  return impl_->with_sides(*this, metric, progress, [&](const auto& rows, const auto* columns) {
    return columns != nullptr ? impl_->engine.cross(rows, *columns, metric, progress, store)
                              : impl_->engine.pairwise(rows, metric, progress, store);
  });
}

void Comparisons::score(const Metric& metric, PairSink& out, const JobOptions& job) {
  impl_->with_sides(*this, metric, job.progress, [&](const auto& rows, const auto* columns) {
    return columns != nullptr ? impl_->engine.score(rows, *columns, metric, out, job)
                              : impl_->engine.score(rows, metric, out, job);
  });
}

}  // namespace kindred

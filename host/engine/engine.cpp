#include <kindred/engine.hpp>
#include <kindred/metric_fields.hpp>

#include "host/backend/backend.hpp"
#include "host/backend/cuda_devices.hpp"
#include "host/engine/fit/fit.hpp"
#include "host/engine/fit/predict.hpp"
#include "host/engine/operators/grassmann_scorer.hpp"
#include "host/engine/operators/input_scorer.hpp"
#include "host/engine/operators/nearest.hpp"
#include "host/engine/operators/operator_bounds.hpp"
#include "host/engine/operators/pavf_align.hpp"
#include "host/engine/operators/pavf_operators.hpp"
#include "host/engine/operators/pavf_scorer.hpp"
#include "host/engine/operators/spectral_scorer.hpp"
#include "host/engine/pairs/paged_scorer.hpp"
#include "host/engine/pairs/score_pairs.hpp"
#include "host/engine/pairs/stored_order.hpp"
#include "host/engine/pairs/stored_tiles.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/preprocess.hpp"
#include "host/engine/recordings/recordings.hpp"
#include "host/engine/representations/representation_scorers.hpp"
#include "host/engine/sides.hpp"
#include "host/store/identity.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

namespace kindred {
namespace {

using host::facts;
using host::names;
using host::Sides;
using host::with_pruned;

std::unique_ptr<host::Backend> make_backend(Device device, std::size_t budget) {
  switch (device.kind()) {
    case Device::Kind::cuda:
      return host::make_cuda_backend(device.number(), budget, device.stream());
    case Device::Kind::best:
      if (!host::cuda_devices().empty()) return host::make_cuda_backend(0, budget);
      return host::make_cpu_backend(0, budget);
    case Device::Kind::cpu:
      break;
  }
  return host::make_cpu_backend(device.number(), budget);
}

/// The metrics that compare operators, and therefore carry the fit's configuration.
template <class M>
concept OperatorMetric = requires(const M& metric) {
  metric.dmd;
};

bool only_bounds(const Dsa& metric) { return metric.effort == Effort::bound; }
bool only_bounds(const Spectral&) { return false; }

/// Metrics that have lower bounds, by which neighbours are searched for.
template <class M>
concept BoundedMetric = std::same_as<M, Dsa> || std::same_as<M, Spectral>;

template <BoundedMetric M>
std::unique_ptr<host::OperatorScorer> make_operator_scorer(host::Backend& backend, std::span<const Operator> rows,
                                                           std::span<const Operator> columns, const M& metric,
                                                           const Progress& progress) {
  if constexpr (std::same_as<M, Dsa>) return host::make_pavf_scorer(backend, rows, columns, metric, progress);
  if constexpr (std::same_as<M, Spectral>) return host::make_spectral_scorer(backend, rows, columns, metric, progress);
}

/// Bytes that an operator takes at most while it is prepared and kept, at each size at which pairs are compared.
template <class M>
std::size_t prepared_bytes(const Sides<Operator>& sides, const M& metric) {
  std::set<index_t> sizes;
  for (const auto& side : {sides.rows, sides.columns}) {
    for (const Operator& op : side) sizes.insert(op.size);
  }
  std::size_t bytes = 0;
  for (const index_t r : sizes) bytes += host::prepared_bytes(r, metric);
  return bytes;
}

template <OperatorMetric M>
std::unique_ptr<host::PairScorer> make_scorer(host::Backend& backend, const Sides<Operator>& sides, const M& metric,
                                              const Progress& progress) {
  return host::make_whole_scorer(backend, sides.rows, sides.columns, metric, progress);
}

/// A scorer of all operators at once where the budget holds what is prepared of them, else by blocks of them.
template <OperatorMetric M>
requires BoundedMetric<M> std::unique_ptr<host::PairScorer> make_scorer(host::Backend& backend,
                                                                        const Sides<Operator>& sides, const M& metric,
                                                                        const Progress& progress) {
  std::optional<host::BoundRule> rule;
  if constexpr (std::same_as<M, Dsa>) {
    rule = host::bound_rule(metric, sides.rows, sides.columns);  // refuses what cannot be compared
  }
  const auto scorer = [&backend, metric, rule](std::span<const Operator> rows, std::span<const Operator> columns,
                                               const Progress& told) -> std::unique_ptr<host::PairScorer> {
    if (only_bounds(metric)) return host::make_bound_scorer(backend, rows, columns, *rule, told);
    return make_operator_scorer(backend, rows, columns, metric, told);
  };
  const std::size_t bytes = only_bounds(metric) ? prepared_bytes(sides, *rule) : prepared_bytes(sides, metric);
  const index_t systems = std::ssize(sides.rows) + std::ssize(sides.columns);
  const index_t block = host::systems_a_block(systems, bytes, backend.memory_budget());
  if (block >= systems) return scorer(sides.rows, sides.columns, progress);
  return std::make_unique<host::PagedScorer>(
      sides.pairs(), block,
      [sides, scorer, told = progress](const host::Block& rows, const host::Block& columns) mutable {
        const auto left = sides.rows.subspan(rows.first, rows.count);
        const auto right = sides.symmetric && rows == columns ? std::span<const Operator>()
                                                              : sides.right().subspan(columns.first, columns.count);
        return scorer(left, right, std::exchange(told, Progress()));  // told once, as blocks come again and again
      });
}

}  // namespace

struct Engine::Impl {
  std::unique_ptr<host::Backend> backend;
  EngineOptions options;
  host::FitExtras extras{options.spectra, options.bases};

  /// The pairs, scored by make(sides), in the order of the store where there is one.
  template <class Item, class Make>
  void run(const Sides<Item>& sides, const Metric& metric, PairSink& out, const JobOptions& job, Make&& make) {
    std::unique_ptr<host::PairScorer> scorer = make(sides);
    const PairSet all = sides.pairs();
    const host::PairWork work{job.tiles.empty() && !job.more ? all : all.in(job.tiles), job.more, options.tile_pairs};
    if (job.store == nullptr) return host::score_pairs(*scorer, work, job.progress, nullptr, out);
    const PairStore::Arrangement there =
        job.store->begin(host::identity_of(backend->info(), sides.rows, sides.columns, sides.symmetric, metric),
                         host::kept_side(all, scorer->stored_side()));
    host::KeptPairs kept{*job.store, there.grid};
    if (there.as_given()) return host::score_pairs(*scorer, work, job.progress, &kept, out);
    // A result does not depend on the order, so that the scorer may as well have that of the store.
    scorer.reset();
    const auto rows = host::in_order(sides.rows, there.rows), columns = host::in_order(sides.columns, there.columns);
    scorer = make(Sides<Item>{rows, columns, sides.symmetric});
    host::GivenOrder given(out, there, sides.symmetric);
    host::score_pairs(*scorer, work, job.progress, &kept, given);
  }

  template <class M>
  void score(const Sides<Operator>& sides, const M& metric, PairSink& out, const JobOptions& job) {
    if constexpr (std::same_as<M, Spectral>) {
      if (metric.prune != 0) {
        return with_pruned(sides, metric, [&](const Sides<Operator>& s, const Spectral& m) { score(s, m, out, job); });
      }
    }
    if constexpr (OperatorMetric<M>) {
      if constexpr (!std::same_as<M, Spectral>) require_matrices(sides);
      run(sides, metric, out, job,
          [&](const Sides<Operator>& s) { return make_scorer(*backend, s, metric, job.progress); });
    } else {
      throw Error(ErrorCode::invalid_argument,
                  "this metric compares recordings, not operators; pass the trajectories, or use dsa or spectral");
    }
  }

  /// f(the operators of recordings).
  template <class F>
  auto with_operators(const Sides<TrajectorySet>& sides, const Metric& metric, const Progress& progress, F&& f) {
    for (const auto& side : {sides.rows, sides.columns}) host::check_prepared(side);
    // Both sides are fitted as one collection, so that rules over a collection (RankExcess::clip) hold across them.
    std::vector<TrajectorySet> both;
    std::span<const TrajectorySet> all = sides.rows;
    if (!sides.symmetric) {
      both.assign(sides.rows.begin(), sides.rows.end());
      both.insert(both.end(), sides.columns.begin(), sides.columns.end());
      all = both;
    }
    host::Recordings recordings(*backend, all);
    const OperatorSet operators =
        host::fit_operators(recordings, *dmd_of(metric), progress, extras | host::extras_of(metric));
    const std::span<const Operator> fitted(operators);
    if (sides.symmetric) return f(Sides<Operator>{fitted});
    return f(Sides<Operator>{fitted.first(sides.rows.size()), fitted.subspan(sides.rows.size()), false});
  }

  template <class M>
  void score(const Sides<TrajectorySet>& sides, const M& metric, PairSink& out, const JobOptions& job) {
    if constexpr (OperatorMetric<M>) {
      with_operators(sides, metric, job.progress,
                     [&](const Sides<Operator>& fitted) { score(fitted, metric, out, job); });
    } else {
      for (const auto& side : {sides.rows, sides.columns}) {
        host::check_prepared(side);
        host::check_matched(side);
      }
      host::Recordings rows(*backend, sides.rows), columns(*backend, sides.columns);
      const Sides<TrajectorySet> local{rows.host(), columns.host(), sides.symmetric};
      run(local, metric, out, job, [&](const Sides<TrajectorySet>& s) {
        return host::make_scorer(*backend, {s.rows, s.columns, s.symmetric, job.progress}, metric, job.progress);
      });
    }
  }

  /// In memory, with the facts of the fits.
  template <class M>
  DistanceMatrix compare(const Sides<Operator>& sides, const M& metric, const Progress& progress, PairStore* store) {
    DistanceMatrix out = sides.matrix();
    if constexpr (OperatorMetric<M>) {
      out.row_facts = facts(sides.rows);
      out.column_facts = facts(sides.right());
    }
    score(sides, metric, out, {.tiles = {}, .more = {}, .store = store, .progress = progress});
    return out;
  }

  template <class M>
  DistanceMatrix compare(const Sides<TrajectorySet>& sides, const M& metric, const Progress& progress,
                         PairStore* store) {
    if constexpr (OperatorMetric<M>) {
      return with_operators(sides, metric, progress,
                            [&](const Sides<Operator>& fitted) { return compare(fitted, metric, progress, store); });
    } else {
      DistanceMatrix out = sides.matrix();
      score(sides, metric, out, {.tiles = {}, .more = {}, .store = store, .progress = progress});
      return out;
    }
  }

  template <class M>
  Neighbours nearest(const Sides<Operator>& sides, const M& metric, const NearestOptions& wanted,
                     const Progress& progress) {
    if constexpr (std::same_as<M, Spectral>) {
      if (metric.prune != 0) {
        return with_pruned(sides, metric, [&](const Sides<Operator>& s, const Spectral& m) {
          return nearest(s, m, wanted, progress);
        });
      }
    } else {
      require_matrices(sides);
    }
    host::OperatorBounds bounds(*backend, sides.rows, sides.columns,
                                host::bound_rule(metric, sides.rows, sides.columns), progress);
    std::unique_ptr<host::OperatorScorer> scorer;
    if (!only_bounds(metric)) scorer = make_operator_scorer(*backend, sides.rows, sides.columns, metric, progress);
    Neighbours out = host::nearest(*backend, scorer.get(), bounds, sides.pairs(), wanted, progress);
    out.query_names = names(sides.rows);
    out.names = names(sides.right());
    out.query_facts = facts(sides.rows);
    out.facts = facts(sides.right());
    return out;
  }

  template <class Item>
  Neighbours nearest_of(const Sides<Item>& sides, const Metric& metric, const NearestOptions& wanted,
                        const Progress& progress) {
    host::check(wanted);
    return std::visit(
        [&](const auto& m) -> Neighbours {
          if constexpr (!BoundedMetric<std::remove_cvref_t<decltype(m)>>) {
            throw Error(ErrorCode::invalid_argument,
                        "neighbours are searched for by metrics of operators that have bounds; take dsa or spectral");
          } else if constexpr (std::is_same_v<Item, Operator>) {
            return nearest(sides, m, wanted, progress);
          } else {
            return with_operators(sides, m, progress,
                                  [&](const Sides<Operator>& fitted) { return nearest(fitted, m, wanted, progress); });
          }
        },
        metric);
  }

  template <class Item>
  DistanceMatrix dispatch(const Sides<Item>& sides, const Metric& metric, const Progress& progress, PairStore* store) {
    return std::visit([&](const auto& m) { return compare(sides, m, progress, store); }, metric);
  }

  template <class Item>
  void dispatch(const Sides<Item>& sides, const Metric& metric, PairSink& out, const JobOptions& job) {
    std::visit([&](const auto& m) { score(sides, m, out, job); }, metric);
  }
};

Engine::Engine(Device device, EngineOptions options)
    : impl_(std::make_unique<Impl>(Impl{make_backend(device, options.memory_budget), options})) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

DeviceInfo Engine::device() const { return impl_->backend->info(); }
void Engine::keep_for(const Metric& metric) { impl_->extras = impl_->extras | host::extras_of(metric); }

OperatorSet Engine::fit(std::span<const TrajectorySet> systems, const Dmd& dmd, const Progress& progress) {
  host::check_prepared(systems);
  host::Recordings recordings(*impl_->backend, systems);
  return host::fit_operators(recordings, dmd, progress, impl_->extras);
}

OperatorSet Engine::fit_each(std::span<const TrajectorySet> systems, std::span<const Dmd> dmds,
                             const Progress& progress) {
  host::check_prepared(systems);
  host::Recordings recordings(*impl_->backend, systems);
  return host::fit_operators(recordings, dmds, progress, impl_->extras);
}

std::vector<OperatorSet> Engine::fit(std::span<const TrajectorySet> systems, const Dmd& dmd,
                                     std::span<const index_t> ranks, const Progress& progress) {
  host::check_prepared(systems);
  host::Recordings recordings(*impl_->backend, systems);
  return host::fit_operators(recordings, dmd, ranks, progress, impl_->extras);
}

std::vector<Eigenfunctions> Engine::eigenfunctions(std::span<const TrajectorySet> systems, const Dmd& dmd,
                                                   const Progress& progress) {
  host::check_prepared(systems);
  host::Recordings recordings(*impl_->backend, systems);
  return host::eigenfunctions(recordings, dmd, progress);
}

std::vector<std::vector<Prediction>> Engine::predict(std::span<const TrajectorySet> systems,
                                                     std::span<const TrajectorySet> held_out, const Dmd& dmd,
                                                     std::span<const index_t> ranks, const PredictOptions& options,
                                                     const Progress& progress) {
  host::check_prepared(systems);
  host::check_prepared(held_out);
  host::Recordings fitted(*impl_->backend, systems), predicted(*impl_->backend, held_out);
  return host::predict(fitted, predicted, dmd, ranks, options, progress);
}

std::vector<TrajectorySet> Engine::preprocess(std::span<const TrajectorySet> systems, const Preprocess& steps) {
  host::Recordings recordings(*impl_->backend, systems);
  return host::preprocess(recordings, steps);
}

DistanceMatrix Engine::pairwise(std::span<const TrajectorySet> systems, const Metric& metric, const Progress& progress,
                                PairStore* store) {
  return impl_->dispatch(Sides<TrajectorySet>{systems}, metric, progress, store);
}

DistanceMatrix Engine::pairwise(const OperatorSet& operators, const Metric& metric, const Progress& progress,
                                PairStore* store) {
  return impl_->dispatch(Sides<Operator>{operators}, metric, progress, store);
}

DistanceMatrix Engine::cross(std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns,
                             const Metric& metric, const Progress& progress, PairStore* store) {
  return impl_->dispatch(Sides<TrajectorySet>{rows, columns, false}, metric, progress, store);
}

DistanceMatrix Engine::cross(const OperatorSet& rows, const OperatorSet& columns, const Metric& metric,
                             const Progress& progress, PairStore* store) {
  return impl_->dispatch(Sides<Operator>{rows, columns, false}, metric, progress, store);
}

void Engine::score(std::span<const TrajectorySet> systems, const Metric& metric, PairSink& out, const JobOptions& job) {
  impl_->dispatch(Sides<TrajectorySet>{systems}, metric, out, job);
}

void Engine::score(const OperatorSet& operators, const Metric& metric, PairSink& out, const JobOptions& job) {
  impl_->dispatch(Sides<Operator>{operators}, metric, out, job);
}

void Engine::score(std::span<const TrajectorySet> rows, std::span<const TrajectorySet> columns, const Metric& metric,
                   PairSink& out, const JobOptions& job) {
  impl_->dispatch(Sides<TrajectorySet>{rows, columns, false}, metric, out, job);
}

void Engine::score(const OperatorSet& rows, const OperatorSet& columns, const Metric& metric, PairSink& out,
                   const JobOptions& job) {
  impl_->dispatch(Sides<Operator>{rows, columns, false}, metric, out, job);
}

Neighbours Engine::nearest(std::span<const TrajectorySet> systems, const Metric& metric, const NearestOptions& options,
                           const Progress& progress) {
  return impl_->nearest_of(Sides<TrajectorySet>{systems}, metric, options, progress);
}

Neighbours Engine::nearest(const OperatorSet& operators, const Metric& metric, const NearestOptions& options,
                           const Progress& progress) {
  return impl_->nearest_of(Sides<Operator>{operators}, metric, options, progress);
}

Neighbours Engine::nearest(std::span<const TrajectorySet> queries, std::span<const TrajectorySet> systems,
                           const Metric& metric, const NearestOptions& options, const Progress& progress) {
  return impl_->nearest_of(Sides<TrajectorySet>{queries, systems, false}, metric, options, progress);
}

Neighbours Engine::nearest(const OperatorSet& queries, const OperatorSet& operators, const Metric& metric,
                           const NearestOptions& options, const Progress& progress) {
  return impl_->nearest_of(Sides<Operator>{queries, operators, false}, metric, options, progress);
}

Alignment Engine::align(const Operator& a, const Operator& b, const Dsa& metric) {
  require_matrices(Sides<Operator>{{&a, 1}, {&b, 1}, false});
  host::PavfAlignment found = host::pavf_align(*impl_->backend, a, b, metric);
  return {found.result, std::max(a.size, b.size), std::move(found.transform), std::move(found.aligned)};
}

}  // namespace kindred

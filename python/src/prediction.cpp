#include "python/src/engine.hpp"
#include "python/src/module.hpp"

#include <kindred/metric_fields.hpp>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <complex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {
namespace {

nb::dict score_of(const PredictionScore& s) {
  return dict_with("values", s.values, "mae", s.mae, "mse", s.mse, "nmse", s.nmse, "mase", s.mase, "r2", s.r2,
                   "correlation", s.correlation, "aic", s.aic);
}

HoldOut hold_out_of(bool time, double share) { return {time ? HoldOut::By::time : HoldOut::By::trials, share}; }

/// One tuple a system: facts, one-step score, reseeded score, predicted trials.
nb::list predict(Worker& worker, const Systems& systems, const Metric& metric, bool time, double share, index_t reseed,
                 bool values, const nb::object& callback) {
  std::vector<TrajectorySet> held_out;
  auto found = worker.run(callback, [&](const Progress& progress) {
    std::vector<TrajectorySet> fitted;
    for (const TrajectorySet& system : systems.sets) {
      auto [first, second] = split(system, hold_out_of(time, share));
      fitted.push_back(std::move(first));
      held_out.push_back(std::move(second));
    }
    return worker.engine().predict(fitted, held_out, *dmd_of(metric), {}, {.reseed = reseed, .values = values},
                                   progress)[0];
  });
  nb::list out;
  for (std::size_t i = 0; i < found.size(); ++i) {
    nb::list trials;
    const auto channels = static_cast<std::size_t>(held_out[i].channels());
    for (auto& trial : found[i].values) {
      const std::size_t steps = trial.size() / channels;
      trials.append(array_of(std::move(trial), {steps, channels}));
    }
    out.append(nb::make_tuple(facts_list({found[i].facts})[0], score_of(found[i].one_step), score_of(found[i].reseeded),
                              trials));
  }
  return out;
}

/// Points, best, chosen, mean errors of these, skip, systems left out.
nb::tuple sweep(Worker& worker, const Systems& systems, const Metric& base,
                const std::vector<std::vector<index_t>>& grid, bool time, double share, index_t reseed,
                double tolerance, const std::optional<std::string>& journal, const nb::object& callback) {
  std::optional<SweepJournal> store;
  if (journal) store.emplace(*journal);
  const SweepResult found = worker.run(callback, [&](const Progress& progress) {
    return worker.engine().sweep(systems.sets, *dmd_of(base), {grid.at(0), grid.at(1), grid.at(2)},
                                 hold_out_of(time, share), {.reseed = reseed}, progress, store ? &*store : nullptr);
  });
  nb::list points;
  for (const SweepPoint& p : found.points) {
    points.append(dict_with("delays", p.delays, "interval", p.interval, "rank", p.rank, "feasible", p.feasible,
                            "one_step", score_of(p.one_step), "reseeded", score_of(p.reseeded)));
  }
  const Recommendation r = recommend(found, tolerance);
  nb::dict left_out;
  for (const auto& [name, why] : found.left_out) left_out[name.c_str()] = why;
  return nb::make_tuple(points, r.best, r.chosen, r.best_error, r.chosen_error, found.skip, left_out);
}

/// One tuple a system: facts, eigenvalues, residuals, trials of rows x rank.
nb::list eigenfunctions(Worker& worker, const Systems& systems, const Metric& metric, const nb::object& callback) {
  auto found = worker.run(callback, [&](const Progress& progress) {
    return worker.engine().eigenfunctions(systems.sets, *dmd_of(metric), progress);
  });
  nb::list out;
  for (Eigenfunctions& one : found) {
    std::vector<std::complex<double>> values;
    std::vector<double> residuals;
    for (const Eigenvalue& e : one.facts.spectrum) {
      values.push_back(e.value);
      residuals.push_back(e.residual);
    }
    const std::size_t rank = values.size();
    nb::list trials;
    for (auto& trial : one.trials) {
      const std::size_t rows = trial.size() / std::max<std::size_t>(rank, 1);
      trials.append(array_of(std::move(trial), {rows, rank}));
    }
    out.append(nb::make_tuple(facts_list({one.facts})[0], array_of(std::move(values), {rank}),
                              array_of(std::move(residuals), {rank}), trials));
  }
  return out;
}

}  // namespace

void bind_prediction(nb::module_& m) {
  m.def("predict", &predict, nb::arg("engine"), nb::arg("systems"), nb::arg("metric"), nb::arg("time"),
        nb::arg("share"), nb::arg("reseed"), nb::arg("values"), nb::arg("progress").none());
  m.def("sweep", &sweep, nb::arg("engine"), nb::arg("systems"), nb::arg("metric"), nb::arg("grid"), nb::arg("time"),
        nb::arg("share"), nb::arg("reseed"), nb::arg("tolerance"), nb::arg("journal").none(),
        nb::arg("progress").none());
  m.def("eigenfunctions", &eigenfunctions, nb::arg("engine"), nb::arg("systems"), nb::arg("metric"),
        nb::arg("progress").none());
  m.def(
      "starting_point",
      [](const Systems& systems) {
        const StartingPoint found = starting_point(systems.sets);
        return nb::make_tuple(found.delays, found.rank);
      },
      nb::arg("systems"));
}

}  // namespace kindred::python

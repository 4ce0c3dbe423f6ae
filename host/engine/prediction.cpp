#include <kindred/prediction.hpp>

#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace kindred {
namespace {

using host::fail;

/// Steps first .. first + steps - 1 of a trial.
template <class T>
TrialView<T> window(TrialView<T> trial, index_t first, index_t steps) {
  trial.data += first * trial.time_stride;
  trial.steps = steps;
  return trial;
}

using Trials = decltype(TrajectorySet::trials);

/// Trials, or their inputs, to fit and to predict; there are more than one, or of each more than one step.
std::pair<Trials, Trials> divide(const Trials& all, const HoldOut& hold_out) {
  const auto held = [&](index_t count) {
    return std::min(static_cast<index_t>(std::ceil(hold_out.share * static_cast<double>(count))), count - 1);
  };
  return std::visit(
      [&]<class T>(const std::vector<TrialView<T>>& trials) -> std::pair<Trials, Trials> {
        std::vector<TrialView<T>> fit, rest;
        if (hold_out.by == HoldOut::By::trials) {
          const auto first = trials.end() - held(std::ssize(trials));
          fit.assign(trials.begin(), first);
          rest.assign(first, trials.end());
        } else {
          for (const TrialView<T>& trial : trials) {
            const index_t last = held(trial.steps);
            fit.push_back(window(trial, 0, trial.steps - last));
            rest.push_back(window(trial, trial.steps - last, last));
          }
        }
        return {std::move(fit), std::move(rest)};
      },
      all);
}

struct Errors {
  double mean = 0, standard_error = 0;
};

/// Mean of a - b, and its standard error over the parts that both have.
Errors difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> all;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!std::isnan(a[i]) && !std::isnan(b[i])) all.push_back(a[i] - b[i]);
  }
  const auto n = static_cast<double>(all.size());
  Errors out;
  for (const double v : all) out.mean += v / n;
  double squares = 0;
  for (const double v : all) squares += (v - out.mean) * (v - out.mean);
  if (all.size() > 1) out.standard_error = std::sqrt(squares / (n * (n - 1)));
  return out;
}

double mean_error(const SweepPoint& point) {
  return difference(point.errors, std::vector<double>(point.errors.size(), 0)).mean;
}

}  // namespace

std::pair<TrajectorySet, TrajectorySet> split(const TrajectorySet& system, const HoldOut& hold_out) {
  if (!(hold_out.share > 0 && hold_out.share < 1)) {
    fail(ErrorCode::invalid_argument, "HoldOut::share is ", hold_out.share, ", expected above 0 and below 1");
  }
  host::check_shape(system);
  std::pair<TrajectorySet, TrajectorySet> out{system, system};
  if (system.gaps.cut()) {
    out.first.failure =
        "it was cut at missing samples, and predictions are of whole recordings: interpolate them (Preprocess::nan = "
        "interpolate, Preprocess::largest_gap)";
    return out;
  }
  if (hold_out.by == HoldOut::By::trials && system.trial_count() < 2) {
    fail(ErrorCode::invalid_data, host::called(system),
         " has a single trial, so that none can be held out; hold out the end of its time instead (HoldOut::by = "
         "time)");
  }
  for (index_t k = 0; hold_out.by == HoldOut::By::time && k < system.trial_count(); ++k) {
    if (system.steps(k) > 1) continue;
    fail(ErrorCode::invalid_data, host::called(system), ", trial ", k, ": ", system.steps(k),
         " steps cannot be divided");
  }
  std::tie(out.first.trials, out.second.trials) = divide(system.trials, hold_out);
  if (system.input_count() > 0) std::tie(out.first.inputs, out.second.inputs) = divide(system.inputs, hold_out);
  return out;
}

Recommendation recommend(const SweepResult& sweep, double tolerance) {
  if (!(tolerance >= 0)) fail(ErrorCode::invalid_argument, "the tolerance is ", tolerance, ", expected 0 or more");
  Recommendation out;
  bool any = false;
  const auto& points = sweep.points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].feasible) continue;
    const double error = mean_error(points[i]);
    if (!std::isfinite(error) || (any && error >= out.best_error)) continue;
    any = true;
    out.best = i;
    out.best_error = error;
  }
  if (!any)
    fail(ErrorCode::invalid_argument,
         "the sweep has no feasible point: use fewer delays, lower ranks, or longer recordings");
  const auto size = [&](std::size_t i) {
    const SweepPoint& p = points[i];
    return std::tuple(p.rank, (p.delays - 1) * p.interval, p.delays);
  };
  out.chosen = out.best;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!points[i].feasible || size(i) >= size(out.chosen)) continue;
    const Errors more = difference(points[i].errors, points[out.best].errors);
    if (more.mean <= std::max(more.standard_error, tolerance)) out.chosen = i;
  }
  out.chosen_error = mean_error(points[out.chosen]);
  return out;
}

}  // namespace kindred

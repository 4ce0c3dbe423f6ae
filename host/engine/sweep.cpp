#include <kindred/engine.hpp>

#include "host/base/progress.hpp"
#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/store/identity.hpp"

#include <kindred/metric_fields.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

namespace kindred {
namespace {

using host::fail;
using host::tell_progress;

constexpr std::array figures = {&PredictionScore::mae,  &PredictionScore::mse, &PredictionScore::nmse,
                                &PredictionScore::mase, &PredictionScore::r2,  &PredictionScore::correlation,
                                &PredictionScore::aic};

void check(const SweepGrid& grid) {
  const auto at_least_one = [](const std::vector<index_t>& values, const char* what) {
    if (values.empty())
      fail(ErrorCode::invalid_argument, "SweepGrid::", what, " is empty, expected at least one value");
    constexpr index_t most = std::numeric_limits<std::int32_t>::max();
    for (const index_t v : values) {
      if (v >= 1 && v <= most) continue;
      fail(ErrorCode::invalid_argument, "SweepGrid::", what, " has ", v, ", expected 1 .. ", most);
    }
  };
  at_least_one(grid.delays, "delays");
  at_least_one(grid.intervals, "intervals");
  at_least_one(grid.ranks, "ranks");
}

template <class... Why>
[[noreturn]] void fail_infeasible(const Why&... why) {
  fail(ErrorCode::invalid_argument, "the sweep has no feasible point: ", why...);
}

/// The largest rank that every system can be fitted with, and 0 if one has too few steps.
index_t largest_rank(std::span<const TrajectorySet> systems, const Dmd& dmd) {
  index_t most = std::numeric_limits<index_t>::max();
  for (const TrajectorySet& system : systems) {
    index_t rows = 0, transitions = 0;
    for (index_t k = 0; k < system.trial_count(); ++k) {
      const index_t here = system.steps(k) - (dmd.delays - 1) * dmd.interval;
      if (here <= dmd.steps_ahead) return 0;
      rows += here;
      transitions += here - dmd.steps_ahead;
    }
    // With no more transitions than the rank and the inputs, an operator fits any data exactly.
    most = std::min({most, dmd.delays * system.channels(), rows, transitions - 1 - system.input_count()});
  }
  return most;
}

/// Whether the steps that have no prediction are at most half of some held-out trial of every system.
bool leaves_half(std::span<const TrajectorySet> held_out, const Dmd& dmd) {
  return std::all_of(held_out.begin(), held_out.end(), [&](const TrajectorySet& system) {
    index_t longest = 0;
    for (index_t k = 0; k < system.trial_count(); ++k) longest = std::max(longest, system.steps(k));
    return 2 * ((dmd.delays - 1) * dmd.interval + dmd.steps_ahead) <= longest;
  });
}

/// Means over the systems.
void summarise(const std::vector<Prediction>& systems, SweepPoint& point) {
  point.feasible = std::all_of(systems.begin(), systems.end(), [](const Prediction& p) {
    return p.facts.status != FitStatus::failed && p.facts.status != FitStatus::rank_excess && p.reseeded.values > 0;
  });
  if (!point.feasible) return;
  const auto n = static_cast<double>(systems.size());
  for (const auto score : {&SweepPoint::one_step, &SweepPoint::reseeded}) {
    for (const auto figure : figures) point.*score.*figure = 0;
  }
  for (const Prediction& p : systems) {
    point.one_step.values += p.one_step.values;
    point.reseeded.values += p.reseeded.values;
    for (const auto figure : figures) {
      point.one_step.*figure += p.one_step.*figure / n;
      point.reseeded.*figure += p.reseeded.*figure / n;
    }
    point.errors.insert(point.errors.end(), p.parts.begin(), p.parts.end());
  }
}

/// What the points of a sweep depend on, but for the grid.
std::string identity(const DeviceInfo& device, std::span<const TrajectorySet> systems, Dmd base,
                     const HoldOut& hold_out, const PredictOptions& options) {
  base.delays = base.interval = 1;
  base.rank = 0;
  std::vector<TrajectorySet> inputs;
  for (const TrajectorySet& system : systems) inputs.push_back(host::inputs_of(system));
  const ComparisonIdentity of = host::identity_of(device, systems, inputs, /*symmetric=*/false, Spectral{});
  std::ostringstream text;
  text << of.build << "; " << text_of(Metric(Spectral{.dmd = base})) << "; hold out "
       << (hold_out.by == HoldOut::By::trials ? "trials" : "time") << ' ' << hold_out.share << ", reseed "
       << options.reseed << ", skip " << options.skip << "; systems" << std::hex;
  for (const std::uint64_t digest : of.digests) text << ' ' << digest;
  return text.str();
}

/// Fills the points of some ranks from the store; false: it does not have them all.
bool take_kept(const SweepStore& store, const std::vector<index_t>& ranks, std::span<SweepPoint> points) {
  std::vector<SweepPoint> kept(points.begin(), points.end());
  for (SweepPoint& point : kept) {
    const bool asked = std::find(ranks.begin(), ranks.end(), point.rank) != ranks.end();
    if (asked && !store.find(point)) return false;
  }
  std::copy(kept.begin(), kept.end(), points.begin());
  return true;
}

/// Takes out the systems that cannot be fitted at one delay and rank 1, and so not at all, and says why. Throws where
/// none is left.
void leave_out(std::vector<TrajectorySet>& fit, std::vector<TrajectorySet>& rest, const OperatorSet& tried,
               std::vector<std::pair<std::string, std::string>>& left_out) {
  std::vector<TrajectorySet> fit_kept, rest_kept;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (tried[i].facts.status == FitStatus::failed) {
      left_out.emplace_back(tried[i].name, tried[i].facts.detail);
    } else {
      fit_kept.push_back(std::move(fit[i]));
      rest_kept.push_back(std::move(rest[i]));
    }
  }
  fit = std::move(fit_kept);
  rest = std::move(rest_kept);
  if (fit.empty() && !left_out.empty()) {
    fail(ErrorCode::invalid_data, "no system can be judged; system ", host::in_quotes(left_out.front().first), ": ",
         left_out.front().second);
  }
}

/// A pair of delays and interval.
struct Combination {
  Dmd dmd;
  std::vector<index_t> ranks;  ///< feasible ones
};

/// All combinations of the grid with the ranks that shapes allow; makes the points and finds the steps that none of
/// them scores. Throws where no rank is feasible.
std::vector<Combination> plan(std::span<const TrajectorySet> fit, std::span<const TrajectorySet> held_out,
                              const Dmd& base, const SweepGrid& grid, SweepResult& out) {
  std::vector<Combination> combinations;
  bool any_window = false;
  index_t largest = 0;
  for (const index_t interval : grid.intervals) {
    for (const index_t delays : grid.delays) {
      Combination& c = combinations.emplace_back(Combination{base, {}});
      c.dmd.delays = delays;
      c.dmd.interval = interval;
      const bool leaves = leaves_half(held_out, c.dmd);
      const index_t most = leaves ? largest_rank(fit, c.dmd) : 0;
      any_window |= leaves;
      largest = std::max(largest, most);
      for (const index_t rank : grid.ranks) {
        out.points.push_back({delays, interval, rank, false, {}, {}, {}});
        if (rank <= most) c.ranks.push_back(rank);
      }
      if (!c.ranks.empty()) out.skip = std::max(out.skip, (delays - 1) * interval + base.steps_ahead);
    }
  }
  if (!any_window) {
    fail_infeasible(
        "every window of the grid is longer than half of the held-out trials; use fewer delays or a shorter "
        "interval, or hold out more (HoldOut::share)");
  }
  if (const index_t least = *std::min_element(grid.ranks.begin(), grid.ranks.end()); least > largest) {
    fail_infeasible("the lowest rank of the grid, ", least, ", is above the largest that its delays allow, ", largest,
                    "; use lower ranks, other delays, or longer recordings");
  }
  return combinations;
}

}  // namespace

SweepResult Engine::sweep(std::span<const TrajectorySet> systems, const Dmd& base, const SweepGrid& grid,
                          const HoldOut& hold_out, const PredictOptions& options, const Progress& progress,
                          SweepStore* store) {
  check(grid);
  host::check_parameters(base);
  SweepResult out;
  std::vector<TrajectorySet> fit, rest;
  for (const TrajectorySet& system : systems) {
    auto [first, second] = split(system, hold_out);
    fit.push_back(std::move(first));
    rest.push_back(std::move(second));
  }
  leave_out(fit, rest, this->fit(fit, {.rank = 1}), out.left_out);
  const std::vector<Combination> combinations = plan(fit, rest, base, grid, out);
  PredictOptions scored = options;
  scored.skip = std::max(options.skip, out.skip);
  scored.values = false;
  out.skip = scored.skip;
  if (store != nullptr) store->begin(identity(device(), systems, base, hold_out, scored));
  for (std::size_t c = 0; c < combinations.size(); ++c) {
    tell_progress(progress, "sweep", static_cast<index_t>(c), std::ssize(combinations));
    if (combinations[c].ranks.empty()) continue;
    const auto points = std::span(out.points).subspan(c * grid.ranks.size(), grid.ranks.size());
    if (store != nullptr && take_kept(*store, combinations[c].ranks, points)) continue;
    const auto at = predict(fit, rest, combinations[c].dmd, combinations[c].ranks, scored);
    std::size_t k = 0;
    for (std::size_t r = 0; r < grid.ranks.size(); ++r) {
      if (k < at.size() && combinations[c].ranks[k] == points[r].rank) summarise(at[k++], points[r]);
    }
    if (store != nullptr) store->keep(points);
  }
  tell_progress(progress, "sweep", std::ssize(combinations), std::ssize(combinations));
  if (std::none_of(out.points.begin(), out.points.end(), [](const SweepPoint& p) { return p.feasible; })) {
    fail_infeasible(
        "every rank of the grid is above the numerical rank of a system, or its fit fails; use lower ranks");
  }
  return out;
}

}  // namespace kindred

#include "host/engine/representations/folds.hpp"

#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace kindred::host {
namespace {

/// The samples of some ranges, as views on the system's trials.
TrajectorySet part_of(const TrajectorySet& set, std::span<const SampleRange> ranges) {
  TrajectorySet out;
  out.name = set.name;
  std::visit(
      [&]<class In>(const std::vector<TrialView<In>>& trials) {
        std::vector<TrialView<In>> views;
        index_t start = 0;
        for (const TrialView<In>& x : trials) {
          for (const SampleRange& r : ranges) {
            const index_t first = std::max(r.first - start, index_t{0}), last = std::min(r.last - start, x.steps);
            if (first >= last) continue;
            views.push_back(
                {x.data + first * x.time_stride, last - first, x.channels, x.time_stride, x.channel_stride});
          }
          start += x.steps;
        }
        out.trials = std::move(views);
      },
      set.trials);
  return out;
}

void require_same_trials(const TrajectorySet& a, const TrajectorySet& b, const Folding& folding) {
  const auto reject = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_data, "system '" + b.name + "' " + what + " as in system '" + a.name +
                                             "': folds by trials need trials that correspond (" + folding.metric +
                                             "::fold_by = blocks does not)");
  };
  if (a.trial_count() != b.trial_count()) {
    reject("has " + std::to_string(b.trial_count()) + " trials, expected " + std::to_string(a.trial_count()));
  }
  for (index_t k = 0; k < a.trial_count(); ++k) {
    if (a.steps(k) == b.steps(k)) continue;
    reject("has " + std::to_string(b.steps(k)) + " steps in trial " + std::to_string(k) + ", expected " +
           std::to_string(a.steps(k)));
  }
}

/// ||(X - mean) scale||^2.
double squared_norm_of_channels(const Factor& f) {
  double sum = 0;
  for_each_row(*f.survey.system, [&](const double* x) {
    for (std::size_t c = 0; c < f.survey.mean.size(); ++c) {
      const double y = (x[c] - f.survey.mean[c]) * f.survey.scale();
      sum += y * y;
    }
  });
  return sum;
}

}  // namespace

void check_fold_count(const Folding& folding) {
  if (folding.folds == 0 || folding.folds >= 2) return;
  throw Error(ErrorCode::invalid_argument, "number of folds (" + folding.metric + "::folds) is " +
                                               std::to_string(folding.folds) +
                                               ", expected 0 (no cross-validation), or 2 or more");
}

std::vector<SampleRange> folds_of(std::span<const Factor> rows, std::span<const Factor> columns,
                                  const Folding& folding) {
  const TrajectorySet& set = *rows.front().survey.system;
  const bool by_trials = folding.by == FoldBy::trials;
  const index_t units = by_trials ? set.trial_count() : rows.front().rows, folds = folding.folds;
  if (folds < 2 || folds > units || rows.front().rows < 4) {
    throw Error(ErrorCode::invalid_argument, "number of folds (" + folding.metric + "::folds) is " +
                                                 std::to_string(folds) + ", expected 2 .. " + std::to_string(units) +
                                                 ", the number of " +
                                                 (by_trials ? "trials" : "samples, of which at least 4 are needed"));
  }
  std::vector<index_t> start = {0};  // of each unit
  for (index_t u = 0; u < units; ++u) start.push_back(start.back() + (by_trials ? set.steps(u) : 1));
  if (by_trials) {
    for (const auto side : {rows, columns}) {
      for (const Factor& f : side) require_same_trials(set, *f.survey.system, folding);
    }
  }
  std::vector<SampleRange> out;
  // As scikit-learn's KFold: of n units in k folds, the first n % k folds have one more than the others.
  const auto first = [units, folds](index_t v) { return v * (units / folds) + std::min(v, units % folds); };
  for (index_t v = 0; v < folds; ++v) out.push_back({start[at(first(v))], start[at(first(v + 1))]});
  return out;
}

FoldSide::FoldSide(Backend& backend, std::span<const Factor> whole, const SampleRange& fold, bool centre) {
  const SampleRange outside[] = {{0, fold.first}, {fold.last, whole.empty() ? 0 : whole.front().rows}};
  for (const Factor& f : whole) {
    train_sets.push_back(part_of(*f.survey.system, outside));
    test_sets.push_back(part_of(*f.survey.system, std::span(&fold, 1)));
  }
  train = survey(train_sets, static_cast<int>(backend.shares_host_memory() ? backend.parallelism() : 1), {}, centre);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Factor& f = train[i];
    // One unit for all folds.
    f.squared_norm = std::ldexp(f.squared_norm, 2 * (f.survey.exponent - whole[i].survey.exponent));
    f.survey.exponent = f.unit = whole[i].survey.exponent;
    f.survey.content = whole[i].survey.content;
    f.usable = f.usable && whole[i].usable;
  }
}

void FoldSide::make_tests(const SampleRange& fold) {
  test = train;
  for (std::size_t i = 0; i < test.size(); ++i) {
    test[i].survey.system = &test_sets[i];
    test[i].survey.samples = test[i].rows = fold.last - fold.first;
  }
}

Operands fold_products(const FoldSide& x, const FoldSide& y, bool symmetric) {
  return {.rows = {x.train, x.test},
          .columns = {y.train, y.test},
          .symmetric = symmetric,
          .products = {{0, 0}, {1, 1}},
          .copied = true};
}

std::vector<double> squared_norms(Backend& backend, std::span<const Factor> factors) {
  std::vector<double> out(factors.size(), 0.0);
  for_each_on_host(backend, std::ssize(factors), [&](index_t i) {
    if (std::holds_alternative<Channels>(factors[at(i)].source)) out[at(i)] = squared_norm_of_channels(factors[at(i)]);
  });
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    if (!f.usable || !std::holds_alternative<Projected>(f.source)) continue;
    const Buffer<double> x(backend, f.rows * f.columns);
    write_factor(backend, f, kernels::Panels<double>{x.data(), f.rows, f.columns}, 0);
    std::vector<double> values(at(x.size()));
    x.download(values);
    for (const double v : values) out[i] += v * v;
  }
  return out;
}

}  // namespace kindred::host

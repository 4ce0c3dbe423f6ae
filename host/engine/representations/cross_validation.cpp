#include "host/engine/representations/cross_validation.hpp"

#include "host/base/progress.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/factor_products.hpp"
#include "host/engine/representations/principal.hpp"

#include <kindred/error.hpp>

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

std::size_t at(index_t i) { return static_cast<std::size_t>(i); }

/// Samples first .. last - 1, over trials.
struct Range {
  index_t first, last;
};

/// The samples of some ranges, as views on the system's trials.
TrajectorySet part_of(const TrajectorySet& set, std::span<const Range> ranges) {
  TrajectorySet out;
  out.name = set.name;
  std::visit(
      [&]<class In>(const std::vector<TrialView<In>>& trials) {
        std::vector<TrialView<In>> views;
        index_t start = 0;
        for (const TrialView<In>& x : trials) {
          for (const Range& r : ranges) {
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

void require_same_trials(const TrajectorySet& a, const TrajectorySet& b) {
  const auto reject = [&](const std::string& what) {
    throw Error(ErrorCode::invalid_data,
                "system '" + b.name + "' " + what + " as in system '" + a.name +
                    "': folds by trials need trials that correspond (LinearRegression::fold_by = blocks does not)");
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

std::vector<Range> folds_of(std::span<const Factor> rows, std::span<const Factor> columns,
                            const LinearRegression& metric) {
  const TrajectorySet& set = *rows.front().survey.system;
  const bool by_trials = metric.fold_by == FoldBy::trials;
  const index_t units = by_trials ? set.trial_count() : rows.front().rows, folds = metric.folds;
  if (folds < 2 || folds > units || rows.front().rows < 4) {
    throw Error(ErrorCode::invalid_argument, "number of folds (LinearRegression::folds) is " + std::to_string(folds) +
                                                 ", expected 2 .. " + std::to_string(units) + ", the number of " +
                                                 (by_trials ? "trials" : "samples, of which at least 4 are needed"));
  }
  std::vector<index_t> start = {0};  // of each unit
  for (index_t u = 0; u < units; ++u) start.push_back(start.back() + (by_trials ? set.steps(u) : 1));
  if (by_trials) {
    for (const auto side : {rows, columns}) {
      for (const Factor& f : side) require_same_trials(set, *f.survey.system);
    }
  }
  std::vector<Range> out;
  // As scikit-learn's KFold: of n units in k folds, the first n % k folds have one more than the others.
  const auto first = [units, folds](index_t v) { return v * (units / folds) + std::min(v, units % folds); };
  for (index_t v = 0; v < folds; ++v) out.push_back({start[at(first(v))], start[at(first(v + 1))]});
  return out;
}

/// One side of the regression in one fold: the samples it is fitted to, and the others about the means of those.
struct Side {
  std::vector<TrajectorySet> train_sets, test_sets;
  std::vector<Factor> train, test;

  Side(Backend& backend, std::span<const Factor> whole, const Range& fold) {
    const Range outside[] = {{0, fold.first}, {fold.last, whole.empty() ? 0 : whole.front().rows}};
    for (const Factor& f : whole) {
      train_sets.push_back(part_of(*f.survey.system, outside));
      test_sets.push_back(part_of(*f.survey.system, std::span(&fold, 1)));
    }
    train = survey(train_sets, static_cast<int>(backend.shares_host_memory() ? backend.parallelism() : 1));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      Factor& f = train[i];
      // One unit for all folds.
      f.squared_norm = std::ldexp(f.squared_norm, 2 * (f.survey.exponent - whole[i].survey.exponent));
      f.survey.exponent = f.unit = whole[i].survey.exponent;
      f.survey.content = whole[i].survey.content;
      f.usable = f.usable && whole[i].usable;
    }
  }

  /// After the bases are there.
  void make_tests(const Range& fold) {
    test = train;
    for (std::size_t i = 0; i < test.size(); ++i) {
      test[i].survey.system = &test_sets[i];
      test[i].survey.samples = test[i].rows = fold.last - fold.first;
    }
  }
};

/// F^T F, on the host.
std::vector<double> moments(Backend& backend, const Factor& f) {
  const Buffer<double> x(backend, f.rows * f.columns), g(backend, f.columns * f.columns);
  write_factor(backend, f, kernels::Panels<double>{x.data(), f.rows, f.columns}, 0);
  backend.gram(packed(x.data(), f.rows, f.columns), 0.0, packed(g.data(), f.columns, f.columns), 1);
  std::vector<double> out(at(g.size()));
  g.download(out);
  return out;
}

/// ||(X - mean) scale||^2.
double squared_norm(const Factor& f) {
  double sum = 0;
  for_each_row(*f.survey.system, [&](const double* x) {
    for (std::size_t c = 0; c < f.survey.mean.size(); ++c) {
      const double y = (x[c] - f.survey.mean[c]) * f.survey.scale();
      sum += y * y;
    }
  });
  return sum;
}

/// ||Y - T M||^2 - ||Y||^2 = <M, S M - 2 P> with S = T^T T (r x r) and P = T^T Y (r x q).
double change_of_error(const std::vector<double>& s, std::span<const double> m, std::span<const double> p, index_t r,
                       index_t q) {
  std::vector<double> sm(m.size());
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(r), static_cast<int>(q), static_cast<int>(r),
              1.0, s.data(), static_cast<int>(r), m.data(), static_cast<int>(q), 0.0, sm.data(), static_cast<int>(q));
  double sum = 0;
  for (std::size_t k = 0; k < m.size(); ++k) sum += m[k] * (sm[k] - 2 * p[k]);
  return sum;
}

/// A block as it lies in a row-major array on the host.
template <class T>
std::vector<double> read_block(const std::vector<T>& array, index_t ld, const kernels::Block& block) {
  std::vector<double> out;
  out.reserve(at(block.rows * block.cols));
  for (index_t i = 0; i < block.rows; ++i) {
    const T* row = array.data() + block.offset + i * ld;
    out.insert(out.end(), row, row + block.cols);
  }
  return out;
}

/// Takes two blocks of row factor i with column factor j, row-major, C_i x C_j.
using TakeBlocks =
    std::function<void(index_t i, index_t j, std::span<const double> first, std::span<const double> second)>;

/// Calls `take` with both products of every row with every column, of different pairs concurrently, and `pause` between
/// the parts that are made at once.
template <class T>
void for_each_two_blocks(Backend& backend, const Operands& operands, const std::function<void()>& pause,
                         const TakeBlocks& take) {
  FactorProducts<T> products(backend, operands, backend.memory_budget());
  const auto all = PairSet::rectangle(std::ssize(operands.rows.front()), std::ssize(operands.columns.front()));
  for (const Tile& tile : products.plan(all, {})) {
    pause();
    products.multiply(tile, false, [&](const ProductTile<T>& part) {
      const auto fetch = [&](const typename ProductTile<T>::Product& product) {
        const kernels::Block& last = product.blocks.back();
        std::vector<T> array(at(last.offset + (last.rows - 1) * product.ld + last.cols));
        backend.download(array.data(), product.data, array.size() * sizeof(T));
        return array;
      };
      const auto &first = part.products[0], &second = part.products[1];
      const std::vector<T> a = fetch(first), b = fetch(second);
      for_each_on_host(backend, std::ssize(part.pairs), [&](index_t k) {
        const auto& [i, j] = part.pairs[at(k)];
        take(i, j, read_block(a, first.ld, first.blocks[at(k)]), read_block(b, second.ld, second.blocks[at(k)]));
      });
    });
  }
}

/// Adds the squared errors of one fold.
void add_errors(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns, const Range& fold,
                ProductPrecision precision, const std::function<void()>& pause, std::vector<double>& error) {
  Side x(backend, rows, fold), y(backend, columns, fold);
  for (Factor& f : x.train) {
    if (!f.usable) continue;
    const Principal p = principal_directions(backend, f, range_tolerance(f));
    std::vector<double> weight;
    for (const double sigma : p.sigma) weight.push_back(1 / sigma);
    f.usable = !p.sigma.empty();
    if (f.usable) set_basis(f, p, weight);
  }
  x.make_tests(fold);
  y.make_tests(fold);
  std::vector<std::vector<double>> s(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (x.test[i].usable) s[i] = moments(backend, x.test[i]);
  }
  std::vector<double> about_mean(columns.size());
  for_each_on_host(backend, std::ssize(columns), [&](index_t j) { about_mean[at(j)] = squared_norm(y.test[at(j)]); });
  for (std::size_t k = 0; k < error.size(); ++k) error[k] += about_mean[k % columns.size()];

  const auto take = [&](index_t i, index_t j, std::span<const double> m, std::span<const double> p) {
    const index_t r = x.train[at(i)].columns, q = y.train[at(j)].columns;
    error[at(i) * columns.size() + at(j)] += change_of_error(s[at(i)], m, p, r, q);
  };
  // Products of the fitted samples, and of the judged ones.
  const Operands operands{.rows = {x.train, x.test},
                          .columns = {y.train, y.test},
                          .symmetric = false,
                          .products = {{0, 0}, {1, 1}},
                          .copied = true};
  if (precision == ProductPrecision::f32) {
    for_each_two_blocks<float>(backend, operands, pause, take);
  } else {
    for_each_two_blocks<double>(backend, operands, pause, take);
  }
}

}  // namespace

void check_folds(std::span<const Factor> rows, std::span<const Factor> columns, const LinearRegression& metric) {
  (void)folds_of(rows, columns, metric);
}

std::vector<double> cross_validated_r2(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns,
                                       const LinearRegression& metric, const Progress& progress) {
  std::vector<double> out(rows.size() * columns.size(), 0.0);
  if (out.empty()) return out;
  index_t done = 0;
  for (const Range& fold : folds_of(rows, columns, metric)) {
    const auto pause = [&] { tell_progress(progress, "folds", done, metric.folds); };
    add_errors(backend, rows, columns, fold, metric.precision, pause, out);
    ++done;
  }
  for (std::size_t k = 0; k < out.size(); ++k) {
    const Factor &x = rows[k / columns.size()], &y = columns[k % columns.size()];
    const bool usable = x.usable && y.usable;
    out[k] = usable ? std::min(1.0, 1 - out[k] / y.squared_norm) : std::numeric_limits<double>::quiet_NaN();
  }
  return out;
}

}  // namespace kindred::host

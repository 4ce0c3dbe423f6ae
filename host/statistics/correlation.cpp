#include <kindred/error.hpp>
#include <kindred/statistics.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "host/base/text.hpp"
#include "host/statistics/distances.hpp"
#include "host/statistics/elementary.hpp"

namespace kindred::statistics {
namespace {

using Values = std::vector<double>;

/// Entries above the diagonal, row by row.
Values upper(const Values& matrix, std::size_t n) {
  Values out;
  out.reserve(n * (n - 1) / 2);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) out.push_back(matrix[i * n + j]);
  }
  return out;
}

/// The symmetric matrix, zero on the diagonal, with these entries above it, less their mean and divided by the norm of
/// what is left; empty if that is zero: the entries are equal.
Values standardised(const Values& above, std::size_t n) {
  const double mean = std::accumulate(above.begin(), above.end(), 0.0) / static_cast<double>(above.size());
  double square = 0;
  for (const double v : above) square += (v - mean) * (v - mean);
  const double norm = std::sqrt(square);
  // Equal entries leave the rounding of their mean.
  if (!(norm > 1e-14 * std::fabs(mean) * std::sqrt(static_cast<double>(above.size())))) return {};
  Values out(n * n, 0.0);
  std::size_t k = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) out[i * n + j] = out[j * n + i] = (above[k++] - mean) / norm;
  }
  return out;
}

/// Sum over pairs i < j of x_ij y_(order i, order j).
double cross(const Values& x, const Values& y, const std::vector<std::size_t>& order) {
  const std::size_t n = order.size();
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = y.data() + order[i] * n;
    double own = 0;
    for (std::size_t j = i + 1; j < n; ++j) own += x[i * n + j] * row[order[j]];
    sum += own;
  }
  return sum;
}

/// A correlation of standardised matrices and its test. Sets both to NaN where one has equal entries only.
double mantel(const Values& x, const Values& y, std::size_t n, const Options& o, PermutationTest& test) {
  if (x.empty() || y.empty()) return nan;
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const double observed = cross(x, y, order);
  double orders = 1;
  for (std::size_t k = 2; k <= n; ++k) orders *= static_cast<double>(k);
  test.exact = orders <= static_cast<double>(o.permutations);
  index_t reached = 0;
  // Rounding of a sum of terms whose absolute values add up to at most 1.
  const auto evaluate = [&] {
    reached += cross(x, y, order) >= observed - 1e-12 ? 1 : 0;
    ++test.permutations;
  };
  if (test.exact) {
    do {
      evaluate();
    } while (std::next_permutation(order.begin(), order.end()));
  } else {
    simulate::Random random(o.seed);
    for (index_t k = 0; k < o.permutations; ++k) {
      shuffle(std::span<std::size_t>(order), random);
      evaluate();
    }
  }
  const index_t own = test.exact ? 0 : 1;
  test.p = static_cast<double>(reached + own) / static_cast<double>(test.permutations + own);
  return observed;
}

/// Pearson's correlation of values that count as often as their weights say; NaN where one side does not vary.
double weighted_correlation(const Values& x, const Values& y, const Values& weights) {
  double w = 0, mx = 0, my = 0;
  for (std::size_t k = 0; k < x.size(); ++k) w += weights[k], mx += weights[k] * x[k], my += weights[k] * y[k];
  mx /= w, my /= w;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    xx += weights[k] * (x[k] - mx) * (x[k] - mx);
    yy += weights[k] * (y[k] - my) * (y[k] - my);
    xy += weights[k] * (x[k] - mx) * (y[k] - my);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : nan;
}

/// Ranks of values that are there as often as their weights say; `order` sorts the values.
Values weighted_ranks(const Values& values, const std::vector<std::size_t>& order, const Values& weights) {
  Values out(values.size());
  double below = 0;
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    double ties = 0;
    for (; j < order.size() && values[order[j]] == values[order[i]]; ++j) ties += weights[order[j]];
    for (; i < j; ++i) out[order[i]] = below + 0.5 * (ties + 1);
    below += ties;
  }
  return out;
}

std::vector<std::size_t> sorted(const Values& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  return order;
}

void add_intervals(const Values& x, const Values& y, std::size_t n, const Options& o, MatrixCorrelation& out) {
  const auto order_x = sorted(x), order_y = sorted(y);
  Values pearson, spearman, weights(x.size());
  simulate::Random random(o.seed, 1);
  for (index_t r = 0; r < o.resamples; ++r) {
    Values copies(n, 0.0);
    for (std::size_t k = 0; k < n; ++k) ++copies[static_cast<std::size_t>(random.below(static_cast<index_t>(n)))];
    std::size_t k = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = i + 1; j < n; ++j) weights[k++] = copies[i] * copies[j];
    }
    if (std::all_of(weights.begin(), weights.end(), [](double w) { return w == 0; })) continue;  // one system alone
    pearson.push_back(weighted_correlation(x, y, weights));
    spearman.push_back(
        weighted_correlation(weighted_ranks(x, order_x, weights), weighted_ranks(y, order_y, weights), weights));
  }
  out.pearson = with_interval(out.pearson.value, std::move(pearson), o.confidence, (o.resamples + 1) / 2);
  out.spearman = with_interval(out.spearman.value, std::move(spearman), o.confidence, (o.resamples + 1) / 2);
}

MatrixCorrelation correlate_two(const Distances& a, const Distances& b, index_t size, const Options& o) {
  const Distances* const both[] = {&a, &b};
  const Complete kept = complete(both, std::vector<bool>(static_cast<std::size_t>(size), true));
  const std::size_t n = kept.systems.size();
  if (n < 3) {
    host::fail(ErrorCode::invalid_argument, host::printable(a.name), " and ", host::printable(b.name), ": ", n,
               " systems have all distances in both, expected 3 or more");
  }
  MatrixCorrelation out;
  out.first = a.name, out.second = b.name;
  out.systems = static_cast<index_t>(n);
  out.left_out = kept.left_out;
  const Values x = upper(part(a, size, kept.systems), n), y = upper(part(b, size, kept.systems), n);
  out.pearson.value = mantel(standardised(x, n), standardised(y, n), n, o, out.pearson_test);
  out.spearman.value = mantel(standardised(ranks(x), n), standardised(ranks(y), n), n, o, out.spearman_test);
  if (!std::isnan(out.pearson.value)) add_intervals(x, y, n, o, out);
  return out;
}

}  // namespace

std::vector<MatrixCorrelation> correlate(std::span<const Distances> matrices, const Options& options) {
  check(options);
  std::vector<index_t> sizes;
  for (const Distances& matrix : matrices) sizes.push_back(checked_size(matrix));
  std::vector<MatrixCorrelation> out;
  for (std::size_t i = 0; i < matrices.size(); ++i) {
    for (std::size_t j = i + 1; j < matrices.size(); ++j) {
      if (sizes[i] != sizes[j]) {
        host::fail(ErrorCode::invalid_argument, host::printable(matrices[i].name), " has ", sizes[i], " systems and ",
                   host::printable(matrices[j].name), " ", sizes[j], "; expected distances between the same systems");
      }
      out.push_back(correlate_two(matrices[i], matrices[j], sizes[i], options));
    }
  }
  correct(out, &MatrixCorrelation::pearson_test);
  correct(out, &MatrixCorrelation::spearman_test);
  return out;
}

}  // namespace kindred::statistics

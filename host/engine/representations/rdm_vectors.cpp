#include "host/engine/representations/rdm_vectors.hpp"

#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/kernel_vectors.hpp"
#include "host/engine/representations/sample_products.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// What rounding may have added to each entry of a dissimilarity matrix (m x m, above the diagonal, row by row). With
/// u = eps / 2, C channels and |v_ij - v| <= bound:
///   euclidean, v = s_i + s_j - 2 k for samples x^ = (x - shift)(1 + u): a shift common to all samples changes no
///   distance, its rounding 4 u (s_i + s_j); the three sums of C terms 2 C u (s_i + s_j); the last two additions
///   4 u (s_i + s_j); together (C + 4) eps (s_i + s_j).
///   correlation, v = 1 - k for unit vectors: three roundings of every value 6 u, a norm and a product of C terms
///   2 C u, the last subtraction 2 u; together (C + 4) eps. The error of a sample's mean enters squared only.
/// Two entries whose true values are equal therefore differ by at most the sum of their bounds; the order of two that
/// differ by less is not known.
///   crossnobis, a sum of such v with weights: the same bound of s = the sum of the trials' s with the sizes of the
///   weights.
class Rounding {
 public:
  /// `squares`: s of every sample, or nothing for a correlation or a cosine.
  Rounding(index_t channels, std::vector<double> squares, index_t rows)
      : factor_((static_cast<double>(channels) + 4) * std::numeric_limits<double>::epsilon()),
        squares_(std::move(squares)),
        largest_(squares_.empty() ? factor_ : 2 * factor_ * *std::max_element(squares_.begin(), squares_.end())) {
    index_t first = 0;
    for (index_t i = 0; i + 1 < rows; ++i) {
      row_start_.push_back(first);
      first += rows - 1 - i;
    }
  }

  /// The bound for the worst entry.
  [[nodiscard]] double largest() const { return largest_; }
  /// The bound for entry k.
  [[nodiscard]] double of(std::size_t k) const {
    if (squares_.empty()) return factor_;
    const auto row = std::upper_bound(row_start_.begin(), row_start_.end(), static_cast<index_t>(k)) - 1;
    const auto i = static_cast<std::size_t>(row - row_start_.begin());
    const std::size_t j = i + 1 + k - static_cast<std::size_t>(*row);
    return factor_ * (squares_[i] + squares_[j]);
  }
  [[nodiscard]] bool equal(const std::vector<double>& v, std::size_t a, std::size_t b) const {
    const double difference = std::abs(v[a] - v[b]);
    return difference == 0 || (difference <= 2 * largest_ && difference <= of(a) + of(b));
  }

 private:
  double factor_;
  std::vector<double> squares_;
  double largest_;
  std::vector<index_t> row_start_;  // the first entry of each row
};

/// Whether one value lies within the rounding of every entry.
bool all_equal(const std::vector<double>& v, const Rounding& rounding) {
  const auto [low, high] = std::minmax_element(v.begin(), v.end());
  if (*high - *low > 2 * rounding.largest()) return false;
  double from = -std::numeric_limits<double>::infinity(), to = -from;
  for (std::size_t k = 0; k < v.size(); ++k) {
    const double bound = rounding.of(k);
    from = std::max(from, v[k] - bound);
    to = std::min(to, v[k] + bound);
  }
  return from <= to;
}

bool all_zero(const std::vector<double>& v, const Rounding& rounding) {
  for (std::size_t k = 0; k < v.size(); ++k) {
    if (std::abs(v[k]) > rounding.largest() || std::abs(v[k]) > rounding.of(k)) return false;
  }
  return true;
}

/// Ranks from 1; values that are equal but for rounding share their mean rank. The device sorts.
std::vector<double> ranks(Backend& backend, const std::vector<double>& v, const Rounding& rounding) {
  const std::vector<index_t> order = orders_of(backend, {&v, 1}).front();
  const auto place = [&](std::size_t k) { return at(order[k]); };
  std::vector<double> rank(v.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && rounding.equal(v, place(i), place(end))) ++end;
    for (std::size_t k = i; k < end; ++k) rank[place(k)] = static_cast<double>(i + 1 + end) / 2;
    i = end;
  }
  return rank;
}

void subtract_mean(std::vector<double>& v) {
  const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  for (double& x : v) x -= mean;
}

/// Every sample as a unit vector, about its own mean over channels (correlation) or 0 (cosine).
void standardise_rows(std::vector<double>& x, std::size_t channels, bool about_mean) {
  for (auto row = x.begin(); row != x.end(); row += static_cast<std::ptrdiff_t>(channels)) {
    const auto end = row + static_cast<std::ptrdiff_t>(channels);
    const auto [low, high] = std::minmax_element(row, end);
    const double range = about_mean ? *high - *low : std::max(std::abs(*low), std::abs(*high));
    const double mean = about_mean ? std::accumulate(row, end, 0.0) / static_cast<double>(channels) : 0.0;
    double squares = 0;
    for (auto v = row; v != end; ++v) {
      *v = (*v - mean) / range;
      squares += *v * *v;
    }
    for (auto v = row; v != end; ++v) *v /= std::sqrt(squares);
  }
}

/// Whether every sample differs over the channels (correlation), or from 0 (cosine).
bool rows_have_direction(const Factor& f, bool about_mean) {
  bool all = true;
  for_each_row(*f.survey.system, [&](const double* x) {
    const auto [low, high] = std::minmax_element(x, x + f.survey.channels);
    all = all && (*low < *high || (!about_mean && *low != 0));
  });
  return all;
}

bool of_unit_rows(Rdm rdm) { return rdm == Rdm::correlation || rdm == Rdm::cosine; }

/// Samples of which an RDM is made: unit rows for correlation and cosine, else centred and scaled.
std::vector<double> samples_of(const Factor& f, Rdm rdm) {
  if (!of_unit_rows(rdm)) return samples(f);
  std::vector<double> x = dense_rows(*f.survey.system);
  for (double& v : x) v *= f.survey.scale();
  standardise_rows(x, at(f.survey.channels), rdm == Rdm::correlation);
  return x;
}

/// A dissimilarity matrix, and what rounding may have added to it. Of Rdm::euclidean the squares.
struct Dissimilarities {
  std::vector<double> values;
  Rounding rounding;
};

/// The mean over a != b of <x_i^a - x_j^a, x_i^b - x_j^b>, x^a the K trials: with d^a = x_i^a - x_j^a,
/// (||sum of d^a||^2 - sum of ||d^a||^2) / (K (K - 1)).
Dissimilarities across_trials(Backend& backend, const Factor& f) {
  const std::vector<double> x = samples(f);
  const index_t trials = f.survey.system->trial_count(), n = f.survey.channels, steps = f.rows / trials;
  const auto length = at(steps * n);
  std::vector<double> sum(length, 0.0), squares(at(steps), 0.0);
  std::vector<double> out(at(steps * (steps - 1) / 2), 0.0);
  const double count = static_cast<double>(trials), share = 1 / (count * (count - 1));
  const auto add = [&](std::span<const double> part, double weight) {
    const std::vector<double> norms = squared_rows(part, n);
    std::size_t place = 0;
    for_each_product(backend, part, steps, n, [&](index_t i, index_t j, double k) {
      if (i != j) out[place++] += weight * (norms[at(i)] + norms[at(j)] - 2 * k);
    });
    for (std::size_t i = 0; i < squares.size(); ++i) squares[i] += std::abs(weight) * norms[i];
  };
  for (std::size_t a = 0; a < at(trials); ++a) {
    const auto part = std::span(x).subspan(a * length, length);
    for (std::size_t i = 0; i < length; ++i) sum[i] += part[i];
    add(part, -share);
  }
  add(sum, share);
  return {std::move(out), Rounding(n, std::move(squares), steps)};
}

Dissimilarities dissimilarities(Backend& backend, const Factor& f, Rdm rdm) {
  if (rdm == Rdm::crossnobis) return across_trials(backend, f);
  const std::vector<double> x = samples_of(f, rdm);
  std::vector<double> squares = squared_rows(x, f.survey.channels), out;
  out.reserve(at(f.rows * (f.rows - 1) / 2));
  for_each_product(backend, x, f.rows, f.survey.channels, [&](index_t i, index_t j, double k) {
    if (i == j) return;
    const double distance = squares[at(i)] + squares[at(j)] - 2 * k;
    out.push_back(of_unit_rows(rdm) ? 1 - k : distance);
  });
  return {std::move(out),
          Rounding(f.survey.channels, of_unit_rows(rdm) ? std::vector<double>() : std::move(squares), f.rows)};
}

/// Roots; what rounding can have made of 0 is 0.
void take_roots(Dissimilarities& d) {
  for (std::size_t k = 0; k < d.values.size(); ++k) {
    double& v = d.values[k];
    v = v > d.rounding.of(k) ? std::sqrt(v) : 0.0;
  }
}

bool whitened(RdmComparison comparison) {
  return comparison == RdmComparison::whitened_cosine || comparison == RdmComparison::whitened_pearson;
}
bool about_zero(RdmComparison comparison) {
  return comparison == RdmComparison::cosine || comparison == RdmComparison::whitened_cosine;
}

/// Entries i < j with zeros for i = j between them.
std::vector<double> with_diagonal(const std::vector<double>& v, index_t conditions) {
  std::vector<double> out;
  out.reserve(v.size() + at(conditions));
  auto from = v.begin();
  for (index_t i = 0; i < conditions; ++i) {
    out.push_back(0);
    const auto to = from + (conditions - 1 - i);
    out.insert(out.end(), from, to);
    from = to;
  }
  return out;
}

std::vector<double> rdm_vector(Backend& backend, const Factor& f, const Rsa& metric) {
  const RdmComparison comparison = metric.comparison;
  const index_t conditions = conditions_of(f, metric.rdm);
  Dissimilarities d = dissimilarities(backend, f, metric.rdm);
  // Nothing is correlated with a constant, and there is no angle to zero: a zero vector, which makes a failed pair.
  if (about_zero(comparison) ? all_zero(d.values, d.rounding) : all_equal(d.values, d.rounding)) {
    return std::vector<double>(d.values.size() + at(whitened(comparison) ? conditions : 0), 0.0);
  }
  if (comparison == RdmComparison::spearman) {
    d.values = ranks(backend, d.values, d.rounding);
  } else if (metric.rdm == Rdm::euclidean) {
    take_roots(d);
  }
  if (!about_zero(comparison)) subtract_mean(d.values);
  if (!whitened(comparison)) return std::move(d.values);
  std::vector<double> out = with_diagonal(d.values, conditions);
  flatten(out, conditions, Centring::biased);
  return out;
}

}  // namespace

std::vector<std::vector<index_t>> orders_of(Backend& backend, std::span<const std::vector<double>> arrays) {
  std::vector<std::vector<index_t>> out(arrays.size());
  if (backend.shares_host_memory()) {  // side by side
    for_each_on_host(backend, std::ssize(arrays), [&](index_t k) {
      const std::vector<double>& keys = arrays[at(k)];
      std::vector<index_t>& order = out[at(k)];
      order.resize(keys.size());
      backend.order(keys.data(), 1, std::ssize(keys), std::ssize(keys), order.data());
    });
    return out;
  }
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    if (arrays[k].empty()) continue;
    const Buffer<double> keys(backend, arrays[k]);
    const Buffer<index_t> order(backend, keys.size());
    backend.order(keys.data(), 1, keys.size(), keys.size(), order.data());
    out[k].resize(arrays[k].size());
    order.download(out[k]);
  }
  return out;
}

index_t conditions_of(const Factor& f, Rdm rdm) {
  return rdm == Rdm::crossnobis ? f.rows / std::max<index_t>(1, f.survey.system->trial_count()) : f.rows;
}

void require_conditions(std::span<const Factor> first, std::span<const Factor> second, Rdm rdm) {
  if (rdm == Rdm::crossnobis) require_repeats(first, second, "Rsa::rdm = crossnobis");
  for (const auto set : {first, second}) {
    for (const Factor& f : set) {
      const index_t conditions = conditions_of(f, rdm);
      if (conditions >= 3) continue;
      throw Error(ErrorCode::invalid_data, "system '" + f.survey.system->name + "' has " + std::to_string(conditions) +
                                               " conditions (samples; steps for Rsa::rdm = crossnobis), rsa needs 3");
    }
  }
}

void require_repeats(std::span<const Factor> first, std::span<const Factor> second, const std::string& of) {
  const TrajectorySet* reference = nullptr;
  for (const auto set : {first, second}) {
    for (const Factor& f : set) {
      const TrajectorySet& system = *f.survey.system;
      if (reference == nullptr) reference = &system;
      const auto refuse = [&](const std::string& what) {
        throw Error(ErrorCode::invalid_data, "system '" + system.name + "' " + what);
      };
      if (system.trial_count() < 2) refuse("has one trial; " + of + " compares repeated trials and needs 2 or more");
      for (index_t k = 1; k < system.trial_count(); ++k) {
        if (system.steps(k) == system.steps(0)) continue;
        refuse("has " + std::to_string(system.steps(k)) + " steps in trial " + std::to_string(k) + ", expected " +
               std::to_string(system.steps(0)) + " as in trial 0: the steps are the conditions of " + of +
               " (Preprocess::resample)");
      }
      if (system.steps(0) == reference->steps(0)) continue;
      refuse("has trials of " + std::to_string(system.steps(0)) + " steps, expected " +
             std::to_string(reference->steps(0)) + " as in system '" + reference->name + "'");
    }
  }
}

bool has_rdm(const Factor& f, Rdm rdm) {
  return f.usable && (!of_unit_rows(rdm) || rows_have_direction(f, rdm == Rdm::correlation));
}

std::vector<Factor> rdm_vectors(Backend& backend, std::span<const Factor> factors, const Rsa& metric) {
  const index_t m = factors.empty() ? 0 : conditions_of(factors.front(), metric.rdm);
  const index_t length = whitened(metric.comparison) ? m * (m + 1) / 2 : m * (m - 1) / 2;
  // Values, their order and their ranks; or values without and with the diagonal.
  const int arrays = metric.comparison == RdmComparison::spearman ? 3 : whitened(metric.comparison) ? 2 : 1;
  const auto bytes = [length, arrays](const Factor& f) { return bytes_of_vector(f, length, arrays); };
  std::vector<Factor> out = columns_of(factors, length, bytes,
                                       [&backend, metric](const Factor& f) { return rdm_vector(backend, f, metric); });
  for (std::size_t i = 0; i < factors.size(); ++i) out[i].usable = has_rdm(factors[i], metric.rdm);
  return out;
}

std::vector<double> rdm_ranks(Backend& backend, const Factor& factor, Rdm rdm) {
  const Dissimilarities d = dissimilarities(backend, factor, rdm);
  return ranks(backend, d.values, d.rounding);
}

}  // namespace kindred::host

#include "host/statistics/distances.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>

#include "host/base/text.hpp"

namespace kindred::statistics {
namespace {

constexpr double rounding = 1e-6;  // of the largest distance: float32 results of other programs

std::size_t place(index_t i, index_t n, index_t j) { return at(i * n + j); }

[[noreturn]] void refuse(const Distances& d, index_t i, index_t j, const std::string& what) {
  host::fail(ErrorCode::invalid_data, host::printable(d.name), ": entry (", i, ", ", j, ") is ", what);
}

std::string number(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

index_t checked_size(const Distances& d) {
  const auto n = static_cast<index_t>(std::llround(std::sqrt(static_cast<double>(d.values.size()))));
  if (at(n * n) != d.values.size() || n == 0) {
    host::fail(ErrorCode::invalid_data, host::printable(d.name), ": has ", d.values.size(),
               " values, expected n x n distances between n systems");
  }
  double largest = 0;
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) {
      const double v = d.values[place(i, n, j)];
      if (v < 0) refuse(d, i, j, number(v) + ", expected a distance, 0 or more");
      if (std::isinf(v)) refuse(d, i, j, "infinite, expected a distance, or NaN where there is none");
      if (!std::isnan(v)) largest = std::max(largest, v);
    }
  }
  for (index_t i = 0; i < n; ++i) {
    const double own = d.values[place(i, n, i)];
    if (own > rounding * largest) {
      refuse(d, i, i, number(own) + ", expected 0, the distance of a system to itself (are these similarities?)");
    }
    for (index_t j = i + 1; j < n; ++j) {
      const double v = d.values[place(i, n, j)], w = d.values[place(j, n, i)];
      if (std::isnan(v) != std::isnan(w) || std::fabs(v - w) > rounding * largest) {
        refuse(d, i, j,
               number(v) + " and entry (" + std::to_string(j) + ", " + std::to_string(i) + ") is " + number(w) +
                   ", expected a symmetric matrix: the distances within one collection");
      }
    }
  }
  return n;
}

void check(const Options& o) {
  const auto require = [](bool good, const char* field, const auto& value, const char* expected) {
    if (!good)
      host::fail(ErrorCode::invalid_argument, "statistics::Options::", field, " is ", value, ", expected ", expected);
  };
  require(o.permutations >= 1, "permutations", o.permutations, "1 or more");
  require(o.resamples >= 0, "resamples", o.resamples, "0 or more");
  require(o.confidence > 0 && o.confidence < 1, "confidence", o.confidence, "a share between 0 and 1");
  require(o.neighbours >= 1, "neighbours", o.neighbours, "1 or more");
}

Complete complete(std::span<const Distances* const> matrices, std::vector<bool> counts) {
  const auto n = static_cast<index_t>(counts.size());
  std::vector<index_t> gaps(counts.size(), 0);
  const auto gap = [&](index_t i, index_t j) {
    return std::any_of(matrices.begin(), matrices.end(),
                       [&](const Distances* d) { return std::isnan(d->values[place(i, n, j)]); });
  };
  for (index_t i = 0; i < n; ++i) {
    if (gap(i, i)) counts[at(i)] = false;
  }
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) {
      const bool both = counts[at(i)] && counts[at(j)];
      gaps[at(i)] += both && gap(i, j) ? 1 : 0;
    }
  }
  for (;;) {
    index_t worst = -1;
    for (index_t i = 0; i < n; ++i) {
      const index_t own = gaps[at(i)];
      if (own > 0 && (worst < 0 || own >= gaps[at(worst)])) worst = i;
    }
    if (worst < 0) break;
    counts[at(worst)] = false;
    gaps[at(worst)] = 0;
    for (index_t j = 0; j < n; ++j) {
      if (counts[at(j)] && gap(worst, j)) --gaps[at(j)];
    }
  }
  Complete out;
  for (index_t i = 0; i < n; ++i) (counts[at(i)] ? out.systems : out.left_out).push_back(i);
  return out;
}

std::vector<double> part(const Distances& distances, index_t n, const std::vector<index_t>& systems) {
  std::vector<double> out;
  out.reserve(systems.size() * systems.size());
  for (const index_t i : systems) {
    for (const index_t j : systems) {
      out.push_back(i == j ? 0 : 0.5 * (distances.values[place(i, n, j)] + distances.values[place(j, n, i)]));
    }
  }
  return out;
}

WithInterval with_interval(double value, std::vector<double> resampled, double confidence, index_t least) {
  std::erase_if(resampled, [](double v) { return !std::isfinite(v); });
  WithInterval out{.value = value};
  if (resampled.empty() || static_cast<index_t>(resampled.size()) < least) return out;
  std::sort(resampled.begin(), resampled.end());
  const auto quantile = [&](double q) {
    const double place = q * static_cast<double>(resampled.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, resampled.size() - 1);
    return resampled[below] + (place - static_cast<double>(below)) * (resampled[above] - resampled[below]);
  };
  out.low = quantile(0.5 * (1 - confidence));
  out.high = quantile(0.5 * (1 + confidence));
  return out;
}

}  // namespace kindred::statistics

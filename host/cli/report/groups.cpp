#include "host/cli/report/groups.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::report {
namespace {

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return values.empty() ? undefined : sum / static_cast<double>(values.size());
}

}  // namespace

Groups group(const std::vector<std::string>& labels) {
  Groups groups;
  for (const std::string& label : labels) {
    if (label.empty()) {
      groups.of.push_back(-1);
      continue;
    }
    const auto found = std::find(groups.names.begin(), groups.names.end(), label);
    groups.of.push_back(found - groups.names.begin());
    if (found == groups.names.end()) groups.names.push_back(label);
  }
  return groups;
}

Separation separation(const Distances& distances, const Groups& groups) {
  Separation out;
  for (index_t i = 0; i < distances.n; ++i) {
    const index_t own = groups.of[at(i)];
    if (own < 0) continue;
    double nearest = std::numeric_limits<double>::infinity();
    bool right = false, has_company = false;
    for (index_t j = 0; j < distances.n; ++j) {
      const index_t other = groups.of[at(j)];
      const double d = distances(i, j);
      if (j == i || other < 0 || !std::isfinite(d)) continue;
      has_company = has_company || other == own;
      if (d < nearest) {
        nearest = d;
        right = other == own;
      }
      if (j > i) (other == own ? out.within : out.between).push_back(d);
    }
    out.neighbours_asked += has_company ? 1 : 0;
    out.neighbours_right += has_company && right ? 1 : 0;
  }
  out.within_mean = mean(out.within);
  out.between_mean = mean(out.between);
  out.ratio = out.within_mean > 0 ? out.between_mean / out.within_mean : undefined;
  return out;
}

double mean_distance(const Distances& distances, const Groups& groups, index_t a, index_t b) {
  std::vector<double> values;
  for (index_t i = 0; i < distances.n; ++i) {
    for (index_t j = 0; j < distances.n; ++j) {
      if (i == j || groups.of[at(i)] != a || groups.of[at(j)] != b) continue;
      if (std::isfinite(distances(i, j))) values.push_back(distances(i, j));
    }
  }
  return mean(values);
}

}  // namespace kindred::report

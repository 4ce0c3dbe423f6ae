#include "host/cli/result/tables.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/report/groups.hpp"
#include "host/cli/report/markup.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace kindred::cli {
namespace {

std::string format(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return text;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::size_t size = report::length(text);
  const std::string space(width > size ? width - size : 0, ' ');
  return right ? space + text : text + space;
}

constexpr std::size_t largest_report = 4000;  // systems; an embedding in the plane costs n^3

const std::vector<std::string> system_headings{
    "trials", "steps", "channels", "rank", "numerical rank", "sigma_r / sigma_1", "residual", "status"};

report::Distances distances_of(const DistanceMatrix& matrix) { return {matrix.distances(), matrix.rows()}; }

/// The values of a JSON document as rows "a / b": value.
void flatten(const Json& value, const std::string& name, report::Facts& facts) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) flatten(inner, name.empty() ? key : name + " / " + key, facts);
    return;
  }
  if (value.is_array()) {
    std::string line;
    for (const auto& inner : value) {
      line += (line.empty() ? "" : " ") + (inner.is_string() ? inner.get<std::string>() : inner.dump());
    }
    facts.emplace_back(name, line);
    return;
  }
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (value.is_number_float()) text = report::significant(value.get<double>());
  facts.emplace_back(name, std::move(text));
}

report::Facts configuration_of(const Json& sidecar) {
  report::Facts facts;
  for (const auto& [key, value] : sidecar.items()) {
    if (key == "systems" || key == "rows" || key == "columns" || key == "metrics" || value.is_null()) continue;
    flatten(value, key, facts);
  }
  for (const auto& metric : sidecar["metrics"]) flatten(metric, "", facts);
  return facts;
}

std::vector<std::string> system_row(const Json& system) {
  const auto number = [](const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::string();
    return found->is_number_float() ? report::significant(found->get<double>()) : found->dump();
  };
  std::vector<std::string> row = {number(system, "trials")};
  std::string steps;
  if (system.contains("steps")) {
    steps = system["steps"][0].dump();
    if (system["steps"][1] != system["steps"][0]) steps += " to " + system["steps"][1].dump();
  }
  row.push_back(steps);
  row.push_back(number(system, "channels"));
  const Json none = Json::object();
  const Json& fit = system.contains("fit") ? system["fit"] : none;
  row.push_back(number(fit.empty() ? system : fit, "rank"));
  for (const char* key : {"numerical_rank", "sigma_ratio", "residual"}) row.push_back(number(fit, key));
  row.push_back(fit.empty() ? std::string() : fit["status"].get<std::string>());
  return row;
}

}  // namespace

std::string matrix_table(const DistanceMatrix& matrix) {
  const auto values = matrix.distances();
  double largest = 0;
  for (const double v : values) {
    if (std::isfinite(v)) largest = std::max(largest, v);
  }
  const char* pattern = largest == 0 || (largest >= 0.05 && largest < 1000) ? "%.3f" : "%.2e";
  constexpr std::size_t longest_name = 24, longest_heading = 9;
  std::size_t first = 0, width = 9;
  for (const auto& name : matrix.row_names()) first = std::max(first, std::min(report::length(name), longest_name));
  std::string text(first, ' ');
  for (const auto& name : matrix.column_names()) {
    text += "  " + padded(report::shorten(name, longest_heading), width, true);
  }
  text += "\n";
  for (index_t i = 0; i < matrix.rows(); ++i) {
    text += padded(report::shorten(matrix.row_names()[static_cast<std::size_t>(i)], longest_name), first, false);
    for (index_t j = 0; j < matrix.columns(); ++j) {
      text += "  " + padded(matrix(i, j) == 0 ? "0" : format(pattern, matrix(i, j)), width, true);
    }
    text += "\n";
  }
  return text;
}

std::string metric_summary(const Compared& result, const std::vector<std::string>& labels) {
  const report::Distances distances = distances_of(result.matrix);
  const report::Range range = report::off_diagonal_range(distances);
  const auto n = static_cast<std::size_t>(result.matrix.rows());
  std::string text = result.entry.name + " (" + unit_of(result.entry.metric) + "): " + counted(n, "system");
  if (n > 1) {
    text += ", " + counted(n * (n - 1) / 2, "pair") + ", from " + report::significant(range.low) + " to " +
            report::significant(range.high) + format(", %.3g s", result.seconds);
  }
  text += "\n";
  const report::Groups groups = report::group(labels);
  const report::Separation s = report::separation(distances, groups);
  if (s.tells()) {
    text += "  mean within groups " + report::significant(s.within_mean) + ", between groups " +
            report::significant(s.between_mean) + ", ratio " + report::significant(s.ratio) + "\n";
  }
  return text;
}

void check_report(const std::string& path, const std::vector<MetricEntry>& metrics) {
  if (!path.empty() && std::any_of(metrics.begin(), metrics.end(),
                                   [](const MetricEntry& entry) { return is_similarity(entry.metric); })) {
    throw Error(ErrorCode::invalid_argument, "--report shows distances: leave out --score similarity");
  }
}

void check_report_size(const std::string& path, std::size_t systems) {
  if (!path.empty() && systems > largest_report) {
    throw Error(ErrorCode::invalid_argument, "--report shows at most " + std::to_string(largest_report) +
                                                 " systems, not " + std::to_string(systems));
  }
}

report::CrossReport report_of(const Comparison& comparison, const Collection& rows, const Collection& columns,
                              const Json& sidecar) {
  const auto side = [](const Collection& collection, const Json& systems) {
    report::CrossSide out{collection.names(), collection.labels(), {}};
    for (const Json& system : systems) out.system_rows.push_back(system_row(system));
    return out;
  };
  report::CrossReport page;
  page.title = "Distances between two collections";
  page.subtitle = std::to_string(rows.size()) + " x " + counted(columns.size(), "system") + ", kindred " +
                  sidecar["version"].get<std::string>() + ", " + sidecar["created"].get<std::string>();
  page.rows = side(rows, sidecar["rows"]);
  page.columns = side(columns, sidecar["columns"]);
  for (const Compared& result : comparison.metrics) {
    page.panels.push_back({result.entry.name, unit_of(result.entry.metric), result.matrix.distances()});
  }
  page.configuration = configuration_of(sidecar);
  page.system_headings = system_headings;
  return page;
}

report::PairwiseReport report_of(const Comparison& comparison, const Collection& collection, const Json& sidecar,
                                 const std::string& title) {
  report::PairwiseReport page;
  page.title = title;
  page.subtitle = std::to_string(collection.size()) + " systems, kindred " + sidecar["version"].get<std::string>() +
                  ", " + sidecar["created"].get<std::string>();
  page.names = collection.names();
  page.labels = collection.labels();
  for (const Compared& result : comparison.metrics) {
    page.panels.push_back({result.entry.name, unit_of(result.entry.metric), distances_of(result.matrix)});
  }
  page.configuration = configuration_of(sidecar);
  page.system_headings = system_headings;
  for (const Json& system : sidecar["systems"]) page.system_rows.push_back(system_row(system));
  return page;
}

}  // namespace kindred::cli

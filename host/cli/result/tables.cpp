#include "host/cli/result/tables.hpp"

#include "host/base/numbers.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/report/groups.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/group_figures.hpp"

#include <kindred/metric_fields.hpp>

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

constexpr index_t largest_table = 12;  // rows and columns of a matrix that is printed

report::Distances distances_of(const DistanceMatrix& matrix) { return {matrix.distances(), matrix.rows()}; }

/// The matrix with names ahead; three decimals, or as many digits as small numbers need.
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

/// Pairs and range of one metric, and with labels the means within and between groups.
std::string pairwise_lines(const MetricSummary& metric, const DistanceMatrix& matrix,
                           const std::vector<std::string>& labels, bool several) {
  const report::Distances distances = distances_of(matrix);
  const report::Range range = report::off_diagonal_range(distances);
  const auto n = static_cast<std::size_t>(matrix.rows());
  std::string text = metric.name + " (" + unit_of(metric.metric) + "): " + counted(n, "system");
  if (n > 1) {
    text += ", " + counted(n * (n - 1) / 2, "pair") + ", from " + report::significant(range.low) + " to " +
            report::significant(range.high) + format(", %.3g s", metric.seconds);
  }
  text += "\n";
  if (metric.noise_floor) {
    text += "  noise floor " + report::significant(*metric.noise_floor) +
            ", the mean distance between parts of one recording\n";
  }
  if (metric.groups) return text + lines_of(*metric.groups, several);
  const report::Groups groups = report::group(labels);
  const report::Separation s = report::separation(distances, groups);
  if (s.tells()) {
    text += "  mean within groups " + report::significant(s.within_mean) + ", between groups " +
            report::significant(s.between_mean) + ", ratio " + report::significant(s.ratio) + "\n";
  }
  return text;
}

/// Pairs and range of one metric whose results went to files as they came.
std::string streamed_line(const RunSummary& run, const MetricSummary& metric) {
  std::string text = metric.name + " (" + unit_of(metric.metric) + "): ";
  text += run.columns ? std::to_string(run.rows.size()) + " x " + std::to_string(run.columns->size()) + " systems"
                      : counted(run.rows.size(), "system");
  const PairCounts& counts = metric.counts;
  text += ", " + counted(counts.pairs, "pair");
  if (counts.smallest <= counts.largest) {
    text += ", from " + report::significant(counts.smallest) + " to " + report::significant(counts.largest);
  }
  return text + format(", %.3g s\n", metric.seconds);
}

std::string cross_line(const MetricSummary& metric, const DistanceMatrix& matrix) {
  return metric.name + " (" + unit_of(metric.metric) + "): " + std::to_string(matrix.rows()) + " x " +
         std::to_string(matrix.columns()) + " systems\n";
}

/// A line a pair, as many as a matrix that is printed has cells at most.
std::string paired_lines(const RunSummary& run, const MetricSummary& metric, const DistanceMatrix& matrix) {
  constexpr index_t most = largest_table * largest_table;
  std::string text = metric.name + " (" + unit_of(metric.metric) + "): " + counted(matrix.rows(), "pair") + "\n";
  if (matrix.rows() > most) return text;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    const auto k = static_cast<std::size_t>(i);
    text += "  " + report::shorten(run.rows[k].name, 32) + " with " + report::shorten((*run.columns)[k].name, 32) +
            "  " + report::significant(matrix(i, 0)) + "\n";
  }
  return text;
}

}  // namespace

std::string digits(double value) { return std::isnan(value) ? std::string() : host::number_text(value); }

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string text_of(const RunSummary& run, const Comparison& comparison, const std::string& opening) {
  std::vector<std::string> labels;
  for (const SystemSummary& system : run.rows) labels.push_back(system.label);
  const std::string space = opening.empty() ? "" : "\n";
  std::string text = opening;
  for (std::size_t k = 0; k < run.metrics.size(); ++k) {
    const DistanceMatrix& matrix = comparison.metrics[k].matrix;
    if (run.sampled) {
      text += space + streamed_line(run, run.metrics[k]);
      continue;
    }
    if (comparison.paired) {
      text += space + paired_lines(run, run.metrics[k], matrix);
      continue;
    }
    text += space + (run.columns ? cross_line(run.metrics[k], matrix)
                                 : pairwise_lines(run.metrics[k], matrix, labels, run.metrics.size() > 1));
    if (matrix.rows() <= largest_table && matrix.columns() <= largest_table) text += matrix_table(matrix);
  }
  text += space;
  for (const auto& output : run.outputs) text += "wrote " + output.second + "\n";
  return text;
}

}  // namespace kindred::cli

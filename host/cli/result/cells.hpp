#pragma once
/// Cells of tables, and figures as JSON.
#include <kindred/testcase.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace kindred::cli {

/// A value by printf's pattern; "-" for NaN.
[[nodiscard]] inline std::string formatted(const char* pattern, double value) {
  char text[64];
  std::snprintf(text, sizeof text, pattern, value);
  return std::isnan(value) ? "-" : text;
}
[[nodiscard]] inline std::string number(double value) { return formatted("%.3g", value); }
[[nodiscard]] inline std::string probability(double p) { return formatted(p < 1e-4 ? "%.0e" : "%.4f", p); }

[[nodiscard]] inline nlohmann::ordered_json figure_json(const testcase::Figure& figure) {
  return {{"mean", figure.mean}, {"standard_error", figure.standard_error}};
}

}  // namespace kindred::cli

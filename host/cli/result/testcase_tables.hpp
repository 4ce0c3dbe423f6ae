#pragma once
#include <kindred/testcase.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// Cells of text; the first row of a table is its headings.
struct Table {
  std::string title;
  std::string note;
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};

/// The tables of a case: one a view, or one with a row a view (Case::one_table).
[[nodiscard]] std::vector<Table> tabulate(const testcase::Result& result);

/// A table as text of fixed width, columns aligned, lines ending in a newline.
[[nodiscard]] std::string plain(const Table& table);

/// Everything a result holds but single distances.
[[nodiscard]] nlohmann::ordered_json to_json(const testcase::Result& result);

/// "mean ± standard error", three significant digits of the mean; "-" for NaN.
[[nodiscard]] std::string plus_minus(const testcase::Figure& figure);

}  // namespace kindred::cli

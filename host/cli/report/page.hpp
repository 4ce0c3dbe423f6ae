#pragma once
#include <string>
#include <utility>
#include <vector>

namespace kindred::report {

/// Rows of name and value.
using Facts = std::vector<std::pair<std::string, std::string>>;

/// Frames sections of HTML as one self-contained page, light or dark as the reader's system is.
class Page {
 public:
  Page(std::string title, std::string subtitle) : title_(std::move(title)), subtitle_(std::move(subtitle)) {}

  /// `body` is HTML; an empty heading leaves it out.
  void section(const std::string& heading, const std::string& body);
  /// `json` is handed to the page's script, which shows names and values under the pointer.
  void data(std::string json) { data_ = std::move(json); }
  [[nodiscard]] std::string str() const;

 private:
  std::string title_, subtitle_, body_, data_;
};

[[nodiscard]] std::string table(const Facts& facts);
/// First row: headings. Columns of numbers are aligned right.
[[nodiscard]] std::string table(const std::vector<std::string>& headings,
                                const std::vector<std::vector<std::string>>& rows);

/// A picture (SVG) and what it shows (HTML).
[[nodiscard]] std::string figure(const std::string& picture, const std::string& caption);
/// One of the figures a section leads with, and what it is.
[[nodiscard]] std::string lead(const std::string& value, const std::string& what);
/// The body, behind a line to click on when it has more than a dozen `rows`.
[[nodiscard]] std::string folded(const std::string& summary, std::size_t rows, const std::string& body);
/// Names, labels and further columns of a list of systems, folded when it is long.
[[nodiscard]] std::string systems_table(const std::vector<std::string>& names, const std::vector<std::string>& labels,
                                        const std::vector<std::string>& headings,
                                        const std::vector<std::vector<std::string>>& cells);
/// Values for the page's script: float32, little endian, in base64.
[[nodiscard]] std::string base64_of_floats(const std::vector<double>& values);

}  // namespace kindred::report

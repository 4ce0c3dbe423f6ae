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

}  // namespace kindred::report

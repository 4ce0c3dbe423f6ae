#include "host/cli/report/page.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/png.hpp"
#include "host/cli/report/style.hpp"

#include <bit>
#include <cstdint>
#include <cstdlib>

namespace kindred::report {
namespace {

constexpr std::size_t most_open_rows = 12;

/// "0.4", "0.4 \u00b1 0.1", "-12 %", "19/20", "-" or "n/a".
bool is_number(const std::string& text) {
  if (text == "n/a" || text == "-") return true;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end != text.c_str() && std::string(end).find_first_not_of("0123456789+-.e/% \u00b1") == std::string::npos;
}

/// Whether a column holds numbers: every cell does that is not empty, and one is not.
std::vector<bool> number_columns(std::size_t columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<bool> out(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    std::size_t numbers = 0, texts = 0;
    for (const auto& row : rows) {
      if (c >= row.size() || row[c].empty()) continue;
      ++(is_number(row[c]) ? numbers : texts);
    }
    out[c] = numbers > 0 && texts == 0;
  }
  return out;
}

/// JSON that cannot end the script element it stands in.
std::string inert(const std::string& json) {
  std::string out;
  for (const char c : json) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

}  // namespace

void Page::section(const std::string& heading, const std::string& body) {
  body_ += "<section>";
  if (!heading.empty()) body_ += "<h2>" + escape(heading) + "</h2>";
  body_ += body + "</section>\n";
}

std::string Page::str() const {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\"><title>";
  html += escape(title_) + "</title>\n<style>" + style + "</style></head>\n<body><header><h1>" + escape(title_) +
          "</h1><p>" + escape(subtitle_) + "</p></header>\n<main>" + body_ + "</main>\n";
  if (!data_.empty()) {
    html += "<div id=\"tip\" hidden></div>\n<script type=\"application/json\" id=\"data\">" + inert(data_) +
            "</script>\n<script>" + script + "</script>\n";
  }
  return html + "</body></html>\n";
}

std::string table(const Facts& facts) {
  std::string html = "<table class=\"facts\">";
  for (const auto& [name, value] : facts)
    html += "<tr><th>" + escape(name) + "</th><td>" + escape(value) + "</td></tr>";
  return html + "</table>";
}

std::string table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  const auto numbers = number_columns(headings.size(), rows);
  const auto cell = [&](const char* tag, std::size_t column, const std::string& text) {
    const std::string name = tag;
    return '<' + name + (numbers[column] ? " class=\"number\">" : ">") + escape(text) + "</" + name + '>';
  };
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (std::size_t c = 0; c < headings.size(); ++c) html += cell("th", c, headings[c]);
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) html += cell("td", c, row[c]);
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string figure(const std::string& picture, const std::string& caption) {
  return "<figure><div class=\"pan\">" + picture + "</div><figcaption>" + caption + "</figcaption></figure>";
}

std::string lead(const std::string& value, const std::string& what) {
  return "<div><b>" + escape(value) + "</b><span>" + escape(what) + "</span></div>";
}

std::string folded(const std::string& summary, std::size_t rows, const std::string& body) {
  if (rows <= most_open_rows) return body;
  return "<details><summary>" + escape(summary) + "</summary>" + body + "</details>";
}

std::string systems_table(const std::vector<std::string>& names, const std::vector<std::string>& labels,
                          const std::vector<std::string>& headings,
                          const std::vector<std::vector<std::string>>& cells) {
  std::vector<std::string> all_headings = {"system", "label"};
  all_headings.insert(all_headings.end(), headings.begin(), headings.end());
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < names.size(); ++i) {
    rows.push_back({names[i], labels[i]});
    if (i < cells.size()) rows.back().insert(rows.back().end(), cells[i].begin(), cells[i].end());
  }
  return folded(std::to_string(rows.size()) + " systems", rows.size(), table(all_headings, rows));
}

std::string base64_of_floats(const std::vector<double>& values) {
  std::string bytes;
  bytes.reserve(4 * values.size());
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
    for (unsigned shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(bits >> shift & 0xffU));
  }
  return base64(bytes);
}

}  // namespace kindred::report

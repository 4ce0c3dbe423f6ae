#include "host/cli/report/page.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/style.hpp"

#include <cstdlib>

namespace kindred::report {
namespace {

bool is_number(const std::string& text) {
  if (text == "n/a") return true;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0';
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
  std::string html = "<div class=\"scroll\"><table><thead><tr>";
  for (const auto& heading : headings) html += "<th>" + escape(heading) + "</th>";
  html += "</tr></thead><tbody>";
  for (const auto& row : rows) {
    html += "<tr>";
    for (const auto& cell : row) html += (is_number(cell) ? "<td class=\"number\">" : "<td>") + escape(cell) + "</td>";
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

}  // namespace kindred::report

#include "host/cli/report/testcase_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/network_report.hpp"
#include "host/cli/report/page.hpp"
#include "host/cli/report/testcase_figures.hpp"
#include "host/cli/result/testcase_tables.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::report {
namespace {

using cli::Table;
using testcase::Question;
using testcase::Result;

std::string paragraph(const std::string& text, const std::string& look = {}) {
  return text.empty() ? text : "<p" + (look.empty() ? "" : " class=\"" + look + "\"") + ">" + escape(text) + "</p>";
}

std::string captioned(const std::string& picture, const std::string& caption) {
  return "<figure>" + picture + "<figcaption>" + escape(caption) + "</figcaption></figure>";
}

std::string html(const Table& t) { return paragraph(t.note, "note") + table(t.headings, t.rows); }

std::string pictures(const Result& result, std::size_t v) {
  const auto& view = result.description.views[v];
  const auto& summaries = result.summaries[v];
  const bool has_paper = std::any_of(view.known.begin(), view.known.end(),
                                     [](const testcase::Known& known) { return known.source == "paper"; });
  const bool beyond =
      std::any_of(summaries.begin(), summaries.end(), [&](const auto& s) { return ends_early(view, s); });
  std::string out;
  if (view.question == Question::trend) {
    out += captioned(metric_legend(summaries) + trend_lines(view, summaries),
                     "Mean distance by group over the metric's own mean; the band is one standard error over seeds.");
  }
  std::string caption =
      "Box: quartiles and median of all distances of all seeds; whiskers: the furthest distances within 1.5 times the "
      "height of the box; small dots: extremes; large dot: mean over seeds with its standard error";
  if (beyond) {
    caption +=
        "; N to X: how many distances lie beyond the whisker, and the largest, which is off the scale; triangle: a "
        "mean off the scale";
  }
  caption += has_paper ? "; diamond: the paper's mean." : ".";
  out += captioned(box_plots(view, summaries), caption);
  return "<div class=\"pictures\">" + out + "</div>";
}

void add_case(Page& page, const Result& result) {
  const auto tables = cli::tabulate(result);
  const auto& views = result.description.views;
  if (result.description.one_table) {
    std::string body = html(tables.front());
    if (views.front().question == Question::ranking) {
      body += captioned(
          metric_legend(result.summaries.front()) + ratio_rows(result),
          "Distance to the different system over distance to the same one, means over seeds, logarithmic: right "
          "of the dashed line is right.");
      std::vector<std::vector<std::string>> statements;
      for (const auto& view : views) statements.push_back({view.name, view.statement});
      body += table({"relation", "what is true"}, statements);
    }
    page.section(result.description.title, body);
    return;
  }
  for (std::size_t v = 0; v < views.size(); ++v) {
    std::string body = paragraph(views[v].statement) + html(tables[v]) + pictures(result, v);
    if (v + 1 == views.size()) {
      for (const auto& note : result.description.notes) body += paragraph(note, "note");
    }
    page.section(tables[v].title, body);
  }
}

}  // namespace

std::string render(const std::vector<Result>& results, const std::vector<testcase::NetworkStudy>& studies) {
  const auto seeds = !results.empty()   ? results.front().seeds.size()
                     : !studies.empty() ? studies.front().views.seeds.size()
                                        : 0;
  Page page("Test cases for metrics of dynamics",
            std::to_string(seeds) +
                " seeds; means and standard errors are over seeds; p by permutation (sign test for "
                "rankings), q corrected over metrics");
  for (const auto& result : results) add_case(page, result);
  for (const auto& study : studies) {
    add_study(page, study);
    add_case(page, study.views);
  }
  return page.str();
}

}  // namespace kindred::report

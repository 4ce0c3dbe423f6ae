#include "host/cli/report/network_report.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/report/network_figures.hpp"
#include "host/cli/result/network_tables.hpp"

namespace kindred::report {
namespace {

using cli::Table;
using testcase::NetworkStudy;

std::string shown(const Table& what) {
  const std::string note = what.note.empty() ? "" : "<p class=\"note\">" + escape(what.note) + "</p>";
  return note + table(what.headings, what.rows);
}

std::string claims(const NetworkStudy& study) {
  std::vector<std::vector<std::string>> rows;
  const auto figures = cli::claims_table(study);
  for (std::size_t i = 0; i < study.claims.size(); ++i) {
    const auto& c = study.claims[i];
    rows.push_back({c.name, c.statement, c.verdict, c.figures, figures.rows[i][3], figures.rows[i][4], c.remark});
  }
  return "<div class=\"claims\">" + table({"claim", "the paper says", "here", "figures", "p", "q", "remark"}, rows) +
         "</div>";
}

void add_setting(Page& page, const NetworkStudy& study, const std::string& setting, const std::string& title) {
  const auto section = [&](const Table& what, const std::string& picture, const std::string& caption) {
    page.section(what.title, shown(what) + figure(picture, caption));
  };
  section(cli::groups_table(study, setting), group_bars(study, setting),
          std::string("Mean distance to the masters with its standard error over seeds") +
              (setting == "paper" ? "; diamond: the paper's mean." : "."));
  page.section(title + ": groups against each other; " + setting,
               figure(group_maps(study, setting, study.views.description.name + "-" + setting),
                      "Means over seeds, in the order of average-linkage clustering. Dark is alike."));
  section(cli::learning_table(study, setting), learning_lines(study, setting),
          "Distance to the masters when both networks have had the same share of their training on the composed task; "
          "bands are one standard error over seeds.");
  section(cli::behaviour_table(study, setting), behaviour_scatter(study, setting),
          "A dot a network, seed and share of training.");
}

}  // namespace

void add_study(Page& page, const NetworkStudy& study) {
  const std::string title = study.views.description.title;
  page.section(title + ": claims of the paper", claims(study));
  for (const char* setting : {"short", "paper"}) add_setting(page, study, setting, title);
  const auto training = cli::training_table(study);
  page.section(training.title,
               shown(training) + figure(training_curves(study), "Accuracy on the composed task, a line a seed."));
  if (study.published.empty()) return;
  const auto published = cli::published_table(study);
  page.section(published.title, shown(published));
}

}  // namespace kindred::report

#include "host/cli/result/network_tables.hpp"

#include "host/cli/result/cells.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::cli {
namespace {

using Json = nlohmann::ordered_json;
using testcase::Figure;
using testcase::NetworkFacts;
using testcase::NetworkStudy;

std::string signed_figure(const Figure& f) {
  return formatted("%+.3f", f.mean) + " ± " + formatted("%.2g", f.standard_error);
}

/// "600 (450-900)": mean, least and most.
std::string span_of(const std::vector<double>& values, const char* pattern) {
  if (values.empty()) return "-";
  double sum = 0;
  for (const double v : values) sum += v / static_cast<double>(values.size());
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return formatted(pattern, sum) +
         (*least < *most ? " (" + formatted(pattern, *least) + " to " + formatted(pattern, *most) + ")" : "");
}

std::vector<std::string> group_names(const NetworkStudy& study) {
  std::vector<std::string> out;
  for (const auto& one : study.facts) {
    if (std::find(out.begin(), out.end(), one.group) == out.end()) out.push_back(one.group);
  }
  return out;
}

Json figures_json(const std::vector<Figure>& figures) {
  Json out = Json::array();
  for (const auto& f : figures) out.push_back(figure_json(f));
  return out;
}

Json learning_json(const testcase::LearningSummary& s) {
  Json rows = Json::array();
  for (const auto& row : s.rows) {
    rows.push_back(
        {{"parts", row.group}, {"distance", figures_json(row.distance)}, {"change", figure_json(row.change)}});
  }
  return {{"setting", s.setting},
          {"metric", s.metric},
          {"rows", std::move(rows)},
          {"seeds", s.seeds},
          {"all_below_none", {{"seeds", s.below_none}, {"p", s.p}, {"q", s.q}}},
          {"all_below_third", {{"seeds", s.below_third}, {"p", s.p_graded}, {"q", s.q_graded}}}};
}

Json behaviour_json(const testcase::BehaviourSummary& s) {
  return {{"setting", s.setting},
          {"metric", s.metric},
          {"points", s.distance.size()},
          {"slope", s.pooled_slope},
          {"slope_of_seeds", figure_json(s.slope)},
          {"intercept", s.intercept},
          {"relative_slope", s.relative_slope},
          {"r_squared", s.r_squared},
          {"rank_correlation", s.rank_correlation},
          {"p", s.p},
          {"q", s.q}};
}

Json matrix_json(const testcase::MatrixSummary& s) {
  return {{"setting", s.setting},
          {"metric", s.metric},
          {"groups", s.groups},
          {"to_master", figures_json(s.to_master)},
          {"paper", s.paper},
          {"distances", s.distances},
          {"rank_correlation", s.rank_correlation},
          {"rank_correlation_of_trained", s.rank_correlation_trained},
          {"p", s.p},
          {"q", s.q}};
}

Json facts_json(const NetworkFacts& f) {
  return {{"seed", f.seed},
          {"group", f.group},
          {"part_updates", f.part_updates},
          {"part_accuracy", f.part_accuracy},
          {"zero_shot_accuracy", f.zero_shot},
          {"updates", f.updates},
          {"accuracy", f.accuracy},
          {"status", train::status_name(f.status)},
          {"reason", f.reason},
          {"left_out", f.left_out}};
}

}  // namespace

Table claims_table(const NetworkStudy& study) {
  Table out{study.views.description.title + ": claims of the paper", "", {"claim", "verdict", "figures", "p", "q"}, {}};
  for (const auto& c : study.claims) {
    out.rows.push_back({c.name, c.verdict, c.figures, probability(c.p), probability(c.q)});
  }
  return out;
}

Table groups_table(const NetworkStudy& study, const std::string& setting) {
  Table out{
      study.views.description.title + ": distance to the masters; " + setting,
      "matrix: rank correlation with how few rules two groups share, over all groups and over the trained; p, q: of "
      "the former",
      {"group"},
      {}};
  for (const auto& s : study.matrices) {
    if (s.setting != setting) continue;
    if (out.rows.empty()) {
      for (const auto& group : s.groups) out.rows.push_back({group});
      for (const char* figure : {"matrix", "p", "q"}) out.rows.push_back({figure});
    }
    out.headings.push_back(s.metric);
    const std::size_t groups = out.rows.size() - 3;
    for (std::size_t g = 0; g < groups; ++g) out.rows[g].push_back(plus_minus(s.to_master[g]));
    out.rows[groups].push_back(formatted("%.2f", s.rank_correlation) + ", " +
                               formatted("%.2f", s.rank_correlation_trained));
    out.rows[groups + 1].push_back(probability(s.p));
    out.rows[groups + 2].push_back(probability(s.q));
  }
  return out;
}

Table learning_table(const NetworkStudy& study, const std::string& setting) {
  Table out{
      study.views.description.title + ": over learning; " + setting,
      "distance to the masters at the same share of training; p, q: changes less with all parts than with none, and "
      "than with one",
      {"metric", "parts", "0 %", "20 %", "40 %", "60 %", "80 %", "100 %", "change", "seeds", "p", "q"},
      {}};
  for (const auto& s : study.learning) {
    if (s.setting != setting) continue;
    for (std::size_t r = 0; r < s.rows.size(); ++r) {
      std::vector<std::string> row{r == 0 ? s.metric : "", s.rows[r].group};
      for (const auto& f : s.rows[r].distance) row.push_back(number(f.mean));
      row.push_back(signed_figure(s.rows[r].change));
      const std::string of = "/" + std::to_string(s.seeds);
      if (r == 0) {
        row.insert(row.end(), {std::to_string(s.below_none) + of, probability(s.p), probability(s.q)});
      } else if (r == 1) {
        row.insert(row.end(), {std::to_string(s.below_third) + of, probability(s.p_graded), probability(s.q_graded)});
      } else {
        row.insert(row.end(), {"", "", ""});
      }
      out.rows.push_back(std::move(row));
    }
  }
  return out;
}

Table behaviour_table(const NetworkStudy& study, const std::string& setting) {
  Table out{study.views.description.title + ": behaviour; " + setting,
            "distance to the masters against the difference in accuracy, at the same share of training",
            {"metric", "slope", "of seeds", "slope/mean", "R^2", "rank correlation", "p", "q"},
            {}};
  for (const auto& s : study.behaviour) {
    if (s.setting != setting) continue;
    out.rows.push_back({s.metric, formatted("%+.3f", s.pooled_slope), signed_figure(s.slope),
                        formatted("%+.2f", s.relative_slope), formatted("%.3f", s.r_squared),
                        formatted("%+.2f", s.rank_correlation), probability(s.p), probability(s.q)});
  }
  return out;
}

Table training_table(const NetworkStudy& study) {
  Table out{study.views.description.title + ": training",
            "mean (least to most) over seeds",
            {"group", "updates on the parts", "then", "accuracy before", "accuracy after", "remarks"},
            {}};
  for (const auto& group : group_names(study)) {
    std::vector<double> parts, updates, before, after;
    std::string remarks;
    for (const auto& f : study.facts) {
      if (f.group != group) continue;
      if (f.part_updates > 0) parts.push_back(static_cast<double>(f.part_updates));
      if (!std::isnan(f.accuracy)) {
        updates.push_back(static_cast<double>(f.updates));
        before.push_back(f.zero_shot);
        after.push_back(f.accuracy);
      }
      const bool missed = !std::isnan(f.part_accuracy) && f.part_accuracy < 0.99;
      if (f.left_out || missed || f.status == train::Status::diverged) {
        remarks += (remarks.empty() ? "" : "; ") + ("seed " + std::to_string(f.seed)) +
                   (f.left_out ? " left out: " : ": ") + (missed ? "parts at " + number(f.part_accuracy) : f.reason);
      }
    }
    out.rows.push_back({group, span_of(parts, "%.0f"), span_of(updates, "%.0f"), span_of(before, "%.3f"),
                        span_of(after, "%.3f"), remarks});
  }
  return out;
}

Table published_table(const NetworkStudy& study) {
  Table out{study.views.description.title + ": the published handling, one fault at a time",
            "mean distance to the masters by share of parts; setting paper",
            {"handling", "metric", "none", "1/3", "2/3", "all"},
            {}};
  for (const auto& result : study.published) {
    const auto& title = result.description.title;
    const std::string what = title.substr(title.rfind(": ") + 2);
    for (std::size_t m = 0; m < result.summaries.front().size(); ++m) {
      const auto& s = result.summaries.front()[m];
      std::vector<std::string> row{m == 0 ? what : "", s.metric};
      for (const auto& group : s.groups) row.push_back(plus_minus(group.distance));
      out.rows.push_back(std::move(row));
    }
  }
  for (const auto& view : study.views.description.views) {
    if (view.name != "parts; paper") continue;
    for (std::size_t k = 0; k < view.known.size(); ++k) {
      std::vector<std::string> row{k == 0 ? "the paper" : "", view.known[k].metric};
      for (const double value : view.known[k].values) row.push_back(number(value));
      out.rows.push_back(std::move(row));
    }
  }
  return out;
}

std::vector<Table> tabulate(const NetworkStudy& study) {
  std::vector<Table> out{claims_table(study), training_table(study)};
  for (const char* setting : {"short", "paper"}) {
    out.push_back(groups_table(study, setting));
    out.push_back(learning_table(study, setting));
    out.push_back(behaviour_table(study, setting));
  }
  const auto views = tabulate(study.views);
  out.insert(out.end(), views.begin(), views.end());
  if (!study.published.empty()) out.push_back(published_table(study));
  return out;
}

Json to_json(const NetworkStudy& study) {
  Json out = to_json(study.views);
  Json claims = Json::array(), facts = Json::array(), learning = Json::array(), behaviour = Json::array(),
       matrices = Json::array(), published = Json::array();
  for (const auto& c : study.claims) {
    claims.push_back({{"claim", c.name},
                      {"statement", c.statement},
                      {"verdict", c.verdict},
                      {"figures", c.figures},
                      {"p", c.p},
                      {"q", c.q},
                      {"remark", c.remark}});
  }
  for (const auto& f : study.facts) facts.push_back(facts_json(f));
  for (const auto& s : study.learning) learning.push_back(learning_json(s));
  for (const auto& s : study.behaviour) behaviour.push_back(behaviour_json(s));
  for (const auto& s : study.matrices) matrices.push_back(matrix_json(s));
  for (const auto& r : study.published) published.push_back(to_json(r));
  out["claims"] = std::move(claims);
  out["learning"] = std::move(learning);
  out["behaviour"] = std::move(behaviour);
  out["matrices"] = std::move(matrices);
  out["published_handling"] = std::move(published);
  out["networks"] = std::move(facts);
  return out;
}

}  // namespace kindred::cli

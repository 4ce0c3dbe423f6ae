#include "host/cli/result/testcase_tables.hpp"

#include "host/cli/report/markup.hpp"
#include "host/cli/result/cells.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::cli {
namespace {

using Json = nlohmann::ordered_json;
using testcase::Figure;
using testcase::Known;
using testcase::Question;
using testcase::Result;
using testcase::Summary;
using testcase::View;

std::string percent(double share) { return formatted("%+.0f %%", 100 * share); }

std::string in_order(const Summary& s) { return std::to_string(s.ordered_seeds) + "/" + std::to_string(s.seeds); }

std::vector<std::string> headings(const View& view) {
  std::vector<std::string> out{"metric"};
  out.insert(out.end(), view.groups.begin(), view.groups.end());
  if (view.question == Question::trend) {
    out.insert(out.end(), {"slope/mean", "R^2", "change", "falling"});
  } else {
    out.insert(out.end(), {"ratio", "AUC", "in order"});
  }
  out.insert(out.end(), {"p", "q"});
  return out;
}

std::vector<std::string> row(const View& view, const Summary& s) {
  std::vector<std::string> out{s.metric};
  for (const auto& group : s.groups) out.push_back(plus_minus(group.distance));
  if (view.question == Question::trend) {
    out.insert(out.end(),
               {plus_minus(s.relative_slope), number(s.r_squared), percent(s.relative_change.mean), in_order(s)});
  } else {
    out.insert(out.end(), {plus_minus(s.ratio), plus_minus(s.area_under_curve), in_order(s)});
  }
  out.insert(out.end(), {probability(s.p), probability(s.q)});
  return out;
}

/// A value known from elsewhere, in the columns it has.
std::vector<std::string> row(const View& view, const Known& known) {
  std::vector<std::string> out{"  " + known.source};
  double mean = 0;
  for (const double value : known.values) {
    out.push_back(number(value));
    mean += value / static_cast<double>(known.values.size());
  }
  const double first = known.values.front(), last = known.values.back();
  if (view.question == Question::trend) {
    const double slope = (last - first) / (view.positions.back() - view.positions.front());
    out.insert(out.end(), {number(slope / mean), "", percent(last / first - 1), ""});
  } else {
    out.insert(out.end(), {number(last / first), "", ""});
  }
  out.insert(out.end(), {"", ""});
  return out;
}

const char* word(testcase::Verdict verdict) {
  constexpr const char* words[] = {"right", "unsure", "wrong"};
  return words[static_cast<int>(verdict)];
}

std::string cell(const View& view, const Summary& s) {
  switch (view.question) {
    case Question::separation:
      return plus_minus(s.ratio) + " (AUC " + number(s.area_under_curve.mean) + ")";
    case Question::trend:
      return plus_minus(s.relative_slope) + " (falling " + in_order(s) + ")";
    case Question::ranking:
      break;
  }
  return std::string(word(testcase::verdict(s))) + " " + in_order(s) + " (" + number(s.groups[0].distance.mean) +
         " : " + number(s.groups[1].distance.mean) + ")";
}

const char* explain_one_table(Question question) {
  constexpr const char* explanations[] = {
      "between / within, mean and standard error over seeds",
      "slope of the distance over its mean, a shared motif; seeds in which it falls strictly",
      "verdict, seeds in which the same system is nearer than the different one, and their mean distances"};
  return explanations[static_cast<int>(question)];
}

/// Of views that ask one question of many settings: the setting in which each metric answers best.
std::string best_settings(const Result& result) {
  const auto& views = result.description.views;
  const bool trend = views.front().question == Question::trend;
  const auto score = [&](std::size_t v, std::size_t m) {
    const auto& s = result.summaries[v][m];
    return trend ? -s.relative_slope.mean : s.ratio.mean;
  };
  std::string out;
  for (std::size_t m = 0; m < result.summaries.front().size(); ++m) {
    std::size_t best = 0;
    for (std::size_t v = 1; v < views.size(); ++v) {
      if (score(v, m) > score(best, m)) best = v;
    }
    const Dmd& dmd = result.description.settings[views[best].setting].dmd;
    out += (m == 0 ? "; best: " : ", ") + result.summaries[best][m].metric + " at " + std::to_string(dmd.delays) +
           " x " + std::to_string(dmd.interval) + ", rank " + text_of(dmd.rank);
  }
  return out;
}

Table table_of_views(const Result& result) {
  const auto& views = result.description.views;
  Table out{result.description.title, explain_one_table(views.front().question), {""}, {}};
  if (views.front().question != Question::ranking) out.note += best_settings(result);
  for (const auto& s : result.summaries.front()) out.headings.push_back(s.metric);
  for (std::size_t v = 0; v < views.size(); ++v) {
    std::vector<std::string> cells{views[v].name};
    for (const auto& s : result.summaries[v]) cells.push_back(cell(views[v], s));
    out.rows.push_back(std::move(cells));
  }
  return out;
}

/// A word on fits whose rank the data do not resolve, and on failed pairs.
std::string quality(const Result& result, std::size_t v) {
  const View& view = result.description.views[v];
  index_t excess = 0, missing = 0;
  for (const index_t count : result.excess[view.setting]) excess += count;
  for (const auto& s : result.summaries[v]) missing += s.missing;
  std::string out;
  if (excess > 0) out += std::to_string(excess) + " fits of more rank than the data support. ";
  if (missing > 0) out += std::to_string(missing) + " distances missing.";
  return out;
}

Json summary_json(const View& view, const Summary& s) {
  Json groups = Json::array();
  for (std::size_t g = 0; g < s.groups.size(); ++g) {
    const auto& group = s.groups[g];
    groups.push_back({{"name", view.groups[g]},
                      {"distance", figure_json(group.distance)},
                      {"per_seed", group.per_seed},
                      {"five_numbers", {group.minimum, group.lower, group.median, group.upper, group.maximum}},
                      {"whiskers", {group.low_whisker, group.high_whisker}},
                      {"outliers", group.outliers}});
  }
  Json out{{"metric", s.metric},
           {"groups", std::move(groups)},
           {"ratio", figure_json(s.ratio)},
           {"auc", figure_json(s.area_under_curve)},
           {"relative_change", figure_json(s.relative_change)},
           {"ordered_seeds", s.ordered_seeds},
           {"missing", s.missing},
           {"p", s.p},
           {"q", s.q}};
  if (view.question == Question::trend) {
    out["slope"] = figure_json(s.slope);
    out["relative_slope"] = figure_json(s.relative_slope);
    out["r_squared"] = s.r_squared;
  }
  if (view.question == Question::ranking) out["verdict"] = word(testcase::verdict(s));
  return out;
}

const char* word(Question question) {
  constexpr const char* words[] = {"separation", "trend", "ranking"};
  return words[static_cast<int>(question)];
}

Json view_json(const Result& result, std::size_t v) {
  const View& view = result.description.views[v];
  const Dmd& dmd = result.description.settings[view.setting].dmd;
  Json metrics = Json::array(), known = Json::array();
  for (const auto& s : result.summaries[v]) metrics.push_back(summary_json(view, s));
  for (const auto& k : view.known) known.push_back({{"metric", k.metric}, {"source", k.source}, {"values", k.values}});
  return {{"name", view.name},
          {"statement", view.statement},
          {"question", word(view.question)},
          {"dmd", {{"delays", dmd.delays}, {"interval", dmd.interval}, {"rank", dmd.rank.number}}},
          {"groups", view.groups},
          {"positions", view.positions},
          {"fits_beyond_numerical_rank", result.excess[view.setting]},
          {"metrics", std::move(metrics)},
          {"known", std::move(known)}};
}

}  // namespace

std::string plus_minus(const Figure& figure) {
  if (std::isnan(figure.standard_error)) return number(figure.mean);
  return number(figure.mean) + " ± " + formatted("%.2g", figure.standard_error);
}

std::vector<Table> tabulate(const Result& result) {
  if (result.description.one_table) return {table_of_views(result)};
  std::vector<Table> out;
  for (std::size_t v = 0; v < result.description.views.size(); ++v) {
    const View& view = result.description.views[v];
    Table table{result.description.title + ": " + view.name, quality(result, v), headings(view), {}};
    for (const auto& s : result.summaries[v]) {
      table.rows.push_back(row(view, s));
      for (const auto& known : view.known) {
        if (known.metric == s.metric) table.rows.push_back(row(view, known));
      }
    }
    out.push_back(std::move(table));
  }
  return out;
}

std::string plain(const Table& table) {
  std::vector<std::size_t> width;
  const auto measure = [&width](const std::vector<std::string>& cells) {
    width.resize(std::max(width.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) width[i] = std::max(width[i], report::length(cells[i]));
  };
  measure(table.headings);
  for (const auto& cells : table.rows) measure(cells);
  const auto line = [&width](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += cells[i];
      if (i + 1 < cells.size()) out += std::string(width[i] - report::length(cells[i]) + 2, ' ');
    }
    return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
  };
  std::string out = table.title + "\n";
  if (!table.note.empty()) out += "(" + table.note.substr(0, table.note.find_last_not_of(' ') + 1) + ")\n";
  out += line(table.headings);
  for (const auto& cells : table.rows) out += line(cells);
  return out;
}

Json to_json(const Result& result) {
  Json views = Json::array();
  for (std::size_t v = 0; v < result.description.views.size(); ++v) views.push_back(view_json(result, v));
  return {{"name", result.description.name}, {"title", result.description.title}, {"seeds", result.seeds},
          {"seconds", result.seconds},       {"notes", result.description.notes}, {"views", std::move(views)}};
}

}  // namespace kindred::cli

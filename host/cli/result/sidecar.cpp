#include "host/cli/result/sidecar.hpp"

#include "host/cli/options/field_options.hpp"

namespace kindred::cli {
namespace {

Json json_of(const Fact::Value& value) {
  return std::visit(
      []<class T>(const T& v) -> Json {
        if constexpr (std::is_same_v<T, Fact::Nothing>) {
          return nullptr;
        } else if constexpr (std::is_same_v<T, Fact::NoneOf>) {
          return Json::object();
        } else {
          return v;
        }
      },
      value);
}

Json json_of(const FitFacts& facts) {
  return {{"status", status_name(facts.status)},
          {"rank", facts.rank},
          {"numerical_rank", facts.numerical_rank},
          {"numerical_rank_is_bound", facts.numerical_rank_is_bound},
          {"rows", facts.rows},
          {"columns", facts.columns},
          {"sigma_ratio", facts.sigma_ratio},
          {"residual", facts.residual},
          {"windows_left_out", facts.windows_left_out},
          {"detail", in_options(facts.detail)}};
}

Json json_of(const std::vector<SystemSummary>& systems) {
  Json list = Json::array();
  for (const SystemSummary& system : systems) {
    Json out = {{"name", system.name}, {"label", system.label}};
    if (!system.part_of.empty()) out["part_of"] = system.part_of;
    if (const auto& recording = system.recording) {
      out["trials"] = recording->trials;
      out["steps"] = {recording->shortest, recording->longest};
      out["channels"] = recording->channels;
      out["dtype"] = recording->is_float32 ? "float32" : "float64";
    } else {
      out["rank"] = system.operator_size;
    }
    if (system.preprocess) out["preprocess"] = json_of(facts_of(*system.preprocess));
    if (const Gaps& gaps = system.gaps; gaps.values > 0) {
      out["missing"] = {{"values", gaps.values},
                        {"interpolated", gaps.interpolated},
                        {"steps_left_out", gaps.steps},
                        {"short_pieces_left_out", gaps.short_pieces}};
    }
    for (const auto& [field, text] : system.own) {
      const Json value = Json::parse(text, nullptr, false);
      out["dmd"][field] = value.is_discarded() ? Json(text) : value;
    }
    if (system.fit) out["fit"] = json_of(*system.fit);
    list.push_back(std::move(out));
  }
  return list;
}

}  // namespace

Json json_of(const std::vector<Fact>& facts) {
  Json out = Json::object();
  for (const Fact& fact : facts) {
    Json* place = &out;
    for (const std::string& key : fact.place) place = &(*place)[key];
    *place = json_of(fact.value);
  }
  return out;
}

Json json_of(const RunSummary& run) {
  Json document = json_of(facts_of(run));
  if (!run.dmd) {
    Json metrics = Json::array();
    for (const MetricSummary& metric : run.metrics) metrics.push_back(json_of(facts_of(metric)));
    document["metrics"] = std::move(metrics);
  }
  document[run.columns ? "rows" : "systems"] = json_of(run.rows);
  if (run.paired) document["paired"] = true;
  if (run.columns) document["columns"] = json_of(*run.columns);
  return document;
}

Json json_with_distances(const RunSummary& run, const Comparison& comparison) {
  Json document = json_of(run);
  for (std::size_t k = 0; k < comparison.metrics.size(); ++k) {
    const DistanceMatrix& matrix = comparison.metrics[k].matrix;
    if (comparison.paired) {
      document["metrics"][k]["distances"] = matrix.distances();
      continue;
    }
    Json rows = Json::array();
    for (index_t i = 0; i < matrix.rows(); ++i) {
      Json row = Json::array();
      for (index_t j = 0; j < matrix.columns(); ++j) row.push_back(matrix(i, j));
      rows.push_back(std::move(row));
    }
    document["metrics"][k]["distances"] = std::move(rows);
  }
  return document;
}

std::string text_of(const Json& document, int indent) {
  return document.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace kindred::cli

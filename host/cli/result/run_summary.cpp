#include "host/cli/result/run_summary.hpp"

#include "host/cli/result/group_figures.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/preprocess_fields.hpp>
#include <kindred/version.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <type_traits>
#include <utility>

namespace kindred::cli {
namespace {

using Place = std::vector<std::string>;

/// `value` in the type in which facts hold it.
template <class T>
Fact::Value fact_value(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(word_of(value));
  } else if constexpr (std::is_same_v<T, RankRule>) {
    if (value.is_number() || value.kind == RankRule::Kind::numerical) return value.number;
    return text_of(value);
  } else {
    return value;
  }
}

/// A field with its key in the sidecar. Keys are older than some fields' names, and stay.
template <class Owner, class T>
Fact fact_of(Place place, const Field<Owner, T>& field, const T& value) {
  if constexpr (std::is_same_v<T, SpectralScore>) {
    place.emplace_back("root");
    return {std::move(place), value == SpectralScore::root};
  } else if constexpr (std::is_same_v<T, RegressionScore>) {
    place.emplace_back("r2");
    return {std::move(place), value == RegressionScore::similarity};
  } else {
    place.emplace_back(field.name == "unit_norm"      ? "normalize"
                       : field.name == "over_half_pi" ? "normalized"
                                                      : field.name);
    return {std::move(place), fact_value(value)};
  }
}

/// Of a Dmd or a Preprocess.
template <class M>
void add_fields(std::vector<Fact>& facts, const M& m, const Place& place) {
  visit_fields(m, [&](const auto& field, const auto& value) { facts.push_back(fact_of(place, field, value)); });
}

void add_fields(std::vector<Fact>& facts, const Metric& metric, const Place& place) {
  const auto visit = [&]<class M>(const M& m) {
    visit_fields(m, [&]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
      Place at = place;
      if (!std::is_same_v<Owner, M>) at.emplace_back("dmd");
      facts.push_back(fact_of(std::move(at), field, value));
    });
  };
  std::visit(visit, metric);
}

}  // namespace

void PairCounts::add(const PairResult& pair) {
  ++pairs;
  ++of_status[static_cast<std::size_t>(pair.status)];
  refinements += pair.refinements;
  if (!std::isfinite(pair.distance)) return;
  smallest = std::min(smallest, pair.distance);
  largest = std::max(largest, pair.distance);
  largest_gap = std::max(largest_gap, pair.gap);
}

PairCounts count_pairs(const DistanceMatrix& matrix, bool symmetric) {
  PairCounts out;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    for (index_t j = symmetric ? i + 1 : 0; j < matrix.columns(); ++j) out.add(matrix.at(i, j));
  }
  return out;
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::vector<Fact> facts_of(const Preprocess& steps) {
  std::vector<Fact> facts;
  add_fields(facts, steps, {});
  return facts;
}

std::vector<Fact> facts_of(const RunSummary& run) {
  std::vector<Fact> facts = {{{"program"}, std::string("kindred")},
                             {{"version"}, std::string(version())},
                             {{"command"}, run.command},
                             {{"arguments"}, run.arguments},
                             {{"created"}, run.created},
                             {{"device", "kind"}, run.device.kind},
                             {{"device", "name"}, run.device.name},
                             {{"device", "detail"}, run.device.detail},
                             {{"layout"}, run.layout}};
  if (!run.preprocess) facts.push_back({{"preprocess"}, Fact::Nothing()});
  if (run.preprocess) add_fields(facts, *run.preprocess, {"preprocess"});
  if (run.outputs.empty()) facts.push_back({{"outputs"}, Fact::NoneOf()});
  for (const auto& [kind, path] : run.outputs) facts.push_back({{"outputs", kind}, path});
  if (run.sampled) {
    facts.push_back({{"shown", "rows"}, run.sampled->rows});
    facts.push_back({{"shown", "columns"}, run.sampled->columns});
  }
  if (run.dmd) {
    add_fields(facts, *run.dmd, {"dmd"});
  } else {
    facts.push_back({{"fit_seconds"}, run.fit_seconds});
  }
  return facts;
}

std::vector<Fact> facts_of(const MetricSummary& metric) {
  std::vector<Fact> facts = {{{"name"}, metric.name}, {{"unit"}, unit_of(metric.metric)}};
  add_fields(facts, metric.metric, {"configuration"});
  const PairCounts& counts = metric.counts;
  facts.push_back({{"pairs"}, counts.pairs});
  for (std::size_t k = 0; k < PairCounts::statuses.size(); ++k) {
    facts.push_back({{"status", status_name(PairCounts::statuses[k])}, counts.of_status[k]});
  }
  facts.push_back({{"refinements"}, counts.refinements});
  if (counts.smallest <= counts.largest) {
    facts.push_back({{"smallest"}, counts.smallest});
    facts.push_back({{"largest"}, counts.largest});
    facts.push_back({{"largest_gap"}, counts.largest_gap});
  }
  facts.push_back({{"seconds"}, metric.seconds});
  if (metric.noise_floor) facts.push_back({{"noise_floor"}, *metric.noise_floor});
  if (metric.groups) {
    for (Fact& fact : facts_of(*metric.groups)) facts.push_back(std::move(fact));
  }
  return facts;
}

}  // namespace kindred::cli

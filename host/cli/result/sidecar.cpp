#include "host/cli/result/sidecar.hpp"

#include "host/cli/options/field_options.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/version.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <limits>

namespace kindred::cli {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// A field's key and value; where its key was there before the field's name, it stays.
template <class Owner, class T>
void put(Json& out, const Field<Owner, T>& field, const T& value) {
  const std::string name(field.name);
  if constexpr (std::is_same_v<T, SpectralScore>) {
    out["root"] = value == SpectralScore::root;
  } else if constexpr (std::is_same_v<T, RegressionScore>) {
    out["r2"] = value == RegressionScore::similarity;
  } else if constexpr (std::is_enum_v<T>) {
    out[name] = word_of(value);
  } else {
    out[name == "unit_norm" ? "normalize" : name == "over_half_pi" ? "normalized" : name] = value;
  }
}

}  // namespace

Json describe_dmd(const Dmd& dmd) {
  Json out = Json::object();
  visit_fields(dmd, [&out](const auto& field, const auto& value) { put(out, field, value); });
  return out;
}

Json describe_metric(const Metric& metric) {
  Json out = Json::object();
  if (const Dmd* dmd = dmd_of(metric)) out["dmd"] = describe_dmd(*dmd);
  const auto describe = [&out]<class M>(const M& m) {
    visit_fields(m, [&out]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
      if constexpr (std::is_same_v<Owner, M>) put(out, field, value);
    });
  };
  std::visit(describe, metric);
  return out;
}

Json describe_run(const std::string& command, const std::vector<std::string>& arguments, const DeviceInfo& device) {
  return {
      {"program", "kindred"}, {"version", version()},
      {"command", command},   {"arguments", arguments},
      {"created", utc_now()}, {"device", {{"kind", device.kind}, {"name", device.name}, {"detail", device.detail}}}};
}

Json describe_fit(const FitFacts& facts) {
  return {{"status", status_name(facts.status)},
          {"rank", facts.rank},
          {"numerical_rank", facts.numerical_rank},
          {"rows", facts.rows},
          {"columns", facts.columns},
          {"sigma_ratio", facts.sigma_ratio},
          {"residual", facts.residual},
          {"detail", in_options(facts.detail)}};
}

Json describe_pairs(const DistanceMatrix& matrix, bool symmetric) {
  constexpr std::array all = {PairStatus::exact, PairStatus::certified, PairStatus::converged,
                              PairStatus::iteration_limit, PairStatus::failed};
  std::array<index_t, all.size()> counts{};
  index_t pairs = 0, refinements = 0;
  double smallest = std::numeric_limits<double>::infinity(), largest = -smallest, gap = 0;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    for (index_t j = symmetric ? i + 1 : 0; j < matrix.columns(); ++j) {
      const PairResult& pair = matrix.at(i, j);
      ++pairs;
      ++counts[static_cast<std::size_t>(pair.status)];
      refinements += pair.refinements;
      if (!std::isfinite(pair.distance)) continue;
      smallest = std::min(smallest, pair.distance);
      largest = std::max(largest, pair.distance);
      gap = std::max(gap, pair.gap);
    }
  }
  Json status;
  for (std::size_t k = 0; k < all.size(); ++k) status[status_name(all[k])] = counts[k];
  Json out = {{"pairs", pairs}, {"status", status}, {"refinements", refinements}};
  if (smallest <= largest) {
    out["smallest"] = smallest;
    out["largest"] = largest;
    out["largest_gap"] = gap;
  }
  return out;
}

Json describe_outputs(const Outputs& outputs) {
  Json list = Json::object();
  for (const auto& [option, path] : outputs.list()) list[option.substr(option.find_first_not_of('-'))] = path.string();
  return list;
}

std::string text_of(const Json& document, int indent) {
  return document.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace kindred::cli

#include "host/cli/result/prediction_json.hpp"

#include "host/cli/report/markup.hpp"

#include <cmath>

namespace kindred::cli {
namespace {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Json json_of(const PredictionScore& score) {
  return {{"values", score.values},
          {"mae", number_or_null(score.mae)},
          {"mse", number_or_null(score.mse)},
          {"nmse", number_or_null(score.nmse)},
          {"mase", number_or_null(score.mase)},
          {"r2", number_or_null(score.r2)},
          {"correlation", number_or_null(score.correlation)},
          {"aic", number_or_null(score.aic)}};
}

Json json_of(const SweepResult& sweep, const Recommendation& recommendation, double tolerance) {
  Json points = Json::array();
  for (const SweepPoint& p : sweep.points) {
    points.push_back({{"delays", p.delays},
                      {"interval", p.interval},
                      {"rank", p.rank},
                      {"feasible", p.feasible},
                      {"one_step", json_of(p.one_step)},
                      {"reseeded", json_of(p.reseeded)}});
  }
  Json left_out = Json::array();
  for (const auto& [name, why] : sweep.left_out) left_out.push_back({{"name", name}, {"reason", why}});
  return {{"skip", sweep.skip},
          {"left_out", std::move(left_out)},
          {"tolerance", tolerance},
          {"points", std::move(points)},
          {"best", recommendation.best},
          {"recommended", recommendation.chosen},
          {"flags", flags_of(sweep.points[recommendation.chosen])},
          {"reason", reason_for(sweep, recommendation, tolerance)}};
}

std::string flags_of(const SweepPoint& point) {
  return "--delays " + std::to_string(point.delays) + " --interval " + std::to_string(point.interval) + " --rank " +
         std::to_string(point.rank);
}

std::string reason_for(const SweepResult& sweep, const Recommendation& recommendation, double tolerance) {
  const auto error = [&sweep](std::size_t i) { return report::significant(sweep.points[i].reseeded.nmse); };
  const std::string near =
      "one standard error" +
      (tolerance > 0 ? ", or " + report::significant(100 * tolerance) + " % of the variance," : "");
  if (recommendation.chosen == recommendation.best) {
    return "least held-out error (nmse " + error(recommendation.best) + "); no smaller model comes within " + near +
           " of it";
  }
  return "held-out error (nmse " + error(recommendation.chosen) + ") within " + near + " of the least (" +
         error(recommendation.best) + ", at " + flags_of(sweep.points[recommendation.best]) +
         "), with the lowest rank, then the shortest window, of all such";
}

}  // namespace kindred::cli

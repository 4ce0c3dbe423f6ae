#include "host/engine/fit/predict.hpp"

#include "host/base/text.hpp"
#include "host/engine/fit/fits.hpp"
#include "host/engine/fit/predictor.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <optional>

namespace kindred::host {

std::vector<std::vector<Prediction>> predict(Recordings& systems, Recordings& held_out, const Dmd& dmd,
                                             std::span<const index_t> ranks, const PredictOptions& options,
                                             const Progress& progress) {
  const index_t count = systems.count();
  if (held_out.count() != count) {
    fail(ErrorCode::invalid_argument, held_out.count(), " recordings to predict for ", count,
         " systems, expected one each");
  }
  if (options.reseed < 0)
    fail(ErrorCode::invalid_argument, "PredictOptions::reseed is ", options.reseed, ", expected 0 or more");
  (void)held_out.scans();  // every value is finite
  const std::span<const TrajectorySet> tests = held_out.host();
  for (std::size_t i = 0; i < tests.size(); ++i) {
    if (systems.systems()[i].input_count() > 0) {
      fail(
          ErrorCode::invalid_argument, called(systems.systems()[i]),
          " has inputs, which a prediction does not follow; predict without them (TrajectorySet::inputs), or compare fits");
    }
    if (tests[i].channels() == systems.systems()[i].channels()) continue;
    fail(ErrorCode::invalid_data, called(systems.systems()[i]), " has ", systems.systems()[i].channels(),
         " channels, what is to be predicted of it has ", tests[i].channels());
  }
  Dmd at = dmd;
  for (const index_t rank : ranks) {
    if (rank < 1) fail(ErrorCode::invalid_argument, "one of the ranks is ", rank, ", expected 1 or more");
  }
  if (!ranks.empty()) at.rank = *std::max_element(ranks.begin(), ranks.end());
  check_parameters(at);
  const Fits fits(systems, std::vector<Dmd>(static_cast<std::size_t>(count), at), progress, true);
  std::vector<OperatorSet> operators;
  for (const index_t rank : ranks) operators.push_back(fits.operators(rank));
  if (ranks.empty()) operators.push_back(fits.operators());

  std::vector<std::vector<Prediction>> out(operators.size(), std::vector<Prediction>(static_cast<std::size_t>(count)));
  for_each_on_host(systems.backend(), count, [&](index_t i) {
    const auto system = static_cast<std::size_t>(i);
    std::optional<Predictor> predictor;
    for (std::size_t k = 0; k < operators.size(); ++k) {
      Prediction& prediction = out[k][system];
      prediction.facts = operators[k][system].facts;
      if (prediction.facts.status == FitStatus::failed) continue;
      if (!predictor) predictor.emplace(fits.fitted(i), fits.embedding(i), fits.dmd(i), tests[system]);
      predictor->run(prediction.facts.rank, options, prediction);
    }
  });
  return out;
}

}  // namespace kindred::host

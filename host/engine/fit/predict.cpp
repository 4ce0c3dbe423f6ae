#include "host/engine/fit/predict.hpp"

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/engine/fit/estimators/spectrum.hpp"
#include "host/engine/fit/fits.hpp"
#include "host/engine/fit/predictor.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace kindred::host {
namespace {

/// Its states are not rows of an embedding.
void refuse_subspace(const Dmd& dmd, const char* what) {
  if (!is_subspace(dmd.regression)) return;
  fail(ErrorCode::invalid_argument, what,
       " are of operators of a delay embedding; Dmd::regression is subspace identification: choose another");
}

/// phi of every row, and the mean of |phi|^2 brought to 1.
void follow(const Predictor& along, const Eigenvectors& vectors, Eigenfunctions& out) {
  const DenseMatrix& u = along.coordinates();
  const DenseMatrix re = product(u, vectors.re), im = product(u, vectors.im);
  const index_t rows = u.rows(), r = re.columns();
  std::vector<double> size(at(r), 0.0);
  for (index_t i = 0; i < rows; ++i) {
    for (index_t j = 0; j < r; ++j) size[j] += re(i, j) * re(i, j) + im(i, j) * im(i, j);
  }
  for (double& s : size) s = s > 0 ? std::sqrt(static_cast<double>(rows) / s) : 0;
  index_t row = 0;
  for (const index_t count : along.trial_rows()) {
    auto& values = out.trials.emplace_back();
    values.reserve(at(count * r));
    for (const index_t end = row + count; row < end; ++row) {
      for (index_t j = 0; j < r; ++j) values.emplace_back(size[j] * re(row, j), size[j] * im(row, j));
    }
  }
}

}  // namespace

std::vector<Eigenfunctions> eigenfunctions(Recordings& systems, const Dmd& dmd, const Progress& progress) {
  check_parameters(dmd);
  refuse_subspace(dmd, "eigenfunctions along a recording");
  const index_t count = systems.count();
  const Fits fits(systems, std::vector<Dmd>(at(count), dmd), progress, true);
  const OperatorSet operators = fits.operators(std::nullopt, {.spectra = true});
  std::vector<Eigenfunctions> out(at(count));
  const std::span<const TrajectorySet> on_host = systems.host();  // no copies of what lies there already
  Dmd by_step = dmd;
  by_step.dt = 0;
  for_each_on_host(systems.backend(), count, [&](index_t i) {
    Eigenfunctions& one = out[at(i)];
    one.facts = operators[at(i)].facts;
    if (one.facts.status == FitStatus::failed) return;
    const Fitted& fit = fits.fitted(i);
    const Eigenvectors vectors = eigenvectors_of(estimate(fit.moments, fit.sigma, one.facts.rank, by_step));
    const TrajectorySet& along = fits.system(i).memory == Memory::host ? fits.system(i) : on_host[at(i)];
    follow(Predictor(fit, fits.embedding(i), fits.inputs(i), fits.dmd(i), along), vectors, one);
  });
  return out;
}

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
    const TrajectorySet& system = systems.systems()[i];
    if (tests[i].channels() != system.channels()) {
      fail(ErrorCode::invalid_data, called(system), " has ", system.channels(),
           " channels, what is to be predicted of it has ", tests[i].channels());
    }
    if (tests[i].input_count() != system.input_count()) {
      fail(ErrorCode::invalid_data, called(system), " has inputs of ", system.input_count(),
           " channels (TrajectorySet::inputs), what is to be predicted of it has ", tests[i].input_count(),
           "; give the same for both");
    }
  }
  Dmd at = dmd;
  for (const index_t rank : ranks) {
    if (rank < 1) fail(ErrorCode::invalid_argument, "one of the ranks is ", rank, ", expected 1 or more");
  }
  if (!ranks.empty()) at.rank = *std::max_element(ranks.begin(), ranks.end());
  check_parameters(at);
  refuse_subspace(at, "predictions");
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
      if (!predictor) predictor.emplace(fits.fitted(i), fits.embedding(i), fits.inputs(i), fits.dmd(i), tests[system]);
      predictor->run(prediction.facts.rank, options, prediction);
    }
  });
  return out;
}

}  // namespace kindred::host

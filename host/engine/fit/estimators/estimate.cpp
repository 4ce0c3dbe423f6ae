#include "host/engine/fit/estimators/estimate.hpp"

#include "host/engine/fit/estimators/logarithm.hpp"
#include "host/engine/fit/estimators/regressions.hpp"

namespace kindred::host {
namespace {

Estimate by_step(const Moments& moments, std::span<const double> sigma, index_t rank, const Dmd& dmd) {
  if (moments.input_input.rows() > 0) return with_inputs(whiten(moments, rank), moments, dmd.ridge);
  switch (dmd.regression) {
    case Regression::reduced_rank:
      return reduced_rank(whiten(moments, moments.rank), rank, dmd.ridge);
    case Regression::total_least_squares:
      return total_least_squares(whiten(moments, rank), moments, sigma);
    case Regression::forward_backward:
      return forward_backward(whiten(moments, rank), dmd.ridge);
    case Regression::principal_components:
      break;
  }
  return principal_components(whiten(moments, rank), dmd.ridge);
}

}  // namespace

Estimate estimate(const Moments& moments, std::span<const double> sigma, index_t rank, const Dmd& dmd) {
  Estimate out = by_step(moments, sigma, rank, dmd);
  if (out.failure.empty() && dmd.dt > 0) {
    out.failure = take_logarithm(out.values, rank);
    for (double& v : out.values) v /= static_cast<double>(dmd.steps_ahead) * dmd.dt;
  }
  return out;
}

}  // namespace kindred::host

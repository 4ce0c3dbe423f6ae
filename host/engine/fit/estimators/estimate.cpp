#include "host/engine/fit/estimators/estimate.hpp"

#include "host/engine/fit/estimators/logarithm.hpp"
#include "host/engine/fit/estimators/regressions.hpp"
#include "host/engine/fit/estimators/spectrum.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::host {
namespace {

Estimate by_step(const Whitened& w, const Moments& moments, std::span<const double> sigma, index_t rank,
                 const Dmd& dmd) {
  if (moments.input_input.rows() > 0) return with_inputs(w, moments, dmd.ridge);
  switch (dmd.regression) {
    case Regression::reduced_rank:
      return reduced_rank(w, rank, dmd.ridge);
    case Regression::total_least_squares:
      return total_least_squares(w, moments, sigma, dmd.ridge);
    case Regression::forward_backward:
      return forward_backward(w, dmd.ridge);
    case Regression::principal_components:
    case Regression::n4sid:
    case Regression::projected_subspace:
      break;
  }
  return principal_components(w, dmd.ridge);
}

}  // namespace

Estimate estimate(const Moments& moments, std::span<const double> sigma, index_t rank, const Dmd& dmd, bool spectrum) {
  const bool inputs = moments.input_input.rows() > 0;
  const bool all = dmd.regression == Regression::reduced_rank && !inputs;
  const Whitened w = whiten(moments, all ? moments.rank : rank);
  Estimate out = by_step(w, moments, sigma, rank, dmd);
  if (!out.failure.empty()) return out;
  if (spectrum) out.spectrum = spectrum_of(inputs ? without_inputs(w, moments, out) : w, out);
  if (dmd.dt > 0) {
    const double time = static_cast<double>(dmd.steps_ahead) * dmd.dt;
    out.failure = take_logarithm(out.values, rank);
    for (double& v : out.values) v /= time;
    const bool finite = std::all_of(out.values.begin(), out.values.end(), [](double v) { return std::isfinite(v); });
    if (out.failure.empty() && !finite) out.failure = "its generator overflows: state time in larger units (Dmd::dt)";
    to_generator(out.spectrum, time);
  }
  return out;
}

}  // namespace kindred::host

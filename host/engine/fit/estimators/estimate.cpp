#include "host/engine/fit/estimators/estimate.hpp"

#include "host/base/index.hpp"
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

/// Generators of continuous time for A and B by the step, of inputs that hold for the step h ("zero-order hold"):
///     exp(h [A', B'; 0, 0]) = [A, B; 0, I]
/// (Van Loan 1978, doi 10.1109/TAC.1978.1101743), so that B' is there where A has the eigenvalue 1 too.
void make_continuous(Estimate& out, index_t rank, double step) {
  const index_t m = std::ssize(out.input_matrix) / rank, n = rank + m;
  std::vector<double> both(at(n * n));
  for (index_t i = 0; i < rank; ++i) {
    double* rest = std::copy_n(out.values.data() + i * rank, rank, both.data() + i * n);
    std::copy_n(out.input_matrix.data() + i * m, m, rest);
  }
  for (index_t i = rank; i < n; ++i) both[at(i * n + i)] = 1;
  out.failure = take_logarithm(both, n);
  for (double& v : both) v /= step;
  for (index_t i = 0; i < rank; ++i) {
    std::copy_n(both.data() + i * n, rank, out.values.data() + i * rank);
    std::copy_n(both.data() + i * n + rank, m, out.input_matrix.data() + i * m);
  }
  const auto finite = [](const std::vector<double>& all) {
    return std::all_of(all.begin(), all.end(), [](double v) { return std::isfinite(v); });
  };
  if (out.failure.empty() && !(finite(out.values) && finite(out.input_matrix))) {
    out.failure = "its generator overflows: state time in larger units (Dmd::dt)";
  }
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
    make_continuous(out, rank, time);
    to_generator(out.spectrum, time);
  }
  return out;
}

}  // namespace kindred::host

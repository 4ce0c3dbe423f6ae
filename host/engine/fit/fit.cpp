#include "host/engine/fit/fit.hpp"

#include "host/base/text.hpp"
#include "host/engine/fit/fits.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <variant>
#include <vector>

namespace kindred::host {
namespace {

std::vector<Dmd> for_all(const Recordings& recordings, const Dmd& dmd) {
  return std::vector<Dmd>(recordings.systems().size(), dmd);
}

}  // namespace

FitExtras extras_of(const Metric& metric) {
  const auto* spectral = std::get_if<Spectral>(&metric);
  return {.spectra =
              spectral != nullptr && (spectral->weights == SpectralWeights::inverse_residual || spectral->prune != 0),
          .bases = std::holds_alternative<SpectralGrassmann>(metric)};
}

OperatorSet fit_operators(Recordings& recordings, const Dmd& dmd, const Progress& progress, FitExtras extras) {
  check_parameters(dmd);
  return Fits(recordings, for_all(recordings, dmd), progress, extras.bases).operators({}, extras);
}

OperatorSet fit_operators(Recordings& recordings, std::span<const Dmd> dmds, const Progress& progress,
                          FitExtras extras) {
  if (dmds.size() != recordings.systems().size()) {
    fail(ErrorCode::invalid_argument, dmds.size(), " parameters of fits for ", recordings.systems().size(),
         " systems, expected one a system");
  }
  return Fits(recordings, {dmds.begin(), dmds.end()}, progress, extras.bases).operators({}, extras);
}

std::vector<OperatorSet> fit_operators(Recordings& recordings, const Dmd& dmd, std::span<const index_t> ranks,
                                       const Progress& progress, FitExtras extras) {
  std::vector<OperatorSet> out;
  if (ranks.empty()) return out;
  const auto [least, most] = std::minmax_element(ranks.begin(), ranks.end());
  if (*least < 1) fail(ErrorCode::invalid_argument, "one of the ranks is ", *least, ", expected 1 or more");
  Dmd at = dmd;
  at.rank = *most;
  check_parameters(at);
  const Fits fits(recordings, for_all(recordings, at), progress, extras.bases);
  for (const index_t rank : ranks) out.push_back(fits.operators(rank, extras));
  return out;
}

}  // namespace kindred::host

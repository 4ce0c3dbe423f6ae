#include "host/cli/result/advice.hpp"

#include "host/cli/options/arguments.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace kindred::cli {
namespace {

/// Whether a metric fits a linear map that it does not test on other samples.
bool fits_a_map(const Metric& metric) {
  if (const auto* regression = std::get_if<LinearRegression>(&metric)) return regression->folds == 0;
  return std::holds_alternative<Cca>(metric);
}

index_t samples_of(const TrajectorySet& system) {
  index_t samples = 0;
  for (index_t k = 0; k < system.trial_count(); ++k) samples += system.steps(k);
  return samples;
}

}  // namespace

void warn_of_few_samples(const Collection& collection, const std::vector<MetricEntry>& metrics,
                         const Console& console) {
  std::string names;
  for (const MetricEntry& entry : metrics) {
    if (fits_a_map(entry.metric)) names += (names.empty() ? "" : ", ") + entry.name;
  }
  if (names.empty()) return;
  std::size_t wide = 0;
  std::string first;
  for (const TrajectorySet& system : collection.systems) {
    const index_t samples = samples_of(system);
    if (system.channels() < samples || wide++ > 0) continue;
    first = "system '" + system.name + "' has " + std::to_string(system.channels()) + " channels in " +
            counted(samples, "sample");
  }
  if (wide == 0) return;
  if (wide > 1) first += ", and " + counted(wide - 1, "other system") + " likewise";
  console.warn(names + ": " + first +
               ": a linear map fits any other system to that exactly, so that the result says nothing; use fewer "
               "channels (--components), more samples, or cross-validation (linear-regression-cv)");
}

void drop_own_fits(Collection& collection, const Console& console) {
  const auto own = std::count_if(collection.fits.begin(), collection.fits.end(),
                                 [](const FitFields& fields) { return !fields.empty(); });
  if (own == 0) return;
  console.warn("what the manifest says of the fit of " + counted(own, "system") +
               " plays no part: one choice is judged for all");
  collection.fits.assign(collection.fits.size(), {});
}

void note_gaps(const Collection& collection, const std::vector<FitFacts>& fits, const Console& console) {
  constexpr std::size_t most_lines = 10;
  std::size_t with_gaps = 0;
  for (std::size_t i = 0; i < collection.systems.size(); ++i) {
    const Gaps& gaps = collection.systems[i].gaps;
    if (gaps.values == 0 || ++with_gaps > most_lines) continue;
    std::string line = "system '" + collection.systems[i].name + "': " + counted(gaps.values, "missing value");
    if (gaps.interpolated > 0) line += ", " + std::to_string(gaps.interpolated) + " interpolated";
    if (gaps.steps > 0) line += ", " + counted(gaps.steps, "step") + " left out";
    if (gaps.short_pieces > 0) line += ", " + counted(gaps.short_pieces, "piece") + " shorter than a bin left out";
    if (i < fits.size() && fits[i].windows_left_out > 0) {
      line += ", " + std::to_string(fits[i].windows_left_out) + " of " +
              counted(fits[i].windows_left_out + fits[i].rows, "window") + " left out";
    }
    console.note(line);
  }
  if (with_gaps > most_lines) {
    console.note("and " + counted(with_gaps - most_lines, "other system") +
                 " with missing values; the sidecar lists them all");
  }
}

}  // namespace kindred::cli

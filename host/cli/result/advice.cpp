#include "host/cli/result/advice.hpp"

#include "host/cli/options/arguments.hpp"

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
            counted(static_cast<std::size_t>(samples), "sample");
  }
  if (wide == 0) return;
  if (wide > 1) first += ", and " + counted(wide - 1, "other system") + " likewise";
  console.warn(names + ": " + first +
               ": a linear map fits any other system to that exactly, so that the result says nothing; use fewer "
               "channels (--components), more samples, or cross-validation (linear-regression-cv)");
}

}  // namespace kindred::cli

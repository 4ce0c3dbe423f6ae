#pragma once
#include "host/cli/result/comparison.hpp"
#include "host/cli/result/run_summary.hpp"

#include <string>

namespace kindred::cli {

/// The run in plain text: a few lines for each metric, its matrix if that is small, and the files that were written.
/// After an `opening` the metrics stand apart.
[[nodiscard]] std::string text_of(const RunSummary& run, const Comparison& comparison, const std::string& opening = {});

/// A field of a CSV: quoted where it must be (RFC 4180).
[[nodiscard]] std::string csv_field(const std::string& text);
/// The shortest digits that give the number again; nothing for NaN.
[[nodiscard]] std::string digits(double value);

}  // namespace kindred::cli

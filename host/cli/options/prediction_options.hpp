#pragma once
#include <kindred/prediction.hpp>

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// What is held out, and how it is predicted.
struct PredictionOptions {
  std::string hold_out = "trials:0.2";
  index_t reseed = 10;
};
void add_prediction_options(CLI::App& app, PredictionOptions& options);

/// What "trials:0.2" or "time:0.2" means; the option has checked the text.
[[nodiscard]] HoldOut hold_out_of(const PredictionOptions& options);

/// Accepts what number_list takes.
[[nodiscard]] CLI::Validator numbers();
/// Whole numbers from 1, ascending: "1,2,6", "1:40:5" (1, 6, ... 36) and both mixed; "3:5" goes by 1. Nothing for
/// another text, and for one of more than a thousand numbers.
[[nodiscard]] std::vector<index_t> number_list(const std::string& text);

}  // namespace kindred::cli

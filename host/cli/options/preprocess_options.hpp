#pragma once
#include "host/cli/options/inputs.hpp"

#include <kindred/engine.hpp>
#include <kindred/preprocess.hpp>

#include <CLI/CLI.hpp>

#include <map>
#include <string>

namespace kindred::cli {

/// Steps of the preparation of recordings: the text of each field that was given ("bin", "5").
struct PreprocessOptions {
  std::map<std::string, std::string> fields;
};
/// `one_collection`: all systems are of one collection, and may have components in common.
void add_preprocess_options(CLI::App& app, PreprocessOptions& options, bool one_collection);

[[nodiscard]] Preprocess preprocess_of(const PreprocessOptions& options);

/// The option of a field of Preprocess: "--nan".
[[nodiscard]] std::string preprocess_option(std::string_view field);

/// Prepares the recordings as `steps` and their manifests say, and notes which had steps of their own. Where neither
/// says anything, they stay where they lie.
void prepare(Engine& engine, Collection& collection, const Preprocess& steps);

}  // namespace kindred::cli

#pragma once
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/preprocess_options.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace kindred::cli {

/// One collection of recordings: which, how they are read and called, and how they are prepared.
struct RecordingOptions {
  std::vector<std::string> files;
  InputOptions input;
  PreprocessOptions preprocess;
};
void add_recordings(CLI::App& app, RecordingOptions& options);

/// Reads them, and throws as Outputs::check where an output is one of the files read or, with `keep`, is there already.
[[nodiscard]] Collection read_recordings(const RecordingOptions& options, const Outputs& outputs, bool keep,
                                         const Console& console);

}  // namespace kindred::cli

#include "host/cli/options/recording_options.hpp"

namespace kindred::cli {

void add_recordings(CLI::App& app, RecordingOptions& options) {
  add_files(app, options.files);
  add_read_options(app, options.input);
  add_name_options(app, options.input);
  add_preprocess_options(app, options.preprocess, /*one_collection=*/true);
}

Collection read_recordings(const RecordingOptions& options, const Outputs& outputs, bool keep, const Console& console) {
  Collection collection = read_systems(options.files, options.input, console);
  outputs.check(collection.files, keep);
  return collection;
}

}  // namespace kindred::cli

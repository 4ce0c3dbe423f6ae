#pragma once
#include "host/cli/console.hpp"
#include "host/cli/options/run_options.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace kindred::cli {

/// The files that a command will write, checked before it computes.
class Outputs {
 public:
  /// A file to write because of `option` ("--out"); an empty path adds nothing. Throws as require_ending, where endings
  /// are given.
  void add(const std::string& option, const std::filesystem::path& path, const std::vector<std::string>& endings = {});
  /// Throws invalid_argument if two outputs are one file or an output is one of `inputs`, io if an output cannot be
  /// written. With `keep`, also if an output is there already.
  void check(const std::vector<std::filesystem::path>& inputs, bool keep) const;
  [[nodiscard]] const std::vector<std::pair<std::string, std::filesystem::path>>& list() const { return list_; }

 private:
  std::vector<std::pair<std::string, std::filesystem::path>> list_;
};

/// Whether the program writes to it directly, not by way of a temporary file: a device, a pipe, standard output.
[[nodiscard]] bool is_stream(const std::filesystem::path& path);

/// Turns "-" into /dev/stdout, standard output.
[[nodiscard]] CLI::Validator output_name();

/// `option`, the name of a file that the command writes.
void add_output(CLI::App& app, const std::string& option, std::string& path, const std::string& meaning);
/// An option of the same group that is there or not.
void add_output_flag(CLI::App& app, const std::string& option, bool& flag, const std::string& meaning);

/// The console of a command that writes `outputs`: where one of them is standard output, that holds nothing else.
/// Throws invalid_argument if several things would be written there.
[[nodiscard]] Console console_for(const SayOptions& say, std::initializer_list<std::filesystem::path> outputs);

/// "wrote D.npy", a line a file.
void print_written(const Outputs& outputs, const Console& console);

/// Throws invalid_argument unless `path` ends in one of `endings` (".npy"), in lower or upper case, or is a stream.
void require_ending(const std::string& option, const std::filesystem::path& path,
                    const std::vector<std::string>& endings);

/// The sidecar of a result: the same name, ending in .json. Empty for an empty path and for a stream.
[[nodiscard]] std::filesystem::path sidecar_of(std::filesystem::path path);

}  // namespace kindred::cli

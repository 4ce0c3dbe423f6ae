#include "host/cli/options/outputs.hpp"

#include "host/cli/options/arguments.hpp"

#include "host/base/text.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace kindred::cli {
namespace {

namespace fs = std::filesystem;

std::string shown(const fs::path& path) { return host::printable(path.string()); }

/// A path without links, "." and "..", as far as it exists.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path result = fs::weakly_canonical(fs::absolute(path), error);
  return error ? path : result;
}

constexpr const char* standard_output = "/dev/stdout";

/// What messages call an output: there is no option for the sidecar.
std::string spoken(const std::string& option) { return option == "--sidecar" ? "the .json beside --out" : option; }

}  // namespace

void Outputs::add(const std::string& option, const fs::path& path, const std::vector<std::string>& endings) {
  if (!endings.empty()) require_ending(option, path, endings);
  if (!path.empty()) list_.emplace_back(option, path);
}

void Outputs::check(const std::vector<fs::path>& inputs, bool keep) const {
  std::set<fs::path> read;
  for (const fs::path& input : inputs) read.insert(resolved(input));
  std::map<fs::path, std::string> written;
  for (const auto& [option, path] : list_) {
    if (is_stream(path)) continue;  // several outputs may well go to /dev/null
    const fs::path file = resolved(path);
    const bool linked = fs::exists(file) && std::any_of(inputs.begin(), inputs.end(), [&file](const fs::path& input) {
                          std::error_code error;
                          return fs::equivalent(file, input, error);
                        });
    if (read.contains(file) || linked) {
      throw Error(ErrorCode::invalid_argument,
                  spoken(option) + " " + shown(path) + " is an input; write the result elsewhere");
    }
    const auto [other, fresh] = written.emplace(file, option);
    if (!fresh) {
      throw Error(ErrorCode::invalid_argument,
                  spoken(other->second) + " and " + option + " are the same file, " + shown(path));
    }
    if (keep && fs::exists(file)) {
      throw Error(ErrorCode::io, spoken(option) + " " + shown(path) + " is there already (--no-clobber)");
    }
  }
  for (const auto& output : list_) io::require_writable(output.second);
}

bool is_stream(const fs::path& path) {
  if (path == standard_output) return true;  // a file, perhaps, but one that the shell opened
  std::error_code error;
  const auto type = fs::status(path, error).type();
  return type == fs::file_type::character || type == fs::file_type::fifo || type == fs::file_type::socket;
}

CLI::Validator output_name() {
  return {[](std::string& text) {
            if (text == "-") text = standard_output;
            return std::string();
          },
          ""};
}

void add_output(CLI::App& app, const std::string& option, std::string& path, const std::string& meaning) {
  app.add_option(option, path, meaning)->transform(output_name())->group("Output");
}

void add_output_flag(CLI::App& app, const std::string& option, bool& flag, const std::string& meaning) {
  app.add_flag(option, flag, meaning)->group("Output");
}

Console console_for(const SayOptions& say, std::initializer_list<fs::path> outputs) {
  const auto there = std::count(outputs.begin(), outputs.end(), fs::path(standard_output)) + (say.json ? 1 : 0);
  if (there > 1) {
    throw Error(
        ErrorCode::invalid_argument,
        "only one result can go to standard output: of --json and the outputs called - or /dev/stdout, keep one");
  }
  return Console(say.quiet, there > 0);
}

void print_written(const Outputs& outputs, const Console& console) {
  for (const auto& output : outputs.list()) console.print("wrote " + output.second.string() + "\n");
}

void require_ending(const std::string& option, const fs::path& path, const std::vector<std::string>& endings) {
  if (path.empty() || is_stream(path)) return;
  if (std::find(endings.begin(), endings.end(), io::ending_of(path)) != endings.end()) return;
  throw Error(ErrorCode::invalid_argument,
              option + " " + shown(path) + ": expected a name that ends in " + joined(endings, " or "));
}

fs::path sidecar_of(fs::path path) {
  if (path.empty() || is_stream(path)) return {};
  return path.replace_extension(".json");
}

}  // namespace kindred::cli

#include "host/cli/options/inputs.hpp"

#include "host/base/text.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/io/file.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace kindred::cli {
namespace {

/// The lines of a file, without line ends; one at the end of the file ends the last line.
std::vector<std::string> lines_of(const std::string& path) {
  const io::Bytes bytes = io::open_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  if (text.find('\0') != text.npos) throw Error(ErrorCode::invalid_data, bytes.origin + ": is not a list in text form");
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string& line = lines.emplace_back(text.substr(start, end - start));
    if (line.ends_with('\r')) line.pop_back();
    start = end + 1;
  }
  return lines;
}

/// Puts the names `given` by `option` in place of a member of each system; none change nothing.
template <class Set>
void rename(std::vector<Set>& systems, std::string Set::*member, const std::vector<std::string>& given,
            const char* option) {
  if (given.empty()) return;
  if (given.size() != systems.size()) {
    throw Error(ErrorCode::invalid_argument, std::string(option) + " gives " + std::to_string(given.size()) + " for " +
                                                 counted(systems.size(), "system"));
  }
  for (std::size_t i = 0; i < given.size(); ++i) systems[i].*member = given[i];
}

void check_names(const std::vector<std::string>& given) {
  std::set<std::string> seen;
  for (const std::string& name : given) {
    if (name.empty()) throw Error(ErrorCode::invalid_argument, "--names has an empty name");
    if (!seen.insert(name).second) {
      throw Error(ErrorCode::invalid_argument, "--names calls two systems '" + name + "'; groups have --labels");
    }
  }
}

template <class Set>
void rename(std::vector<Set>& systems, const InputOptions& options) {
  const auto names = listed(options.names), labels = listed(options.labels);
  check_names(names);
  rename(systems, &Set::name, names, "--names");
  rename(systems, &Set::label, labels, "--labels");
}

template <class Set>
std::vector<std::string> gather(const std::vector<Set>& systems, std::string Set::*member) {
  std::vector<std::string> out;
  out.reserve(systems.size());
  for (const Set& system : systems) out.push_back(system.*member);
  return out;
}

/// Gives the systems the inputs of --control, of which several systems may have the same.
void read_control(Collection& collection, const InputOptions& options) {
  if (options.control.empty()) return;
  const std::vector<std::string> paths = expand_lists(options.control);
  std::map<std::string, std::vector<TrajectorySet>> read;
  std::vector<TrajectorySet> inputs;
  for (const std::string& path : paths) {
    auto known = read.find(path);
    if (known == read.end()) {
      Loaded loaded = load_described({path}, load_options(options));
      collection.files.insert(collection.files.end(), loaded.files.begin(), loaded.files.end());
      known = read.emplace(path, std::move(loaded.systems)).first;
    }
    inputs.insert(inputs.end(), known->second.begin(), known->second.end());
  }
  try {
    add_inputs(collection.systems, inputs);
  } catch (const Error& error) {
    throw Error(error.code(), options.control_option + ": " + error.what());
  }
  collection.files.insert(collection.files.end(), paths.begin(), paths.end());
}

}  // namespace

void add_files(CLI::App& app, std::vector<std::string>& files) {
  app.add_option(
         "FILES", files,
         "Recordings: .npy, .npz, HDF5 (x.h5:/path), MATLAB (x.mat:variable), folders, globs, .json manifests, or "
         "@FILE with one of these a line")
      ->default_str("");
}

void add_operators(CLI::App& app, std::string& file) {
  app.add_option("--operators", file,
                 "Operators instead of recordings: .npy (N x r x r) or .npz; for spectral also spectra: a vector of "
                 "eigenvalues a system, complex or real")
      ->group("Input");
}

void add_read_options(CLI::App& app, InputOptions& options) {
  const std::string group = "Input";
  app.add_option("--layout", options.layout,
                 "Axes of the arrays, slowest first, such as channels,time or time,trials,channels "
                 "(auto: time,channels or trials,time,channels)")
      ->group(group);
  app.add_option("--npz", options.npz,
                 "Arrays of one .npz, HDF5 or MATLAB file, or of a group in it: systems, or trials of one system")
      ->check(CLI::IsMember({"systems", "trials"}))
      ->group(group);
}

void add_name_options(CLI::App& app, InputOptions& options) {
  app.add_option("--names", options.names, "Names of the systems in argument order: a,b,c, or @FILE with one a line")
      ->group("Input");
  app.add_option("--labels", options.labels,
                 "Group labels of the systems in argument order: a,a,b, or @FILE with one a line")
      ->group("Input");
}

void add_control_option(CLI::App& app, InputOptions& options) {
  add_control_option(app, options.control, "--control", "the systems");
}

void add_control_option(CLI::App& app, std::vector<std::string>& control, const std::string& option,
                        const std::string& systems) {
  app.add_option(
         option, control,
         "Inputs that act on " + systems + ": files as FILES, one system of inputs for each system, in the same order")
      ->default_str("")
      ->group("Input");
}

InputOptions with_control(InputOptions options, const std::vector<std::string>& control, const std::string& option) {
  options.control = control;
  options.control_option = option;
  return options;
}

std::vector<std::string> listed(const std::string& given) {
  return given.starts_with('@') ? lines_of(given.substr(1)) : split(given);
}

LoadOptions load_options(const InputOptions& options) {
  return {.layout = parse_layout(options.layout), .npz = parse_npz_arrays(options.npz)};
}

std::vector<std::string> Collection::names() const {
  return from_operators ? gather(operators, &Operator::name) : gather(systems, &TrajectorySet::name);
}
std::vector<std::string> Collection::labels() const {
  return from_operators ? gather(operators, &Operator::label) : gather(systems, &TrajectorySet::label);
}

std::vector<std::string> expand_lists(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  std::error_code error;
  for (const std::string& path : paths) {
    if (path == "-") {
      out.emplace_back("/dev/stdin");
    } else if (!path.starts_with('@') || std::filesystem::exists(path, error)) {
      out.push_back(path);
    } else {
      for (const std::string& line : lines_of(path.substr(1))) {
        if (!line.empty()) out.push_back(line);
      }
    }
  }
  if (out.empty()) throw Error(ErrorCode::invalid_argument, "no input: the list of files is empty");
  return out;
}

Collection read_systems(const std::vector<std::string>& given, const InputOptions& options, const Console& console) {
  const std::vector<std::string> paths = expand_lists(given);
  for (const std::string& path : paths) {
    if (written_by(path) != "fit") continue;
    throw Error(ErrorCode::invalid_argument, host::printable(path) +
                                                 ": holds operators that kindred fitted, not recordings; compare them "
                                                 "with --operators " +
                                                 host::printable(path));
  }
  Loaded loaded = load_described(paths, load_options(options));
  if (!loaded.left_out.empty()) {
    const std::size_t more = loaded.left_out.size() - 1;
    console.note("left out, as results of kindred and no recordings: " + host::printable(loaded.left_out.front()) +
                 (more > 0 ? " and " + counted(more, "other") : ""));
  }
  Collection collection;
  collection.systems = std::move(loaded.systems);
  collection.fits = std::move(loaded.fits);
  rename(collection.systems, options);
  collection.files.assign(paths.begin(), paths.end());
  read_control(collection, options);
  std::string first;
  std::size_t wide = 0;
  collection.files.insert(collection.files.end(), loaded.files.begin(), loaded.files.end());
  for (const ArrayInfo& array : loaded.arrays) {
    const bool guessed = !array.remark.empty() && array.shape.size() == 2;
    if (!guessed || array.channels <= array.steps || wide++ > 0) continue;
    first = "system '" + array.system + "' has " + std::to_string(array.channels) + " channels in " +
            std::to_string(array.steps) + " time steps";
  }
  if (wide > 1) first += ", and " + counted(wide - 1, "other system") + " likewise";
  if (wide > 0) console.warn(first + "; if the axes are meant otherwise, give --layout channels,time");
  return collection;
}

Collection read_operators(const std::string& given, const InputOptions& options) {
  const std::string path = given == "-" ? "/dev/stdin" : given;
  Collection collection;
  collection.from_operators = true;
  collection.operators = load_operators(path);
  rename(collection.operators, options);
  collection.files.emplace_back(path);
  return collection;
}

}  // namespace kindred::cli

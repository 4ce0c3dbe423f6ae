#include "host/cli/options/inputs.hpp"

#include "host/cli/options/arguments.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <set>

namespace kindred::cli {
namespace {

/// Puts `given` (from option `option`, if any) in place of a member of each system.
template <class Set>
void rename(std::vector<Set>& systems, std::string Set::*member, const std::string& given, const char* option) {
  const auto parts = split(given);
  if (parts.empty()) return;
  if (parts.size() != systems.size()) {
    throw Error(ErrorCode::invalid_argument, std::string(option) + " gives " + counted(parts.size(), "name") + " for " +
                                                 counted(systems.size(), "system"));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) systems[i].*member = parts[i];
}

void check_names(const std::string& given) {
  std::set<std::string> seen;
  for (const std::string& name : split(given)) {
    if (name.empty()) throw Error(ErrorCode::invalid_argument, "--names has an empty name");
    if (!seen.insert(name).second) {
      throw Error(ErrorCode::invalid_argument, "--names calls two systems '" + name + "'; groups have --labels");
    }
  }
}

template <class Set>
void rename(std::vector<Set>& systems, const InputOptions& options) {
  check_names(options.names);
  rename(systems, &Set::name, options.names, "--names");
  rename(systems, &Set::label, options.labels, "--labels");
}

template <class Set>
std::vector<std::string> gather(const std::vector<Set>& systems, std::string Set::*member) {
  std::vector<std::string> out;
  out.reserve(systems.size());
  for (const Set& system : systems) out.push_back(system.*member);
  return out;
}

}  // namespace

void add_files(CLI::App& app, std::vector<std::string>& files) {
  app.add_option("FILES", files, "Recordings: .npy, .npz, folders, globs or .json manifests")->default_str("");
}

void add_read_options(CLI::App& app, InputOptions& options) {
  const std::string group = "Input";
  app.add_option("--layout", options.layout,
                 "Axes of the arrays, slowest first, such as channels,time or time,trials,channels "
                 "(auto: time,channels or trials,time,channels)")
      ->group(group);
  app.add_option("--npz", options.npz, "Arrays of one .npz: systems, or trials of one system")
      ->check(CLI::IsMember({"systems", "trials"}))
      ->group(group);
}

void add_name_options(CLI::App& app, InputOptions& options) {
  app.add_option("--names", options.names, "Names of the systems: a,b,c in argument order")->group("Input");
  app.add_option("--labels", options.labels, "Group labels of the systems: a,a,b in argument order")->group("Input");
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

Collection read_systems(const std::vector<std::string>& paths, const InputOptions& options, const Console& console) {
  const LoadOptions how = load_options(options);
  Collection collection;
  collection.systems = load(paths, how);
  rename(collection.systems, options);
  std::string first;
  std::size_t wide = 0;
  for (const std::string& path : paths) {
    collection.files.emplace_back(path);
    for (const ArrayInfo& array : describe(path, how)) {
      collection.files.emplace_back(array.file);
      const bool guessed = !array.remark.empty() && array.shape.size() == 2;
      if (!guessed || array.channels <= array.steps || wide++ > 0) continue;
      first = "system '" + array.system + "' has " + std::to_string(array.channels) + " channels in " +
              std::to_string(array.steps) + " time steps";
    }
  }
  if (wide > 1) first += ", and " + counted(wide - 1, "other system") + " likewise";
  if (wide > 0) console.warn(first + "; if the axes are meant otherwise, give --layout channels,time");
  return collection;
}

Collection read_operators(const std::string& path, const InputOptions& options) {
  Collection collection;
  collection.from_operators = true;
  collection.operators = load_operators(path);
  rename(collection.operators, options);
  collection.files.emplace_back(path);
  return collection;
}

}  // namespace kindred::cli

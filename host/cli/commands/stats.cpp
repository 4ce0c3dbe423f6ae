#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/report/markup.hpp"
#include "host/cli/result/group_figures.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/tables.hpp"

#include "host/base/text.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file.hpp"
#include "host/io/matrices.hpp"
#include "host/io/results.hpp"

#include <kindred/error.hpp>
#include <kindred/version.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace kindred::cli {
namespace {

using statistics::Distances;

struct StatsOptions {
  std::vector<std::string> files;
  std::string names, labels;
  statistics::Options test;
  std::string embedding;
  index_t dimensions = 2;
  bool no_clobber = false;
  SayOptions say;
};

/// The matrices, and what their systems are called.
struct Input {
  std::vector<Distances> matrices;
  std::vector<std::string> names, labels;  ///< labels may be missing
};

/// Names and labels of the systems of a result of kindred, from the JSON beside it.
void read_sidecar(const std::string& path, std::size_t systems, Input& input) {
  io::Results results;
  auto result = results.find(path);
  if (!result) result = results.find(path.substr(0, path.rfind(':')));  // D.npz:dsa
  if (!result) return;
  const io::Bytes bytes = io::open_file(result->sidecar);
  const auto* text = reinterpret_cast<const char*>(bytes.data.data());
  const Json sidecar = Json::parse(text, text + bytes.data.size(), nullptr, false);
  const Json listed = sidecar.value("systems", Json::array());
  if (listed.size() != systems) return;
  bool any_label = false;
  for (const Json& system : listed) {
    input.names.push_back(system.value("name", ""));
    input.labels.push_back(system.value("label", ""));
    any_label = any_label || !input.labels.back().empty();
  }
  if (!any_label) input.labels.clear();
}

/// Matrices of one name are told apart by their files.
void add(const std::string& path, Input& input) {
  for (io::Matrix& matrix : io::read_matrices(path)) {
    const bool known = std::any_of(input.matrices.begin(), input.matrices.end(),
                                   [&](const Distances& other) { return other.name == matrix.name; });
    const bool whole_file = matrix.name == std::filesystem::path(path).stem();
    const std::string apart = path + (whole_file || path.ends_with(":" + matrix.name) ? "" : ":" + matrix.name);
    input.matrices.push_back({known ? apart : std::move(matrix.name), std::move(matrix.values)});
  }
}

Input read(const StatsOptions& o) {
  Input input;
  const std::vector<std::string> paths = expand_lists(o.files);
  for (std::size_t k = 0; k < paths.size(); ++k) {
    if (std::count(paths.begin(), paths.begin() + static_cast<std::ptrdiff_t>(k), paths[k]) > 0) {
      throw Error(ErrorCode::invalid_argument, host::printable(paths[k]) + " is given twice");
    }
    add(paths[k], input);
  }
  const auto systems =
      static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(input.matrices.front().values.size()))));
  read_sidecar(paths.front(), systems, input);
  const auto replace = [systems](std::vector<std::string>& words, const std::string& given, const char* option) {
    if (given.empty()) return;
    words = listed(given);
    if (words.size() == systems) return;
    throw Error(ErrorCode::invalid_argument,
                std::string(option) + " gives " + std::to_string(words.size()) + " for " + counted(systems, "system"));
  };
  replace(input.names, o.names, "--names");
  replace(input.labels, o.labels, "--labels");
  for (std::size_t i = input.names.size(); i < systems; ++i) input.names.push_back(std::to_string(i));
  return input;
}

std::string left_out(const std::vector<index_t>& systems, const std::vector<std::string>& names, const char* why) {
  if (systems.empty()) return {};
  constexpr std::size_t most = 10;
  std::string text = "  left out: ";
  for (std::size_t k = 0; k < std::min(systems.size(), most); ++k) {
    text += (k > 0 ? ", " : "") + host::printable(names[static_cast<std::size_t>(systems[k])]);
  }
  if (systems.size() > most) text += " and " + counted(systems.size() - most, "other");
  return text + " (" + why + ")\n";
}

Json named(const std::vector<index_t>& systems, const std::vector<std::string>& names) {
  Json out = Json::array();
  for (const index_t i : systems) out.push_back(names[static_cast<std::size_t>(i)]);
  return out;
}

Json interval_json(const statistics::WithInterval& f) { return {{"value", f.value}, {"low", f.low}, {"high", f.high}}; }
Json test_json(const statistics::PermutationTest& t) {
  return {{"p", t.p}, {"q", t.q}, {"permutations", t.permutations}, {"exact", t.exact}};
}

void add_groups(const Input& input, const StatsOptions& o, Json& document, std::string& text) {
  const auto found = statistics::compare_groups(input.matrices, input.labels, o.test);
  for (const statistics::GroupComparison& g : found) {
    Json entry = json_of(facts_of(g))["statistics"];
    entry["name"] = g.name;
    entry["left_out"] = named(g.left_out, input.names);
    document["groups"].push_back(std::move(entry));
    text += host::printable(g.name) + ": " + counted(g.systems, "system") + " in " + counted(g.groups, "group") + "\n" +
            lines_of(g, found.size() > 1) + left_out(g.left_out, input.names, "no label, or no distance to another");
  }
}

void add_correlations(const Input& input, const StatsOptions& o, Json& document, std::string& text) {
  const auto found = statistics::correlate(input.matrices, o.test);
  for (const statistics::MatrixCorrelation& c : found) {
    Json pearson = interval_json(c.pearson), spearman = interval_json(c.spearman);
    pearson["test"] = test_json(c.pearson_test);
    spearman["test"] = test_json(c.spearman_test);
    document["correlations"].push_back({{"first", c.first},
                                        {"second", c.second},
                                        {"systems", c.systems},
                                        {"pearson", std::move(pearson)},
                                        {"spearman", std::move(spearman)},
                                        {"left_out", named(c.left_out, input.names)}});
    text += host::printable(c.first) + " with " + host::printable(c.second) +
            " (Mantel): " + counted(c.systems, "system") + "\n  Pearson " + told(c.pearson) + ", " +
            told(c.pearson_test, found.size() > 1) + "\n  Spearman " + told(c.spearman) + ", " +
            told(c.spearman_test, found.size() > 1) + "\n" +
            left_out(c.left_out, input.names, "no distance to another");
  }
}

/// Coordinates of the first matrix, a line a system.
std::string embedding_of(const Input& input, const StatsOptions& o) {
  const statistics::Embedding e = statistics::classical_mds(input.matrices.front(), o.dimensions);
  std::string text = "name,label";
  for (index_t k = 1; k <= e.dimensions; ++k) text += ",x" + std::to_string(k);
  text += "\n";
  for (std::size_t i = 0; i < input.names.size(); ++i) {
    text += csv_field(input.names[i]) + "," + (input.labels.empty() ? "" : csv_field(input.labels[i]));
    for (index_t k = 0; k < e.dimensions; ++k) {
      text += "," + digits(e.coordinates[i * static_cast<std::size_t>(e.dimensions) + static_cast<std::size_t>(k)]);
    }
    text += "\n";
  }
  return text;
}

void run(const StatsOptions& o, const Call& call) {
  const Console console = console_for(o.say, {o.embedding});
  if (o.files.empty()) throw Error(ErrorCode::invalid_argument, "no input: give matrices of distances (FILES)");
  Outputs outputs;
  outputs.add("--embedding", o.embedding);
  const std::vector<std::string> paths = expand_lists(o.files);
  outputs.check({paths.begin(), paths.end()}, o.no_clobber);
  const Input input = read(o);
  if (input.labels.empty() && input.matrices.size() < 2 && o.embedding.empty()) {
    throw Error(ErrorCode::invalid_argument,
                "nothing to tell of one matrix without groups: give --labels, a second matrix, or --embedding");
  }
  Json document = {{"program", "kindred"},
                   {"version", version()},
                   {"command", "stats"},
                   {"arguments", call.arguments},
                   {"outputs", Json::object()},
                   {"seed", o.test.seed},
                   {"resamples", o.test.resamples},
                   {"confidence", o.test.confidence},
                   {"neighbours", o.test.neighbours}};
  std::string text;
  if (!input.labels.empty()) add_groups(input, o, document, text);
  if (input.matrices.size() > 1) add_correlations(input, o, document, text);
  if (!text.empty() && o.test.resamples > 0) {
    text += "[ ]: " + digits(100 * o.test.confidence) + " % intervals over systems, from " +
            std::to_string(o.test.resamples) + " resamples\n";
  }
  if (!o.embedding.empty()) {
    const std::string coordinates = embedding_of(input, o);
    check_interrupt();
    io::write_file(o.embedding, coordinates);
    document["outputs"]["embedding"] = o.embedding;
    text += "wrote " + o.embedding + "\n";
  }
  if (o.say.json) console.result(text_of(document, -1));
  console.print(text);
}

void declare(CLI::App& app, StatsOptions& o) {
  app.add_option(
         "FILES", o.files,
         "Matrices of distances between the same systems: .npy, .npz (each array), or one array of it, D.npz:dsa")
      ->default_str("");
  const std::string from = " (default: of the JSON beside the first matrix)";
  app.add_option("--labels", o.labels,
                 "Group labels of the systems in their order: a,a,b, or @FILE with one a line" + from)
      ->default_str("")
      ->group("Input");
  app.add_option("--names", o.names, "Names of the systems in their order, likewise" + from)
      ->default_str("")
      ->group("Input");
  app.add_option("--permutations", o.test.permutations,
                 "Random relabellings of a test; all of them are evaluated where there are no more")
      ->check(whole_number(1))
      ->group("Tests");
  app.add_option("--resamples", o.test.resamples, "Of the bootstrap of the intervals (0: no intervals)")
      ->check(whole_number(0))
      ->group("Tests");
  app.add_option("--confidence", o.test.confidence, "Of the intervals")->check(number(0.5, 0.9999))->group("Tests");
  app.add_option("--neighbours", o.test.neighbours, "Nearest systems that vote on a system's label")
      ->check(whole_number(1))
      ->group("Tests");
  app.add_option("--seed", o.test.seed, "Of relabellings and resamples; the same seed gives the same bits")
      ->group("Tests");
  add_output(app, "--embedding", o.embedding,
             "Coordinates of the first matrix by classical multidimensional scaling: .csv (-: to standard output)");
  app.add_option("--dimensions", o.dimensions, "Of the embedding")->check(whole_number(1))->group("Output");
  add_output_flag(app, "--no-clobber", o.no_clobber, "Refuse to replace outputs that are there");
  add_say_options(app, o.say);
}

}  // namespace

Command stats_command(CLI::App* app) { return make_command<StatsOptions>(app, declare, run); }

}  // namespace kindred::cli

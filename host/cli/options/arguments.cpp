#include "host/cli/options/arguments.hpp"

#include "host/base/numbers.hpp"
#include "host/base/text.hpp"

#include <kindred/dmd.hpp>
#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

namespace kindred::cli {
namespace {

std::string suggestion(const std::string& word, const std::vector<std::string>& candidates) {
  const std::string near = host::nearest(word, candidates);
  return near.empty() ? std::string() : "; did you mean '" + near + "'?";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

[[noreturn]] void reject(const std::string& message) { throw Error(ErrorCode::invalid_argument, message); }

/// Whether the command `app` takes a word such as -o or -ofile.
bool is_short_option(const CLI::App& app, const std::string& word) {
  const auto options = app.get_options();
  return std::any_of(options.begin(), options.end(), [&word](const CLI::Option* option) {
    return word.size() > 1 && contains(option->get_snames(), word.substr(1, 1));
  });
}

void check_option(const CLI::App& app, const std::string& name, std::set<std::string>& seen) {
  const auto known = option_names(app);
  if (!contains(known, name)) reject("unknown option '" + name + "'" + suggestion(name, known));
  if (!seen.insert(name).second && app.get_option(name)->get_items_expected_max() == 1) {
    reject("option '" + name + "' is given twice");
  }
}

/// Rejects an option that takes values where another option follows in the place of the first.
void check_value(const CLI::App& app, const std::string& word, const std::string& next) {
  if (word.find('=') != std::string::npos || app.get_option(word)->get_items_expected_min() == 0) return;
  const std::string name = next.substr(0, next.find('='));
  if (!name.starts_with("--") || !contains(option_names(app), name)) return;
  reject("option '" + word + "' needs a value, and '" + name + "' is an option");
}

}  // namespace

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

const CLI::App& check_words(const CLI::App& program, const std::vector<std::string>& arguments) {
  const CLI::App* app = &program;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") return *app;
    const auto known = command_names(*app);
    if (word.starts_with("--")) {
      check_option(*app, word.substr(0, word.find('=')), seen);
      if (i + 1 < arguments.size()) check_value(*app, word, arguments[i + 1]);
    } else if (word.starts_with("-")) {
      std::error_code error;
      if (!is_short_option(*app, word) && std::filesystem::exists(word, error)) {
        reject("the file '" + word + "' is named like an option: write ./" + word);
      }
    } else if (!known.empty()) {
      if (!contains(known, word)) {
        const std::string near = suggestion(word, known);
        reject("unknown command '" + word + "'" + (near.empty() ? ", expected " + joined(known) : near));
      }
      app = app->get_subcommand(word);
    }
  }
  const bool help = contains(arguments, "--help") || contains(arguments, "-h") || contains(arguments, "--version");
  if (const auto known = command_names(*app); !known.empty() && !help) {
    reject("no command is given, expected " + joined(known));
  }
  return *app;
}

std::vector<std::string> without_mark(const CLI::App& program, std::vector<std::string> arguments) {
  const CLI::App& command = check_words(program, arguments);
  auto mark = std::find(arguments.begin(), arguments.end(), "--");
  if (mark == arguments.end()) return arguments;
  std::vector<std::string> files(mark + 1, arguments.end());
  for (std::string& file : files) {
    if (file.starts_with("-")) file.insert(0, "./");
  }
  arguments.erase(mark, arguments.end());
  const auto last = std::find_if(arguments.rbegin(), arguments.rend(),
                                 [](const std::string& word) { return word.starts_with("--"); });
  auto place = arguments.end();
  if (last != arguments.rend()) {
    const CLI::Option* option = command.get_option_no_throw(last->substr(0, last->find('=')));
    if (option != nullptr && option->get_items_expected_max() > 1) place = last.base() - 1;
  }
  arguments.insert(place, files.begin(), files.end());
  return arguments;
}

std::vector<std::string> given_options(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0 && !option->get_lnames().empty()) names.push_back("--" + option->get_lnames().front());
  }
  return names;
}

CLI::Validator whole_number(index_t low, index_t high) {
  const bool bounded = high != std::numeric_limits<index_t>::max();
  const std::string expected =
      bounded ? "from " + std::to_string(low) + " to " + std::to_string(high) : ">= " + std::to_string(low);
  return {[low, high, expected](std::string& text) {
            const auto value = host::number_in<index_t>(text);
            return value && *value >= low && *value <= high ? std::string()
                                                            : "'" + text + "' is not a whole number " + expected;
          },
          ""};
}

CLI::Validator rank_rule(bool several) {
  return {[several](std::string& text) {
            const std::vector<std::string> parts = split(text);
            const auto is_rank = [](const std::string& part) {
              const auto rule = parse_rank_rule(part);
              return rule && rule->is_number();
            };
            const bool list = several && parts.size() > 1 && std::all_of(parts.begin(), parts.end(), is_rank);
            if (list || parse_rank_rule(text)) return std::string();
            return "'" + text + "' is no rank: expected " + std::string(rank_rule_forms) +
                   (several ? ", or several ranks above 0 such as 10,20,50" : "");
          },
          ""};
}

CLI::Validator byte_count() {
  return {[](std::string& text) {
            const std::string given = text;
            try {
              if (CLI::AsSizeValue(false)(text).empty()) return std::string();
            } catch (const CLI::ValidationError&) {
            }
            return "'" + given + "' is not a number of bytes such as 500M or 4G";
          },
          ""};
}

CLI::Validator number(double low, double high) {
  char bounds[64] = "";
  if (std::isfinite(low))
    std::snprintf(bounds, sizeof bounds, std::isfinite(high) ? " from %g to %g" : " >= %g", low, high);
  return {[low, high, expected = std::string(bounds)](std::string& text) {
            const auto value = host::number_in<double>(text);
            return value && std::isfinite(*value) && *value >= low && *value <= high
                       ? std::string()
                       : "'" + text + "' is not a number" + expected;
          },
          ""};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  if (text.empty()) return parts;
  std::size_t start = 0;
  while (true) {
    const std::size_t comma = text.find(',', start);
    parts.push_back(text.substr(start, comma - start));
    if (comma == std::string::npos) return parts;
    start = comma + 1;
  }
}

}  // namespace kindred::cli

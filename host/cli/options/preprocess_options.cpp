#include "host/cli/options/preprocess_options.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/metric/field_text.hpp"

#include <kindred/error.hpp>
#include <kindred/preprocess_fields.hpp>

#include <algorithm>

namespace kindred::cli {
namespace {

/// Whole numbers from 0, or the share of the variance.
CLI::Validator component_count() {
  return {[](std::string& text) {
            Preprocess scratch;
            try {
              set_field(scratch, "components", text);
            } catch (const Error&) {
              return "'" + text +
                     "': expected a whole number from 0, or variance:SHARE with a share above 0 and up to 1";
            }
            return std::string();
          },
          ""};
}

template <class T>
void add(CLI::App& app, PreprocessOptions& o, const Field<Preprocess, T>& field) {
  const std::string name(field.name), option = preprocess_option(name);
  CLI::Option* added = nullptr;
  if constexpr (std::is_same_v<T, bool>) {
    added = app.add_flag_callback(
        option, [&o, name] { o.fields[name] = "yes"; }, std::string(field.meaning));
  } else {
    const auto store = [&o, name](const std::string& text) { o.fields[name] = text; };
    added = app.add_option_function<std::string>(option, store, std::string(field.meaning));
    added->default_str(host::field_text(Preprocess{}.*field.member));
    if constexpr (std::is_enum_v<T>) {
      std::vector<std::string> known;
      for (const Word<T>& word : words<T>) known.emplace_back(word.word);
      added->check(CLI::IsMember(known));
    } else if (name == "components") {
      added->type_name("INT|variance:SHARE")->check(component_count());
    } else if constexpr (std::is_integral_v<T>) {
      added->type_name("INT")->check(whole_number(static_cast<index_t>(field.least)));
    } else {
      added->type_name("FLOAT")->check(number(field.least, field.most));
    }
  }
  added->group("Preprocessing");
}

}  // namespace

std::string preprocess_option(std::string_view field) {
  if (field == "variance") return "--components variance:SHARE";
  std::string option = "--" + std::string(field);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

void add_preprocess_options(CLI::App& app, PreprocessOptions& options, bool one_collection) {
  const Preprocess defaults;
  visit_fields(defaults, [&](const auto& field, const auto&) {
    if (field.name == "variance" || (field.name == "common_basis" && !one_collection)) return;
    add(app, options, field);
  });
}

Preprocess preprocess_of(const PreprocessOptions& options) {
  Preprocess steps;
  for (const auto& [field, text] : options.fields) set_field(steps, field, text);
  return steps;
}

void prepare(Engine& engine, Collection& collection, const Preprocess& steps) {
  auto& systems = collection.systems;
  const bool own = std::any_of(systems.begin(), systems.end(), [](const auto& s) { return !s.preprocess.empty(); });
  if (!own && steps == Preprocess{}) return;
  if (collection.from_operators) {
    throw Error(ErrorCode::invalid_argument, "the preparation is of recordings; --operators has none");
  }
  for (const TrajectorySet& system : systems) {
    auto& kept = collection.own_steps.emplace_back();
    if (!system.preprocess.empty()) kept = preprocess_of(system, steps);
  }
  systems = engine.preprocess(systems, steps);
}

}  // namespace kindred::cli

#include "host/cli/options/metric_options.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/options/field_options.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_names.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace kindred::cli {
namespace {

using Words = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::invalid_argument, message); }

/// Whether a metric has a field, and the words that it takes there.
struct Taken {
  bool taken = false;
  Words words;
};

Taken taken(const Metric& metric, std::string_view field) {
  Taken out;
  const auto look = [&]<class Owner, class T>(const Field<Owner, T>& f, const T&) {
    if (f.name != field) return;
    out.taken = true;
    if constexpr (std::is_enum_v<T>) {
      for (const Word<T>& known : words<T>) out.words.emplace_back(known.word);
    }
  };
  std::visit([&](const auto& m) { visit_fields(m, look); }, metric);
  return out;
}

/// Gives the metric what concerns it of the options.
void configure(Metric& metric, const MetricOptions& o, const std::string& name) {
  const auto given = [&o](const char* field, const char* text) {
    const auto found = o.fields.find(field);
    return found != o.fields.end() && found->second == text;
  };
  for (const auto& [field, text] : o.fields) {
    const auto [concerned, known] = taken(metric, field);
    if (!concerned) continue;
    if (!known.empty() && !contains(known, text)) {
      if (field == "precision" && text == "mixed") continue;  // of the search; products stay in float64
      refuse(field_option(field).option + " " + text + ": " + name + " has " + joined(known) + " only");
    }
    if (field == "folds" && text == "1") refuse("--folds 1: expected 0 (no cross-validation), or 2 or more");
    set_field(metric, field, text);
  }
  if (std::holds_alternative<Dsa>(metric) && given("unit_norm", "no")) {
    if (given("score", "angular")) {
      refuse("--no-normalize gives a raw Frobenius distance, which has no angle: leave out --score angular");
    }
    set_field(metric, "score", "euclidean");
  }
}

std::string metric_help() {
  std::string help = "What to compute, one or several with commas:";
  for (const MetricName& known : metric_names()) {
    help += "\n  " + std::string(known.name) + ": " + std::string(known.summary);
    for (const std::string_view alias : known.aliases) help += "\n    = " + std::string(alias);
  }
  return help;
}

/// Checks and type of an option that takes a value.
void limit(CLI::Option& option, const FieldOption& field, bool several_ranks) {
  switch (field.kind) {
    case FieldOption::Kind::flag:
      break;
    case FieldOption::Kind::whole:
      option.type_name("INT")->check(whole_number(static_cast<index_t>(field.least)));
      break;
    case FieldOption::Kind::real:
      option.type_name("FLOAT")->check(number(field.least, field.most));
      break;
    case FieldOption::Kind::rank:
      option.type_name("RANK")->check(rank_rule(several_ranks));
      break;
    case FieldOption::Kind::word:
      option.check(CLI::IsMember(field.words));
      if (field.field == "effort") {  // as the standard effort is also called
        option.transform(CLI::Validator(
            [](std::string& text) {
              if (text == "default") text = "standard";
              return std::string();
            },
            ""));
      }
      break;
  }
}

void add(CLI::App& app, MetricOptions& o, const FieldOption& field) {
  CLI::Option* option = nullptr;
  if (field.kind == FieldOption::Kind::flag) {
    const std::string text = is_inverted(field) ? "no" : "yes";
    option = app.add_flag_callback(
        field.option, [&o, &field, text] { o.fields[field.field] = text; }, field.help);
  } else {
    const auto store = [&o, &field](const std::string& text) { o.fields[field.field] = text; };
    option = app.add_option_function<std::string>(field.option, store, field.help);
    limit(*option, field, o.several_ranks);
    const auto preset = o.fields.find(field.field);
    option->default_str(preset != o.fields.end() ? preset->second : field.initial);
  }
  option->group(field.group);
}

}  // namespace

void add_field_option(CLI::App& app, MetricOptions& options, std::string_view field) {
  add(app, options, field_option(field));
}

void add_dmd_options(CLI::App& app, MetricOptions& options) {
  for (const FieldOption& field : field_options()) {
    if (contains(field.owners, "Dmd")) add(app, options, field);
  }
}

void add_metric_options(CLI::App& app, MetricOptions& options) {
  app.add_option("--metric", options.metrics, metric_help())->group("Metric");
  for (const FieldOption& field : field_options()) add(app, options, field);
}

Dmd dmd_of(const MetricOptions& options) {
  Dmd dmd;
  for (const auto& [field, text] : options.fields) {
    if (contains(field_option(field).owners, "Dmd")) set_field(dmd, field, text);
  }
  return dmd;
}

Dmd with_fields(Dmd dmd, const FitFields& fields) {
  for (const auto& [field, text] : fields) set_field(dmd, field, text);
  return dmd;
}

std::uint64_t seed_of(const MetricOptions& options) {
  Metric metric = Dsa{};
  if (const auto seed = options.fields.find("seed"); seed != options.fields.end()) {
    set_field(metric, "seed", seed->second);
  }
  return std::get<Dsa>(metric).seed;
}

std::string value_of(const MetricOptions& options, std::string_view field) {
  const auto found = options.fields.find(std::string(field));
  return found != options.fields.end() ? found->second : field_option(field).initial;
}

std::vector<MetricEntry> metric_list(const MetricOptions& options) {
  std::vector<MetricEntry> list;
  for (const std::string& spelt : split(options.metrics)) {
    std::string name = spelt;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    if (std::any_of(list.begin(), list.end(), [&name](const MetricEntry& e) { return e.name == name; })) {
      refuse("--metric: '" + name + "' is asked for twice");
    }
    Metric metric = make_metric(spelt);
    configure(metric, options, name);
    list.push_back({name, metric});
  }
  if (list.empty()) refuse("--metric: expected a name such as dsa");
  return list;
}

std::vector<std::string> unused_options(const std::vector<std::string>& given, const std::vector<MetricEntry>& metrics,
                                        bool from_operators) {
  Words unused;
  for (const std::string& option : given) {
    for (const FieldOption& field : field_options()) {
      if (field.option != option) continue;
      const bool used = std::any_of(metrics.begin(), metrics.end(),
                                    [&](const MetricEntry& entry) { return taken(entry.metric, field.field).taken; });
      if (!used || (from_operators && contains(field.owners, "Dmd"))) unused.push_back(option);
    }
  }
  return unused;
}

}  // namespace kindred::cli

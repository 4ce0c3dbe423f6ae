#include "host/cli/options/field_options.hpp"

#include "host/cli/options/arguments.hpp"
#include "host/cli/options/preprocess_options.hpp"
#include "host/metric/field_text.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/metric_names.hpp>
#include <kindred/preprocess_fields.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace kindred::cli {
namespace {

/// Options that are not called what their field is called, and fields without an option.
struct Exception {
  std::string_view field, option, help;
};
constexpr Exception exceptions[] = {
    {"unit_norm", "--no-normalize", "Compare operators as they are, not scaled to unit norm"},
    {"over_half_pi", "--normalized", {}},
    {"estimator", {}, {}},
    {"explained_variance", {}, {}},
    {"dimensions", {}, {}},
    {"match", {}, {}},
    {"overlap", {}, {}},
    {"unbiased", {}, {}},
    {"compare", {}, {}},
    {"centre", "--no-centre", "Compare recordings (or the kernels of cka) as they are, without subtracting means"}};
constexpr std::string_view of_the_search[] = {"effort", "precision", "seed"};

const Exception* exception_of(std::string_view field) {
  const auto* const found =
      std::find_if(std::begin(exceptions), std::end(exceptions), [&](const Exception& e) { return e.field == field; });
  return found == std::end(exceptions) ? nullptr : found;
}

template <class T>
FieldOption::Kind kind_of() {
  if constexpr (std::is_same_v<T, bool>) return FieldOption::Kind::flag;
  if constexpr (std::is_same_v<T, RankRule>) return FieldOption::Kind::rank;
  if constexpr (std::is_integral_v<T>) return FieldOption::Kind::whole;
  if constexpr (std::is_floating_point_v<T>) return FieldOption::Kind::real;
  return FieldOption::Kind::word;
}

/// Adds the field to its option's entry: "first meaning; second meaning", words without repetition.
template <class Owner, class T>
void add(std::vector<FieldOption>& list, const Field<Owner, T>& field, const T& value) {
  const Exception* exception = exception_of(field.name);
  if (exception != nullptr && exception->option.empty()) return;
  const std::string help(exception != nullptr && !exception->help.empty() ? exception->help : field.meaning);
  const std::string initial = std::is_same_v<T, bool> ? std::string() : host::field_text(value);
  auto entry = std::find_if(list.begin(), list.end(), [&](const FieldOption& o) { return o.field == field.name; });
  if (entry == list.end()) {
    FieldOption fresh;
    fresh.field = field.name;
    fresh.option = "--" + fresh.field;
    fresh.help = help;
    std::replace(fresh.option.begin(), fresh.option.end(), '_', '-');
    if (exception != nullptr) fresh.option = exception->option;
    const bool search =
        std::find(std::begin(of_the_search), std::end(of_the_search), field.name) != std::end(of_the_search);
    fresh.group = std::is_same_v<Owner, Dmd> ? "Delay embedding and operator" : search ? "Search" : "Metric";
    fresh.initial = initial;
    fresh.kind = kind_of<T>();
    fresh.least = field.least;
    fresh.most = field.most;
    entry = list.insert(list.end(), std::move(fresh));
  }
  const std::string owner(Description<Owner>::type);
  if (!contains(entry->owners, owner)) entry->owners.push_back(owner);
  if (entry->help.find(help.substr(1)) == std::string::npos) {
    entry->help += "; " + help;
    char& first = entry->help[entry->help.size() - help.size()];
    first = static_cast<char>(std::tolower(first));
  }
  if (entry->initial != initial) entry->initial = "the metric's own";
  if constexpr (std::is_enum_v<T>) {
    for (const Word<T>& known : words<T>) {
      if (!contains(entry->words, std::string(known.word))) entry->words.emplace_back(known.word);
    }
  }
}

/// How the command line spells a field of the public structs.
struct Spelling {
  std::string field, option;
  bool flag = false;
};

const std::vector<Spelling>& spellings() {
  static const std::vector<Spelling> list = [] {
    std::vector<Spelling> out = {{"HoldOut::by", "--hold-out"},
                                 {"HoldOut::share", "--hold-out"},
                                 {"SweepGrid::delays", "--delays"},
                                 {"SweepGrid::intervals", "--interval"},
                                 {"SweepGrid::ranks", "--rank"},
                                 {"Engine::cross", "kindred cross"},
                                 {"TrajectorySet::inputs", "--control"},
                                 {"EngineOptions::memory_budget", "--memory"},
                                 {"NearestOptions::k", "--k"},
                                 {"NearestOptions::radius", "--radius"},
                                 {"LoadOptions::layout", "--layout"},
                                 {"LoadOptions::npz", "--npz"},
                                 {"statistics::Options::permutations", "--permutations"},
                                 {"statistics::Options::resamples", "--resamples"},
                                 {"statistics::Options::confidence", "--confidence"},
                                 {"statistics::Options::neighbours", "--neighbours"}};
    const Preprocess defaults;
    visit_fields(defaults, [&]<class T>(const Field<Preprocess, T>& field, const T&) {
      out.push_back({"Preprocess::" + std::string(field.name), preprocess_option(field.name), std::is_same_v<T, bool>});
    });
    for (const FieldOption& o : field_options()) {
      for (const std::string& owner : o.owners) {
        out.push_back({owner + "::" + o.field, o.option, o.kind == FieldOption::Kind::flag});
      }
    }
    return out;
  }();
  return list;
}

}  // namespace

const std::vector<FieldOption>& field_options() {
  static const std::vector<FieldOption> list = [] {
    std::vector<FieldOption> out;
    for (const MetricName& known : metric_names()) {
      std::visit([&out](const auto& m) { visit_fields(m, [&out](const auto& f, const auto& v) { add(out, f, v); }); },
                 make_metric(known.name));
    }
    return out;
  }();
  return list;
}

const FieldOption& field_option(std::string_view field) {
  const auto& list = field_options();
  return *std::find_if(list.begin(), list.end(), [&](const FieldOption& o) { return o.field == field; });
}

std::string in_options(std::string message) {
  for (const Spelling& spelling : spellings()) {
    for (std::size_t at = message.find(spelling.field); at != std::string::npos;
         at = message.find(spelling.field, at + 1)) {
      std::size_t end = at + spelling.field.size();
      if (end < message.size() &&
          (std::isalnum(static_cast<unsigned char>(message[end])) != 0 || message[end] == '_')) {
        continue;  // another field, whose name begins alike
      }
      std::string words = spelling.option;
      if (constexpr std::string_view is = " = "; message.compare(end, is.size(), is) == 0) {
        end += is.size();
        if (spelling.flag) {
          end = std::min(message.find_first_of(" ,;:)", end), message.size());  // the flag says true or false itself
        } else {
          words += ' ';
        }
      }
      message.replace(at, end - at, words);
    }
  }
  return message;
}

bool is_inverted(const FieldOption& option) { return option.option.starts_with("--no-"); }

}  // namespace kindred::cli

/// The descriptions of the metrics' fields: none is missing, and each decides what a comparison is.
#include "tests/io/files.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace kindred;
using Catch::Contains;

namespace {

/// Other values than `value` that the field may have, as set_field takes them.
template <class T>
std::vector<std::string> others(const T& value) {
  std::vector<std::string> out;
  if constexpr (std::is_same_v<T, bool>) {
    out.emplace_back(value ? "no" : "yes");
  } else if constexpr (std::is_enum_v<T>) {
    for (const Word<T>& known : words<T>) {
      if (known.value != value) out.emplace_back(known.word);
    }
  } else if constexpr (std::is_same_v<T, RankRule>) {
    out = {"3", "4", "full", "sigma:0.25", "sigma:0.25000000000000006", "sigma-ratio:0.25", "variance:0.25", "svht"};
  } else if constexpr (std::is_floating_point_v<T>) {
    out = {"0.25", "0.25000000000000006"};  // neighbours in float64
  } else {
    out = {"3", "4"};
  }
  return out;
}

/// The same within the field's bounds.
template <class Owner, class T>
std::vector<std::string> others(const Field<Owner, T>& field, const T& value) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    if (std::isfinite(field.most)) {
      std::vector<std::string> out;
      for (auto k = static_cast<long>(field.least); k <= static_cast<long>(field.most); ++k) {
        if (k != static_cast<long>(value)) out.push_back(std::to_string(k));
      }
      return out;
    }
  }
  return others(value);
}

std::vector<Metric> all_metrics() {
  std::vector<Metric> out;
  for (const MetricName& known : metric_names()) out.push_back(make_metric(known.name));
  return out;
}

/// "`fast`, `standard`, `thorough`", "yes, no", "from 1", "0 to 1"; the default in the same words.
template <class Owner, class T>
std::string values(const Field<Owner, T>& field) {
  std::ostringstream out;
  if constexpr (std::is_same_v<T, bool>) {
    out << "yes, no";
  } else if constexpr (std::is_enum_v<T>) {
    for (const Word<T>& known : words<T>) out << (out.str().empty() ? "`" : ", `") << known.word << '`';
  } else if constexpr (std::is_same_v<T, RankRule>) {
    out << "from 0, `full`, `sigma:T`, `sigma-ratio:T`, `variance:F`, `svht`";
  } else {
    out << (std::isfinite(field.most) ? "" : "from ") << field.least;
    if (std::isfinite(field.most)) out << " to " << field.most;
  }
  return out.str();
}
template <class T>
std::string plain(const T& value) {
  std::ostringstream out;
  if constexpr (std::is_same_v<T, bool>) {
    out << (value ? "yes" : "no");
  } else if constexpr (std::is_enum_v<T>) {
    out << word_of(value);
  } else if constexpr (std::is_same_v<T, RankRule>) {
    out << text_of(value);
  } else {
    out << value;
  }
  return out.str();
}

/// The table of fields in docs/metrics.md.
template <class M>
void add_rows(std::string& table) {
  const M defaults{};
  visit_fields(defaults, [&]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
    if (!std::is_same_v<Owner, M>) return;
    std::ostringstream row;
    row << "| `" << Description<Owner>::type << "::" << field.name << "` | " << values(field) << " | " << plain(value)
        << " | " << field.meaning << " |\n";
    table += row.str();
  });
}

}  // namespace

TEST_CASE("docs/metrics.md lists every field as it is described", "[metric]") {
  std::string table;
  add_rows<Dmd>(table);
  add_rows<Dsa>(table);
  add_rows<Spectral>(table);
  add_rows<Cka>(table);
  add_rows<Procrustes>(table);
  add_rows<Shape>(table);
  add_rows<Cca>(table);
  add_rows<Rsa>(table);
  add_rows<LinearRegression>(table);
  add_rows<Matching>(table);
  add_rows<NeighbourGraph>(table);
  add_rows<DistanceCorrelation>(table);
  add_rows<InputDsa>(table);
  add_rows<SpectralGrassmann>(table);
  add_rows<StochasticShape>(table);
  CHECK_THAT(files::read(KINDRED_DOCS "/metrics.md"), Contains(table));
}

TEST_CASE("docs/preprocessing.md lists every step of the preparation as it is described", "[metric]") {
  std::string table;
  add_rows<Preprocess>(table);
  CHECK_THAT(files::read(KINDRED_DOCS "/preprocessing.md"), Contains(table));
}

TEST_CASE("steps of the preparation are set by name, a share of the variance as components too", "[metric]") {
  std::size_t changed = 0;
  const Preprocess defaults;
  visit_fields(defaults, [&](const auto& field, const auto& value) {
    for (const std::string& text : others(value)) {
      Preprocess steps;
      set_field(steps, field.name, text);
      CAPTURE(field.name, text);
      CHECK(steps != defaults);
      ++changed;
    }
  });
  CHECK(changed == 38);
  Preprocess steps{.components = 4};
  set_field(steps, "components", "variance:0.75");
  CHECK((steps.components == 0 && steps.variance == 0.75));
  set_field(steps, "components", "3");
  CHECK((steps.components == 3 && steps.variance == 0));
  CHECK_THROWS_WITH(set_field(steps, "components", "variance:1.5"), Contains("'1.5', expected a number from 0 to 1"));
  CHECK_THROWS_WITH(set_field(steps, "components", "variance:0"), Contains("a share above 0"));
  CHECK_THROWS_WITH(set_field(steps, "smoothing", "1"), Contains("Preprocess has no field 'smoothing'"));
}

TEST_CASE("every field of every metric that is changed gives another comparison", "[metric]") {
  std::size_t changed = 0;
  for (const Metric& metric : all_metrics()) {
    std::set<std::string> seen = {text_of(metric)}, comparisons = {text_of(metric, false)};
    const auto change = [&]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
      for (const std::string& text : others(field, value)) {
        Metric other = metric;
        set_field(other, field.name, text);
        CAPTURE(text_of(metric), field.name, text);
        CHECK(other != metric);
        CHECK(seen.insert(text_of(other)).second);
        // Parameters of the fit show in the operators, by whose digests a comparison of operators is known.
        CHECK(comparisons.insert(text_of(other, false)).second == !std::is_same_v<Owner, Dmd>);
        ++changed;
      }
    };
    std::visit([&](const auto& m) { visit_fields(m, change); }, metric);
    CHECK(text_of(Metric(metric)) == text_of(metric));
  }
  CHECK(changed > 100);
}

TEST_CASE("a field set from its own text is the same", "[metric]") {
  for (const Metric& metric : all_metrics()) {
    Metric copy = metric;
    const auto set = [&]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
      if constexpr (std::is_enum_v<T>) set_field(copy, field.name, word_of(value));
      if constexpr (std::is_same_v<T, bool>) set_field(copy, field.name, value ? "yes" : "no");
    };
    std::visit([&](const auto& m) { visit_fields(m, set); }, metric);
    CHECK(copy == metric);
  }
  Metric metric = Dsa{};
  set_field(metric, "delays", "33");
  set_field(metric, "ridge", "1e-3");
  set_field(metric, "effort", "thorough");
  set_field(metric, "seed", "18446744073709551615");
  CHECK(metric == Metric(Dsa{.dmd = {.delays = 33, .ridge = 1e-3}, .effort = Effort::thorough, .seed = ~0ULL}));
  CHECK(text_of(metric) ==
        "dsa, delays 33, interval 1, rank 0, steps_ahead 1, ridge 0.001, rank_excess warn, rank_shared none, "
        "regression principal-components, dt 0, score angular, precision mixed, effort thorough, group orthogonal, "
        "unit_norm yes, zero_pad no, certify no, seed 18446744073709551615");
  CHECK(text_of(Spectral{}, false) ==
        "spectral, score squared, measure transport, mass pad, weights uniform, order 2, prune 0");
}

TEST_CASE("a rank rule reads what it writes, and nothing else", "[metric]") {
  for (const char* text :
       {"0", "20", "full", "sigma:0.001", "sigma:1e-300", "sigma-ratio:1e-06", "variance:0.99", "variance:1", "svht"}) {
    const auto rule = parse_rank_rule(text);
    CAPTURE(text);
    REQUIRE(rule);
    CHECK(text_of(*rule) == text);
    CHECK(is_valid(*rule));
  }
  for (const char* text : {"",
                           "-1",
                           "2.5",
                           "3 ",
                           "all",
                           "Full",
                           "full:1",
                           "svht:",
                           "sigma",
                           "sigma:",
                           "sigma:0",
                           "sigma:-1",
                           "sigma:inf",
                           "sigma:nan",
                           "sigma:1x",
                           "sigma-ratio:0",
                           "sigma-ratio:1",
                           "sigma-ratio:nan",
                           "variance:0",
                           "variance:1.01",
                           "variance:-0.5",
                           "variance:nan",
                           "10,20"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rank_rule(text));
  }
  CHECK(RankRule(0) == RankRule());
  CHECK(Dmd{.rank = 7}.rank == parse_rank_rule("7"));
}

TEST_CASE("a field takes no value that it does not know", "[metric]") {
  Metric dsa = Dsa{}, shape = Shape{};
  const auto refusal = [](Metric& metric, const char* field, const char* text) {
    const Metric before = metric;
    const std::string message = files::error_of([&] { set_field(metric, field, text); });
    CHECK(metric == before);
    return message;
  };
  CHECK(refusal(dsa, "effort", "quick") == "Dsa::effort is 'quick', expected fast, standard, thorough, bound");
  CHECK(refusal(dsa, "delays", "0") == "Dmd::delays is '0', expected a whole number from 1");
  CHECK(
      refusal(dsa, "rank", "variance:1.5") ==
      "Dmd::rank is 'variance:1.5', expected a whole number from 0, full, sigma:T, sigma-ratio:T, variance:F or svht, "
      "with T > 0 (of sigma-ratio below 1) and 0 < F <= 1");
  CHECK(refusal(dsa, "delays", "2.5") == "Dmd::delays is '2.5', expected a whole number from 1");
  CHECK(refusal(dsa, "certify", "1") == "Dsa::certify is '1', expected yes or no");
  CHECK(refusal(shape, "alpha", "1.5") == "Shape::alpha is '1.5', expected a number from 0 to 1");
  CHECK(refusal(shape, "alpha", "nan") == "Shape::alpha is 'nan', expected a number from 0 to 1");
  CHECK_THAT(refusal(shape, "delays", "1"), Contains("Shape has no field 'delays', only score, alpha"));
}

TEST_CASE("what values are, and whether they are distances", "[metric]") {
  for (const MetricName& known : metric_names()) {
    CAPTURE(known.name);
    CHECK(is_similarity(make_metric(known.name)) == known.name.ends_with("-score"));
    CHECK_FALSE(unit_of(make_metric(known.name)).empty());
  }
  CHECK(unit_of(Dsa{}) == "radians");
  CHECK(unit_of(Dsa{.score = DsaScore::euclidean}) == "Frobenius distance");
  CHECK(unit_of(Dsa{.score = DsaScore::euclidean, .unit_norm = false}) == "raw Frobenius distance");
  CHECK(unit_of(Spectral{.score = SpectralScore::root}) == "W2");
  CHECK(unit_of(Cka{.over_half_pi = true}) == "right angles");
  CHECK(unit_of(Procrustes{.score = ProcrustesScore::squared}) == "squared");
  CHECK(unit_of(LinearRegression{}) == "1 - R squared");
}

#include "host/base/numbers.hpp"
#include "host/base/text.hpp"
#include "host/metric/field_text.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_fields.hpp>
#include <kindred/preprocess_fields.hpp>

#include <cmath>
#include <concepts>

namespace kindred {
namespace {

/// Stands for any value in the count of a struct's members.
struct Any {
  template <class T>
  operator T() const;  // NOLINT(google-explicit-constructor): only named, never called
};

/// How many members the aggregate M has.
template <class M, class... Values>
constexpr std::size_t member_count() {
  if constexpr (requires { M{Values()..., Any()}; }) {
    return member_count<M, Values..., Any>();
  } else {
    return sizeof...(Values);
  }
}

/// A member that the description forgot would be missing from identities, and two comparisons would pass for one.
template <class... M>
constexpr bool described_whole = ((member_count<M>() == std::tuple_size_v<decltype(Description<M>::fields)>)&&...);
static_assert(
    described_whole<Dmd, Dsa, Spectral, Cka, Procrustes, Shape, Cca, Rsa, LinearRegression, Matching, NeighbourGraph,
                    DistanceCorrelation, InputDsa, SpectralGrassmann, StochasticShape, Preprocess>,
    "describe every field in kindred/metric_fields.hpp or kindred/preprocess_fields.hpp");

using host::in_quotes;

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::invalid_argument, message); }

/// The value that `text` stands for; nothing if it stands for none. What was expected is appended to `expected`.
template <class T>
std::optional<T> parse(std::string_view text, std::string& expected) {
  if constexpr (std::is_same_v<T, bool>) {
    expected = "yes or no";
    if (text != "yes" && text != "no") return std::nullopt;
    return text == "yes";
  } else if constexpr (std::is_enum_v<T>) {
    for (const Word<T>& known : words<T>) expected += (expected.empty() ? "" : ", ") + std::string(known.word);
    return value_of<T>(text);
  } else if constexpr (std::is_same_v<T, RankRule>) {
    expected = rank_rule_forms;
    return parse_rank_rule(text);
  } else {
    expected = std::is_integral_v<T> ? "a whole number" : "a number";
    return host::number_in<T>(text);
  }
}

template <class Owner, class T>
void set(const Field<Owner, T>& field, T& value, std::string_view text) {
  std::string expected;
  const std::optional<T> parsed = parse<T>(text, expected);
  bool good = parsed.has_value();
  if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    const auto shown = [](double bound) { return std::to_string(static_cast<long long>(bound)); };
    if (std::isfinite(field.least)) expected += " from " + shown(field.least);
    if (std::isfinite(field.most)) expected += " to " + shown(field.most);
    good = good && std::isfinite(static_cast<double>(*parsed)) && static_cast<double>(*parsed) >= field.least &&
           static_cast<double>(*parsed) <= field.most;
  }
  if (!good) {
    refuse(std::string(Description<Owner>::type) + "::" + std::string(field.name) + " is " + in_quotes(text) +
           ", expected " + expected);
  }
  value = *parsed;
}

template <class M>
void set_in(M& m, std::string_view name, std::string_view text) {
  bool found = false;
  std::string known;
  visit_fields(m, [&](const auto& field, auto& value) {
    known += (known.empty() ? "" : ", ") + std::string(field.name);
    if (field.name != name) return;
    set(field, value, text);
    found = true;
  });
  if (!found) {
    refuse(std::string(Description<M>::type) + " has no field " + in_quotes(name) + ", only " + known);
  }
}

}  // namespace

void set_field(Metric& metric, std::string_view name, std::string_view text) {
  std::visit([&](auto& m) { set_in(m, name, text); }, metric);
}
void set_field(Dmd& dmd, std::string_view name, std::string_view text) { set_in(dmd, name, text); }
void set_field(Preprocess& steps, std::string_view name, std::string_view text) {
  constexpr std::string_view share = "variance:";
  if (name == "components" && text.starts_with(share)) {
    set_in(steps, "variance", text.substr(share.size()));
    if (steps.variance == 0) refuse("Preprocess::components is " + in_quotes(text) + ", expected a share above 0");
    steps.components = 0;
    return;
  }
  set_in(steps, name, text);
  if (name == "components") steps.variance = 0;
}

Preprocess preprocess_of(const TrajectorySet& system, const Preprocess& steps) {
  Preprocess own = steps;
  for (const auto& [name, text] : system.preprocess) set_field(own, name, text);
  return own;
}

std::string text_of(const Metric& metric, bool fit) {
  return std::visit(
      [fit]<class M>(const M& m) {
        std::string text(Description<M>::family);
        visit_fields(m, [&]<class Owner, class T>(const Field<Owner, T>& field, const T& value) {
          if (fit || std::is_same_v<Owner, M>) text += ", " + std::string(field.name) + ' ' + host::field_text(value);
        });
        return text;
      },
      metric);
}

const Dmd* dmd_of(const Metric& metric) {
  return std::visit(
      [](const auto& m) -> const Dmd* {
        if constexpr (requires { m.dmd; }) {
          return &m.dmd;
        } else {
          return nullptr;
        }
      },
      metric);
}

bool is_similarity(const Metric& metric) {
  return std::visit(
      [](const auto& m) {
        using Score = decltype(m.score);
        if constexpr (requires { Score::similarity; }) {
          return m.score == Score::similarity;
        } else {
          return false;
        }
      },
      metric);
}

namespace {

std::string unit(const Dsa& m) {
  if (m.score == DsaScore::angular) return "radians";
  return m.unit_norm ? "Frobenius distance" : "raw Frobenius distance";
}
std::string unit(const Spectral& m) {
  const bool root = m.score == SpectralScore::root;
  if (m.measure != SpectralMeasure::transport) return root ? "Hausdorff distance" : "Hausdorff distance squared";
  if (m.order == 1) return "W1";
  return root ? "W2" : "W2 squared";
}
std::string unit(const InputDsa& m) { return m.score == DsaScore::angular ? "radians" : "raw Frobenius distance"; }
std::string unit(const SpectralGrassmann& m) {
  return m.score == SpectralScore::root ? "root of spectral-Grassmann distance" : "spectral-Grassmann distance";
}
std::string unit(const StochasticShape& m) {
  const bool gaussian = m.form == StochasticForm::gaussian, squared = m.score == StochasticScore::squared;
  return std::string(gaussian ? "Gaussian shape distance" : "energy distance") + (squared ? " squared" : "");
}
std::string unit(const NeighbourGraph& m) {
  const std::string s = m.overlap == NeighbourOverlap::cknna                 ? "CKNNA"
                        : m.overlap == NeighbourOverlap::second_order_cosine ? "mean cosine"
                                                                             : "share of neighbours";
  return m.score == OverlapScore::similarity ? s : "1 - " + s;
}
std::string unit(const LinearRegression& m) {
  return m.score == RegressionScore::similarity ? "R squared" : "1 - R squared";
}
template <class M>
std::string unit(const M& m) {
  const std::string_view score = word_of(m.score);
  return score != "angular" ? std::string(score) : m.over_half_pi ? "right angles" : "radians";
}

}  // namespace

std::string unit_of(const Metric& metric) {
  return std::visit([](const auto& m) { return unit(m); }, metric);
}

}  // namespace kindred

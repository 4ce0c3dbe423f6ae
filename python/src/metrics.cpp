#include "python/src/module.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/metric_names.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace nb = nanobind;

namespace kindred::python {
namespace {

template <class T>
nb::object value_of_field(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return nb::cast(std::string(word_of(value)));
  } else if constexpr (std::is_same_v<T, RankRule>) {
    const bool number = value.is_number() || value.kind == RankRule::Kind::numerical;
    return number ? nb::cast(value.number) : nb::cast(text_of(value));
  } else {
    return nb::cast(value);
  }
}

/// Name, value and meaning of every field, those of the fit among them.
nb::list fields_of(Metric& metric_of_any_kind) {
  nb::list out;
  std::visit(
      [&](auto& metric) {
        visit_fields(metric, [&](const auto& field, const auto& value) {
          nb::list words_of_field;
          using T = std::decay_t<decltype(value)>;
          if constexpr (std::is_enum_v<T>) {
            for (const auto& known : words<T>) words_of_field.append(nb::cast(std::string(known.word)));
          }
          out.append(nb::make_tuple(std::string(field.name), value_of_field(value), words_of_field,
                                    std::string(field.meaning)));
        });
      },
      metric_of_any_kind);
  return out;
}

nb::list names() {
  nb::list out;
  for (const MetricName& known : metric_names()) {
    nb::list aliases;
    for (const std::string_view alias : known.aliases) aliases.append(nb::cast(std::string(alias)));
    out.append(nb::make_tuple(std::string(known.name), aliases, std::string(known.summary)));
  }
  return out;
}

}  // namespace

void bind_metrics(nb::module_& m) {
  nb::class_<Metric>(m, "Metric")
      .def(
          "__init__", [](Metric* self, std::string_view name) { new (self) Metric(make_metric(name)); },
          nb::arg("name"))
      .def("set", [](Metric& self, std::string_view name, std::string_view text) { set_field(self, name, text); })
      .def("fields", &fields_of)
      .def("text", [](const Metric& self) { return text_of(self); })
      .def("unit", [](const Metric& self) { return unit_of(self); })
      .def("is_similarity", [](const Metric& self) { return is_similarity(self); })
      .def("of_operators", [](const Metric& self) { return dmd_of(self) != nullptr; });
  m.def("metric_names", &names);
}

}  // namespace kindred::python

#include "python/src/engine.hpp"

#include "python/src/module.hpp"

#include <kindred/engine.hpp>
#include <kindred/error.hpp>
#include <kindred/journal.hpp>
#include <kindred/metric_fields.hpp>
#include <kindred/preprocess_fields.hpp>

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace nb = nanobind;

namespace kindred::python {
namespace {

std::unique_ptr<Journal> open_journal(const std::optional<std::string>& path) {
  return path ? std::make_unique<Journal>(*path) : nullptr;
}

/// pairwise or cross of recordings or operators.
template <class Set>
DistanceMatrix compare(Worker& worker, const Set& rows, const Set* columns, const Metric& metric,
                       const nb::object& callback, const std::optional<std::string>& journal) {
  const auto items = [](const Set& set) -> const auto& {
    if constexpr (std::is_same_v<Set, Systems>) {
      return set.sets;
    } else {
      return set;
    }
  };
  return worker.run(callback, [&](const Progress& progress) {
    const auto store = open_journal(journal);
    if (columns == nullptr) return worker.engine().pairwise(items(rows), metric, progress, store.get());
    return worker.engine().cross(items(rows), items(*columns), metric, progress, store.get());
  });
}

std::vector<OperatorSet> fit(Worker& worker, const Systems& systems, const Metric& metric,
                             const std::vector<index_t>& ranks, bool basis, const nb::object& callback) {
  const Dmd dmd = *dmd_of(metric);
  return worker.run(callback, [&](const Progress& progress) {
    Engine& engine = basis ? worker.engine_with_bases() : worker.engine();
    if (!ranks.empty()) return engine.fit(systems.sets, dmd, ranks, progress);
    std::vector<OperatorSet> one;
    one.push_back(engine.fit(systems.sets, dmd, progress));
    return one;
  });
}

}  // namespace

void bind_engine(nb::module_& m) {
  nb::class_<Worker>(m, "Engine")
      .def(nb::init<std::string_view, int, std::size_t>(), nb::arg("device"), nb::arg("number"), nb::arg("memory"))
      .def("device",
           [](Worker& worker) {
             const DeviceInfo info = worker.engine().device();
             return nb::make_tuple(info.kind, info.name);
           })
      .def("compare", &compare<Systems>, nb::arg("rows"), nb::arg("columns").none(), nb::arg("metric"),
           nb::arg("progress").none(), nb::arg("journal").none())
      .def("compare", &compare<OperatorSet>, nb::arg("rows"), nb::arg("columns").none(), nb::arg("metric"),
           nb::arg("progress").none(), nb::arg("journal").none())
      .def("fit", &fit, nb::arg("systems"), nb::arg("metric"), nb::arg("ranks"), nb::arg("basis"),
           nb::arg("progress").none())
      .def(
          "align",
          [](Worker& worker, const OperatorSet& pair, const Metric& metric) {
            const Alignment found = worker.run(nb::none(), [&](const Progress&) {
              return worker.engine().align(pair.at(0), pair.at(1), std::get<Dsa>(metric));
            });
            const auto r = static_cast<std::size_t>(found.size);
            return nb::make_tuple(found.result.distance, found.result.lower_bound, status_name(found.result.status),
                                  array_of(found.change_of_basis, {r, r}), array_of(found.aligned, {r, r}));
          },
          nb::arg("pair"), nb::arg("metric"))
      .def(
          "preprocess",
          [](Worker& worker, const Systems& systems, const std::vector<std::pair<std::string, std::string>>& fields) {
            Preprocess steps;
            for (const auto& [name, text] : fields) set_field(steps, name, text);
            return worker.run(
                nb::none(), [&](const Progress&) { return Systems{worker.engine().preprocess(systems.sets, steps)}; });
          },
          nb::arg("systems"), nb::arg("fields"));
  m.def("preprocess_fields", [] {
    std::vector<std::string> names;
    const Preprocess defaults;
    visit_fields(defaults, [&](const auto& field, const auto&) { names.emplace_back(field.name); });
    return names;
  });
}

}  // namespace kindred::python

#include "python/src/module.hpp"

#include <kindred/results.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {
namespace {

/// One number of every pair, rows x columns.
template <class T, class Get>
Array<T> gather(const DistanceMatrix& d, Get&& get) {
  std::vector<T> out;
  out.reserve(static_cast<std::size_t>(d.rows() * d.columns()));
  for (index_t i = 0; i < d.rows(); ++i) {
    for (index_t j = 0; j < d.columns(); ++j) out.push_back(get(d.at(i, j)));
  }
  return array_of(std::move(out), {static_cast<std::size_t>(d.rows()), static_cast<std::size_t>(d.columns())});
}

}  // namespace

void bind_results(nb::module_& m) {
  nb::class_<DistanceMatrix>(m, "Matrix")
      .def("distances",
           [](const DistanceMatrix& d) { return gather<double>(d, [](const auto& p) { return p.distance; }); })
      .def("lower_bounds",
           [](const DistanceMatrix& d) { return gather<double>(d, [](const auto& p) { return p.lower_bound; }); })
      .def("gaps", [](const DistanceMatrix& d) { return gather<double>(d, [](const auto& p) { return p.gap; }); })
      .def("refinements",
           [](const DistanceMatrix& d) { return gather<std::int32_t>(d, [](const auto& p) { return p.refinements; }); })
      .def("statuses",
           [](const DistanceMatrix& d) {
             return gather<std::uint8_t>(d, [](const auto& p) { return static_cast<std::uint8_t>(p.status); });
           })
      .def("row_names", &DistanceMatrix::row_names)
      .def("column_names", &DistanceMatrix::column_names)
      .def("row_facts", [](const DistanceMatrix& d) { return facts_list(d.row_facts); })
      .def("column_facts", [](const DistanceMatrix& d) { return facts_list(d.column_facts); });
  nb::list statuses;
  for (int status = 0; status <= static_cast<int>(PairStatus::bound); ++status) {
    statuses.append(status_name(static_cast<PairStatus>(status)));
  }
  m.attr("pair_statuses") = nb::tuple(statuses);
}

}  // namespace kindred::python

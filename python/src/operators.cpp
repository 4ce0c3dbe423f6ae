#include "python/src/module.hpp"

#include <kindred/dmd.hpp>
#include <kindred/error.hpp>

#include <nanobind/stl/complex.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <complex>
#include <string>

namespace nb = nanobind;

namespace kindred::python {
namespace {

using Square = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

void add(OperatorSet& operators, std::string name, std::string label, const Square& values) {
  if (values.shape(0) != values.shape(1)) {
    throw Error(ErrorCode::invalid_argument, "operator '" + name + "' is " + std::to_string(values.shape(0)) + " x " +
                                                 std::to_string(values.shape(1)) + ", expected a square matrix");
  }
  Operator op;
  op.name = std::move(name);
  op.label = std::move(label);
  op.size = static_cast<index_t>(values.shape(0));
  op.values.assign(values.data(), values.data() + values.size());
  op.facts.rank = op.size;
  operators.push_back(std::move(op));
}

void add_spectrum(OperatorSet& operators, std::string name, std::string label,
                  const nb::ndarray<const std::complex<double>, nb::ndim<1>, nb::c_contig, nb::device::cpu>& values) {
  Operator op = operator_with_spectrum(std::move(name), {values.data(), values.size()});
  op.label = std::move(label);
  operators.push_back(std::move(op));
}

/// The eigenvalues of a system of which nothing else is known, else None.
nb::object spectrum_or_none(const Operator& op) {
  if (!has_spectrum_alone(op)) return nb::none();
  nb::list values;
  for (const Eigenvalue& one : op.facts.spectrum) values.append(one.value);
  return values;
}

/// A view of a matrix that keeps its owner alive; None for an empty one.
nb::object matrix_or_none(const nb::object& owner, const std::vector<double>& values, index_t rows, index_t columns) {
  if (rows == 0 || columns == 0) return nb::none();
  return nb::cast(
      Array<const double>(values.data(), {static_cast<std::size_t>(rows), static_cast<std::size_t>(columns)}, owner));
}

nb::dict facts_of(const FitFacts& facts) {
  return dict_with("status", status_name(facts.status), "rank", facts.rank, "numerical_rank", facts.numerical_rank,
                   "numerical_rank_is_bound", facts.numerical_rank_is_bound, "rows", facts.rows, "columns",
                   facts.columns, "sigma_ratio", facts.sigma_ratio, "residual", facts.residual, "windows_left_out",
                   facts.windows_left_out, "detail", facts.detail);
}

}  // namespace

nb::list facts_list(const std::vector<FitFacts>& facts) {
  nb::list out;
  for (const FitFacts& f : facts) out.append(facts_of(f));
  return out;
}

void bind_operators(nb::module_& m) {
  nb::class_<OperatorSet>(m, "OperatorSet")
      .def(nb::init<>())
      .def("__len__", [](const OperatorSet& s) { return s.size(); })
      .def("add", &add, nb::arg("name"), nb::arg("label"), nb::arg("values"))
      .def("add_spectrum", &add_spectrum, nb::arg("name"), nb::arg("label"), nb::arg("values"))
      .def("spectrum", [](const OperatorSet& s, std::size_t i) { return spectrum_or_none(s.at(i)); })
      .def("name", [](const OperatorSet& s, std::size_t i) { return s.at(i).name; })
      .def("label", [](const OperatorSet& s, std::size_t i) { return s.at(i).label; })
      .def("facts", [](const OperatorSet& s, std::size_t i) { return facts_of(s.at(i).facts); })
      .def("input_matrix",
           [](const nb::object& self, std::size_t i) {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             return matrix_or_none(self, op.input_matrix, op.size, op.inputs);
           })
      .def("output_matrix",
           [](const nb::object& self, std::size_t i) {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             return matrix_or_none(self, op.output_matrix, op.outputs, op.size);
           })
      .def("basis",
           [](const nb::object& self, std::size_t i) {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             return matrix_or_none(self, op.basis, op.basis.empty() ? 0 : std::ssize(op.basis) / op.size, op.size);
           })
      .def("singular_values",
           [](const nb::object& self, std::size_t i) -> nb::object {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             if (op.singular_values.empty()) return nb::none();
             return nb::cast(Array<const double>(op.singular_values.data(), {op.singular_values.size()}, self));
           })
      .def("set_basis",
           [](OperatorSet& s, std::size_t i,
              const nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>& basis,
              const nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>& singular_values) {
             Operator& op = s.at(i);
             op.basis.assign(basis.data(), basis.data() + basis.size());
             op.singular_values.assign(singular_values.data(), singular_values.data() + singular_values.size());
           })
      .def("set_output_matrix",
           [](OperatorSet& s, std::size_t i,
              const nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>& values) {
             Operator& op = s.at(i);
             op.outputs = static_cast<index_t>(values.shape(0));
             op.output_matrix.assign(values.data(), values.data() + values.size());
           })
      .def("set_input_matrix",
           [](OperatorSet& s, std::size_t i,
              const nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>& values) {
             Operator& op = s.at(i);
             if (static_cast<index_t>(values.shape(0)) != op.size) {
               throw Error(ErrorCode::invalid_argument, "operator '" + op.name + "' has " + std::to_string(op.size) +
                                                            " rows, its input matrix has " +
                                                            std::to_string(values.shape(0)));
             }
             op.inputs = static_cast<index_t>(values.shape(1));
             op.input_matrix.assign(values.data(), values.data() + values.size());
           })
      .def("array",
           [](nb::object self, std::size_t i) {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             const auto size = static_cast<std::size_t>(op.size);
             // A view that keeps the set alive; the set never changes once it has been handed out.
             return Array<const double>(op.values.data(), {size, size}, self);
           })
      .def("set_facts",
           [](OperatorSet& s, std::size_t i, const nb::dict& known) {
             FitFacts& facts = s.at(i).facts;
             for (FitStatus status = FitStatus::ok; status != FitStatus::failed;
                  status = static_cast<FitStatus>(static_cast<int>(status) + 1)) {
               if (nb::cast<std::string>(known["status"]) == status_name(status)) facts.status = status;
             }
             if (nb::cast<std::string>(known["status"]) == status_name(FitStatus::failed))
               facts.status = FitStatus::failed;
             facts.rank = nb::cast<index_t>(known["rank"]);
             facts.numerical_rank = nb::cast<index_t>(known["numerical_rank"]);
             if (known.contains("numerical_rank_is_bound")) {
               facts.numerical_rank_is_bound = nb::cast<bool>(known["numerical_rank_is_bound"]);
             }
             facts.rows = nb::cast<index_t>(known["rows"]);
             facts.columns = nb::cast<index_t>(known["columns"]);
             facts.sigma_ratio = nb::cast<double>(known["sigma_ratio"]);
             facts.residual = nb::cast<double>(known["residual"]);
             if (known.contains("windows_left_out")) {
               facts.windows_left_out = nb::cast<index_t>(known["windows_left_out"]);
             }
             facts.detail = nb::cast<std::string>(known["detail"]);
           })
      .def("rename", [](OperatorSet& s, std::size_t i, std::string name, std::string label) {
        s.at(i).name = std::move(name);
        s.at(i).label = std::move(label);
      });
}

}  // namespace kindred::python

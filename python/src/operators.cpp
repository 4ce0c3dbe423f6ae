#include "python/src/module.hpp"

#include <kindred/dmd.hpp>
#include <kindred/error.hpp>

#include <nanobind/stl/string.h>

#include <algorithm>
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

nb::dict facts_of(const FitFacts& facts) {
  nb::dict out;
  out["status"] = status_name(facts.status);
  out["rank"] = facts.rank;
  out["numerical_rank"] = facts.numerical_rank;
  out["numerical_rank_is_bound"] = facts.numerical_rank_is_bound;
  out["rows"] = facts.rows;
  out["columns"] = facts.columns;
  out["sigma_ratio"] = facts.sigma_ratio;
  out["residual"] = facts.residual;
  out["windows_left_out"] = facts.windows_left_out;
  out["detail"] = facts.detail;
  return out;
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
      .def("name", [](const OperatorSet& s, std::size_t i) { return s.at(i).name; })
      .def("label", [](const OperatorSet& s, std::size_t i) { return s.at(i).label; })
      .def("facts", [](const OperatorSet& s, std::size_t i) { return facts_of(s.at(i).facts); })
      .def("input_matrix",
           [](nb::object self, std::size_t i) -> nb::object {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             if (op.inputs == 0) return nb::none();
             const auto size = static_cast<std::size_t>(op.size), inputs = static_cast<std::size_t>(op.inputs);
             return nb::cast(nb::ndarray<nb::numpy, const double>(op.input_matrix.data(), {size, inputs}, self));
           })
      .def("output_matrix",
           [](nb::object self, std::size_t i) -> nb::object {
             const Operator& op = nb::cast<const OperatorSet&>(self).at(i);
             if (op.outputs == 0) return nb::none();
             const auto size = static_cast<std::size_t>(op.size), outputs = static_cast<std::size_t>(op.outputs);
             return nb::cast(nb::ndarray<nb::numpy, const double>(op.output_matrix.data(), {outputs, size}, self));
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

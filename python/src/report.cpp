#include "host/cli/report/cross_report.hpp"
#include "host/cli/report/pairwise_report.hpp"
#include "python/src/module.hpp"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {
namespace {

using Values = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Words = std::vector<std::string>;

std::vector<double> copy(const Values& values) { return {values.data(), values.data() + values.size()}; }

/// The page of one collection. `metric` and `unit` name the numbers; `facts` are rows of name and value.
std::string pairwise(const std::string& title, const Values& values, const std::string& metric, const std::string& unit,
                     const Words& names, const Words& labels, const report::Facts& facts) {
  report::PairwiseReport page;
  page.title = title;
  page.subtitle = std::to_string(names.size()) + " systems";
  page.names = names;
  page.labels = labels;
  page.panels.push_back({metric, unit, {copy(values), static_cast<index_t>(values.shape(0))}});
  page.configuration = facts;
  return report::render(page);
}

/// The page of rows against columns.
std::string cross(const std::string& title, const Values& values, const std::string& metric, const std::string& unit,
                  const std::pair<Words, Words>& names, const std::pair<Words, Words>& labels,
                  const report::Facts& facts) {
  report::CrossReport page;
  page.title = title;
  page.subtitle = std::to_string(names.first.size()) + " rows, " + std::to_string(names.second.size()) + " columns";
  page.rows = {names.first, labels.first, {}};
  page.columns = {names.second, labels.second, {}};
  page.panels.push_back({metric, unit, copy(values)});
  page.configuration = facts;
  return report::render(page);
}

}  // namespace

void bind_report(nb::module_& m) {
  m.def("report", &pairwise);
  m.def("report", &cross);
}

}  // namespace kindred::python

#include <kindred/testcase.hpp>

#include "python/src/engine.hpp"
#include "python/src/module.hpp"

#include <kindred/error.hpp>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {
namespace {

constexpr const char* question_names[] = {"separation", "trend", "ranking"};
constexpr const char* verdict_names[] = {"right", "unsure", "wrong"};

nb::tuple pair_of(const testcase::Figure& figure) { return nb::make_tuple(figure.mean, figure.standard_error); }

nb::dict dict_of(const testcase::Summary& s) {
  nb::list means;
  for (const testcase::GroupSummary& group : s.groups) means.append(pair_of(group.distance));
  return dict_with("metric", s.metric, "groups", means, "ratio", pair_of(s.ratio), "area_under_curve",
                   pair_of(s.area_under_curve), "slope", pair_of(s.slope), "relative_slope", pair_of(s.relative_slope),
                   "relative_change", pair_of(s.relative_change), "r_squared", s.r_squared, "ordered_seeds",
                   s.ordered_seeds, "seeds", s.seeds, "missing", s.missing, "p", s.p, "q", s.q, "verdict",
                   verdict_names[static_cast<int>(testcase::verdict(s))]);
}

const testcase::CaseEntry& find(std::string_view name) {
  std::string known;
  for (const testcase::CaseEntry& entry : testcase::registry()) {
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(ErrorCode::invalid_argument, "case: '" + std::string(name) + "', expected one of " + known);
}

/// One dict a view: its name, statement, question, groups, and a summary a metric.
nb::list run(Worker& worker, std::string_view name, const std::vector<std::pair<std::string, nb::object>>& metrics,
             index_t seeds, std::uint64_t first_seed, index_t permutations, const nb::object& callback) {
  const testcase::Case test = find(name).make();
  std::vector<testcase::Measure> measures;
  for (const auto& [label, metric] : metrics) measures.push_back({label, nb::cast<Metric>(metric)});
  const testcase::Result result = worker.run(callback, [&](const Progress& progress) {
    testcase::Options options;
    options.seeds = seeds;
    options.first_seed = first_seed;
    options.permutations = permutations;
    options.progress = progress;
    return testcase::run(worker.engine(), test, measures, options);
  });
  nb::list out;
  for (std::size_t v = 0; v < test.views.size(); ++v) {
    const testcase::View& view = test.views[v];
    nb::dict one;
    one["view"] = view.name;
    one["statement"] = view.statement;
    one["question"] = question_names[static_cast<int>(view.question)];
    one["groups"] = view.groups;
    nb::list summaries;
    for (const testcase::Summary& summary : result.summaries[v]) summaries.append(dict_of(summary));
    one["metrics"] = summaries;
    out.append(one);
  }
  return out;
}

}  // namespace

void bind_testcase(nb::module_& m) {
  m.def("testcase_names", [] {
    nb::list out;
    for (const testcase::CaseEntry& entry : testcase::registry())
      out.append(nb::make_tuple(std::string(entry.name), entry.make().title));
    return out;
  });
  m.def("testcase_run", &run, nb::arg("engine"), nb::arg("name"), nb::arg("metrics"), nb::arg("seeds"),
        nb::arg("first_seed"), nb::arg("permutations"), nb::arg("progress").none());
  m.def(
      "testcase_systems",
      [](std::string_view name, std::uint64_t seed) { return Systems{find(name).make().generate(seed)}; },
      nb::arg("name"), nb::arg("seed"));
}

}  // namespace kindred::python

/// Statistics of matrices of distances, and mean shapes of recordings.
#include "python/src/module.hpp"

#include <kindred/shape_mean.hpp>
#include <kindred/statistics.hpp>

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <utility>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {
namespace {

using statistics::Distances;
using Square = nb::ndarray<const double, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Given = std::vector<std::pair<std::string, Square>>;

std::vector<Distances> matrices_of(const Given& given) {
  std::vector<Distances> out;
  for (const auto& [name, values] : given) out.push_back({name, {values.data(), values.data() + values.size()}});
  return out;
}

statistics::Options options_of(index_t permutations, index_t resamples, double confidence, index_t neighbours,
                               std::uint64_t seed) {
  return {permutations, resamples, confidence, neighbours, seed};
}

nb::tuple tuple_of(const statistics::WithInterval& f) { return nb::make_tuple(f.value, f.low, f.high); }
nb::tuple tuple_of(const statistics::PermutationTest& t) { return nb::make_tuple(t.p, t.q, t.permutations, t.exact); }

nb::dict dict_of(const statistics::GroupComparison& g) {
  return dict_with("name", g.name, "systems", g.systems, "groups", g.groups, "left_out", g.left_out, "pseudo_f",
                   g.pseudo_f, "r_squared", g.r_squared, "permanova", tuple_of(g.permanova), "within",
                   tuple_of(g.within), "between", tuple_of(g.between), "difference", tuple_of(g.difference), "ratio",
                   tuple_of(g.ratio), "separation", tuple_of(g.separation), "silhouette", g.silhouette, "accuracy",
                   g.accuracy, "largest_group", g.largest_group, "intervals_from", g.intervals_from);
}

nb::dict dict_of(const statistics::MatrixCorrelation& c) {
  return dict_with("first", c.first, "second", c.second, "systems", c.systems, "left_out", c.left_out, "pearson",
                   tuple_of(c.pearson), "spearman", tuple_of(c.spearman), "pearson_test", tuple_of(c.pearson_test),
                   "spearman_test", tuple_of(c.spearman_test));
}

/// f() without the interpreter's lock.
template <class F>
auto unlocked(F&& f) {
  const nb::gil_scoped_release released;
  return f();
}

template <class List>
nb::list dicts_of(const List& found) {
  nb::list out;
  for (const auto& one : found) out.append(dict_of(one));
  return out;
}

}  // namespace

void bind_statistics(nb::module_& m) {
  m.def(
      "compare_groups",
      [](const Given& given, const std::vector<std::string>& labels, index_t permutations, index_t resamples,
         double confidence, index_t neighbours, std::uint64_t seed) {
        const auto matrices = matrices_of(given);
        const auto options = options_of(permutations, resamples, confidence, neighbours, seed);
        return dicts_of(unlocked([&] { return statistics::compare_groups(matrices, labels, options); }));
      },
      nb::arg("matrices"), nb::arg("labels"), nb::arg("permutations"), nb::arg("resamples"), nb::arg("confidence"),
      nb::arg("neighbours"), nb::arg("seed"));
  m.def(
      "correlate",
      [](const Given& given, index_t permutations, index_t resamples, double confidence, std::uint64_t seed) {
        const auto matrices = matrices_of(given);
        const auto options = options_of(permutations, resamples, confidence, 1, seed);
        return dicts_of(unlocked([&] { return statistics::correlate(matrices, options); }));
      },
      nb::arg("matrices"), nb::arg("permutations"), nb::arg("resamples"), nb::arg("confidence"), nb::arg("seed"));
  m.def(
      "classical_mds",
      [](const Given& given, index_t dimensions) {
        const auto matrices = matrices_of(given);
        auto e = unlocked([&] { return statistics::classical_mds(matrices.front(), dimensions); });
        const auto d = static_cast<std::size_t>(e.dimensions), n = e.coordinates.size() / d;
        return nb::make_tuple(array_of(std::move(e.coordinates), {n, d}), array_of(std::move(e.eigenvalues), {d}),
                              e.stress, e.left_out);
      },
      nb::arg("matrices"), nb::arg("dimensions"));
  m.def(
      "shape_mean",
      [](const Systems& systems, bool centre, bool unit_norm, index_t dimensions, index_t iterations, double tolerance,
         int threads) {
        const ShapeMeanOptions options{centre, unit_norm, dimensions, iterations, tolerance, threads};
        ShapeMean found = unlocked([&] { return shape_mean(systems.sets, options); });
        const auto d = static_cast<std::size_t>(found.dimensions), n = found.distances.size();
        return dict_with("mean",
                         array_of(std::move(found.mean),
                                  {static_cast<std::size_t>(found.samples), static_cast<std::size_t>(found.channels)}),
                         "distances", array_of(std::move(found.distances), {n}), "coordinates",
                         array_of(std::move(found.coordinates), {n, d}), "shares",
                         array_of(std::move(found.shares), {d}), "variance", found.variance, "iterations",
                         found.iterations, "converged", found.converged);
      },
      nb::arg("systems"), nb::arg("centre"), nb::arg("unit_norm"), nb::arg("dimensions"), nb::arg("iterations"),
      nb::arg("tolerance"), nb::arg("threads"));
}

}  // namespace kindred::python

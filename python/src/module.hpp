#pragma once
/// One function a file of this folder, each of which adds its names to the module; and what several of them share.
#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

NB_MAKE_OPAQUE(kindred::OperatorSet)

namespace kindred::python {

void bind_metrics(nanobind::module_& m);
void bind_systems(nanobind::module_& m);
void bind_operators(nanobind::module_& m);
void bind_results(nanobind::module_& m);
void bind_engine(nanobind::module_& m);
void bind_prediction(nanobind::module_& m);
void bind_files(nanobind::module_& m);
void bind_statistics(nanobind::module_& m);
void bind_simulate(nanobind::module_& m);
void bind_testcase(nanobind::module_& m);
void bind_report(nanobind::module_& m);

/// A collection of recordings under construction: views that keep Python's arrays alive. It is destroyed with the
/// interpreter's lock held; the calls of the engine only borrow it.
struct Systems {
  std::vector<TrajectorySet> sets;
};

/// Facts of fits as a list of dicts.
nanobind::list facts_list(const std::vector<FitFacts>& facts);

inline void put(nanobind::dict& /*out*/) {}
template <class T, class... Rest>
void put(nanobind::dict& out, const char* name, const T& value, const Rest&... rest) {
  out[name] = value;
  put(out, rest...);
}
/// The dict of names and values that come by turns: dict_with("p", p, "q", q).
template <class... NamesAndValues>
nanobind::dict dict_with(const NamesAndValues&... names_and_values) {
  nanobind::dict out;
  put(out, names_and_values...);
  return out;
}

template <class T>
using Array = nanobind::ndarray<nanobind::numpy, T>;

/// A NumPy array that owns `values`; shape in C order.
template <class T>
Array<T> array_of(std::vector<T> values, std::initializer_list<std::size_t> shape) {
  auto* kept = new std::vector<T>(std::move(values));
  nanobind::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
  return Array<T>(kept->data(), shape, owner);
}

}  // namespace kindred::python

#include "python/src/module.hpp"

#include <kindred/error.hpp>
#include <kindred/io.hpp>
#include <kindred/simulate.hpp>

#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

namespace nb = nanobind;

namespace kindred::python {
namespace {

using Array = nb::ndarray<nb::ro>;

/// Views on one array: time x channels is one trial, trials x time x channels are several. Strides are any.
template <class T>
void add_trials(const void* data, const std::vector<index_t>& shape, const std::vector<index_t>& strides,
                std::vector<TrialView<T>>& to) {
  const auto* first = static_cast<const T*>(data);
  const std::size_t time = shape.size() - 2, channel = shape.size() - 1;
  const index_t trials = time == 1 ? shape[0] : 1, between = time == 1 ? strides[0] : 0;
  for (index_t k = 0; k < trials; ++k) {
    to.push_back({first + k * between, shape[time], shape[channel], strides[time], strides[channel]});
  }
}

void require_axes(std::size_t axes) {
  if (axes != 2 && axes != 3) {
    throw Error(ErrorCode::invalid_argument, "a recording has " + std::to_string(axes) +
                                                 " axes, expected time x channels or trials x time x channels");
  }
}

/// The arrays of one recording, all of them float32 or all float64.
void add(Systems& systems, std::string name, std::string label, const std::vector<Array>& arrays) {
  TrajectorySet set;
  set.name = std::move(name);
  set.label = std::move(label);
  const bool f32 = !arrays.empty() && arrays.front().dtype() == nb::dtype<float>();
  if (f32) set.trials = std::vector<TrialView<float>>();
  for (const Array& array : arrays) {
    require_axes(array.ndim());
    if (array.dtype() != (f32 ? nb::dtype<float>() : nb::dtype<double>())) {
      throw Error(ErrorCode::invalid_argument, "'" + set.name + "': expected arrays of one type, float32 or float64");
    }
    std::vector<index_t> shape, strides;
    for (std::size_t axis = 0; axis < array.ndim(); ++axis) {
      shape.push_back(static_cast<index_t>(array.shape(axis)));
      strides.push_back(array.stride(axis));
    }
    std::visit([&]<class T>(std::vector<TrialView<T>>& trials) { add_trials(array.data(), shape, strides, trials); },
               set.trials);
  }
  set.storage = std::make_shared<std::vector<Array>>(arrays);
  systems.sets.push_back(std::move(set));
}

/// One array in device memory, by its address; strides in elements. `owner` is kept.
void add_device(Systems& systems, std::string name, std::string label, std::uintptr_t address,
                const std::vector<index_t>& shape, const std::vector<index_t>& strides, bool f32, nb::object owner) {
  require_axes(shape.size());
  if (strides.size() != shape.size()) throw Error(ErrorCode::invalid_argument, "expected a stride for every axis");
  TrajectorySet set;
  set.name = std::move(name);
  set.label = std::move(label);
  set.memory = Memory::device;
  if (f32) set.trials = std::vector<TrialView<float>>();
  std::visit(
      [&]<class T>(std::vector<TrialView<T>>& trials) {
        add_trials(reinterpret_cast<const void*>(address), shape, strides, trials);
      },
      set.trials);
  set.storage = std::make_shared<nb::object>(std::move(owner));
  systems.sets.push_back(std::move(set));
}

/// System i as arrays that view its memory: one of trials x time x channels where the trials are of one length and
/// evenly spaced, else one a trial.
nb::list arrays_of(const Systems& systems, std::size_t i) {
  const TrajectorySet& set = systems.sets.at(i);
  nb::list out;
  std::visit(
      [&]<class T>(const std::vector<TrialView<T>>& trials) {
        for (const TrialView<T>& trial : trials) {
          const std::size_t shape[] = {static_cast<std::size_t>(trial.steps), static_cast<std::size_t>(trial.channels)};
          const std::int64_t strides[] = {trial.time_stride, trial.channel_stride};
          auto* storage = new std::shared_ptr<const void>(set.storage);
          nb::capsule owner(storage, [](void* p) noexcept { delete static_cast<std::shared_ptr<const void>*>(p); });
          out.append(nb::cast(nb::ndarray<nb::numpy, const T, nb::ndim<2>>(trial.data, 2, shape, owner, strides)));
        }
      },
      set.trials);
  return out;
}

/// What a system is beside its values, name and label, for pickle.
using State = std::tuple<std::vector<std::pair<std::string, std::string>>, index_t, index_t, index_t, index_t,
                         std::vector<index_t>, std::vector<index_t>, std::string>;

State state_of(const Systems& systems, std::size_t i) {
  const TrajectorySet& set = systems.sets.at(i);
  const Gaps& gaps = set.gaps;
  return {set.preprocess,    gaps.values,   gaps.interpolated, gaps.steps,
          gaps.short_pieces, gaps.trial_of, gaps.whole_steps,  set.failure};
}

void restore(Systems& systems, std::size_t i, const State& state) {
  TrajectorySet& set = systems.sets.at(i);
  Gaps& gaps = set.gaps;
  std::tie(set.preprocess, gaps.values, gaps.interpolated, gaps.steps, gaps.short_pieces, gaps.trial_of,
           gaps.whole_steps, set.failure) = state;
}

/// One text of every system.
template <std::string TrajectorySet::*member>
std::vector<std::string> texts(const Systems& s) {
  std::vector<std::string> out;
  for (const TrajectorySet& set : s.sets) out.push_back(set.*member);
  return out;
}

}  // namespace

void bind_systems(nb::module_& m) {
  nb::class_<Systems>(m, "Systems")
      .def(nb::init<>())
      .def("__len__", [](const Systems& s) { return s.sets.size(); })
      .def("add", &add, nb::arg("name"), nb::arg("label"), nb::arg("arrays"))
      .def("add_device", &add_device, nb::arg("name"), nb::arg("label"), nb::arg("address"), nb::arg("shape"),
           nb::arg("strides"), nb::arg("f32"), nb::arg("owner"))
      .def("names", &texts<&TrajectorySet::name>)
      .def("labels", &texts<&TrajectorySet::label>)
      .def("own_steps",
           [](const Systems& s) {
             return std::any_of(s.sets.begin(), s.sets.end(), [](const auto& set) { return !set.preprocess.empty(); });
           })
      .def(
          "renamed",
          [](const Systems& s, const std::vector<std::string>& names, const std::vector<std::string>& labels) {
            Systems out = s;
            for (std::size_t i = 0; i < out.sets.size(); ++i) {
              out.sets[i].name = names.at(i);
              out.sets[i].label = labels.at(i);
            }
            return out;
          },
          nb::arg("names"), nb::arg("labels"))
      .def(
          "with_inputs",
          [](const Systems& s, const Systems& inputs) {
            Systems out = s;
            add_inputs(out.sets, inputs.sets);
            return out;
          },
          nb::arg("inputs"))
      .def("gaps",
           [](const Systems& s) {
             nb::list out;
             for (const TrajectorySet& set : s.sets) {
               nb::dict gaps;
               gaps["values"] = set.gaps.values;
               gaps["interpolated"] = set.gaps.interpolated;
               gaps["steps_left_out"] = set.gaps.steps;
               gaps["short_pieces_left_out"] = set.gaps.short_pieces;
               out.append(gaps);
             }
             return out;
           })
      .def("failures", &texts<&TrajectorySet::failure>)
      .def("state", &state_of, nb::arg("index"))
      .def("restore", &restore, nb::arg("index"), nb::arg("state"))
      .def("trials", &arrays_of, nb::arg("index"));
}

}  // namespace kindred::python

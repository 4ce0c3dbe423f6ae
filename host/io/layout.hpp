#pragma once
/// Which axis of an array is which.
#include "host/io/array.hpp"

#include <kindred/io.hpp>

#include <vector>

namespace kindred::io {

enum class Axis { trials, time, channels };

[[nodiscard]] const char* axis_name(Axis axis);

/// Meaning of each axis of an array with this many axes. Throws Error{invalid_data} that names `origin` if the layout
/// (or kindred: 2 or 3 axes) does not fit.
[[nodiscard]] std::vector<Axis> axes_of(Layout layout, const std::vector<index_t>& shape, const std::string& origin);

/// Appends the trials of `array` to `set` as views. Throws Error{invalid_data} if their type or number of channels
/// differs from that of the trials already there, which came from `previous`.
void append_trials(TrajectorySet& set, const Array& array, Layout layout, const std::string& previous);

}  // namespace kindred::io

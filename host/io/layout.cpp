#include "host/io/layout.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace kindred {
namespace {

using host::fail;
using host::shape_text;
using io::Axis;

struct NamedLayout {
  Layout layout;
  std::string_view name;
  std::vector<Axis> axes;
};

const std::array<NamedLayout, 9>& layouts() {
  constexpr auto K = Axis::trials, T = Axis::time, C = Axis::channels;
  static const std::array<NamedLayout, 9> table = {{
      {Layout::automatic, "auto", {}},
      {Layout::time_channels, "time,channels", {T, C}},
      {Layout::channels_time, "channels,time", {C, T}},
      {Layout::trials_time_channels, "trials,time,channels", {K, T, C}},
      {Layout::trials_channels_time, "trials,channels,time", {K, C, T}},
      {Layout::time_trials_channels, "time,trials,channels", {T, K, C}},
      {Layout::time_channels_trials, "time,channels,trials", {T, C, K}},
      {Layout::channels_time_trials, "channels,time,trials", {C, T, K}},
      {Layout::channels_trials_time, "channels,trials,time", {C, K, T}},
  }};
  return table;
}

const NamedLayout& entry(Layout layout) {
  return *std::find_if(layouts().begin(), layouts().end(), [&](const auto& e) { return e.layout == layout; });
}

}  // namespace

std::string_view layout_name(Layout layout) { return entry(layout).name; }

Layout parse_layout(std::string_view name) {
  std::string plain, names;
  for (const unsigned char c : name) {
    if (c != ' ') plain += static_cast<char>(std::tolower(c));
  }
  for (const auto& e : layouts()) {
    if (e.name == plain) return e.layout;
    names += (names.empty() ? "" : " | ") + std::string(e.name);
  }
  fail(ErrorCode::invalid_argument, "unknown layout '", host::printable(name, 60), "', expected one of: ", names);
}

NpzArrays parse_npz_arrays(std::string_view name) {
  if (name == "systems") return NpzArrays::systems;
  if (name == "trials") return NpzArrays::trials;
  fail(ErrorCode::invalid_argument, "unknown meaning of .npz arrays '", host::printable(name, 60),
       "', expected one of: systems | trials");
}

namespace io {

const char* axis_name(Axis axis) {
  constexpr const char* names[] = {"trials", "time", "channels"};
  return names[static_cast<int>(axis)];
}

std::vector<Axis> axes_of(Layout layout, const std::vector<index_t>& shape, const std::string& origin) {
  if (shape.size() != 2 && shape.size() != 3) {
    fail(ErrorCode::invalid_data, origin, ": has ", shape.size(), shape.size() == 1 ? " axis" : " axes", " (shape ",
         shape_text(shape), "), expected 2 (time x channels) or 3 (trials x time x channels)",
         shape.size() == 1 ? "; a single channel is array[:, None]" : "");
  }
  if (layout == Layout::automatic) {
    layout = shape.size() == 2 ? Layout::time_channels : Layout::trials_time_channels;
  }
  const auto& e = entry(layout);
  if (e.axes.size() != shape.size()) {
    fail(ErrorCode::invalid_data, origin, ": has ", shape.size(), " axes (shape ", shape_text(shape),
         "), but the layout ", e.name, " names ", e.axes.size());
  }
  return e.axes;
}

namespace {

template <class T>
void append_views(TrajectorySet& set, const T* data, const Array& array, const std::vector<Axis>& axes,
                  const std::string& previous) {
  index_t length[3] = {1, 1, 1};
  index_t stride[3] = {0, 0, 0};
  for (std::size_t k = 0; k < axes.size(); ++k) {
    length[static_cast<int>(axes[k])] = array.shape[k];
    stride[static_cast<int>(axes[k])] = array.strides[k];
  }
  const auto [trials, steps, channels] = length;
  const auto [trial_stride, time_stride, channel_stride] = stride;

  if (set.trial_count() == 0) {
    set.trials = std::vector<TrialView<T>>{};
  } else if (set.channels() != channels) {
    fail(ErrorCode::invalid_data, array.origin, ": has ", channels, " channels, but ", previous,
         " of the same system has ", set.channels());
  }
  auto* views = std::get_if<std::vector<TrialView<T>>>(&set.trials);
  if (views == nullptr) {
    fail(ErrorCode::invalid_data, array.origin, ": is ", sizeof(T) == 4 ? "float32" : "float64", ", but ", previous,
         " of the same system is not; save all trials of a system in one type");
  }
  for (index_t k = 0; k < trials; ++k) {
    views->push_back({data + k * trial_stride, steps, channels, time_stride, channel_stride});
  }
}

}  // namespace

void append_trials(TrajectorySet& set, const Array& array, Layout layout, const std::string& previous) {
  const auto axes = axes_of(layout, array.shape, array.origin);
  std::visit([&](const auto* data) { append_views(set, data, array, axes, previous); }, array.values);
}

}  // namespace io
}  // namespace kindred

#include "python/src/module.hpp"

#include <kindred/device.hpp>
#include <kindred/io.hpp>

#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <vector>

namespace nb = nanobind;

namespace kindred::python {

void bind_files(nb::module_& m) {
  m.def(
      "load",
      [](const std::vector<std::string>& paths, std::string_view layout, std::string_view npz) {
        const LoadOptions options{.layout = parse_layout(layout), .npz = parse_npz_arrays(npz)};
        nb::gil_scoped_release unlocked;
        return Systems{load(paths, options)};
      },
      nb::arg("paths"), nb::arg("layout"), nb::arg("npz"));
  m.def(
      "load_operators", [](const std::string& path) { return load_operators(path); }, nb::arg("path"));
  m.def(
      "save_operators",
      [](const std::string& path, const OperatorSet& operators, bool stacked) {
        save_operators(path, operators, stacked ? OperatorArrays::stacked : OperatorArrays::each);
      },
      nb::arg("path"), nb::arg("operators"), nb::arg("stacked"));
  m.def("devices", [] {
    nb::list out;
    for (const DeviceInfo& device : devices()) out.append(nb::make_tuple(device.kind, device.name, device.detail));
    return out;
  });
  m.def("cuda_unavailable_reason", &cuda_unavailable_reason);
}

}  // namespace kindred::python

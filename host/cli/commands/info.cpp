#include "host/cli/commands/commands.hpp"
#include "host/cli/options/field_options.hpp"
#include "host/cli/options/inputs.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/io/formats/hdf5/hdf5.hpp"

#include <kindred/device.hpp>
#include <kindred/version.hpp>

#include <optional>

namespace kindred::cli {
namespace {

struct InfoOptions {
  std::vector<std::string> files;
  InputOptions input;
  SayOptions say;
};

Json describe_build() {
  Json list = Json::array();
  for (const DeviceInfo& device : devices()) {
    list.push_back({{"kind", device.kind}, {"name", device.name}, {"detail", device.detail}});
  }
  return {{"version", version()},
          {"build",
           {{"type", KINDRED_BUILD_TYPE},
            {"compiler", "C++ " __VERSION__},
            {"cuda", static_cast<bool>(KINDRED_BUILD_CUDA)},
            {"libxsmm", static_cast<bool>(KINDRED_BUILD_LIBXSMM)},
            {"hdf5", io::has_hdf5()},
            {"mpi", static_cast<bool>(KINDRED_BUILD_MPI)}}},
          {"devices", list},
          {"no_gpu_because", cuda_unavailable_reason()}};
}

void print_build(const Json& build, const Console& console) {
  const auto yes = [](const Json& flag) { return flag.get<bool>() ? "yes" : "no"; };
  std::string text = "kindred " + build["version"].get<std::string>() +
                     "\nbuild: " + build["build"]["type"].get<std::string>() + ", " +
                     build["build"]["compiler"].get<std::string>() + ", CUDA " + yes(build["build"]["cuda"]) +
                     ", LIBXSMM " + yes(build["build"]["libxsmm"]) + ", HDF5 " + yes(build["build"]["hdf5"]) +
                     ", MPI " + yes(build["build"]["mpi"]) + "\n";
  for (const DeviceInfo& device : devices()) text += "device " + one_line(device) + "\n";
  const std::string reason = cuda_unavailable_reason();
  if (!reason.empty()) text += "no GPU: " + reason + "\n";
  console.print(text);
}

Json describe_array(const ArrayInfo& a) {
  return {{"file", a.file},         {"array", a.array},     {"system", a.system},
          {"label", a.label},       {"dtype", a.dtype},     {"byte_order", a.byte_order},
          {"order", a.order},       {"storage", a.storage}, {"shape", a.shape},
          {"axes", a.axes},         {"trials", a.trials},   {"steps", a.steps},
          {"channels", a.channels}, {"remark", a.remark},   {"problem", in_options(a.problem)}};
}

/// "x.npz:rates: system 'rates', 10 trials x 200 time x 3 channels, float64, C order, mapped".
std::string line_of(const ArrayInfo& a) {
  const std::string place = a.file + (a.array.empty() ? "" : ":" + a.array) + ": ";
  if (!a.problem.empty()) return (a.problem.starts_with(place) ? "" : place) + in_options(a.problem) + "\n";
  if (a.shape.empty()) return place + a.remark + "\n";
  std::string text = place;
  text += "system '" + a.system + "'" + (a.label.empty() ? "" : " in group '" + a.label + "'") + ", ";
  for (std::size_t k = 0; k < a.shape.size(); ++k) {
    text += (k > 0 ? " x " : "") + std::to_string(a.shape[k]) + (k < a.axes.size() ? " " + a.axes[k] : "");
  }
  text += ", " + a.dtype + (a.byte_order.empty() ? "" : " " + a.byte_order) + ", " + a.order + " order, " + a.storage;
  return text + "\n" + (a.remark.empty() ? "" : "  note: " + a.remark + "\n");
}

void run(const InfoOptions& o, const Call&) {
  const Console console(o.say.quiet, o.say.json);
  if (o.files.empty()) {
    const Json build = describe_build();
    if (o.say.json) console.result(text_of(build));
    print_build(build, console);
    return;
  }
  Json list = Json::array();
  std::optional<Error> problem;
  for (const std::string& path : expand_lists(o.files)) {
    for (const ArrayInfo& array : describe(path, load_options(o.input))) {
      list.push_back(describe_array(array));
      console.print(line_of(array));
      if (!problem && !array.problem.empty()) problem.emplace(array.code, array.problem);
    }
  }
  if (o.say.json) console.result(text_of(list));
  if (problem) throw Error(*problem);
}

void declare(CLI::App& app, InfoOptions& o) {
  add_files(app, o.files);
  add_read_options(app, o.input);
  add_say_options(app, o.say);
}

}  // namespace

Command info_command(CLI::App* app) { return make_command<InfoOptions>(app, declare, run); }

}  // namespace kindred::cli

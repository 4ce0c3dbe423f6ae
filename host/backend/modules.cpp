#include "host/backend/modules.hpp"

#include "module_stamp.hpp"

#include <dlfcn.h>
#include <link.h>

#include <system_error>

namespace kindred::host {
namespace {

namespace fs = std::filesystem;

/// The file that holds this code.
fs::path own_file() {
  static const int here = 0;
  Dl_info info{};
  void* map = nullptr;
  if (dladdr1(&here, &info, &map, RTLD_DL_LINKMAP) == 0) return {};
  const char* name = static_cast<const link_map*>(map)->l_name;
  std::error_code error;  // of a path that cannot be resolved, which is then empty
  return fs::canonical(name != nullptr && *name != '\0' ? name : "/proc/self/exe", error);
}

}  // namespace

Module load_module(const fs::path& file) {
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) return {nullptr, dlerror()};
  using Entry = const void* (*)(const char**);
  const auto entry = reinterpret_cast<Entry>(dlsym(library, "kindred_module"));
  if (entry == nullptr) return {nullptr, file.string() + " is no module of kindred"};
  const char* stamp = "";
  const void* interface = entry(&stamp);
  if (std::string_view(stamp) != KINDRED_MODULE_STAMP) {
    return {nullptr, file.string() + " belongs to another build of kindred; build and install both together"};
  }
  return {interface, {}};
}

std::vector<fs::path> module_folders() {
  const fs::path folder = own_file().parent_path();
  return {folder, folder / "kindred", (folder / KINDRED_MODULE_FOLDER).lexically_normal()};
}

fs::path find_module(std::string_view name) {
  const std::string file = "libkindred_" + std::string(name) + ".so";
  for (const fs::path& folder : module_folders()) {
    std::error_code error;
    if (fs::exists(folder / file, error)) return folder / file;
  }
  return {};
}

}  // namespace kindred::host

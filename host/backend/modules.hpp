#pragma once
/// Modules: parts of kindred in shared libraries of their own, loaded when they are needed. What most runs do not use
/// (CUDA's libraries, the levels of other processors) costs them neither time nor memory, and need not be there.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::host {

/// A module, or why there is none.
struct Module {
  const void* interface = nullptr;  ///< what KINDRED_MODULE (kernels/launch/module.hpp) names
  std::string problem;              ///< one line; empty where `interface` is not null
};

/// The module in this file, for as long as the process lives.
[[nodiscard]] Module load_module(const std::filesystem::path& file);

/// Folders in which modules are looked for, relative to the file that holds this code (the library, a program or a
/// Python module): beside it, in its folder `kindred`, and where an installation has them.
[[nodiscard]] std::vector<std::filesystem::path> module_folders();

/// The file of module `name`, libkindred_NAME.so; empty where no folder has it.
[[nodiscard]] std::filesystem::path find_module(std::string_view name);

}  // namespace kindred::host

/// Modules are looked for beside the program that asks, and one that cannot serve says why in one line.
#include "host/backend/modules.hpp"
#include "host/backend/cpu/cpu_levels.hpp"
#include "host/base/build_id.hpp"
#include "tests/io/files.hpp"

#include <kindred/device.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

using namespace kindred;
using Catch::Matchers::Contains;

TEST_CASE("modules: this program's level is a file of its own, with a build of its own", "[modules]") {
  const std::string target = host::cpu_table().target;
  const auto file = host::find_module(target);
  INFO(file);
  CHECK(file.filename() == "libkindred_" + target + ".so");
  const host::Module module = host::load_module(file);
  CHECK(module.problem.empty());
  CHECK(module.interface == &host::cpu_table());
  const std::string id = host::build_id(module.interface);
  CHECK(id.size() == 40);
  CHECK(id != host::build_id());
  CHECK_THAT(devices().back().target, Contains("kernels " + id));
}

TEST_CASE("modules: a file that cannot serve is refused in one line", "[modules]") {
  const files::Folder folder;
  CHECK(host::find_module("of_no_build").empty());
  struct Case {
    std::string file, expected;
  };
  for (const Case& c :
       {Case{folder / "absent.so", "cannot open shared object file"},
        Case{folder.write("text.so", "no library"), "file too short"}, Case{"libz.so.1", "is no module of kindred"}}) {
    const host::Module module = host::load_module(c.file);
    CHECK(module.interface == nullptr);
    CHECK_THAT(module.problem, Contains(c.expected));
    CHECK(module.problem.find('\n') == std::string::npos);
  }
}

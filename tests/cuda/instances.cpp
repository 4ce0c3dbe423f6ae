#include "kernels/launch/launch_cuda.hpp"
#include "kernels/programs.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace kindred;

namespace {

template <class P>
std::string name() {
  return __PRETTY_FUNCTION__;
}

template <class... P>
std::vector<std::string> names(kernels::ProgramList<P...>) {
  return {name<P>()...};
}

}  // namespace

TEST_CASE("every block program has a CUDA instance", "[cuda]") {
  const auto entries = kernels::cuda_entries();
  const auto programs = names(kernels::Programs{});
  REQUIRE(entries.size() == programs.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    INFO(programs[i]);
    CHECK(entries[i].needs != nullptr);
  }
}

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace kindred;

TEST_CASE("the CPU is always a device", "[engine][devices]") {
  const auto all = devices();
  REQUIRE(!all.empty());
  CHECK(all.back().kind == "cpu");
  CHECK(Engine(Device::cpu(1)).device().detail.find("1 thread") != std::string::npos);
}

TEST_CASE("an impossible device is refused with its reason", "[engine][devices]") {
  CHECK_THROWS_AS(Engine(Device::cpu(-1)), Error);
  const bool none = !cuda_unavailable_reason().empty();
  CHECK_THROWS_AS(Engine(Device::cuda(none ? 0 : 1000)), Error);
}

/// What tells one comparison from another.
#include "host/store/identity.hpp"
#include "tests/support/operators.hpp"

#include <catch2/catch.hpp>

#include <cmath>

using namespace kindred;

TEST_CASE("every value of an operator, and its size, count in its digest", "[store]") {
  const auto digest = [](const Operator& a) {
    return host::identity_of(DeviceInfo{}, {&a, 1}, {}, true, Dsa{}).digests.at(0);
  };
  const Operator a = test::as_operator(test::gaussian(3, 1));
  CHECK(digest(a) == digest(test::as_operator(test::gaussian(3, 1), "of another name")));
  for (std::size_t k = 0; k < a.values.size(); ++k) {
    Operator other = a;
    other.values[k] = std::nextafter(other.values[k], 9.0);
    CAPTURE(k);
    CHECK(digest(other) != digest(a));
  }
  Operator larger = a;
  larger.size = 4;
  CHECK(digest(larger) != digest(a));
}

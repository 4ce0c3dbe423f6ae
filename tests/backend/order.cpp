/// The seam's order of keys: where a device sorts, it sorts as the processor does.
#include "tests/support/devices.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <utility>

using namespace kindred;

namespace {

/// Keys with many ties, both zeros, and the ends of the range.
std::vector<double> keys_of(index_t rows, index_t columns) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double ends[] = {0.0,     -0.0,  infinity, -infinity, std::numeric_limits<double>::denorm_min(),
                         -1e-310, 1e308, -1e308};
  std::vector<double> keys;
  for (index_t i = 0; i < rows * columns; ++i) {
    const auto x = static_cast<double>(i);
    keys.push_back(i % 5 == 0   ? ends[i / 5 % 8]
                   : i % 5 == 1 ? std::sin(1.7 * x)
                                : std::round(8 * std::sin(0.3 * x * x)));
  }
  return keys;
}

/// True if `places` are the first in the order of a row by (key, column): they ascend strictly, and as many entries lie
/// below the last as are named before it.
bool first_in_order(const double* row, index_t columns, const index_t* places, index_t count) {
  const auto entry = [row](index_t j) { return std::pair(row[j], j); };
  for (index_t s = 0; s < count; ++s) {
    if (places[s] < 0 || places[s] >= columns) return false;
    if (s > 0 && !(entry(places[s - 1]) < entry(places[s]))) return false;
  }
  index_t below = 0;
  for (index_t j = 0; j < columns; ++j) below += entry(j) < entry(places[count - 1]) ? 1 : 0;
  return below == count - 1;
}

}  // namespace

TEST_CASE("the smallest keys of each row, in order", "[backend][devices]") {
  struct Size {
    index_t rows, columns, count;
  };
  std::vector<Size> sizes = {{1, 1, 1},  {3, 2, 2},         {7, 33, 33},      {7, 33, 5},
                             {4, 65, 1}, {2, 700, 701 / 7}, {1, 65540, 65540}};
  if (test::on_cpu()) sizes.insert(sizes.end(), {{2, 70000, 12}, {1030, 1031, 11}});
  // The second budget holds three rows of 33 keys, sorted and numbered, at a time.
  for (const std::size_t budget : {std::size_t{0}, std::size_t{8 * 24 * 3 * 33}}) {
    const auto backend = test::make_backend(budget);
    for (const auto [rows, columns, count] : sizes) {
      if (budget > 0 && columns > 100) continue;
      const std::vector<double> keys = keys_of(rows, columns);
      const auto device = test::to_device(*backend, keys);
      const auto out = test::to_device(*backend, std::vector<index_t>(static_cast<std::size_t>(rows * count), -1));
      backend->order(device.data(), rows, columns, count, out.data());
      const auto places = test::fetch(out);
      CAPTURE(rows, columns, count, budget);
      for (index_t r = 0; r < rows; ++r) {
        CHECK(first_in_order(keys.data() + r * columns, columns, places.data() + r * count, count));
      }
      CHECK(test::fetch(device) == keys);
    }
    backend->order(nullptr, 0, 5, 5, nullptr);
  }
}

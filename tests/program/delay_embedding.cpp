#include "kernels/program/delay_embedding.hpp"
#include "kernels/program/gather_rows.hpp"
#include "tests/support/devices.hpp"

#include <catch2/catch.hpp>

#include <limits>

using namespace kindred;

namespace {

/// x[t, c] = 100 t + c, so that every element of H is known by where it comes from.
template <class T>
std::vector<T> counting(index_t steps, index_t channels) {
  std::vector<T> x;
  for (index_t t = 0; t < steps; ++t) {
    for (index_t c = 0; c < channels; ++c) x.push_back(static_cast<T>(100 * t + c));
  }
  return x;
}

template <class T>
void check_tile(index_t rows, index_t delays, index_t interval, index_t channels, bool by_row) {
  using Program = kernels::DelayEmbedding<T>;
  const auto backend = test::make_backend();
  const index_t columns = delays * channels, first = 2;
  const auto x = test::to_device(*backend, counting<T>(first + rows + (delays - 1) * interval, channels));
  std::vector<index_t> lag, channel;
  for (index_t j = 0; j < delays; ++j) {
    for (index_t c = 0; c < channels; ++c) {
      lag.push_back((delays - 1 - j) * interval);
      channel.push_back(c);
    }
  }
  const auto device_lag = test::to_device(*backend, lag), device_channel = test::to_device(*backend, channel);
  // Padding of three elements a line, and a tile of zeros behind the first.
  constexpr double untouched = -7;
  const index_t ld = (by_row ? columns : rows) + 3, lines = by_row ? rows : columns;
  const auto out = test::to_device(*backend, std::vector<double>(static_cast<std::size_t>(2 * lines * ld), untouched));
  const std::vector<typename Program::Tile> tiles = {
      {x.data() + first * channels, channels, 1, rows, 0, columns, 0.5, out.data()},
      {nullptr, 0, 0, rows, 0, columns, 0, out.data() + lines * ld}};
  const auto device_tiles = test::to_device(*backend, tiles);
  backend->launch<Program>(
      {device_tiles.data(), device_lag.data(), device_channel.data(), by_row ? ld : 1, by_row ? 1 : ld, columns}, 2);
  const auto got = test::fetch(out);
  for (index_t l = 0; l < 2 * lines; ++l) {
    for (index_t e = 0; e < ld; ++e) {
      const index_t i = by_row ? l % lines : e, q = by_row ? e : l % lines;
      const index_t j = q / channels, c = q % channels;
      double expected = 0.5 * static_cast<double>(100 * (first + i + (delays - 1 - j) * interval) + c);
      if (l >= lines) expected = 0;
      if (e >= ld - 3) expected = untouched;
      CHECK(got[static_cast<std::size_t>(l * ld + e)] == expected);
    }
  }
}

}  // namespace

TEMPLATE_TEST_CASE("delay embedding: newest first, both layouts, padding untouched", "[program][devices]", float,
                   double) {
  for (const bool by_row : {true, false}) {
    check_tile<TestType>(1, 1, 1, 1, by_row);
    check_tile<TestType>(7, 3, 2, 2, by_row);
    check_tile<TestType>(33, 2, 5, 17, by_row);
  }
}

TEST_CASE("gather rows: any strides, and zero rows", "[program][devices]") {
  const auto backend = test::make_backend();
  // Two matrices of 4 x 3, element (i, j) of matrix b = 100 b + 10 i + j, stored by columns.
  std::vector<double> u;
  for (int b = 0; b < 2; ++b) {
    for (int j = 0; j < 3; ++j) {
      for (int i = 0; i < 4; ++i) u.push_back(100 * b + 10 * i + j);
    }
  }
  const std::vector<index_t> index = {3, -1, 0, 0, 2, 1, -1, 3, 3, 0};
  const auto device_u = test::to_device(*backend, u);
  const auto device_index = test::to_device(*backend, index);
  const auto out = test::to_device(*backend, std::vector<double>(30, std::numeric_limits<double>::quiet_NaN()));
  backend->launch<kernels::GatherRows>({device_u.data(), 1, 4, 12, device_index.data(), out.data(), 5, 3},
                                       kernels::GatherRows::items(2, 5));
  const auto got = test::fetch(out);
  for (std::size_t k = 0; k < 10; ++k) {
    for (std::size_t j = 0; j < 3; ++j) {
      const double expected =
          index[k] < 0 ? 0 : static_cast<double>(100 * (k / 5) + 10 * static_cast<std::size_t>(index[k]) + j);
      CHECK(got[3 * k + j] == expected);
    }
  }
}

#include "kernels/program/block_norm.hpp"
#include "kernels/program/nuclear_norm.hpp"
#include "tests/oracle/representation.hpp"
#include "tests/support/devices.hpp"

#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace kindred;
using kernels::Block;

namespace {

/// Blocks of every shape inside one tile whose other entries are NaN.
template <class T>
struct Tile {
  index_t ld = 0;
  std::vector<T> values;
  std::vector<Block> blocks;

  void add(index_t rows, index_t cols, const std::vector<double>& block) {
    for (const bool transposed : {false, true}) blocks.push_back({std::ssize(values) + 1, rows, cols, transposed});
    const auto start = values.size() + 1;
    values.resize(values.size() + static_cast<std::size_t>(rows * ld + 1), std::numeric_limits<T>::quiet_NaN());
    for (index_t i = 0; i < rows; ++i) {
      for (index_t j = 0; j < cols; ++j) {
        values[start + static_cast<std::size_t>(i * ld + j)] =
            static_cast<T>(block[static_cast<std::size_t>(i * cols + j)]);
      }
    }
  }
  [[nodiscard]] oracle::Rows rows(const Block& b) const {
    oracle::Rows x(static_cast<std::size_t>(b.rows));
    for (index_t i = 0; i < b.rows; ++i) {
      for (index_t j = 0; j < b.cols; ++j) {
        x[static_cast<std::size_t>(i)].push_back(values[static_cast<std::size_t>(b.offset + i * ld + j)]);
      }
    }
    return x;
  }
};

/// rank x (rows, cols) products of random factors, times `size`.
std::vector<double> low_rank(index_t rows, index_t cols, index_t rank, double size, std::uint64_t stream) {
  simulate::Random random(11, stream);
  std::vector<double> a(static_cast<std::size_t>(rows * rank)), b(static_cast<std::size_t>(rank * cols));
  for (double& x : a) x = random.normal();
  for (double& x : b) x = random.normal() * size;
  std::vector<double> out(static_cast<std::size_t>(rows * cols), 0.0);
  for (index_t i = 0; i < rows; ++i) {
    for (index_t l = 0; l < rank; ++l) {
      for (index_t j = 0; j < cols; ++j) {
        out[static_cast<std::size_t>(i * cols + j)] +=
            a[static_cast<std::size_t>(i * rank + l)] * b[static_cast<std::size_t>(l * cols + j)];
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("the nuclear norm of [3 0; 4 5] is 4 sqrt 5", "[program][devices]") {
  // The singular values are 3 sqrt 5 and sqrt 5: their squares have sum 50 and product 15^2.
  auto backend = test::make_backend();
  const auto tile = test::to_device(*backend, std::vector<double>{3, 0, 4, 5});
  const auto blocks = test::to_device(*backend, std::vector<Block>{{0, 2, 2, false}});
  const host::Buffer<double> value(*backend, 1);
  backend->launch<kernels::NuclearNorm<double>>({tile.data(), 2, blocks.data(), value.data(), 2, 2}, 1);
  CHECK(std::abs(test::fetch(value)[0] - 4 * std::sqrt(5.0)) <= 1e-14);
}

TEMPLATE_TEST_CASE("norms of blocks of every shape, rank and scale", "[program][devices]", float, double) {
  using T = TestType;
  Tile<T> tile;
  tile.ld = 70;
  std::uint64_t stream = 0;
  for (const index_t rows : {1, 2, 7, 31, 33}) {
    for (const index_t cols : {1, 2, 8, 32, 65}) {
      const index_t full = std::min(rows, cols);
      tile.add(rows, cols, low_rank(rows, cols, full, 1, ++stream));
      tile.add(rows, cols, low_rank(rows, cols, (full + 1) / 2, 1e-9, ++stream));
    }
  }
  tile.add(5, 6, std::vector<double>(30, 0.0));
  std::vector<double> identity(49, 0.0);
  for (std::size_t i = 0; i < 7; ++i) identity[i * 8] = 2;
  tile.add(7, 7, identity);
  // One bad item among the good ones.
  std::vector<double> bad(9, 1.0);
  bad[4] = std::nan("");
  tile.add(3, 3, bad);

  auto backend = test::make_backend();
  const auto values = test::to_device(*backend, tile.values);
  const auto blocks = test::to_device(*backend, tile.blocks);
  const auto count = std::ssize(tile.blocks);
  const auto nuclear = test::to_device(*backend, std::vector<double>(tile.blocks.size(), -1.0));
  const auto squares = test::to_device(*backend, std::vector<double>(tile.blocks.size(), -1.0));
  backend->launch<kernels::NuclearNorm<T>>({values.data(), tile.ld, blocks.data(), nuclear.data(), 65, 33}, count);
  backend->launch<kernels::BlockNorm<T>>({values.data(), tile.ld, blocks.data(), squares.data(), 65 * 33, true}, count);
  const auto n = test::fetch(nuclear), s = test::fetch(squares);
  for (std::size_t k = 0; k + 2 < tile.blocks.size(); ++k) {
    const Block& b = tile.blocks[k];
    const auto rows = tile.rows(b);
    const auto expected = static_cast<double>(oracle::nuclear_norm(rows));
    const auto expected_squares = static_cast<double>(oracle::squared_norm(rows));
    // n values, each right to about m n eps of the largest.
    const double eps = std::numeric_limits<double>::epsilon();
    CAPTURE(b.rows, b.cols, b.transposed, n[k], expected);
    REQUIRE(std::abs(n[k] - expected) <= 4.0 * static_cast<double>(b.rows + b.cols) * eps * expected);
    REQUIRE(std::abs(s[k] - expected_squares) <= static_cast<double>(b.rows * b.cols) * eps * expected_squares);
  }
  CHECK(std::isnan(n[n.size() - 1]));
  CHECK(std::isnan(n[n.size() - 2]));
}

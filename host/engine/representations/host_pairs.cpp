#include "host/engine/representations/host_pairs.hpp"

#include "host/base/index.hpp"
#include "host/engine/pairs/stored_tiles.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace kindred::host {

std::vector<Tile> square_tiles(const PairSet& pairs, const PlanLimits& limits, index_t side) {
  std::vector<Tile> out;
  for (const Tile& square : stored_tiles(pairs, side)) {
    for (const Tile& part : pairs.within(square)) {
      for (const Tile& tile : cut(part, limits.most)) {
        if (pairs.count(tile) > 0) out.push_back(tile);
      }
    }
  }
  return out;
}

std::vector<Tile> block_tiles(const PairSet& pairs, const PlanLimits& limits, index_t block) {
  constexpr index_t side = 64;
  std::vector<Tile> out;
  for (const Tile& square : stored_tiles(pairs, block)) {
    const std::vector<Tile> tiles = square_tiles(pairs.in(pairs.within(square)), limits, side);
    out.insert(out.end(), tiles.begin(), tiles.end());
  }
  return out;
}

index_t prepared_block(const Factors& factors, std::size_t bytes, std::size_t budget) {
  constexpr index_t side = 64;
  const index_t rows = std::ssize(factors.rows), columns = std::ssize(factors.right());
  const auto fitting = static_cast<index_t>(budget / std::max<std::size_t>(bytes, 1));
  if ((factors.symmetric ? rows : rows + columns) <= fitting) return std::max<index_t>({1, rows, columns});
  const index_t half = fitting / 2;
  return half < side ? half : half / side * side;
}

BlockValues::BlockValues(Backend& backend, const Factors& factors, ProductPrecision precision, Function f)
    : backend_(backend), factors_(factors), f_(std::move(f)) {
  Operands operands{.rows = {factors.rows},
                    .columns = {factors.right()},
                    .symmetric = factors.symmetric,
                    .products = {{0, 0}},
                    .copied = true};
  if (precision == ProductPrecision::f32) {
    products_ = std::make_unique<FactorProducts<float>>(backend, std::move(operands), backend.memory_budget());
  } else {
    products_ = std::make_unique<FactorProducts<double>>(backend, std::move(operands), backend.memory_budget());
  }
}

std::vector<Tile> BlockValues::plan(const PairSet& pairs, const PlanLimits& limits) const {
  return std::visit([&](const auto& products) { return products->plan(pairs, limits); }, products_);
}

std::vector<double> BlockValues::of(const Tile& tile) {
  std::vector<double> out(at(tile.rows * tile.columns), std::numeric_limits<double>::quiet_NaN());
  const auto take = [&]<class T>(index_t i, index_t j, bool turned, const std::vector<std::vector<T>>& blocks) {
    const Member row{factors_.row(i), false, i}, column{factors_.column(j), !factors_.symmetric, j};
    const std::vector<double> product(blocks.front().begin(), blocks.front().end());
    out[at((i - tile.row) * tile.columns + (j - tile.column))] =
        turned ? f_(column, row, product, true) : f_(row, column, product, false);
  };
  std::visit([&](const auto& products) { for_each_block_on_host(backend_, *products, tile, true, take); }, products_);
  return out;
}

}  // namespace kindred::host

#include "host/engine/representations/pair_values.hpp"

#include "host/base/index.hpp"
#include "host/base/parallel.hpp"
#include "host/engine/representations/principal.hpp"
#include "kernels/program/block_norm.hpp"
#include "kernels/program/nuclear_norm.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace kindred::host {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One number of each block of a product.
template <class T>
std::vector<double> values_of(Backend& backend, const typename ProductTile<T>::Product& product, BlockValue value) {
  using kernels::Block;
  index_t elements = 0, large = 0, small = 0;
  for (const Block& block : product.blocks) {
    elements = std::max(elements, block.rows * block.cols);
    large = std::max(large, std::max(block.rows, block.cols));
    small = std::max(small, std::min(block.rows, block.cols));
  }
  const index_t count = std::ssize(product.blocks);
  const Buffer<Block> blocks(backend, std::span<const Block>(product.blocks));
  const Buffer<double> numbers(backend, count);
  if (value == BlockValue::nuclear_norm) {
    backend.launch<kernels::NuclearNorm<T>>({product.data, product.ld, blocks.data(), numbers.data(), large, small},
                                            count);
  } else {
    const bool squares = value == BlockValue::squared_norm;
    backend.launch<kernels::BlockNorm<T>>({product.data, product.ld, blocks.data(), numbers.data(), elements, squares},
                                          count);
  }
  std::vector<double> values(product.blocks.size());
  numbers.download(values);
  return values;
}

Operands one_factor(std::span<const Factor> rows, std::span<const Factor> columns, bool symmetric) {
  return {.rows = {rows}, .columns = {symmetric ? rows : columns}, .symmetric = symmetric};
}

}  // namespace

Factors::Factors(Backend& backend, const Collections& sets, bool centre) : symmetric(sets.symmetric) {
  const index_t threads = std::min(backend.parallelism(), all_threads());
  rows = survey(sets.rows, static_cast<int>(threads), sets.progress, centre);
  if (!symmetric) columns = survey(sets.columns, static_cast<int>(threads), sets.progress, centre);
  require_equal_rows(rows, columns);
}

PairValues::PairValues(Backend& backend, Operands operands, BlockValue value, ProductPrecision precision,
                       std::size_t budget)
    : backend_(backend),
      value_(value),
      symmetric_(operands.symmetric),
      count_(operands.products.size()),
      row_self_(self_of(operands.rows.front())),
      column_self_(self_of(operands.columns.front())) {
  if (precision == ProductPrecision::f32) {
    products_ = std::make_unique<FactorProducts<float>>(backend, std::move(operands), budget);
  } else {
    products_ = std::make_unique<FactorProducts<double>>(backend, std::move(operands), budget);
  }
}

PairValues::PairValues(Backend& backend, std::span<const Factor> rows, std::span<const Factor> columns, bool symmetric,
                       BlockValue value, ProductPrecision precision)
    : PairValues(backend, one_factor(rows, columns, symmetric), value, precision, backend.memory_budget()) {}

PairValues::Self PairValues::self_of(std::span<const Factor> factors) {
  Self self{std::vector<double>(factors.size(), nan), {}};
  for (const Factor& f : factors) self.known.push_back(!f.usable);
  return self;
}

std::vector<Tile> PairValues::plan(const PairSet& pairs, const PlanLimits& limits) const {
  return std::visit([&](const auto& products) { return products->plan(pairs, limits); }, products_);
}

std::size_t PairValues::bytes() const {
  return std::visit([](const auto& products) { return products->bytes(); }, products_);
}

std::vector<std::vector<double>> PairValues::of(const Tile& tile) {
  const auto places = at(tile.rows * tile.columns);
  std::vector<std::vector<double>> out(count_, std::vector<double>(places, nan));
  const auto take = [&]<class T>(const ProductTile<T>& part) {
    for (std::size_t p = 0; p < part.products.size(); ++p) {
      const std::vector<double> values = values_of<T>(backend_, part.products[p], value_);
      for (std::size_t n = 0; n < values.size(); ++n) {
        const auto [i, j] = part.pairs[n];
        if (symmetric_ && i == j) {
          if (p > 0) continue;
          row_self_.value[i] = values[n];
          row_self_.known[i] = 1;
        } else {
          out[p][(i - tile.row) * tile.columns + (j - tile.column)] = values[n];
        }
      }
    }
  };
  std::visit([&](const auto& products) { products->multiply(tile, value_ != BlockValue::nuclear_norm, take); },
             products_);
  return out;
}

template <class Multiply>
double PairValues::self(Self& side, index_t i, Multiply&& multiply) {
  const auto place = at(i);
  if (!side.known[place]) {
    side.known[place] = 1;
    const auto take = [&]<class T>(const ProductTile<T>& part) {
      side.value[place] = values_of<T>(backend_, part.products.front(), value_).front();
    };
    std::visit([&](const auto& products) { multiply(*products, take); }, products_);
  }
  return side.value[place];
}

double PairValues::row_self(index_t i) {
  return self(row_self_, i, [i](auto& products, const auto& take) { products.multiply_row_self(i, take); });
}

double PairValues::column_self(index_t j) {
  if (symmetric_) return row_self(j);
  return self(column_self_, j, [j](auto& products, const auto& take) { products.multiply_column_self(j, take); });
}

double angle_of_chord(double chord) { return 2 * std::asin(std::clamp(chord / 2, 0.0, 1.0)); }

double angle_of(double one_minus_s) { return angle_of_chord(std::sqrt(std::max(0.0, 2 * one_minus_s))); }

double reported(SimilarityScore score, double angle, double scale) {
  const double chord = 2 * std::sin(angle / 2);
  switch (score) {
    case SimilarityScore::angular:
      return angle * scale;
    case SimilarityScore::similarity:
      return std::cos(angle);
    case SimilarityScore::euclidean:
      return chord;
    case SimilarityScore::one_minus:
      break;
  }
  return chord * chord / 2;
}

double scale_of(bool over_half_pi) { return over_half_pi ? 2 / std::numbers::pi : 1; }

void use_principal(Backend& backend, Factors& factors, const Weights& weights) {
  factors.for_each_set([&](std::vector<Factor>& set) {
    for (Factor& x : set) {
      if (!x.usable) continue;
      const Principal p = principal_directions(backend, x, range_tolerance(x));
      x.usable = !p.sigma.empty();
      if (x.usable) set_basis(x, p, weights(p.sigma, x));
    }
  });
}

Weights whitening(double share, index_t most) {
  return [share, most](const std::vector<double>& sigma, const Factor&) {
    double total = 0, sum = 0;
    for (const double s : sigma) total += s * s;
    std::vector<double> weight;
    for (const double s : sigma) {
      if (share < 1 && sum >= share * total) break;
      if (most > 0 && std::ssize(weight) == most) break;
      sum += s * s;
      weight.push_back(1 / s);
    }
    return weight;
  };
}

Weights partial_whitening(double alpha, bool preserve) {
  return [alpha, preserve](const std::vector<double>& sigma, Factor& x) {
    // In the units of the data, which are 2^-exponent those of sigma.
    const double scale = std::ldexp(1.0, x.survey.exponent);
    x.unit = 0;
    std::vector<double> weight;
    double given = 0, whitened = 0;  // squared norms of X, in units of `scale`, and of what becomes of it
    for (const double s : sigma) {
      weight.push_back(alpha * scale + (1 - alpha) / s);
      given += s * s;
      whitened += weight.back() * s * weight.back() * s;
    }
    const double back = preserve ? scale * std::sqrt(given / whitened) : 1;
    for (double& w : weight) w *= back;
    return weight;
  };
}

void require_two_collections(bool one_direction, bool symmetric, const std::string& field) {
  if (!one_direction || !symmetric) return;
  throw Error(
      ErrorCode::invalid_argument,
      field +
          " asks for one direction of a comparison that is not symmetric, and a collection against itself has one "
          "value for both; compare two collections (Engine::cross), the same one twice if need be");
}

}  // namespace kindred::host

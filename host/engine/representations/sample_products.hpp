#pragma once
/// Products of a recording's samples with each other, and vectors made of them: what Gram matrices, dissimilarities and
/// neighbours are made of.
#include "host/base/index.hpp"
#include "host/engine/representations/factor.hpp"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace kindred::host {

/// Rows of a Gram matrix that are made at once: whole blocks of the backend's products.
inline constexpr index_t gram_block_rows = 1024;

/// Products of the samples row .. row + rows - 1 with those from `first` on, rows x columns on the device.
struct ProductBlock {
  index_t row, rows, first, columns;
  const double* products;
};

/// Calls f(block) for blocks of the products of all samples of a (m x n, row-major), from the first sample to the last;
/// with `above`, with the samples from the block's first row on, else with all. The products are there until f returns.
/// Cost m^2 n flops above, twice that otherwise.
template <class F>
void for_each_block_of_products(Backend& backend, std::span<const double> a, index_t m, index_t n, bool above, F&& f) {
  const Buffer<double> x(backend, a);
  const Buffer<double> k(backend, std::min(gram_block_rows, m) * m);
  for (index_t begin = 0; begin < m; begin += gram_block_rows) {
    const index_t rows = std::min(gram_block_rows, m - begin), first = above ? begin : 0, columns = m - first;
    backend.gemm({.op_b = Op::transpose,
                  .m = rows,
                  .n = columns,
                  .k = n,
                  .a = x.data() + begin * n,
                  .lda = n,
                  .b = x.data() + first * n,
                  .ldb = n,
                  .c = k.data(),
                  .ldc = columns});
    f(ProductBlock{begin, rows, first, columns, k.data()});
  }
}

/// Calls f(i, j, sum over c of a[i, c] a[j, c]) for j >= i, in the order of the rows.
template <class F>
void for_each_product(Backend& backend, std::span<const double> a, index_t m, index_t n, F&& f) {
  std::vector<double> products(at(std::min(gram_block_rows, m) * m));
  for_each_block_of_products(backend, a, m, n, true, [&](const ProductBlock& block) {
    const auto count = at(block.rows * block.columns);
    backend.download(products.data(), block.products, count * sizeof(double));
    for (index_t i = 0; i < block.rows; ++i) {
      const double* row = products.data() + i * block.columns;
      for (index_t j = i; j < block.columns; ++j) f(block.row + i, block.first + j, row[j]);
    }
  });
}

/// Bytes that a vector made by for_each_product takes: `arrays` of its length, two copies of the samples and of the
/// products.
[[nodiscard]] inline std::size_t bytes_of_vector(const Factor& f, index_t length, int arrays) {
  const index_t products = std::min(gram_block_rows, f.rows) * f.rows;
  return sizeof(double) * at(arrays * length + 2 * (f.rows * f.survey.channels + products));
}

/// Centred, scaled samples, m x C.
[[nodiscard]] std::vector<double> samples(const Factor& f);

/// Squared norms of the rows of x, n values each.
[[nodiscard]] std::vector<double> squared_rows(std::span<const double> x, index_t n);

/// One column for each factor: values(f) makes that of a usable one, which takes bytes(f).
template <class Values, class Bytes>
std::vector<Factor> columns_of(std::span<const Factor> factors, index_t length, Bytes&& bytes, Values&& values) {
  std::vector<Factor> out(factors.size());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    Factor& vector = out[i];
    vector.survey.system = f.survey.system;
    vector.survey.content = f.survey.content;
    vector.rows = length;
    vector.columns = 1;
    vector.usable = f.usable;
    vector.source = Generated{[&f, values] { return values(f); }, bytes(f)};
  }
  return out;
}

}  // namespace kindred::host

#include "host/engine/kernel_vectors.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace kindred::host {
namespace {

/// A A^T of a row-major m x n array on the host.
std::vector<double> row_products(Backend& backend, const std::vector<double>& a, index_t m, index_t n) {
  const Buffer<double> x(backend, std::span<const double>(a));
  const Buffer<double> k(backend, m * m);
  backend.gemm({.op_b = Op::transpose,
                .m = m,
                .n = m,
                .k = n,
                .a = x.data(),
                .lda = n,
                .b = x.data(),
                .ldb = n,
                .c = k.data(),
                .ldc = m});
  std::vector<double> out(static_cast<std::size_t>(m * m));
  k.download(out);
  return out;
}

/// Centred, scaled samples, m x C.
std::vector<double> samples(const Factor& f) {
  std::vector<double> x = dense_rows(*f.system);
  const auto channels = static_cast<std::size_t>(f.channels);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - f.mean[i % channels]) * f.scale();
  return x;
}

void subtract_mean(std::vector<double>& v) {
  const double mean = std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
  for (double& x : v) x -= mean;
}

/// Ranks from 1, equal values share their mean rank.
std::vector<double> ranks(const std::vector<double>& v) {
  std::vector<std::size_t> order(v.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return v[a] < v[b]; });
  std::vector<double> rank(v.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && v[order[end]] == v[order[i]]) ++end;
    for (std::size_t k = i; k < end; ++k) rank[order[k]] = static_cast<double>(i + 1 + end) / 2;
    i = end;
  }
  return rank;
}

}  // namespace

KernelVectors make_vectors(std::span<const Factor> factors, index_t length, const VectorOf& vector_of) {
  KernelVectors out;
  out.values.resize(factors.size());
  out.sets.resize(factors.size());
  out.factors.resize(factors.size());
  for (std::size_t i = 0; i < factors.size(); ++i) {
    const Factor& f = factors[i];
    if (f.usable) out.values[i] = vector_of(f);
    out.sets[i] = TrajectorySet::view(f.system->name, out.values[i].data(), 1, length, 1);
    Factor& vector = out.factors[i];
    vector.system = &out.sets[i];
    vector.rows = length;
    vector.channels = vector.columns = 1;
    vector.mean = {0.0};
    vector.content = f.content;
    vector.usable = !out.values[i].empty();
  }
  return out;
}

std::vector<double> sample_norms(const Factor& factor) {
  const std::vector<double> x = samples(factor);
  std::vector<double> out(static_cast<std::size_t>(factor.rows), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i / static_cast<std::size_t>(factor.channels)] += x[i] * x[i];
  return out;
}

std::vector<double> gram_vector(Backend& backend, const Factor& factor, CkaEstimator estimator) {
  const auto m = static_cast<std::size_t>(factor.rows);
  std::vector<double> k = row_products(backend, samples(factor), factor.rows, factor.channels);
  if (estimator == CkaEstimator::song) {
    std::vector<double> row(m, 0.0);
    double total = 0;
    for (std::size_t i = 0; i < m; ++i) {
      k[i * m + i] = 0;
      for (std::size_t j = 0; j < m; ++j) row[i] += k[i * m + j];
      total += row[i];
    }
    const double n = static_cast<double>(m);
    for (std::size_t i = 0; i < m; ++i) {
      for (std::size_t j = 0; j < m; ++j) {
        if (i != j) k[i * m + j] += total / ((n - 1) * (n - 2)) - (row[i] + row[j]) / (n - 2);
      }
    }
  }
  std::vector<double> out;
  out.reserve(m * (m + 1) / 2);
  for (std::size_t i = 0; i < m; ++i) {
    out.push_back(k[i * m + i]);
    for (std::size_t j = i + 1; j < m; ++j) out.push_back(k[i * m + j] * std::numbers::sqrt2);
  }
  return out;
}

std::vector<double> rdm_vector(Backend& backend, const Factor& factor, Rdm rdm, RdmComparison comparison) {
  const auto m = static_cast<std::size_t>(factor.rows), channels = static_cast<std::size_t>(factor.channels);
  std::vector<double> x = samples(factor);
  if (rdm == Rdm::correlation) {
    x = dense_rows(*factor.system);
    for (std::size_t i = 0; i < m; ++i) {
      double* row = x.data() + i * channels;
      const auto [low, high] = std::minmax_element(row, row + channels);
      if (!(*low < *high)) return {};
      const double mean = std::accumulate(row, row + channels, 0.0) / static_cast<double>(channels);
      double squares = 0;
      for (std::size_t c = 0; c < channels; ++c) {
        row[c] = (row[c] - mean) * factor.scale();
        squares += row[c] * row[c];
      }
      for (std::size_t c = 0; c < channels; ++c) row[c] /= std::sqrt(squares);
    }
  }
  const std::vector<double> k = row_products(backend, x, factor.rows, factor.channels);
  std::vector<double> out;
  out.reserve(m * (m - 1) / 2);
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = i + 1; j < m; ++j) {
      out.push_back(rdm == Rdm::correlation ? 1 - k[i * m + j] : k[i * m + i] + k[j * m + j] - 2 * k[i * m + j]);
    }
  }
  if (comparison == RdmComparison::spearman) out = ranks(out);
  if (comparison != RdmComparison::cosine) subtract_mean(out);
  return out;
}

}  // namespace kindred::host

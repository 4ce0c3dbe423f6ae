#include "host/engine/principal.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

/// R factor and SVD of `rows` x C values on the device, rows >= C.
Principal directions(Backend& backend, double* x, index_t rows, index_t channels, index_t samples) {
  const Buffer<double> r(backend, channels * channels), s(backend, channels), vt(backend, channels * channels);
  backend.qr_r(rows, channels, x, channels, 0, r.data(), channels, 0, 1);
  backend.svd(channels, channels, r.data(), channels, 0, s.data(), 0, vt.data(), channels, 0, 1);
  Principal out;
  out.sigma.resize(static_cast<std::size_t>(channels));
  std::vector<double> rows_of_vt(static_cast<std::size_t>(channels * channels));
  s.download(out.sigma);
  vt.download(rows_of_vt);
  if (!std::isfinite(out.sigma.front())) return {};
  const double tolerance =
      static_cast<double>(std::max(samples, channels)) * std::numeric_limits<double>::epsilon() * out.sigma.front();
  const auto below = std::find_if(out.sigma.begin(), out.sigma.end(), [&](double v) { return !(v > tolerance); });
  out.sigma.erase(below, out.sigma.end());
  const auto rank = out.sigma.size();
  out.v.resize(static_cast<std::size_t>(channels) * rank);
  for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
    for (std::size_t k = 0; k < rank; ++k) {
      out.v[c * rank + k] = rows_of_vt[k * static_cast<std::size_t>(channels) + c];
    }
  }
  return out;
}

/// Zeros in rows first .. last - 1 of a row-major array.
void clear_rows(Backend& backend, double* x, index_t first, index_t last, index_t columns) {
  const std::vector<double> zeros(static_cast<std::size_t>((last - first) * columns), 0.0);
  backend.upload(x + first * columns, zeros.data(), zeros.size() * sizeof(double));
}

}  // namespace

Principal principal_directions(Backend& backend, const Factor& factor) {
  const index_t rows = std::max(factor.rows, factor.channels);
  const Buffer<double> x(backend, rows * factor.channels);
  write_factor(backend, factor, kernels::Panels<double>{x.data(), rows, factor.channels}, 0);
  if (rows > factor.rows) clear_rows(backend, x.data(), factor.rows, rows, factor.channels);
  return directions(backend, x.data(), rows, factor.channels, factor.rows);
}

void set_basis(Factor& factor, const Principal& principal, std::span<const double> weight) {
  const std::size_t rank = principal.sigma.size(), kept = weight.size();
  const auto channels = static_cast<std::size_t>(factor.channels);
  factor.columns = static_cast<index_t>(kept);
  factor.basis.resize(channels * kept);
  double squares = 0;
  for (std::size_t k = 0; k < kept; ++k) {
    const double s = principal.sigma[k] * weight[k];
    squares += s * s;
    for (std::size_t c = 0; c < channels; ++c) factor.basis[c * kept + k] = principal.v[c * rank + k] * weight[k];
  }
  factor.squared_norm = squares;
}

void compress(Backend& backend, std::vector<Factor>& factors) {
  for (Factor& f : factors) {
    if (!f.usable || f.rows >= f.channels) continue;
    const Principal p = principal_directions(backend, f);
    const double norm = f.squared_norm;
    if (!p.sigma.empty()) set_basis(f, p, std::vector<double>(p.sigma.size(), 1.0));
    f.squared_norm = norm;
  }
}

}  // namespace kindred::host

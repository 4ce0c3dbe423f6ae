#include "host/store/identity.hpp"

#include "host/base/build_id.hpp"
#include "host/base/hash.hpp"
#include "host/base/index.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/version.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace kindred::host {
namespace {

/// `residuals`: those of the eigenvalues are compared too.
std::uint64_t digest(const Operator& op, bool residuals) {
  ByteHash hash;
  hash.add(&op.size, sizeof op.size);
  hash.add(op.values.data(), op.values.size() * sizeof(double));
  hash.add(op.input_matrix.data(), op.input_matrix.size() * sizeof(double));
  hash.add(op.basis.data(), op.basis.size() * sizeof(double));
  if (!residuals && !has_spectrum_alone(op)) return hash.value();
  for (const Eigenvalue& one : op.facts.spectrum) {
    const double values[] = {one.value.real(), one.value.imag(), one.residual};
    hash.add(values, sizeof values);
  }
  return hash.value();
}

/// Digest of the values as float64, and of how they are divided into trials, steps and channels.
std::uint64_t digest(const TrajectorySet& set, bool /*residuals*/) {
  RowHash hash;
  std::visit(
      [&](const auto& trials) {
        std::vector<double> row;
        for (const auto& x : trials) {
          const double shape[] = {static_cast<double>(x.steps), static_cast<double>(x.channels)};
          hash.add(shape, 2);
          row.resize(at(x.channels));
          for (index_t t = 0; t < x.steps; ++t) {
            for (index_t c = 0; c < x.channels; ++c) row[at(c)] = static_cast<double>(x(t, c));
            hash.add(row.data(), x.channels);
          }
        }
      },
      set.trials);
  return hash.value();
}

template <class Item>
ComparisonIdentity make(const DeviceInfo& device, std::span<const Item> rows, std::span<const Item> columns,
                        bool symmetric, const Metric& metric) {
  ComparisonIdentity out;
  const std::string id = build_id();
  out.build = std::string("kindred ") + version() + (id.empty() ? "" : ", build " + id) + ", " + device.kind + ' ' +
              device.target;
  out.metric = text_of(metric, /*fit=*/false);  // the fit shows in the digests of the operators
  const auto* spectral = std::get_if<Spectral>(&metric);
  const bool residuals = spectral != nullptr && spectral->weights == SpectralWeights::inverse_residual;
  out.recordings = std::is_same_v<Item, TrajectorySet>;
  out.symmetric = symmetric;
  out.rows = std::ssize(rows);
  out.columns = symmetric ? out.rows : std::ssize(columns);
  for (const auto& side : {rows, symmetric ? std::span<const Item>() : columns}) {
    for (const Item& item : side) {
      out.names.push_back(item.name);
      out.digests.push_back(digest(item, residuals));
    }
  }
  return out;
}

}  // namespace

ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                               std::span<const Operator> columns, bool symmetric, const Metric& metric) {
  return make(device, rows, columns, symmetric, metric);
}

ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const TrajectorySet> rows,
                               std::span<const TrajectorySet> columns, bool symmetric, const Metric& metric) {
  return make(device, rows, columns, symmetric, metric);
}

}  // namespace kindred::host

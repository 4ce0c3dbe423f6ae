#include "host/store/identity.hpp"

#include "host/base/hash.hpp"
#include "host/store/build_id.hpp"

#include <kindred/version.hpp>

#include <string>
#include <utility>

namespace kindred::host {
namespace {

/// Digest of an operator's size and values.
std::uint64_t digest(const Operator& op) {
  ByteHash hash;
  hash.add(&op.size, sizeof op.size);
  hash.add(op.values.data(), op.values.size() * sizeof(double));
  return hash.value();
}

const char* name(Effort effort) {
  return effort == Effort::fast ? "fast" : effort == Effort::thorough ? "thorough" : "default";
}
const char* name(Precision precision) {
  return precision == Precision::f64 ? "f64" : precision == Precision::f32 ? "f32" : "mixed";
}
const char* yes(bool value) { return value ? "yes" : "no"; }

/// The parameters of the comparison itself; those of the fit show in the operators.
std::string text_of(const Dsa& m) {
  return std::string("dsa, score ") + (m.score == DsaScore::angular ? "angular" : "euclidean") + ", effort " +
         name(m.effort) + ", precision " + name(m.precision) + ", group " +
         (m.group == Group::orthogonal ? "orthogonal" : "special-orthogonal") + ", normalize " + yes(m.normalize) +
         ", zero-pad " + yes(m.zero_pad) + ", certify " + yes(m.certify) + ", seed " + std::to_string(m.seed);
}

std::string text_of(const Spectral& m) { return m.root ? "spectral-root" : "spectral"; }

template <class M>
ComparisonIdentity make(const DeviceInfo& device, std::span<const Operator> rows, std::span<const Operator> columns,
                        bool symmetric, const M& metric) {
  ComparisonIdentity out;
  const std::string id = build_id();
  out.build = std::string("kindred ") + version() + (id.empty() ? "" : ", build " + id) + ", " + device.kind + ' ' +
              device.target;
  out.metric = text_of(metric);
  out.symmetric = symmetric;
  out.rows = std::ssize(rows);
  out.columns = symmetric ? out.rows : std::ssize(columns);
  for (const auto& side : {rows, symmetric ? std::span<const Operator>() : columns}) {
    for (const Operator& op : side) {
      out.names.push_back(op.name);
      out.digests.push_back(digest(op));
    }
  }
  return out;
}

}  // namespace

ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                               std::span<const Operator> columns, bool symmetric, const Dsa& metric) {
  return make(device, rows, columns, symmetric, metric);
}

ComparisonIdentity identity_of(const DeviceInfo& device, std::span<const Operator> rows,
                               std::span<const Operator> columns, bool symmetric, const Spectral& metric) {
  return make(device, rows, columns, symmetric, metric);
}

}  // namespace kindred::host

#include "host/store/identity.hpp"

#include "host/base/hash.hpp"
#include "host/store/build_id.hpp"

#include <kindred/version.hpp>

#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

namespace kindred::host {
namespace {

std::uint64_t digest(const Operator& op) {
  ByteHash hash;
  hash.add(&op.size, sizeof op.size);
  hash.add(op.values.data(), op.values.size() * sizeof(double));
  return hash.value();
}

/// Of the values as float64, and of how they are divided into trials, steps and channels.
std::uint64_t digest(const TrajectorySet& set) {
  RowHash hash;
  std::visit(
      [&](const auto& trials) {
        std::vector<double> row;
        for (const auto& x : trials) {
          const double shape[] = {static_cast<double>(x.steps), static_cast<double>(x.channels)};
          hash.add(shape, 2);
          row.resize(static_cast<std::size_t>(x.channels));
          for (index_t t = 0; t < x.steps; ++t) {
            for (index_t c = 0; c < x.channels; ++c) row[static_cast<std::size_t>(c)] = static_cast<double>(x(t, c));
            hash.add(row.data(), x.channels);
          }
        }
      },
      set.trials);
  return hash.value();
}

const char* name(Effort effort) {
  return effort == Effort::fast ? "fast" : effort == Effort::thorough ? "thorough" : "default";
}
const char* name(Precision precision) {
  return precision == Precision::f64 ? "f64" : precision == Precision::f32 ? "f32" : "mixed";
}
const char* yes(bool value) { return value ? "yes" : "no"; }

/// A number that reads back as itself.
std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

/// The parameters of the comparison itself; those of the fit show in the operators.
std::string text_of(const Dsa& m) {
  return std::string("dsa, score ") + (m.score == DsaScore::angular ? "angular" : "euclidean") + ", effort " +
         name(m.effort) + ", precision " + name(m.precision) + ", group " +
         (m.group == Group::orthogonal ? "orthogonal" : "special-orthogonal") + ", normalize " + yes(m.normalize) +
         ", zero-pad " + yes(m.zero_pad) + ", certify " + yes(m.certify) + ", seed " + std::to_string(m.seed);
}

std::string text_of(const Spectral& m) { return m.root ? "spectral-root" : "spectral"; }

const char* name(SimilarityScore score) { return score == SimilarityScore::angular ? "angular" : "similarity"; }
const char* name(ProcrustesScore score) {
  constexpr const char* names[] = {"angular", "euclidean", "squared", "similarity"};
  return names[static_cast<int>(score)];
}

/// What the metrics with a score, an angle and a precision have in common.
template <class M>
std::string common_text(const M& m) {
  return std::string(", score ") + name(m.score) + ", normalized " + yes(m.normalized) + ", precision " +
         name(m.precision);
}

std::string text_of(const Cka& m) {
  return std::string("cka, estimator ") + (m.estimator == CkaEstimator::song ? "song" : "gretton") + common_text(m);
}
std::string text_of(const Procrustes& m) { return "procrustes" + common_text(m); }
std::string text_of(const Shape& m) { return "shape, alpha " + digits(m.alpha) + common_text(m); }
std::string text_of(const Cca& m) { return "cca, explained variance " + digits(m.explained_variance) + common_text(m); }
std::string text_of(const Rsa& m) {
  constexpr const char* comparisons[] = {"pearson", "spearman", "cosine"};
  return std::string("rsa, rdm ") + (m.rdm == Rdm::correlation ? "correlation" : "squared-euclidean") +
         ", comparison " + comparisons[static_cast<int>(m.comparison)] + ", score " + name(m.score) + ", normalized " +
         yes(m.normalized);
}
std::string text_of(const LinearRegression& m) {
  return std::string("linear-regression, r2 ") + yes(m.r2) + ", folds " + std::to_string(m.folds) + ", fold by " +
         (m.fold_by == FoldBy::trials ? "trials" : "blocks") + ", precision " + name(m.precision);
}

template <class Item>
ComparisonIdentity make(const DeviceInfo& device, std::span<const Item> rows, std::span<const Item> columns,
                        bool symmetric, const Metric& metric) {
  ComparisonIdentity out;
  const std::string id = build_id();
  out.build = std::string("kindred ") + version() + (id.empty() ? "" : ", build " + id) + ", " + device.kind + ' ' +
              device.target;
  out.metric = std::visit([](const auto& m) { return text_of(m); }, metric);
  out.recordings = std::is_same_v<Item, TrajectorySet>;
  out.symmetric = symmetric;
  out.rows = std::ssize(rows);
  out.columns = symmetric ? out.rows : std::ssize(columns);
  for (const auto& side : {rows, symmetric ? std::span<const Item>() : columns}) {
    for (const Item& item : side) {
      out.names.push_back(item.name);
      out.digests.push_back(digest(item));
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

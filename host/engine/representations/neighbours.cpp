/// Comparison of the samples' nearest other samples (kindred/recording_metrics.hpp, NeighbourGraph).
#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"
#include "host/engine/representations/host_pairs.hpp"
#include "host/engine/representations/representation_scorers.hpp"
#include "host/engine/representations/sample_products.hpp"
#include "kernels/program/gather_rows.hpp"
#include "kernels/program/neighbour_keys.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

namespace kindred::host {
namespace {

using kernels::KeyBy;

/// The k nearest samples of each of m, in ascending order, and their inner products with it.
struct Nearest {
  std::vector<std::int32_t> index;  ///< m x k
  std::vector<double> product;      ///< m x k
  std::vector<double> unit;         ///< m x C: the samples over their norms, where the comparison needs them
  double masked = 0;                ///< masked_hsic with itself, where the comparison needs it
  bool usable = false;
};

std::vector<double> raw_samples(const Factor& f) {
  std::vector<double> x = dense_rows(*f.survey.system);
  for (double& v : x) v *= f.survey.scale();
  return x;
}

KeyBy key_of(NeighbourBy near) {
  switch (near) {
    case NeighbourBy::euclidean:
      return KeyBy::euclidean;
    case NeighbourBy::cosine:
      return KeyBy::cosine;
    case NeighbourBy::inner_product:
      break;
  }
  return KeyBy::inner_product;
}

struct Neighbour {
  index_t sample;
  double product;
};

/// Calls f(i, its k nearest other samples, in ascending order) for each sample of x (row-major, as many rows as
/// `squares`, their squared norms). Products and sorts are the device's, and only the neighbours come back. Of equally
/// near ones the first are taken.
template <class F>
void for_each_nearest(Backend& backend, std::span<const double> x, const std::vector<double>& squares, NeighbourBy near,
                      index_t k, F&& f) {
  using kernels::GatherRows, kernels::NeighbourKeys;
  const auto m = std::ssize(squares), n = std::ssize(x) / m, wanted = k + 1;  // the sample itself may be among them
  const index_t most = std::min(gram_block_rows, m);
  const Buffer<double> norms(backend, squares), keys(backend, most * m), products(backend, most * wanted);
  const Buffer<index_t> places(backend, most * wanted);
  std::vector<index_t> place(at(most * wanted));
  std::vector<double> product(at(most * wanted));
  std::vector<Neighbour> found(at(wanted));
  for_each_block_of_products(backend, x, m, n, false, [&](const ProductBlock& block) {
    backend.launch<NeighbourKeys>({block.products, norms.data(), keys.data(), m, key_of(near)}, block.rows);
    backend.order(keys.data(), block.rows, m, wanted, places.data());
    backend.launch<GatherRows>({block.products, 1, 1, m, places.data(), products.data(), wanted, 1},
                               GatherRows::items(block.rows, wanted));
    places.download(std::span(place).first(at(block.rows * wanted)));
    products.download(std::span(product).first(at(block.rows * wanted)));
    for (index_t row = 0; row < block.rows; ++row) {
      const index_t i = block.row + row;
      index_t count = 0;
      for (index_t s = 0; s < wanted && count < k; ++s) {
        const index_t j = place[at(row * wanted + s)];
        if (j != i) found[at(count++)] = {j, product[at(row * wanted + s)]};
      }
      const auto end = found.begin() + k;
      std::sort(found.begin(), end, [](const Neighbour& a, const Neighbour& b) { return a.sample < b.sample; });
      f(i, std::span<const Neighbour>(found.data(), at(k)));
    }
  });
}

Nearest nearest_of(Backend& backend, const Factor& f, const NeighbourGraph& metric) {
  Nearest out;
  if (!f.usable) return out;
  const index_t m = f.rows, k = metric.nearest_samples, n = f.survey.channels;
  std::vector<double> x = metric.near == NeighbourBy::euclidean ? samples(f) : raw_samples(f);
  const std::vector<double> squares = squared_rows(x, n);
  out.index.resize(at(m * k));
  out.product.resize(at(m * k));
  for_each_nearest(backend, x, squares, metric.near, k, [&](index_t i, std::span<const Neighbour> near) {
    for (index_t s = 0; s < k; ++s) {
      out.index[at(i * k + s)] = static_cast<std::int32_t>(near[at(s)].sample);
      out.product[at(i * k + s)] = near[at(s)].product;
    }
  });
  out.usable = true;
  if (metric.overlap != NeighbourOverlap::second_order_cosine) return out;
  for (index_t i = 0; i < m; ++i) {
    const double norm = std::sqrt(squares[at(i)]);
    out.usable = out.usable && norm > 0;  // a sample that is 0 has no direction
    for (index_t c = 0; c < n && norm > 0; ++c) x[at(i * n + c)] /= norm;
  }
  out.unit = std::move(x);
  return out;
}

/// Calls f(s, t) for the places s, t of samples that are in both ascending lists of k.
template <class F>
void for_each_mutual(const std::int32_t* a, const std::int32_t* b, index_t k, F&& f) {
  for (index_t s = 0, t = 0; s < k && t < k;) {
    if (a[s] == b[t]) {
      f(s++, t++);
    } else {
      ++(a[s] < b[t] ? s : t);
    }
  }
}

/// Mean over samples of how many neighbours are mutual: over k, or over their union.
double mean_overlap(const Nearest& x, const Nearest& y, index_t m, index_t k, bool jaccard) {
  std::vector<index_t> samples_with(at(k + 1), 0);  // so many mutual neighbours
  for (index_t i = 0; i < m; ++i) {
    index_t mutual = 0;
    for_each_mutual(&x.index[at(i * k)], &y.index[at(i * k)], k, [&](index_t, index_t) { ++mutual; });
    ++samples_with[at(mutual)];
  }
  double sum = 0;
  for (index_t count = 1; count <= k; ++count) {
    const index_t of = jaccard ? 2 * k - count : k;
    sum += static_cast<double>(samples_with[at(count)]) * static_cast<double>(count) / static_cast<double>(of);
  }
  return sum / static_cast<double>(m);
}

/// The unbiased estimator of HSIC (Song et al. 2012, equation 5) times m (m - 3) of A = K and B = L where i and j are
/// mutual neighbours, 0 elsewhere. A and B are not symmetric: of the two orders of their product, 1^T A B 1 and 1^T B A
/// 1, the mean.
double masked_hsic(const Nearest& x, const Nearest& y, index_t m, index_t k) {
  std::vector<double> row_a(at(m), 0.0), row_b(at(m), 0.0), column_a(at(m), 0.0), column_b(at(m), 0.0);
  struct Entry {
    double a, b;
  };
  std::vector<std::vector<std::pair<std::int32_t, Entry>>> kept(at(m));
  for (index_t i = 0; i < m; ++i) {
    const std::int32_t *p = &x.index[at(i * k)], *q = &y.index[at(i * k)];
    for_each_mutual(p, q, k, [&](index_t s, index_t t) {
      const Entry e{x.product[at(i * k + s)], y.product[at(i * k + t)]};
      kept[at(i)].push_back({p[s], e});
      row_a[at(i)] += e.a, row_b[at(i)] += e.b;
      column_a[at(p[s])] += e.a, column_b[at(p[s])] += e.b;
    });
  }
  double trace = 0, sum_a = 0, sum_b = 0, products = 0;
  for (index_t i = 0; i < m; ++i) {
    for (const auto& [j, e] : kept[at(i)]) {
      const auto& back = kept[at(j)];
      const auto found = std::lower_bound(back.begin(), back.end(), static_cast<std::int32_t>(i),
                                          [](const auto& entry, std::int32_t value) { return entry.first < value; });
      if (found == back.end() || found->first != static_cast<std::int32_t>(i)) continue;
      // Both orders, so that the sum is the same for (x, y) and (y, x).
      trace += (e.a * found->second.b + found->second.a * e.b) / 2;
    }
    sum_a += row_a[at(i)], sum_b += row_b[at(i)];
    products += (column_a[at(i)] * row_b[at(i)] + column_b[at(i)] * row_a[at(i)]) / 2;
  }
  const auto n = static_cast<double>(m);
  return trace + sum_a * sum_b / ((n - 1) * (n - 2)) - 2 * products / (n - 2);
}

/// Mean over samples of the cosine of two vectors: cosine distances of the sample to the neighbours that it has in
/// either recording.
double mean_second_order(const Nearest& x, const Nearest& y, index_t m, index_t k) {
  const index_t p = std::ssize(x.unit) / m, q = std::ssize(y.unit) / m;
  const auto distance = [](const std::vector<double>& unit, index_t n, index_t i, index_t j) {
    return 1 - std::inner_product(unit.begin() + i * n, unit.begin() + (i + 1) * n, unit.begin() + j * n, 0.0);
  };
  double sum = 0;
  std::vector<std::int32_t> both(at(2 * k));
  for (index_t i = 0; i < m; ++i) {
    const auto *a = &x.index[at(i * k)], *b = &y.index[at(i * k)];
    const auto end = std::set_union(a, a + k, b, b + k, both.begin());
    double xx = 0, yy = 0, xy = 0;
    for (auto j = both.begin(); j != end; ++j) {
      const double dx = distance(x.unit, p, i, *j), dy = distance(y.unit, q, i, *j);
      xx += dx * dx;
      yy += dy * dy;
      xy += dx * dy;
    }
    // All neighbours in the direction of the sample: no difference, or no likeness to any.
    sum += xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : xx == yy ? 1.0 : 0.0;
  }
  return sum / static_cast<double>(m);
}

class NeighbourScorer final : public PreparedScorer<Nearest> {
 public:
  NeighbourScorer(Backend& backend, Factors given, const NeighbourGraph& metric)
      : PreparedScorer(backend, std::move(given)), metric_(metric) {
    index_t channels = 1;
    for (const auto* set : {&factors_.rows, &factors_.columns}) {
      if (!set->empty()) samples_ = set->front().rows;
      for (const Factor& f : *set) channels = std::max(channels, f.survey.channels);
    }
    const index_t k = metric.nearest_samples;
    if (factors_.has_pairs() && (k < 1 || k >= samples_)) {
      throw Error(ErrorCode::invalid_argument, "NeighbourGraph::nearest_samples is " + std::to_string(k) +
                                                   ", expected 1 .. " + std::to_string(samples_ - 1) +
                                                   ", below the number of samples");
    }
    const bool directions = metric.overlap == NeighbourOverlap::second_order_cosine;
    if (directions && metric.near != NeighbourBy::cosine) {
      throw Error(
          ErrorCode::invalid_argument,
          "NeighbourGraph::near = " +
              std::string(metric.near == NeighbourBy::euclidean ? "euclidean" : "inner-product") +
              ": NeighbourGraph::overlap = second-order-cosine compares cosines (NeighbourGraph::near = cosine)");
    }
    if (metric.overlap == NeighbourOverlap::cknna && factors_.has_pairs() && samples_ < 4) {
      throw Error(
          ErrorCode::invalid_data,
          "the unbiased estimator of cknna needs at least 4 samples, the systems have " + std::to_string(samples_));
    }
    set_bytes(at(samples_ * (k * 12 + (directions ? 8 * channels : 0))));
  }

 private:
  [[nodiscard]] std::vector<Nearest> prepare(const std::vector<Factor>& set, index_t first,
                                             index_t count) const override {
    std::vector<Nearest> out;
    for (index_t i = first; i < first + count; ++i) out.push_back(nearest_of(backend_, set[at(i)], metric_));
    if (metric_.overlap != NeighbourOverlap::cknna) return out;
    for_each_on_host(backend_, count, [&](index_t i) {
      Nearest& x = out[at(i)];
      if (x.usable) x.masked = masked_hsic(x, x, samples_, metric_.nearest_samples);
    });
    return out;
  }

  [[nodiscard]] double value(const Nearest& x, const Nearest& y, bool same) const override {
    if (!x.usable || !y.usable) return std::numeric_limits<double>::quiet_NaN();
    return shown(same ? own(x) : similarity(x, y));
  }

  [[nodiscard]] double shown(double s) const { return metric_.score == OverlapScore::similarity ? s : 1 - s; }

  /// The score of a recording with itself: 1, or NaN where CKNNA is not defined.
  [[nodiscard]] double own(const Nearest& x) const {
    if (metric_.overlap != NeighbourOverlap::cknna) return 1;
    return x.masked > 0 ? 1 : std::numeric_limits<double>::quiet_NaN();
  }

  [[nodiscard]] double similarity(const Nearest& x, const Nearest& y) const {
    const index_t m = samples_, k = metric_.nearest_samples;
    switch (metric_.overlap) {
      case NeighbourOverlap::mutual:
      case NeighbourOverlap::jaccard:
        return mean_overlap(x, y, m, k, metric_.overlap == NeighbourOverlap::jaccard);
      case NeighbourOverlap::second_order_cosine:
        return mean_second_order(x, y, m, k);
      case NeighbourOverlap::cknna:
        break;
    }
    if (!(x.masked > 0) || !(y.masked > 0)) return std::numeric_limits<double>::quiet_NaN();
    return masked_hsic(x, y, m, k) / std::sqrt(x.masked * y.masked);
  }

  NeighbourGraph metric_;
  index_t samples_ = 0;
};

}  // namespace

std::unique_ptr<PairScorer> make_scorer(Backend& backend, const Collections& sets, const NeighbourGraph& metric,
                                        const Progress& /*progress*/) {
  const bool centre =
      metric.near == NeighbourBy::euclidean;  // distances do not depend on it, and are more accurate with it
  return std::make_unique<NeighbourScorer>(backend, Factors(backend, sets, centre), metric);
}

}  // namespace kindred::host

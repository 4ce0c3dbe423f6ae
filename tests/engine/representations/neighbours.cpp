/// Comparisons of the samples' nearest samples.
#include "tests/support/representations.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using oracle::Real;
using oracle::Rows;

Real dot(const std::vector<Real>& a, const std::vector<Real>& b) {
  Real sum = 0;
  for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
  return sum;
}

Real cosine(const std::vector<Real>& a, const std::vector<Real>& b) {
  return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

std::vector<std::set<std::size_t>> nearest(const Rows& x, NeighbourBy by, std::size_t k) {
  std::vector<std::set<std::size_t>> out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    std::vector<std::pair<Real, std::size_t>> order;
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (j == i) continue;
      Real near = dot(x[i], x[j]);
      if (by == NeighbourBy::cosine) near = cosine(x[i], x[j]);
      if (by == NeighbourBy::euclidean) near = 2 * near - dot(x[i], x[i]) - dot(x[j], x[j]);
      order.emplace_back(-near, j);
    }
    std::sort(order.begin(), order.end());
    out.emplace_back();
    for (std::size_t s = 0; s < k; ++s) out.back().insert(order[s].second);
  }
  return out;
}

/// The unbiased HSIC of matrices that need not be symmetric, dense, mean of both orders.
Real hsic(const Rows& a, const Rows& b) {
  const std::size_t m = a.size();
  Real trace = 0, sum_a = 0, sum_b = 0, ab = 0, ba = 0;
  for (std::size_t i = 0; i < m; ++i) {
    for (std::size_t j = 0; j < m; ++j) {
      trace += a[i][j] * b[j][i];
      sum_a += a[i][j];
      sum_b += b[i][j];
      for (std::size_t l = 0; l < m; ++l) ab += a[i][j] * b[j][l], ba += b[i][j] * a[j][l];
    }
  }
  const auto n = static_cast<Real>(m);
  return trace + sum_a * sum_b / ((n - 1) * (n - 2)) - (ab + ba) / (n - 2);
}

Real similarity(const NeighbourGraph& metric, const Rows& x, const Rows& y) {
  const auto k = static_cast<std::size_t>(metric.nearest_samples);
  const auto a = nearest(x, metric.near, k), b = nearest(y, metric.near, k);
  const std::size_t m = x.size();
  const auto kernel = [&](const Rows& z, const auto& p, const auto& q) {
    Rows out(m, std::vector<Real>(m, 0));
    for (std::size_t i = 0; i < m; ++i) {
      for (const std::size_t j : p[i]) {
        if (q[i].count(j) > 0) out[i][j] = dot(z[i], z[j]);
      }
    }
    return out;
  };
  if (metric.overlap == NeighbourOverlap::cknna) {
    const Real xy = hsic(kernel(x, a, b), kernel(y, a, b)), xx = hsic(kernel(x, a, a), kernel(x, a, a)),
               yy = hsic(kernel(y, b, b), kernel(y, b, b));
    return xy / std::sqrt(xx * yy);
  }
  Real sum = 0;
  for (std::size_t i = 0; i < m; ++i) {
    std::set<std::size_t> both = a[i];
    both.insert(b[i].begin(), b[i].end());
    const std::size_t mutual = 2 * k - both.size();
    if (metric.overlap == NeighbourOverlap::mutual) sum += static_cast<Real>(mutual) / static_cast<Real>(k);
    if (metric.overlap == NeighbourOverlap::jaccard) sum += static_cast<Real>(mutual) / static_cast<Real>(both.size());
    if (metric.overlap != NeighbourOverlap::second_order_cosine) continue;
    std::vector<Real> u, v;
    for (const std::size_t j : both) u.push_back(1 - cosine(x[i], x[j])), v.push_back(1 - cosine(y[i], y[j]));
    sum += cosine(u, v);
  }
  return sum / static_cast<Real>(m);
}

const std::vector<NeighbourGraph> metrics = {
    {.nearest_samples = 3},
    {.near = NeighbourBy::euclidean, .nearest_samples = 7},
    {.overlap = NeighbourOverlap::jaccard, .near = NeighbourBy::cosine, .nearest_samples = 4},
    {.overlap = NeighbourOverlap::cknna, .nearest_samples = 10},
    {.overlap = NeighbourOverlap::second_order_cosine, .near = NeighbourBy::cosine, .nearest_samples = 5}};

}  // namespace

TEST_CASE("comparisons of neighbours agree with the oracle", "[shape][devices]") {
  const auto systems = collection(2, on_cpu() ? 20 : 7, {4, 6, 3, 12});
  for (const NeighbourGraph& metric : metrics) {
    NeighbourGraph similar = metric;
    similar.score = OverlapScore::similarity;
    const auto d = pairwise(systems, metric), s = pairwise(systems, similar), across = cross(systems, systems, metric);
    for (index_t i = 0; i < 4; ++i) {
      CHECK(d(i, i) == 0);
      for (index_t j = 0; j < 4; ++j) {
        if (i == j) continue;
        const auto expected = static_cast<double>(similarity(metric, rows_of(systems[static_cast<std::size_t>(i)]),
                                                             rows_of(systems[static_cast<std::size_t>(j)])));
        CAPTURE(static_cast<int>(metric.overlap), i, j, expected);
        REQUIRE(std::fabs(s(i, j) - expected) <= 1e-11 * std::max(1.0, std::fabs(expected)));
        REQUIRE(std::fabs(d(i, j) - (1 - expected)) <= 1e-11 * std::max(1.0, std::fabs(expected)));
        REQUIRE(same_bits(d(i, j), d(j, i)));
        REQUIRE(same_bits(d(i, j), across(i, j)));
      }
    }
  }
}

TEST_CASE("neighbours on a line by hand", "[shape][devices]") {
  // 0 1 2 ... 7, and the same in pairs that have changed places: each sample's nearest two.
  simulate::Recording line(1, 6, 1), moved(1, 6, 1);
  const double places[] = {0, 1, 2.1, 13, 14, 15.1}, others[] = {13, 1, 2.1, 0, 14, 15.1};  // the first of both groups
  for (index_t t = 0; t < 6; ++t) line.at(0, t)[0] = places[t], moved.at(0, t)[0] = others[t];
  const std::vector<TrajectorySet> systems = {simulate::own(line, "line"), simulate::own(moved, "moved")};
  // Groups {0 1 2} and {3 4 5} against {3 1 2} and {0 4 5}: samples 0 and 3 keep no neighbour, the others one of two.
  const NeighbourGraph mutual{.near = NeighbourBy::euclidean, .nearest_samples = 2, .score = OverlapScore::similarity};
  CHECK(std::fabs(pairwise(systems, mutual)(0, 1) - 4 * 0.5 / 6) <= 1e-15);
  NeighbourGraph jaccard = mutual;
  jaccard.overlap = NeighbourOverlap::jaccard;
  CHECK(std::fabs(pairwise(systems, jaccard)(0, 1) - 4 / 3.0 / 6) <= 1e-15);
}

TEST_CASE("what neighbours do not see, and what has none", "[shape][devices]") {
  const auto base = signals(2, 20, 5, 1);
  simulate::Recording turned = base, silent(2, 20, 3), equal(2, 20, 2);
  for (index_t k = 0; k < 2; ++k) {
    for (index_t t = 0; t < 20; ++t) {
      double* v = turned.at(k, t);
      const double a = v[0], b = v[1];
      v[0] = 0.6 * a - 0.8 * b, v[1] = 0.8 * a + 0.6 * b;
      for (index_t c = 0; c < 5; ++c) v[c] *= 16;
      equal.at(k, t)[0] = equal.at(k, t)[1] = 1;  // all samples are as near
    }
  }
  const std::vector<TrajectorySet> systems = {
      simulate::own(base, "base"),  simulate::own(turned, "turned"), simulate::own(signals(2, 20, 8, 2), "other"),
      simulate::own(base, "again"), simulate::own(equal, "equal"),   simulate::own(silent, "silent")};
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  for (const NeighbourGraph& metric : metrics) {
    const auto d = pairwise(systems, metric), r = pairwise(*make_backend(1'000'000, 1), reversed, metric, 3);
    CAPTURE(static_cast<int>(metric.overlap), static_cast<int>(metric.near));
    CHECK(std::fabs(d(0, 1)) <= 1e-12);
    CHECK(std::fabs(d(0, 2) - d(1, 2)) <= 1e-11);
    CHECK(d(0, 3) == 0);
    for (index_t i = 0; i < 6; ++i) {
      CHECK(d.status(i, 5) == PairStatus::failed);
      for (index_t j = 0; j < 6; ++j) REQUIRE(same_bits(d(i, j), r(5 - i, 5 - j)));
      // Equal samples have neighbours (the first ones) and no distances: all but the euclidean are numbers.
      if (i < 4)
        CHECK((metric.near == NeighbourBy::euclidean || metric.overlap == NeighbourOverlap::cknna ||
               std::isfinite(d(i, 4))));
    }
  }
  const std::vector<TrajectorySet> two(systems.begin(), systems.begin() + 2);
  CHECK_THROWS_WITH(pairwise(two, NeighbourGraph{.nearest_samples = 40}),
                    Catch::Contains("NeighbourGraph::nearest_samples is 40, expected 1 .. 39"));
  CHECK_THROWS_WITH(pairwise(two, NeighbourGraph{.overlap = NeighbourOverlap::second_order_cosine}),
                    Catch::Contains("NeighbourGraph::near = cosine"));
}

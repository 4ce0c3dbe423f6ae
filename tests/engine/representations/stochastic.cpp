/// Shape distances over repeated trials, and the mean shape of a collection.
#include "host/engine/representations/orthogonal.hpp"
#include "tests/support/representations.hpp"

#include <kindred/engine.hpp>
#include <kindred/shape_mean.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using oracle::Real;
using oracle::Rows;

/// Noisy responses: means that differ between conditions, and noise whose directions do too.
simulate::Recording responses(index_t trials, index_t conditions, index_t channels, std::uint64_t stream) {
  simulate::Random random(11, stream);
  simulate::Recording out(trials, conditions, channels);
  for (index_t i = 0; i < conditions; ++i) {
    std::vector<double> mean, gain;
    for (index_t c = 0; c < channels; ++c)
      mean.push_back(2 * random.normal()), gain.push_back(std::fabs(random.normal()));
    for (index_t k = 0; k < trials; ++k) {
      const double shared = random.normal();
      for (index_t c = 0; c < channels; ++c) {
        const auto at = static_cast<std::size_t>(c);
        out.at(k, i)[c] = mean[at] + gain[at] * (shared + 0.5 * random.normal());
      }
    }
  }
  return out;
}

/// Row i K + k of the result: trial k of condition i, about the mean of all.
Rows by_condition(const TrajectorySet& set) {
  const Rows rows = oracle::centred(rows_of(set));
  const auto trials = static_cast<std::size_t>(set.trial_count()), conditions = rows.size() / trials;
  Rows out(rows.size());
  for (std::size_t k = 0; k < trials; ++k) {
    for (std::size_t i = 0; i < conditions; ++i) out[i * trials + k] = rows[k * conditions + i];
  }
  return out;
}

struct Normal {
  Real m[2] = {0, 0}, s[2][2] = {{0, 0}, {0, 0}};
};

Normal normal_of(const Rows& rows, std::size_t first, std::size_t trials) {
  Normal out;
  const auto n = static_cast<Real>(trials);
  for (std::size_t k = first; k < first + trials; ++k) {
    for (int c = 0; c < 2; ++c) out.m[c] += rows[k][static_cast<std::size_t>(c)] / n;
  }
  for (std::size_t k = first; k < first + trials; ++k) {
    for (int c = 0; c < 2; ++c) {
      for (int d = 0; d < 2; ++d) {
        out.s[c][d] += (rows[k][static_cast<std::size_t>(c)] - out.m[c]) *
                       (rows[k][static_cast<std::size_t>(d)] - out.m[d]) / (n - 1);
      }
    }
  }
  return out;
}

using Turn = std::pair<Real, Real>;  ///< cosine and sine

/// d^2 of gaussian for T = [c -s'; s c'], a rotation or (mirrored) a reflection. Of 2 x 2 matrices,
/// tr M^(1/2) = sqrt(tr M + 2 sqrt(det M)).
Real gaussian(const Rows& x, const Rows& y, std::size_t trials, Real alpha, Turn t, bool mirrored) {
  const auto [c, s] = t;
  const Real m[2][2] = {{c, mirrored ? s : -s}, {s, mirrored ? -c : c}};
  Real sum = 0;
  for (std::size_t i = 0; i < x.size(); i += trials) {
    const Normal a = normal_of(x, i, trials), b = normal_of(y, i, trials);
    Real turned[2][2] = {{0, 0}, {0, 0}}, mean[2];
    for (int p = 0; p < 2; ++p) {
      mean[p] = m[p][0] * b.m[0] + m[p][1] * b.m[1];
      for (int q = 0; q < 2; ++q) {
        for (int u = 0; u < 2; ++u) {
          for (int v = 0; v < 2; ++v) turned[p][q] += m[p][u] * b.s[u][v] * m[q][v];
        }
      }
    }
    const auto det = [](const Real(&z)[2][2]) { return std::max(Real(0), z[0][0] * z[1][1] - z[0][1] * z[1][0]); };
    Real trace = 0;
    for (int p = 0; p < 2; ++p) {
      for (int q = 0; q < 2; ++q) trace += a.s[p][q] * turned[q][p];
    }
    const Real bures = a.s[0][0] + a.s[1][1] + turned[0][0] + turned[1][1] -
                       2 * std::sqrt(trace + 2 * std::sqrt(det(a.s) * det(turned)));
    sum += alpha * (std::pow(a.m[0] - mean[0], 2) + std::pow(a.m[1] - mean[1], 2)) + (2 - alpha) * bures;
  }
  return sum / static_cast<Real>(x.size() / trials);
}

Real energy(const Rows& x, const Rows& y, std::size_t trials, Turn t, bool mirrored) {
  const auto [c, s] = t;
  Real sum = 0;
  const auto n = static_cast<Real>(trials);
  for (std::size_t i = 0; i < x.size(); i += trials) {
    for (std::size_t a = i; a < i + trials; ++a) {
      for (std::size_t b = i; b < i + trials; ++b) {
        const Real u = c * y[b][0] + (mirrored ? s : -s) * y[b][1], v = s * y[b][0] + (mirrored ? -c : c) * y[b][1];
        sum += std::hypot(x[a][0] - u, x[a][1] - v) / n / n;
        if (b <= a) continue;
        sum -= (std::hypot(x[a][0] - x[b][0], x[a][1] - x[b][1]) + std::hypot(y[a][0] - y[b][0], y[a][1] - y[b][1])) /
               (n * (n - 1));
      }
    }
  }
  return std::max(Real(0), sum / static_cast<Real>(x.size() / trials));
}

/// The least value over O(2): every degree, then the best bracket by thirds.
Real least(const std::function<Real(Turn, bool)>& value) {
  Real best = std::numeric_limits<Real>::infinity();
  for (const bool mirrored : {false, true}) {
    const auto at = [&](Real angle) { return value({std::cos(angle), std::sin(angle)}, mirrored); };
    const Real step = std::numbers::pi_v<Real> / 180;
    for (int k = 0; k < 360; ++k) {
      const Real middle = at(k * step);
      if (middle > at((k - 1) * step) || middle > at((k + 1) * step)) continue;
      Real low = (k - 1) * step, high = (k + 1) * step;
      for (int third = 0; third < 60; ++third) {
        const Real p = low + (high - low) / 3, q = high - (high - low) / 3;
        (at(p) < at(q) ? high : low) = at(p) < at(q) ? q : p;
      }
      best = std::min(best, at((low + high) / 2));
    }
  }
  return best;
}

double squared(const TrajectorySet& a, const TrajectorySet& b, StochasticShape metric) {
  metric.score = StochasticScore::squared;
  return pairwise(std::vector<TrajectorySet>{a, b}, metric)(0, 1);
}

/// Channels turned by an angle in the plane of the first two, moved by `shift`, trials in the opposite order.
simulate::Recording moved(const simulate::Recording& x, index_t trials, index_t conditions, double angle,
                          double shift) {
  simulate::Recording out = x;
  for (index_t k = 0; k < trials; ++k) {
    for (index_t i = 0; i < conditions; ++i) {
      const double *from = x.at(trials - 1 - k, i), c = std::cos(angle), s = std::sin(angle);
      std::copy_n(from, out.channels, out.at(k, i));
      out.at(k, i)[0] = c * from[0] - s * from[1] + shift;
      out.at(k, i)[1] = s * from[0] + c * from[1];
    }
  }
  return out;
}

}  // namespace

TEST_CASE("stochastic shape distances agree with the oracle", "[shape][devices]") {
  constexpr index_t trials = 5, conditions = 4;
  for (std::uint64_t stream = 0; stream < 4; ++stream) {
    const auto a = simulate::own(responses(trials, conditions, 2, 2 * stream), "a"),
               b = simulate::own(responses(trials, conditions, 2, 2 * stream + 1), "b");
    const Rows x = by_condition(a), y = by_condition(b);
    for (const double alpha : {0.0, 1.0, 1.5, 2.0}) {
      const Real expected = least([&](Turn t, bool mirrored) { return gaussian(x, y, trials, alpha, t, mirrored); });
      CAPTURE(stream, alpha, static_cast<double>(expected));
      REQUIRE(std::fabs(squared(a, b, {.alpha = alpha}) - expected) <= 1e-10 * expected);
    }
    const Real expected = least([&](Turn t, bool mirrored) { return energy(x, y, trials, t, mirrored); });
    CAPTURE(stream, static_cast<double>(expected));
    REQUIRE(std::fabs(squared(a, b, {.form = StochasticForm::energy}) - expected) <= 1e-10 * (1 + expected));
  }
}

TEST_CASE("polar factors of small matrices are orthogonal and nearest", "[shape]") {
  // The factors of Newton's iteration and of a decomposition are backward stable: errors are some n eps of ||M||, here
  // 100 n eps.
  simulate::Random random(3, 1);
  for (const index_t n : {1, 2, 3, 6, 17, 47, 48}) {
    for (const index_t rank : {n, n - 1, index_t{1}, index_t{0}}) {
      std::vector<double> m(static_cast<std::size_t>(n * n), 0.0);
      for (index_t k = 0; k < rank; ++k) {  // sums of products of vectors, of sizes over six decades
        std::vector<double> u, v;
        for (index_t i = 0; i < n; ++i) u.push_back(random.normal()), v.push_back(random.normal());
        const double size = std::pow(10, -6.0 * static_cast<double>(k) / static_cast<double>(n));
        for (index_t i = 0; i < n * n; ++i) {
          m[static_cast<std::size_t>(i)] +=
              size * u[static_cast<std::size_t>(i / n)] * v[static_cast<std::size_t>(i % n)];
        }
      }
      const auto p = host::small_polar(m, n);
      const auto rows = [n](const std::vector<double>& x) {
        return oracle::rows_of(x.data(), static_cast<std::size_t>(n), static_cast<std::size_t>(n));
      };
      const Rows square = oracle::cross(rows(p), rows(p)), h = oracle::cross(rows(p), rows(m));
      const Real eps = std::numeric_limits<double>::epsilon(), bound = 100 * static_cast<Real>(n) * eps,
                 norm = std::sqrt(oracle::squared_norm(rows(m)));
      Real trace = 0, off = 0, skew = 0;
      for (std::size_t i = 0; i < h.size(); ++i) {
        trace += h[i][i];
        for (std::size_t j = 0; j < h.size(); ++j) {
          off = std::max(off, std::fabs(square[i][j] - (i == j ? 1 : 0)));
          skew = std::max(skew, std::fabs(h[i][j] - h[j][i]));
        }
      }
      CAPTURE(n, rank);
      REQUIRE(off <= bound);
      REQUIRE(skew <= bound * norm);
      REQUIRE(std::fabs(trace - oracle::nuclear_norm(rows(m))) <= bound * norm);
    }
  }
}

TEST_CASE("stochastic shape distances by hand: one channel, means alone", "[shape][devices]") {
  // Means -1 and 1, and 3 and -3; deviations 1 and 1, and 2 and 0: T = -1.
  simulate::Recording x(2, 2, 1), y(2, 2, 1);
  const double r = std::sqrt(2.0) / 2;  // two trials m +- r have the variance 1
  for (index_t k = 0; k < 2; ++k) {
    const double sign = k == 0 ? 1 : -1;
    x.at(k, 0)[0] = -1 + sign * r, x.at(k, 1)[0] = 1 + sign * r;
    y.at(k, 0)[0] = 3 + sign * 2 * r, y.at(k, 1)[0] = -3;
  }
  const auto a = simulate::own(x, "a"), b = simulate::own(y, "b");
  CHECK(std::fabs(squared(a, b, {}) - (4 + 1)) <= 1e-13);
  CHECK(std::fabs(squared(a, b, {.alpha = 2}) - 8) <= 1e-13);
  CHECK(std::fabs(squared(a, b, {.alpha = 0}) - 2) <= 1e-13);
  // With means alone it is Procrustes analysis of the trial averages.
  const auto u = responses(6, 7, 4, 1), v = responses(6, 7, 3, 2);
  simulate::Recording mean_u(1, 7, 4), mean_v(1, 7, 3);
  for (auto [from, to] : {std::pair{&u, &mean_u}, std::pair{&v, &mean_v}}) {
    for (index_t i = 0; i < 7; ++i) {
      for (index_t k = 0; k < 6; ++k) {
        for (index_t c = 0; c < from->channels; ++c) to->at(0, i)[c] += from->at(k, i)[c] / 6;
      }
    }
  }
  const std::vector<TrajectorySet> means = {simulate::own(mean_u, "u"), simulate::own(mean_v, "v")};
  const double expected = 2 * pairwise(means, Procrustes{.score = ProcrustesScore::squared})(0, 1) / 7;
  CHECK(std::fabs(squared(simulate::own(u, "u"), simulate::own(v, "v"), {.alpha = 2}) - expected) <= 1e-12 * expected);
}

TEST_CASE("stochastic shape distances forgive rotations, shifts and the order of trials", "[shape][devices]") {
  constexpr index_t trials = 4, conditions = 6;
  const auto base = responses(trials, conditions, 3, 1);
  simulate::Recording constant(trials, conditions, 2), line(trials, conditions, 3);
  for (index_t k = 0; k < trials; ++k) {
    for (index_t i = 0; i < conditions; ++i) {
      for (index_t c = 0; c < 3; ++c) line.at(k, i)[c] = static_cast<double>(c + 1) * base.at(k, i)[0];
    }
  }
  const std::vector<TrajectorySet> systems = {simulate::own(base, "base"),
                                              simulate::own(base, "again"),
                                              simulate::own(moved(base, trials, conditions, 1.1, 5), "moved"),
                                              simulate::own(responses(trials, conditions, 5, 2), "other"),
                                              simulate::own(line, "line"),
                                              simulate::own(constant, "constant")};
  const std::vector<TrajectorySet> reversed(systems.rbegin(), systems.rend());
  for (const StochasticForm form : {StochasticForm::gaussian, StochasticForm::energy}) {
    const StochasticShape metric{.form = form};
    const auto d = pairwise(systems, metric), r = pairwise(*make_backend(0, 1), reversed, metric, 3);
    const double size = d(0, 5);
    CHECK(d(0, 1) == 0);
    CHECK(d(0, 2) <= 1e-6 * size);
    CHECK(std::fabs(d(0, 3) - d(2, 3)) <= 1e-6 * size);
    for (index_t i = 0; i < 6; ++i) {
      CHECK(d(i, i) == 0);
      for (index_t j = 0; j < 6; ++j) {
        REQUIRE(same_bits(d(i, j), r(5 - i, 5 - j)));
        REQUIRE(std::isfinite(d(i, j)));
        CHECK(d.lower_bound(i, j) <= d(i, j));
        for (index_t k = 0; k < 6 && form == StochasticForm::gaussian; ++k) {
          CHECK(d(i, j) <= d(i, k) + d(k, j) + 1e-6 * size);
        }
      }
    }
    StochasticShape other = metric;
    other.starts = 1;
    CHECK(d(0, 3) <= pairwise(systems, other)(0, 3) * (1 + 1e-9));
  }
  const std::vector<TrajectorySet> single = {simulate::own(responses(1, 6, 2, 1), "x")};
  CHECK_THROWS_WITH(pairwise(single, StochasticShape{}), Catch::Contains("StochasticShape compares repeated trials"));
  CHECK_THROWS_WITH(pairwise(systems, StochasticShape{.alpha = 3}), Catch::Contains("StochasticShape::alpha"));
}

TEST_CASE("the mean of two shapes lies half way", "[shape]") {
  const std::vector<TrajectorySet> two = {simulate::own(signals(2, 20, 4, 1), "a"),
                                          simulate::own(signals(2, 20, 3, 2), "b")};
  const Rows x = oracle::centred(rows_of(two[0])), y = oracle::centred(rows_of(two[1]));
  const Real xx = oracle::squared_norm(x), yy = oracle::squared_norm(y),
             nuclear = oracle::nuclear_norm(oracle::cross(x, y));
  const Real euclidean = std::sqrt(xx + yy - 2 * nuclear), angle = std::acos(nuclear / std::sqrt(xx * yy));
  for (const bool unit_norm : {false, true}) {
    const ShapeMean mean = shape_mean(two, {.unit_norm = unit_norm});
    const auto half = static_cast<double>((unit_norm ? angle : euclidean) / 2);
    CAPTURE(unit_norm, half);
    REQUIRE(mean.converged);
    CHECK(mean.samples == 40);
    CHECK(mean.channels == 4);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(std::fabs(mean.distances[i] - half) <= 1e-10 * half);
      CHECK(std::fabs(std::fabs(mean.coordinates[2 * i]) - half) <= 1e-9 * half);
      CHECK(std::fabs(mean.coordinates[2 * i + 1]) <= 1e-6 * half);
    }
    CHECK(std::fabs(mean.coordinates[0] + mean.coordinates[2]) <= 1e-9 * half);
    CHECK(std::fabs(mean.variance - half * half) <= 1e-10 * half * half);
    CHECK(std::fabs(mean.shares[0] - 1) <= 1e-10);
  }
}

TEST_CASE("the mean of several shapes agrees with the oracle, in any order and orientation", "[shape]") {
  std::vector<TrajectorySet> systems;
  Rows mean;
  std::vector<Rows> shapes;
  for (std::uint64_t k = 0; k < 5; ++k) {
    systems.push_back(simulate::own(responses(2, 9, 2, 20 + k), "s" + std::to_string(k)));
    shapes.push_back(oracle::centred(rows_of(systems.back())));
    if (mean.empty() || oracle::squared_norm(shapes.back()) > oracle::squared_norm(mean)) mean = shapes.back();
  }
  for (int iteration = 0; iteration < 3000; ++iteration) {
    Rows next(mean.size(), std::vector<Real>(2, 0));
    for (Rows& s : shapes) {
      const Rows m = oracle::cross(s, mean);  // the best of all rotations, or of all reflections
      const Real rotation = std::hypot(m[0][0] + m[1][1], m[0][1] - m[1][0]),
                 mirror = std::hypot(m[0][0] - m[1][1], m[0][1] + m[1][0]);
      const bool turn = rotation >= mirror;
      const Real c = turn ? (m[0][0] + m[1][1]) / rotation : (m[0][0] - m[1][1]) / mirror,
                 t = turn ? (m[0][1] - m[1][0]) / rotation : (m[0][1] + m[1][0]) / mirror;
      for (std::size_t i = 0; i < s.size(); ++i) {
        const Real a = s[i][0], b = s[i][1];
        s[i] = {a * c + b * (turn ? -t : t), a * t + b * (turn ? c : -c)};
        for (std::size_t j = 0; j < 2; ++j) next[i][j] += s[i][j] / 5;
      }
    }
    mean = next;
  }
  const ShapeMean found = shape_mean(systems);
  std::vector<TrajectorySet> other = {systems[3], systems[0], systems[4], systems[2],
                                      simulate::own(moved(responses(2, 9, 2, 21), 2, 9, 0.7, 3), "turned")};
  // Trials in another order are other samples: turned back.
  auto& trials = std::get<std::vector<TrialView<double>>>(other.back().trials);
  std::swap(trials[0], trials[1]);
  const ShapeMean again = shape_mean(other, {.threads = 1});
  REQUIRE(found.converged);
  CHECK(std::fabs(found.variance - again.variance) <= 1e-9 * found.variance);
  for (std::size_t k = 0; k < found.mean.size(); ++k) CHECK(std::fabs(found.mean[k] - again.mean[k]) <= 1e-7);
  for (std::size_t i = 0; i < 5; ++i) {
    Real square = 0;
    for (std::size_t k = 0; k < mean.size(); ++k) {
      for (std::size_t j = 0; j < 2; ++j) square += std::pow(shapes[i][k][j] - mean[k][j], 2);
    }
    REQUIRE(std::fabs(found.distances[i] - std::sqrt(square)) <= 1e-10 * found.distances[i]);
  }
}

TEST_CASE("mean shapes of equal, constant and unusable systems", "[shape]") {
  const auto base = signals(2, 15, 3, 1);
  simulate::Recording constant(2, 15, 2);
  const std::vector<TrajectorySet> alike = {simulate::own(base, "a"), simulate::own(base, "b"),
                                            simulate::own(constant, "constant")};
  const ShapeMean unit = shape_mean(alike, {.unit_norm = true});
  CHECK(unit.distances[0] <= 1e-7);
  CHECK(std::isnan(unit.distances[2]));
  CHECK(std::isnan(unit.coordinates[4]));
  const ShapeMean sized = shape_mean(alike);
  for (const double d : sized.distances) CHECK(std::isfinite(d));
  CHECK(std::fabs(sized.distances[2] - 2 * sized.distances[0]) <=
        1e-9 * sized.distances[2]);  // 0 and twice 1: the mean is 2/3
  CHECK_THROWS_WITH(shape_mean({}), Catch::Contains("no systems"));
  CHECK_THROWS_WITH(shape_mean(alike, {.dimensions = 4}), Catch::Contains("ShapeMeanOptions::dimensions"));
  const std::vector<TrajectorySet> none = {alike[2]};
  CHECK_THROWS_WITH(shape_mean(none, {.unit_norm = true, .dimensions = 1}), Catch::Contains("no system has a shape"));
}

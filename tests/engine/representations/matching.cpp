/// Comparisons that match channels: permutations, transports, correlations; and the transport behind them.
#include "host/base/transport.hpp"
#include "tests/support/representations.hpp"

// After the other oracles: it has a namespace of their name within kindred.
#include "tests/oracle/assignment.hpp"

#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <vector>

using namespace kindred;
using namespace kindred::test;

namespace {

using ::oracle::Real;
using ::oracle::Rows;

/// The greatest sum over assignments of a square matrix.
Real greatest(Rows m) {
  for (auto& row : m) {
    for (Real& v : row) v = -v;
  }
  return -kindred::oracle::least_by_hungarian(m);
}

/// max over permutations of <X, Y P>, the narrower padded with zeros.
Real best_permutation(const Rows& products) {
  const std::size_t n = std::max(products.size(), products[0].size());
  Rows padded(n, std::vector<Real>(n, 0));
  for (std::size_t i = 0; i < products.size(); ++i)
    std::copy(products[i].begin(), products[i].end(), padded[i].begin());
  return greatest(padded);
}

/// max over couplings with marginals 1/p and 1/q: an assignment of every channel as many times as makes both sides
/// equal.
Real best_coupling(const Rows& products) {
  const std::size_t p = products.size(), q = products[0].size(), n = std::lcm(p, q);
  Rows repeated(n, std::vector<Real>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) repeated[i][j] = products[i % p][j % q];
  }
  return greatest(repeated) / static_cast<Real>(n);
}

Rows correlations(const Rows& x, const Rows& y) {
  const Rows a = ::oracle::transposed(x), b = ::oracle::transposed(y);
  Rows out;
  for (const auto& u : a) {
    out.emplace_back();
    for (const auto& v : b) out.back().push_back(::oracle::pearson(u, v));
  }
  return out;
}

Real mean_of_row_maxima(const Rows& m) {
  Real sum = 0;
  for (const auto& row : m) sum += *std::max_element(row.begin(), row.end());
  return sum / static_cast<Real>(m.size());
}

/// s of a match by its definition.
Real similarity(Match match, const Rows& x, const Rows& y, bool centre) {
  const Rows a = centre ? ::oracle::centred(x) : x, b = centre ? ::oracle::centred(y) : y;
  const Rows products = ::oracle::cross(a, b);
  const auto p = static_cast<Real>(products.size()), q = static_cast<Real>(products[0].size());
  const Real norm = std::sqrt(::oracle::squared_norm(a) * ::oracle::squared_norm(b));
  switch (match) {
    case Match::permutation:
      return best_permutation(products) / norm;
    case Match::soft:
      return best_coupling(products) * std::sqrt(p * q) / norm;
    case Match::hard_correlation:
      return best_permutation(correlations(x, y)) / std::min(p, q);
    case Match::soft_correlation:
      break;
  }
  const Rows c = correlations(x, y);
  return (mean_of_row_maxima(c) + mean_of_row_maxima(::oracle::transposed(c))) / 2;
}

const std::vector<Match> matches = {Match::permutation, Match::soft, Match::hard_correlation, Match::soft_correlation};

/// The channels of x in another order, with a shift and a scale.
simulate::Recording reordered(const simulate::Recording& x, double scale, double shift) {
  simulate::Recording out = x;
  for (index_t k = 0; k < x.trials; ++k) {
    for (index_t t = 0; t < x.steps; ++t) {
      for (index_t c = 0; c < x.channels; ++c) out.at(k, t)[(3 * c + 1) % x.channels] = scale * x.at(k, t)[c] + shift;
    }
  }
  return out;
}

}  // namespace

TEST_CASE("transports of least cost agree with assignments", "[shape][transport]") {
  std::mt19937_64 random(3);
  for (int trial = 0; trial < 60; ++trial) {
    const auto n = static_cast<index_t>(1 + random() % 7), m = static_cast<index_t>(1 + random() % 7);
    const auto supply = host::equal_masses(n, m), demand = host::equal_masses(m, n);
    std::vector<double> cost;
    for (index_t k = 0; k < n * m; ++k) {
      // A coarse grid makes ties, and costs below 0 occur.
      const double v = std::normal_distribution<double>()(random);
      cost.push_back(trial % 3 == 0 ? std::round(2 * v) : v);
    }
    const auto flow = host::transport_plan(cost, supply, demand);
    Real found = 0;
    Rows repeated(static_cast<std::size_t>(std::lcm(n, m)));
    for (std::size_t i = 0; i < repeated.size(); ++i) {
      for (std::size_t j = 0; j < repeated.size(); ++j) {
        repeated[i].push_back(
            cost[i % static_cast<std::size_t>(n) * static_cast<std::size_t>(m) + j % static_cast<std::size_t>(m)]);
      }
    }
    for (std::size_t i = 0; i < supply.size(); ++i) {
      std::int64_t row = 0;
      for (std::size_t j = 0; j < demand.size(); ++j) {
        const std::int64_t units = flow[i * demand.size() + j];
        REQUIRE(units >= 0);
        row += units;
        found += static_cast<Real>(units) * cost[i * demand.size() + j];
      }
      REQUIRE(row == supply[i]);
    }
    for (std::size_t j = 0; j < demand.size(); ++j) {
      std::int64_t column = 0;
      for (std::size_t i = 0; i < supply.size(); ++i) column += flow[i * demand.size() + j];
      REQUIRE(column == demand[j]);
    }
    CAPTURE(trial, n, m);
    REQUIRE(std::fabs(found - kindred::oracle::least_by_hungarian(repeated)) <= 1e-12L);
  }
}

TEST_CASE("transports of many points and of unequal masses agree with assignments", "[shape][transport]") {
  std::mt19937_64 random(4);
  for (int trial = 0; trial < 40; ++trial) {
    // Sizes around the number of sinks that are taken at a time; masses of 1, or of 1 to 4.
    const std::size_t n = 1 + random() % 40;
    const bool assignment = trial % 2 == 0;
    std::vector<std::int64_t> supply, demand;
    std::vector<std::size_t> source, sink;  // of each unit
    for (std::size_t i = 0; i < n; ++i) {
      supply.push_back(assignment ? 1 : static_cast<std::int64_t>(1 + random() % 4));
      source.insert(source.end(), static_cast<std::size_t>(supply[i]), i);
    }
    while (sink.size() < source.size()) {
      const std::size_t most = source.size() - sink.size();
      demand.push_back(assignment ? 1 : static_cast<std::int64_t>(1 + random() % std::min<std::size_t>(most, 4)));
      sink.insert(sink.end(), static_cast<std::size_t>(demand.back()), demand.size() - 1);
    }
    const std::size_t m = demand.size();
    std::vector<double> cost;
    for (std::size_t k = 0; k < n * m; ++k) {
      const double v = std::normal_distribution<double>()(random);
      cost.push_back(trial % 8 < 2 ? 1.5 : trial % 8 < 4 ? std::round(v) : v);  // all equal, many equal, none
    }
    const auto flow = host::transport_plan(cost, supply, demand);
    REQUIRE(flow == host::transport_plan(cost, supply, demand));
    std::vector<std::int64_t> sent(n, 0), received(m, 0);
    Real found = 0;
    for (std::size_t k = 0; k < n * m; ++k) {
      REQUIRE(flow[k] >= 0);
      sent[k / m] += flow[k];
      received[k % m] += flow[k];
      found += static_cast<Real>(flow[k]) * cost[k];
    }
    REQUIRE(sent == supply);
    REQUIRE(received == demand);
    Rows repeated;
    for (const std::size_t i : source) {
      repeated.emplace_back();
      for (const std::size_t j : sink) repeated.back().push_back(cost[i * m + j]);
    }
    CAPTURE(trial, n, m);
    // Rounding: each unit's path costs some eps of the largest |cost| < 8, times the few edges of the path.
    REQUIRE(std::fabs(found - kindred::oracle::least_by_hungarian(repeated)) <= 1e-12L);
  }
}

TEST_CASE("matched channels agree with the oracle", "[shape][devices]") {
  const auto systems = collection(2, 30, {4, 6, 1, 6, 9});
  for (const Match match : matches) {
    for (const bool centre : {true, false}) {
      if (!centre && match != Match::permutation && match != Match::soft) continue;
      const auto s =
          pairwise(systems, Matching{.match = match, .score = ProcrustesScore::similarity, .centre = centre});
      const auto d = pairwise(systems, Matching{.match = match, .centre = centre});
      const auto e = pairwise(systems, Matching{.match = match, .score = ProcrustesScore::euclidean, .centre = centre});
      for (index_t i = 0; i < 5; ++i) {
        CHECK(s(i, i) == 1);
        CHECK(d(i, i) == 0);
        for (index_t j = 0; j < 5; ++j) {
          if (i == j) continue;
          const auto x = rows_of(systems[static_cast<std::size_t>(i)]),
                     y = rows_of(systems[static_cast<std::size_t>(j)]);
          const Real expected = similarity(match, x, y, centre);
          CAPTURE(static_cast<int>(match), centre, i, j, static_cast<double>(expected));
          REQUIRE(std::fabs(s(i, j) - expected) <= 1e-12);
          REQUIRE(std::fabs(d(i, j) - std::acos(expected)) <= 1e-10);
          // ||X - Y P||^2 = ||X||^2 + ||Y||^2 - 2 s |X| |Y|; of a transport with mean sizes, of correlations with sizes
          // of 1.
          const Rows a = centre ? ::oracle::centred(x) : x, b = centre ? ::oracle::centred(y) : y;
          Real xx = ::oracle::squared_norm(a), yy = ::oracle::squared_norm(b);
          if (match == Match::soft) xx /= static_cast<Real>(a[0].size()), yy /= static_cast<Real>(b[0].size());
          if (match == Match::hard_correlation || match == Match::soft_correlation) xx = yy = 1;
          const Real distance = std::sqrt(xx + yy - 2 * expected * std::sqrt(xx * yy));
          REQUIRE(std::fabs(e(i, j) - distance) <= 1e-10 * distance);
        }
      }
    }
  }
}

TEST_CASE("matched channels by hand", "[shape][devices]") {
  // Orthogonal signals of three channels: matched, and all but one matched with its negative.
  const std::vector<double> sines = {1, 0, -1, 0}, cosines = {0, 1, 0, -1}, turns = {1, -1, 1, -1};
  const auto recording = [&](const std::vector<std::vector<double>>& channels, const std::string& name) {
    simulate::Recording x(1, 4, std::ssize(channels));
    for (std::size_t c = 0; c < channels.size(); ++c) {
      for (index_t t = 0; t < 4; ++t) x.at(0, t)[c] = channels[c][static_cast<std::size_t>(t)];
    }
    return simulate::own(x, name);
  };
  const std::vector<double> negative = {-1, 0, 1, 0};
  const std::vector<TrajectorySet> systems = {
      recording({sines, cosines}, "two"), recording({cosines, sines}, "swapped"),
      recording({cosines, negative}, "one negative"), recording({sines, cosines, sines, cosines}, "twice"),
      recording({turns}, "orthogonal")};
  const auto permutation = pairwise(systems, Matching{.score = ProcrustesScore::similarity});
  CHECK(permutation(0, 1) == 1);
  CHECK(permutation(0, 2) == 0.5 - 0.5);  // 2 of 4 by one match, -2 by the other; or 0 and 0
  CHECK(std::fabs(permutation(0, 3) - 4 / std::sqrt(4.0 * 8.0)) <= 1e-15);
  CHECK(permutation(0, 4) == 0);
  const auto soft = pairwise(systems, Matching{.match = Match::soft, .score = ProcrustesScore::euclidean});
  CHECK(soft(0, 3) <= 1e-15);                                // channels that are all there twice are the same cloud
  CHECK(std::fabs(soft(0, 4) - std::sqrt(2 + 4)) <= 1e-14);  // |x|^2 / 2 + |y|^2 - 0
  const auto hard = pairwise(systems, Matching{.match = Match::hard_correlation, .score = ProcrustesScore::similarity});
  CHECK(std::fabs(hard(0, 3) - 1) <= 1e-15);
  CHECK(hard(0, 4) == 0);
}

TEST_CASE("a sink to which every cost is no number is refused", "[transport]") {
  const std::vector<std::int64_t> one = {1, 1};
  const std::vector<double> cost = {1, std::nan(""), 2, std::nan("")};
  CHECK_THROWS_WITH(host::transport_plan(cost, one, one), Catch::Contains("leave a sink without a way"));
}

TEST_CASE("what matches of channels do not see, and what they cannot compare", "[shape][devices]") {
  const auto base = signals(2, 30, 5, 1);
  simulate::Recording half = base;  // one silent channel
  for (index_t k = 0; k < 2; ++k) {
    for (index_t t = 0; t < 30; ++t) half.at(k, t)[2] = 0.5;
  }
  const std::vector<TrajectorySet> systems = {simulate::own(base, "base"),
                                              simulate::own(reordered(base, 1e3, -7), "reordered"),
                                              simulate::own(signals(2, 30, 8, 2), "other"),
                                              simulate::own(base, "again"),
                                              simulate::own(half, "half"),
                                              simulate::own(simulate::Recording(2, 30, 3), "constant")};
  for (const Match match : matches) {
    const auto d = pairwise(systems, Matching{.match = match});
    CAPTURE(static_cast<int>(match));
    CHECK(d(0, 1) <= 1e-7);  // arccos of a cosine that is right to 1e-15
    CHECK(std::fabs(d(0, 2) - d(1, 2)) <= 1e-10);
    CHECK(d(0, 3) == 0);
    for (index_t i = 0; i < 6; ++i) {
      CHECK(d.status(i, 5) == PairStatus::failed);
      for (index_t j = 0; j < 5; ++j) CHECK((i == 5 || (std::isfinite(d(i, j)) && d(i, j) == d(j, i))));
    }
    // Triangle inequality of the angles that have one.
    if (match == Match::hard_correlation || match == Match::soft_correlation) continue;
    for (index_t i = 0; i < 5; ++i) {
      for (index_t j = 0; j < 5; ++j) {
        for (index_t k = 0; k < 5; ++k) CHECK(d(i, j) <= d(i, k) + d(k, j) + 1e-7);
      }
    }
  }
}

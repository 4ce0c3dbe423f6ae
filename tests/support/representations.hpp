#pragma once
/// Collections of recordings for tests of representational metrics, and the calls that compare them.
#include "host/engine/pairs/score_pairs.hpp"
#include "host/engine/representations/representation_scorers.hpp"
#include "tests/oracle/representation.hpp"
#include "tests/support/devices.hpp"

#include <kindred/simulate.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace kindred::test {

/// Correlated channels: a random mixture of a few random signals, and noise.
inline simulate::Recording signals(index_t trials, index_t steps, index_t channels, std::uint64_t stream) {
  simulate::Random random(7, stream);
  simulate::Recording out(trials, steps, channels);
  const index_t sources = 5;
  std::vector<double> mixture(static_cast<std::size_t>(sources * channels));
  for (double& v : mixture) v = random.normal();
  simulate::Random shared(7, 1000 + stream % 3);  // systems of one residue class share their sources
  for (index_t k = 0; k < trials; ++k) {
    for (index_t t = 0; t < steps; ++t) {
      std::vector<double> source(static_cast<std::size_t>(sources));
      for (double& v : source) v = shared.normal();
      for (index_t c = 0; c < channels; ++c) {
        double sum = 3.0 + 0.1 * random.normal();
        for (index_t s = 0; s < sources; ++s) {
          sum += mixture[static_cast<std::size_t>(s * channels + c)] * source[static_cast<std::size_t>(s)];
        }
        out.at(k, t)[c] = sum;
      }
    }
  }
  return out;
}

/// `rank` random signals in `channels` channels, to rounding; stream as above.
inline simulate::Recording low_rank_signals(index_t trials, index_t steps, index_t channels, index_t rank,
                                            std::uint64_t stream) {
  simulate::Random random(9, stream);
  const simulate::Recording sources = signals(trials, steps, rank, stream);
  std::vector<double> mixture(static_cast<std::size_t>(rank * channels));
  for (double& v : mixture) v = random.normal();
  simulate::Recording out(trials, steps, channels);
  for (index_t k = 0; k < trials; ++k) {
    for (index_t t = 0; t < steps; ++t) {
      for (index_t c = 0; c < channels; ++c) {
        double sum = 0;
        for (index_t s = 0; s < rank; ++s)
          sum += sources.at(k, t)[s] * mixture[static_cast<std::size_t>(s * channels + c)];
        out.at(k, t)[c] = sum;
      }
    }
  }
  return out;
}

inline std::vector<TrajectorySet> collection(index_t trials, index_t steps, const std::vector<index_t>& channels) {
  std::vector<TrajectorySet> systems;
  for (std::size_t i = 0; i < channels.size(); ++i) {
    systems.push_back(simulate::own(signals(trials, steps, channels[i], i), "system " + std::to_string(i)));
  }
  return systems;
}

inline std::vector<std::string> names(const std::vector<TrajectorySet>& systems) {
  std::vector<std::string> out;
  for (const auto& s : systems) out.push_back(s.name);
  return out;
}

inline oracle::Rows rows_of(const TrajectorySet& set) {
  const auto& x = std::get<std::vector<TrialView<double>>>(set.trials);
  oracle::Rows rows;
  for (const auto& trial : x) {
    for (index_t t = 0; t < trial.steps; ++t) {
      rows.emplace_back();
      for (index_t c = 0; c < trial.channels; ++c) rows.back().push_back(trial(t, c));
    }
  }
  return rows;
}

template <class M>
DistanceMatrix pairwise(host::Backend& backend, const std::vector<TrajectorySet>& systems, const M& metric,
                        index_t most = 0) {
  DistanceMatrix out(names(systems));
  const auto scorer = host::make_scorer(backend, {systems, {}, true}, metric, {});
  host::score_pairs(*scorer, PairSet::all(std::ssize(systems)), most, {}, nullptr, out);
  return out;
}

/// On the device under test.
template <class M>
DistanceMatrix pairwise(const std::vector<TrajectorySet>& systems, const M& metric) {
  return pairwise(*make_backend(0), systems, metric);
}

template <class M>
DistanceMatrix cross(const std::vector<TrajectorySet>& a, const std::vector<TrajectorySet>& b, const M& metric,
                     index_t most = 0) {
  DistanceMatrix out(names(a), names(b));
  const auto backend = make_backend(0);
  const auto scorer = host::make_scorer(*backend, {a, b, false}, metric, {});
  host::score_pairs(*scorer, PairSet::rectangle(std::ssize(a), std::ssize(b)), most, {}, nullptr, out);
  return out;
}

/// Distances of all pairs against `expected` of their recordings, to `tolerance` (times the distance where that is
/// above 1), within the collection and between it and itself.
template <class M, class F>
void check_pairs(const std::vector<TrajectorySet>& systems, const M& metric, double tolerance, F&& expected) {
  const auto d = pairwise(systems, metric), across = cross(systems, systems, metric);
  for (index_t i = 0; i < d.rows(); ++i) {
    for (index_t j = 0; j < d.rows(); ++j) {
      if (i == j) continue;
      const auto x = rows_of(systems[static_cast<std::size_t>(i)]), y = rows_of(systems[static_cast<std::size_t>(j)]);
      const auto e = static_cast<double>(expected(x, y));
      const double most = tolerance * std::max(1.0, std::abs(e));
      CAPTURE(i, j, d(i, j), across(i, j), e);
      REQUIRE(std::abs(d(i, j) - e) <= most);
      REQUIRE(std::abs(across(i, j) - d(i, j)) <= most);
      REQUIRE(d(i, j) == d(j, i));
      REQUIRE(d.status(i, j) == PairStatus::exact);
    }
  }
}

inline bool same_bits(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace kindred::test

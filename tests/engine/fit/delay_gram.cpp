/// Moments by the shift structure against sums over an explicit embedding.
#include "host/engine/fit/delay_gram.hpp"
#include "tests/oracle/dmd.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace kindred;

namespace {

struct Sums {
  std::vector<double> all, now_next, first, last;
};

/// One trial's rows: h[s][(j, c)] = x[s + (d - 1 - j) tau][c].
std::vector<std::vector<double>> embedded(const simulate::Recording& x, index_t trial, index_t steps, const Dmd& dmd) {
  std::vector<std::vector<double>> h;
  for (index_t s = 0; s < steps - (dmd.delays - 1) * dmd.interval; ++s) {
    auto& row = h.emplace_back();
    for (index_t j = 0; j < dmd.delays; ++j) {
      const double* value = x.at(trial, s + (dmd.delays - 1 - j) * dmd.interval);
      row.insert(row.end(), value, value + x.channels);
    }
  }
  return h;
}

Sums expected(const simulate::Recording& x, const std::vector<index_t>& steps, const Dmd& dmd) {
  const auto n = static_cast<std::size_t>(dmd.delays * x.channels), k = static_cast<std::size_t>(dmd.steps_ahead);
  std::vector<long double> all(n * n), now_next(n * n), first(n * n), last(n * n);
  const auto add = [n](std::vector<long double>& to, const std::vector<double>& a, const std::vector<double>& b) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) to[i * n + j] += static_cast<long double>(a[i]) * b[j];
    }
  };
  for (std::size_t trial = 0; trial < steps.size(); ++trial) {
    const auto h = embedded(x, static_cast<index_t>(trial), steps[trial], dmd);
    for (std::size_t s = 0; s < h.size(); ++s) {
      add(all, h[s], h[s]);
      if (s + k < h.size()) add(now_next, h[s], h[s + k]);
      if (s < k) add(first, h[s], h[s]);
      if (s + k >= h.size()) add(last, h[s], h[s]);
    }
  }
  const auto rounded = [](const std::vector<long double>& v) { return std::vector<double>(v.begin(), v.end()); };
  return {rounded(all), rounded(now_next), rounded(first), rounded(last)};
}

}  // namespace

TEST_CASE("delay Gram matrices by their shift structure", "[fit][devices]") {
  struct Case {
    std::vector<index_t> steps;
    index_t channels, delays, interval, ahead, capacity;
  };
  const std::vector<Case> cases = {{{50}, 1, 1, 1, 1, 64},            // no delays
                                   {{60}, 2, 5, 1, 1, 64},            // one panel
                                   {{60}, 2, 5, 1, 1, 7},             // a trial in many panels
                                   {{90, 71, 80}, 3, 4, 3, 2, 11},    // ragged; ends in several panels
                                   {{80, 80}, 2, 3, 9, 3, 5},         // ends longer than a panel
                                   {{40, 33}, 1, 7, 2, 4, 1 << 10}};  // more steps ahead than the interval
  const auto backend = test::make_backend();
  for (const auto& c : cases) {
    simulate::Random random(5, static_cast<std::uint64_t>(c.capacity));
    const index_t longest = *std::max_element(c.steps.begin(), c.steps.end());
    const auto trials = static_cast<index_t>(c.steps.size());
    simulate::Recording x(trials, longest, c.channels);
    for (double& v : x.values) v = random.normal();
    const Dmd dmd{.delays = c.delays, .interval = c.interval, .steps_ahead = c.ahead};
    TrajectorySet set;
    set.name = "x";
    std::vector<TrialView<double>> views;
    for (index_t k = 0; k < trials; ++k) {
      views.push_back({x.at(k, 0), c.steps[static_cast<std::size_t>(k)], c.channels, c.channels, 1});
    }
    set.trials = views;
    const host::Embedding embedding = host::plan_embedding(set, host::scan_values(set), dmd);
    // Twice, as a batch.
    const std::vector<host::BatchMember> members{{&set, &embedding}, {&set, &embedding}};
    const index_t n = embedding.columns, size = n * n;
    host::EmbeddingPanels source(*backend, members, dmd);
    const Sums want = expected(x, c.steps, dmd);
    const double scale = embedding.scale * embedding.scale;
    // d sums of up to m terms of size 1, twice the error of each: 4 d m eps of the largest entry.
    double largest = 0;
    for (const double v : want.all) largest = std::max(largest, std::abs(v));
    const double tolerance =
        4 * static_cast<double>(c.delays * embedding.rows) * std::numeric_limits<double>::epsilon() * largest * scale;
    // By rows; by frequencies of short segments, a few of both at once; in one go.
    const index_t reach = (c.delays - 1) * c.interval + c.ahead;
    const host::LagPlan plans[] = {{}, {13, 13 + reach, 2, 3}, {longest, longest + reach, trials, longest + reach}};
    for (const host::LagPlan& lags : plans) {
      const std::vector<double> unset(static_cast<std::size_t>(2 * size), std::nan(""));
      const auto all = test::to_device(*backend, unset), now_next = test::to_device(*backend, unset),
                 first = test::to_device(*backend, unset), last = test::to_device(*backend, unset);
      host::DelayGramWorkspace work;
      const auto batch = [n](const host::Buffer<double>& buffer) { return host::packed(buffer.data(), n, n); };
      host::delay_grams(*backend, work, source, members, dmd, {c.capacity, trials + 1, lags},
                        {batch(all), batch(now_next), batch(first), batch(last)});
      INFO("delays " << c.delays << " interval " << c.interval << " ahead " << c.ahead << " capacity " << c.capacity
                     << " segments of " << lags.rows);
      const auto check = [&](const host::Buffer<double>& buffer, const std::vector<double>& expect) {
        const auto got = test::fetch(buffer);
        double worst = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
          const double error = std::abs(got[i] - scale * expect[i % expect.size()]);
          if (!(error <= worst)) worst = error;
        }
        CHECK(worst <= tolerance);
      };
      check(all, want.all);
      check(now_next, want.now_next);
      check(first, want.first);
      check(last, want.last);
    }
  }
}

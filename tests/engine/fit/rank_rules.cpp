/// Rank rules on planted singular values, ranks that a collection shares, and parameters of each system.
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace kindred;
using Catch::Contains;

namespace {

/// One trial whose channels are cosines of unit norm, orthogonal to rounding, times `sigma`: its singular values.
class Planted {
 public:
  Planted(std::string name, std::vector<double> sigma, index_t steps = 100) : sigma_(std::move(sigma)) {
    const auto n = static_cast<double>(steps);
    for (index_t t = 0; t < steps; ++t) {
      for (std::size_t k = 0; k < sigma_.size(); ++k) {
        const double angle = std::acos(-1.0) * (static_cast<double>(t) + 0.5) * static_cast<double>(k + 1) / n;
        values_.push_back(sigma_[k] * std::sqrt(2 / n) * std::cos(angle));
      }
    }
    set_ = TrajectorySet::view(std::move(name), values_.data(), 1, steps, std::ssize(sigma_));
  }
  Planted(const Planted&) = delete;
  Planted& operator=(const Planted&) = delete;

  [[nodiscard]] const TrajectorySet& set() const { return set_; }

 private:
  std::vector<double> sigma_, values_;
  TrajectorySet set_;
};

OperatorSet fit(const std::vector<TrajectorySet>& systems, const Dmd& dmd) {
  Engine engine(test::device());
  return engine.fit(systems, dmd);
}

RankRule rule(const std::string& text) { return parse_rank_rule(text).value(); }

std::vector<index_t> ranks_of(const OperatorSet& operators) {
  std::vector<index_t> out;
  for (const Operator& op : operators) out.push_back(op.facts.rank);
  return out;
}

std::string refusal(const std::vector<TrajectorySet>& systems, const std::vector<Dmd>& dmds) {
  Engine engine(test::device());
  try {
    (void)engine.fit_each(systems, dmds);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("every rank rule on planted singular values", "[fit][rank][devices]") {
  // Squares 64, 16, 4, 1 of 85: shares 0.7529, 0.9412, 0.9882, 1.
  const Planted steep("steep", {8, 4, 2, 1});
  // 100 x 4: beta 0.04, omega 1.50132; the median 2 gives 3.003, 3.5 would give 5.3.
  const Planted flat("flat", {10, 6, 1, 0.9});
  const std::vector<std::pair<std::string, index_t>> cases = {{"3", 3},
                                                              {"0", 4},
                                                              {"full", 4},
                                                              {"sigma:3", 2},
                                                              {"sigma:0.5", 4},
                                                              {"sigma:7.999", 1},
                                                              {"sigma-ratio:0.3", 2},
                                                              {"sigma-ratio:1e-30", 4},
                                                              {"variance:0.7", 1},
                                                              {"variance:0.76", 2},
                                                              {"variance:0.95", 3},
                                                              {"variance:0.98", 3},
                                                              {"variance:0.99", 4},
                                                              {"variance:1", 4},
                                                              {"svht", 1}};
  for (const auto& [text, rank] : cases) {
    const Operator got = fit({steep.set()}, {.rank = rule(text)})[0];
    CAPTURE(text);
    CHECK(got.facts.status == FitStatus::ok);
    CHECK(got.facts.rank == rank);
    CHECK(got.size == rank);
    CHECK(got.facts.numerical_rank == 4);
    CHECK_FALSE(got.facts.numerical_rank_is_bound);
    // A rule decides the rank and nothing else.
    CHECK(got.values == fit({steep.set()}, {.rank = rank})[0].values);
  }
  // The middle of 10, 6, 1, 0.9 is 3.5, and 1.50132 times that 5.25.
  CHECK(fit({flat.set()}, {.rank = rule("svht")})[0].facts.rank == 2);
  // An odd number: omega(0.03) = 1.48375 times 4 is 5.94.
  const Planted odd("odd", {9, 4, 1});
  CHECK(fit({odd.set()}, {.rank = rule("svht")})[0].facts.rank == 1);
  // Fewer rows than columns: 6 embedded rows of 36 columns.
  const Planted few("few", {8, 4, 2}, 17);
  const Operator wide = fit({few.set()}, {.delays = 12, .rank = rule("full")})[0];
  CHECK(wide.facts.rank == 6);
}

TEST_CASE("thresholds in the units of the data follow its scale, shares do not", "[fit][rank][devices]") {
  for (const double scale : {1e-200, 1.0, 1e200}) {
    const Planted x("x", {8 * scale, 4 * scale, 2 * scale, 1 * scale});
    CHECK(fit({x.set()}, {.rank = RankRule(RankRule::Kind::sigma, 3 * scale)})[0].facts.rank == 2);
    CHECK(fit({x.set()}, {.rank = rule("sigma-ratio:0.3")})[0].facts.rank == 2);
    CHECK(fit({x.set()}, {.rank = rule("variance:0.95")})[0].facts.rank == 3);
  }
}

TEST_CASE("rules count no direction that is rounding; full does, and says so", "[fit][rank][devices]") {
  // The third channel is the sum of the others.
  std::vector<double> x;
  for (int t = 0; t < 100; ++t) {
    x.insert(x.end(), {std::cos(0.3 * t), std::sin(0.3 * t), std::cos(0.3 * t) + std::sin(0.3 * t)});
  }
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("x", x.data(), 1, 100, 3)};
  for (const char* text : {"0", "sigma:1e-30", "sigma-ratio:1e-30", "variance:1"}) {
    CAPTURE(text);
    CHECK(fit(systems, {.rank = rule(text)})[0].facts.rank == 2);
  }
  const Operator full = fit(systems, {.rank = rule("full")})[0];
  CHECK(full.facts.rank == 3);
  CHECK(full.facts.numerical_rank == 2);
  CHECK(full.facts.status == FitStatus::rank_excess);
}

TEST_CASE("a rule that chooses nothing is a failure of that system alone", "[fit][rank][devices]") {
  const Planted small("small", {0.5, 0.25}), large("large", {50, 25});
  const OperatorSet got = fit({small.set(), large.set()}, {.rank = rule("sigma:1")});
  CHECK(got[0].facts.status == FitStatus::failed);
  CHECK_THAT(got[0].facts.detail,
             Contains("the rank rule sigma:1 chooses no direction") && Contains("singular value is 0.5"));
  CHECK(got[0].facts.numerical_rank == 2);
  CHECK(got[0].size == 0);
  CHECK(got[1].facts.status == FitStatus::ok);
  CHECK(got[1].facts.rank == 2);
  // Equal singular values lie below any multiple of their median.
  const Planted equal("equal", {1, 1, 1, 1});
  CHECK_THAT(fit({equal.set()}, {.rank = rule("svht")})[0].facts.detail,
             Contains("the rank rule svht chooses no direction"));
}

TEST_CASE("one rank for a collection", "[fit][rank][devices]") {
  const Planted a("a", {8, 4, 2, 1}), b("b", {8, 4, 0.1, 0.05}), c("c", {8, 0.2, 0.1, 0.05}), d("d", {8, 4, 2, 0.1});
  const std::vector<TrajectorySet> systems = {a.set(), b.set(), c.set(), d.set()};
  Dmd dmd{.rank = rule("sigma:0.9")};
  CHECK(ranks_of(fit(systems, dmd)) == std::vector<index_t>{4, 2, 1, 3});
  for (const auto& [how, rank] : {std::pair{RankShared::min, 1}, {RankShared::median, 2}, {RankShared::max, 4}}) {
    dmd.rank_shared = how;
    const OperatorSet got = fit(systems, dmd), alone = fit(systems, {.rank = rank});
    CAPTURE(word_of(how));
    CHECK(ranks_of(got) == std::vector<index_t>(4, rank));
    for (std::size_t i = 0; i < 4; ++i) {
      REQUIRE(got[i].size == rank);
      // A leading block of more moments: rounding by sigma_1 / sigma_r, 160 at most.
      for (std::size_t e = 0; e < got[i].values.size(); ++e) {
        CHECK(std::abs(got[i].values[e] - alone[i].values[e]) <= 1e-11);
      }
    }
  }
  // Three systems: the middle one. A system without a rank does not count and keeps none.
  dmd.rank_shared = RankShared::median;
  CHECK(ranks_of(fit({a.set(), b.set(), d.set()}, dmd)) == std::vector<index_t>(3, 3));
  const Planted nothing("nothing", {0.5, 0.4, 0.3, 0.2});
  CHECK(ranks_of(fit({a.set(), nothing.set(), d.set(), b.set()}, dmd)) == std::vector<index_t>{3, 0, 3, 3});
  // No more than the smallest system has columns, and never in silence above a numerical rank.
  const Planted narrow("narrow", {8, 4});
  dmd.rank_shared = RankShared::max;
  CHECK(ranks_of(fit({a.set(), narrow.set()}, dmd)) == std::vector<index_t>{2, 2});
  const Planted poor("poor", {8, 4, 1e-17, 0});
  CHECK(fit({a.set(), poor.set()}, dmd)[1].facts.status == FitStatus::rank_excess);
  dmd.rank_excess = RankExcess::clip;
  CHECK(ranks_of(fit({a.set(), poor.set()}, dmd)) == std::vector<index_t>{2, 2});
  dmd.rank_excess = RankExcess::error;
  CHECK(refusal({a.set(), poor.set()}, {dmd, dmd}) ==
        "system 'poor': rank 4 exceeds the numerical rank 2 of its embedded data");
}

TEST_CASE("each system by its own parameters is as if it were alone", "[fit][rank][devices]") {
  const Planted a("a", {8, 4, 2, 1}), b("b", {7, 5, 3, 1}), c("c", {6, 4, 2, 1});
  const std::vector<TrajectorySet> systems = {a.set(), b.set(), c.set(), a.set()};
  const std::vector<Dmd> dmds = {{.delays = 3, .rank = 4},
                                 {.delays = 2, .interval = 2, .rank = rule("variance:0.9")},
                                 {.delays = 3, .rank = 4},
                                 {.delays = 3, .rank = 4, .ridge = 0.5, .regression = Regression::forward_backward}};
  Engine engine(test::device());
  const OperatorSet got = engine.fit_each(systems, dmds);
  for (std::size_t i = 0; i < systems.size(); ++i) {
    CHECK(got[i].name == systems[i].name);
    CHECK(got[i].values == fit({systems[i]}, dmds[i])[0].values);
  }
  CHECK(got[0].values != got[3].values);
  CHECK(refusal(systems, {dmds[0]}) == "1 parameters of fits for 4 systems, expected one a system");
  std::vector<Dmd> mixed = dmds;
  mixed[2].rank_shared = RankShared::max;
  CHECK_THAT(refusal(systems, mixed), Contains("system 'c' has another Dmd::rank_shared"));
  mixed = dmds;
  mixed[1].rank = RankRule(RankRule::Kind::variance, 1.5);
  CHECK_THAT(refusal(systems, mixed), Contains("Dmd::rank is variance:1.5, expected"));

  // Metrics of one fit follow.
  Comparisons own(engine, systems);
  own.fit_each([&](std::size_t i, const Dmd&) { return dmds[i]; });
  CHECK(own.fit({.rank = 2}).rows[1].values == got[1].values);
}

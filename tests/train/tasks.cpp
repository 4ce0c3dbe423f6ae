#include <kindred/train.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace kindred;
using namespace kindred::train;

namespace {

Batch draw(Rule rule, const Perceptual& how, index_t trials, std::uint64_t seed = 7) {
  Batch batch;
  simulate::Random random(seed, 1);
  perceptual(rule, how).draw(random, trials, batch);
  return batch;
}

/// The stronger side of a trial, by the sum of the stimuli: the best observer.
int stronger_side(const Batch& batch, index_t trial) {
  double difference = 0;
  for (index_t t = 0; t < batch.steps; ++t) {
    difference += static_cast<double>(batch.input(t, trial)[1] - batch.input(t, trial)[2]);
  }
  return difference > 0 ? 0 : 1;
}

}  // namespace

TEST_CASE("a trial without noise is written down", "[train]") {
  // Two trials of 1 + 2 + 1 + 1 steps, sides 0 and 1, coherence 20: stimuli 0.6 and 0.4.
  const Perceptual how{.fixation = {1},
                       .stimulus = {2},
                       .delay = {1},
                       .decision = {1},
                       .coherences = {20},
                       .noise = 0,
                       .balanced = true};
  const Batch batch = draw(Rule::anti_delay, how, 2);
  REQUIRE(batch.steps == 5);
  const float expected[5][2][7] = {
      {{1, 0, 0, 0, 0, 0, 1}, {1, 0, 0, 0, 0, 0, 1}},
      {{1, 0.6f, 0.4f, 0, 0, 0, 1}, {1, 0.4f, 0.6f, 0, 0, 0, 1}},
      {{1, 0.6f, 0.4f, 0, 0, 0, 1}, {1, 0.4f, 0.6f, 0, 0, 0, 1}},
      {{1, 0, 0, 0, 0, 0, 1}, {1, 0, 0, 0, 0, 0, 1}},
      {{0, 0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 1}},
  };
  for (index_t t = 0; t < 5; ++t) {
    CHECK(batch.counts[static_cast<std::size_t>(t)] == (t == 4 ? 1 : 0));
    for (index_t b = 0; b < 2; ++b) {
      for (index_t i = 0; i < 7; ++i) CHECK(batch.input(t, b)[i] == expected[t][b][i]);
      CHECK(batch.label(t, b) == (t < 4 ? 0 : b == 0 ? 2 : 1));  // the weaker side
    }
  }
  // Without a delay a step fewer; pro answers the stronger side; each rule has its own input.
  const Batch basic = draw(Rule::basic, how, 2);
  REQUIRE(basic.steps == 4);
  CHECK(basic.label(3, 0) == 1);
  CHECK(basic.label(3, 1) == 2);
  CHECK(basic.input(0, 0)[4] == 1);
  CHECK(draw(Rule::anti, how, 2).input(0, 0)[3] == 1);
  CHECK(draw(Rule::delay, how, 2).input(0, 0)[5] == 1);
}

TEST_CASE("the averaging observer is nearly always right", "[train]") {
  // At 6.4 % over 150 steps its z-score is 0.064 sqrt(150 / 2) / 0.2236 = 2.5: right in 99.3 %, and in more at other
  // draws; of 2000 trials 99 % leaves four standard deviations.
  for (const Rule rule : {Rule::anti, Rule::basic, Rule::delay, Rule::anti_delay}) {
    const Batch batch = draw(rule, {}, 2000);
    const bool anti = rule == Rule::anti || rule == Rule::anti_delay;
    index_t right = 0;
    for (index_t b = 0; b < batch.trials; ++b) {
      const int side = stronger_side(batch, b);
      right += batch.label(batch.steps - 1, b) == 1 + (anti ? 1 - side : side) ? 1 : 0;
    }
    CHECK(static_cast<double>(right) / 2000 > 0.99);
  }
}

TEST_CASE("lengths and sides are drawn as said", "[train]") {
  const Batch batch = draw(Rule::delay, {}, 1000);
  CHECK(batch.steps >= 5 + 150 + 25 + 5);
  CHECK(batch.steps <= 15 + 250 + 75 + 15);
  index_t left = 0;
  for (index_t b = 0; b < 1000; ++b) left += batch.label(batch.steps - 1, b) == 1 ? 1 : 0;
  CHECK(left > 500 - 80);  // five standard deviations, sqrt(1000) / 2
  CHECK(left < 500 + 80);
  CHECK(draw(Rule::basic, {}, 8, 1).x == draw(Rule::basic, {}, 8, 1).x);
  CHECK(draw(Rule::basic, {}, 8, 1).x != draw(Rule::basic, {}, 8, 2).x);
}

TEST_CASE("perceptual trials refuse what cannot be drawn", "[train]") {
  CHECK_THROWS_AS(perceptual(Rule::basic, {.stimulus = {}}), Error);
  CHECK_THROWS_AS(perceptual(Rule::basic, {.delay = {25, 0}}), Error);
  CHECK_THROWS_AS(perceptual(Rule::basic, {.coherences = {0}}), Error);
  CHECK_THROWS_AS(perceptual(Rule::basic, {.coherences = {std::nan("")}}), Error);
}

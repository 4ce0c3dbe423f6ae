#include <kindred/train.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <limits>

using namespace kindred;
using namespace kindred::train;

namespace {

/// Short trials with clear stimuli: learned in a second.
const Perceptual easy{
    .fixation = {2, 4}, .stimulus = {40}, .delay = {5, 10}, .decision = {3, 5}, .coherences = {25.6, 51.2}};

Plan small_plan(index_t updates, Model model = Rnn{.units = 16}) {
  Plan plan;
  plan.model = model;
  plan.evaluation_trials = 32;
  plan.optimiser.batch = 32;
  plan.phases.push_back({.tasks = {perceptual(Rule::basic, easy), perceptual(Rule::anti, easy)},
                         .updates = updates,
                         .target = 2,
                         .evaluate_every = 20,
                         .keep_checkpoints = true});
  return plan;
}

/// Same bits, NaN included.
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("training lowers the loss, and the same seed gives the same bits", "[train]") {
  for (const Model& model : {Model(Rnn{.units = 16}), Model(Mamba{.width = 4})}) {
    auto plan = small_plan(120, model);
    plan.optimiser.learning_rate = 0.01;
    const Network first = train::train(plan, 1, 0);
    REQUIRE(first.status == Status::ok);
    const auto& curve = first.phases[0];
    REQUIRE(curve.size() == 7);  // at 0, 20, ..., 120
    CHECK(first.checkpoints.size() == 7);
    CHECK(std::isnan(curve[0].loss));
    CHECK(curve.back().loss < 0.75 * curve[1].loss);
    CHECK(curve.back().updates == 120);
    CHECK(same(first.checkpoints.back(), first.parameters));
    CHECK(same(train::train(plan, 1, 0).parameters, first.parameters));
    CHECK_FALSE(same(train::train(plan, 1, 1).parameters, first.parameters));
    CHECK_FALSE(same(train::train(plan, 2, 0).parameters, first.parameters));
  }
}

TEST_CASE("networks do not depend on the number of threads", "[train]") {
  std::vector<Job> jobs;
  for (std::uint64_t i = 0; i < 4; ++i) jobs.push_back({small_plan(20 + 10 * static_cast<index_t>(i)), 3, i});
  std::vector<std::vector<float>> alone(4), together(4);
  train_all(jobs, 1, [&](std::size_t i, Network network) { alone[i] = std::move(network.parameters); });
  train_all(jobs, 3, [&](std::size_t i, Network network) { together[i] = std::move(network.parameters); });
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(same(alone[i], together[i]));
    CHECK(same(alone[i], train::train(jobs[i].plan, 3, i).parameters));
  }
}

TEST_CASE("frozen parts stay to the bit", "[train]") {
  for (const Model& model : {Model(Rnn{.units = 16}), Model(Mamba{.width = 4})}) {
    auto plan = small_plan(10, model);
    plan.phases[0].part = Part::inputs;
    const Network network = train::train(plan, 1, 0);
    const auto &before = network.checkpoints.front(), &after = network.parameters;
    for (const auto& array : parameter_arrays(model, plan.inputs, plan.classes)) {
      CAPTURE(array.name);
      const auto first = static_cast<std::size_t>(array.offset), size = static_cast<std::size_t>(array.size());
      const bool unchanged = std::memcmp(&before[first], &after[first], size * sizeof(float)) == 0;
      CHECK(unchanged == !array.input);
    }
  }
}

TEST_CASE("a phase ends at its target, and the next goes on from there", "[train]") {
  auto plan = small_plan(1000);
  plan.phases[0].target = 0.7;
  plan.phases[0].early_every = 5;
  plan.optimiser.learning_rate = 0.01;
  auto second = plan.phases[0];
  second.tasks = {perceptual(Rule::anti_delay, easy)};
  second.part = Part::inputs;
  second.updates = 3;
  plan.phases.push_back(second);
  const Network network = train::train(plan, 1, 0);
  CHECK(network.final_accuracy(0) >= 0.7);
  CHECK(network.updates(0) < 1000);
  REQUIRE(network.phases.size() == 2);
  if (network.status == Status::capped) CHECK(network.reason.find("phase 2") != std::string::npos);
  // The checkpoint before the second phase's first update is what the first phase left.
  const std::size_t end_of_first = network.phases[0].size() - 1;
  CHECK(same(network.checkpoints[end_of_first], network.checkpoints[end_of_first + 1]));
}

TEST_CASE("a network that diverges is a status with its reason", "[train]") {
  auto plan = small_plan(200, Rnn{.units = 16, .activation = Activation::relu});
  plan.optimiser.learning_rate = 1e18;
  plan.optimiser.clip = 1e30;
  const Network network = train::train(plan, 1, 0);
  REQUIRE(network.status == Status::diverged);
  CHECK(network.reason.find("not finite at update") != std::string::npos);
  for (const float value : network.parameters) REQUIRE(std::isfinite(value));
}

TEST_CASE("training can be cancelled, and refuses what makes no sense", "[train]") {
  index_t calls = 0;
  try {
    (void)train::train(small_plan(1000), 1, 0, [&](const TrainingEvent&) { return ++calls < 3; });
    FAIL("not cancelled");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::cancelled);
  }
  CHECK(calls == 3);
  const auto refused = [](auto&& change) {
    auto plan = small_plan(10);
    change(plan);
    CHECK_THROWS_AS(train::train(plan, 1, 0), Error);
  };
  refused([](Plan& p) { p.phases[0].tasks.clear(); });
  refused([](Plan& p) { p.optimiser.learning_rate = std::numeric_limits<double>::quiet_NaN(); });
  refused([](Plan& p) { p.optimiser.batch = 0; });
  refused([](Plan& p) { p.model = Rnn{.units = 0}; });
  refused([](Plan& p) { p.model = Mamba{.layers = 0}; });
  refused([](Plan& p) { p.inputs = 6; });  // the tasks have 7
  refused([](Plan& p) { p.phases[0].evaluate_every = 0; });
}

TEST_CASE("a caller's own task is learned", "[train]") {
  // One input, a class a sign: the answer counts at the last of three steps.
  const Task sign{"sign", [](simulate::Random& random, index_t trials, Batch& batch) {
                    batch.trials = trials, batch.steps = 3, batch.inputs = 1;
                    batch.x.assign(static_cast<std::size_t>(3 * trials), 0.0f);
                    batch.labels.assign(static_cast<std::size_t>(3 * trials), 0);
                    batch.counts = {0, 0, 1};
                    for (index_t k = 0; k < trials; ++k) {
                      const index_t side = random.below(2);
                      for (index_t t = 0; t < 3; ++t) {
                        batch.x[static_cast<std::size_t>(t * trials + k)] = side == 0 ? -1.0f : 1.0f;
                        batch.labels[static_cast<std::size_t>(t * trials + k)] = static_cast<std::int8_t>(side);
                      }
                    }
                  }};
  Plan plan;
  plan.model = Rnn{.units = 4};
  plan.inputs = 1;
  plan.classes = 2;
  plan.optimiser.learning_rate = 0.02;
  plan.phases.push_back({.tasks = {sign}, .updates = 300, .evaluate_every = 10});
  const Network network = train::train(plan, 1, 0);
  CHECK(network.status == Status::ok);
  CHECK(network.final_accuracy(0) == 1);
}

TEST_CASE("recordings are the states, trials by steps by channels", "[train]") {
  Batch batch;
  simulate::Random random(1, 1);
  perceptual(Rule::anti_delay, easy).draw(random, 6, batch);
  const auto plan = small_plan(0);
  const auto parameters = train::train(plan, 1, 0).parameters;
  const auto recording = record(plan.model, plan.classes, parameters, batch, 3, 20);
  CHECK((recording.trials == 6 && recording.steps == 20 && recording.channels == 16));
  // A later window shows the same states.
  const auto later = record(plan.model, plan.classes, parameters, batch, 5, 18);
  CHECK(std::equal(later.at(2, 0), later.at(2, 0) + 16, recording.at(2, 2)));
  const Mamba mamba{.width = 4};
  auto other = small_plan(0, mamba);
  const auto states = record(mamba, 3, train::train(other, 1, 0).parameters, batch, 0, batch.steps);
  CHECK(states.channels == 8 * 16);
  double largest = 0;
  for (const double value : states.values) largest = std::max(largest, std::fabs(value));
  CHECK(largest > 0);
  CHECK(largest < 100);
  CHECK_THROWS_AS(record(plan.model, plan.classes, parameters, batch, 0, batch.steps + 1), Error);
  CHECK_THROWS_AS(record(mamba, plan.classes, parameters, batch, 0, 1), Error);
  CHECK(accuracy(plan.model, plan.classes, parameters, batch) >= 0);
}

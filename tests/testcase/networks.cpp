#include "host/testcase/networks/matrices.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <set>

#include "tests/cli/process.hpp"
#include "tests/support/cases.hpp"

using namespace kindred;
using namespace kindred::testcase;
using kindred::test::Folder;

namespace {

/// Networks of 8 units, a handful of updates on short trials: nothing is learned, everything runs.
NetworkSettings tiny() {
  auto out = rnn_settings();
  out.model = train::Rnn{.units = 8};
  out.trials = {.fixation = {2}, .stimulus = {20}, .delay = {4}, .decision = {3}, .coherences = {51.2}};
  out.optimiser.batch = 16;
  out.evaluation_trials = 16;
  out.masters = 2;
  out.updates = 12;
  out.part_updates = 6;
  out.evaluate_every = 2;
  out.early_every = 2;
  out.least_master = 0;
  return out;
}

NetworkRun run_of(index_t seeds, int threads = 1) {
  NetworkRun out;
  out.seeds = seeds;
  out.threads = threads;
  return out;
}

bool same(const train::Network& a, const train::Network& b) {
  const auto bits = [](const std::vector<float>& x, const std::vector<float>& y) {
    return x.size() == y.size() && std::memcmp(x.data(), y.data(), x.size() * sizeof(float)) == 0;
  };
  if (!bits(a.parameters, b.parameters) || a.checkpoints.size() != b.checkpoints.size() || a.status != b.status)
    return false;
  for (std::size_t i = 0; i < a.checkpoints.size(); ++i) {
    if (!bits(a.checkpoints[i], b.checkpoints[i])) return false;
  }
  if (a.phases.size() != b.phases.size()) return false;
  for (std::size_t p = 0; p < a.phases.size(); ++p) {
    if (a.phases[p].size() != b.phases[p].size()) return false;
    for (std::size_t i = 0; i < a.phases[p].size(); ++i) {
      const auto &x = a.phases[p][i], &y = b.phases[p][i];
      if (x.updates != y.updates || x.accuracy != y.accuracy) return false;
      if (x.loss != y.loss && !(std::isnan(x.loss) && std::isnan(y.loss))) return false;
    }
  }
  return true;
}

bool same(const std::vector<NetworkSeed>& a, const std::vector<NetworkSeed>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t s = 0; s < a.size(); ++s) {
    for (std::size_t g = 0; g < a[s].size(); ++g) {
      if (!same(a[s][g], b[s][g])) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("kept networks are what an uninterrupted run gives, and are not trained again", "[testcase][networks]") {
  const Folder folder;
  const auto whole = train_networks(tiny(), run_of(2));
  NetworkRun run = run_of(2, 2);
  run.keep = folder / "keep";
  // Stopped in the middle: some networks are finished by then.
  run.progress = [](const NetworkEvent& event) { return event.done < 9; };
  CHECK_THROWS_AS(train_networks(tiny(), run), Error);
  std::size_t kept = 0, evaluated = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run.keep)) {
    kept += entry.path().extension() == ".npz" ? 1 : 0;
  }
  CHECK(kept >= 9);
  CHECK(kept < 24);
  run.progress = [&](const NetworkEvent&) { return ++evaluated > 0; };
  CHECK(same(train_networks(tiny(), run), whole));
  CHECK(evaluated > 0);
  evaluated = 0;
  CHECK(same(train_networks(tiny(), run), whole));
  CHECK(evaluated == 0);
  // Other settings are refused, with what differs.
  auto other = tiny();
  other.optimiser.learning_rate = 0.1;
  try {
    (void)train_networks(other, run);
    FAIL("not refused");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::invalid_argument);
    CHECK(std::string(error.what()).find("learning_rate") != std::string::npos);
  }
}

TEST_CASE("groups are trained as they are called", "[testcase][networks]") {
  const auto groups = network_groups(3);
  REQUIRE(groups.size() == 13);
  std::set<std::uint64_t> streams;
  for (const auto& group : groups) {
    CAPTURE(group.name);
    streams.insert(group.stream);
    const auto plan = network_plan(rnn_settings(), group);
    CHECK(plan.phases.size() == (group.trained ? 1u : 0u) + (group.parts.empty() ? 0u : 1u));
    if (!group.parts.empty()) {
      CHECK(plan.phases[0].part == train::Part::all);
      CHECK(plan.phases[0].updates == 10000 * static_cast<index_t>(group.parts.size()));
    }
    if (group.trained) {
      CHECK(plan.phases.back().part == (group.frozen ? train::Part::inputs : train::Part::all));
      CHECK(plan.phases.back().tasks[0].name == "anti-delay");
    }
  }
  CHECK(streams.size() == 13);
  CHECK(network_group("basic+delay", 2).parts.size() == 2);
  CHECK_THROWS_AS(network_group("paster", 2), Error);
}

TEST_CASE("the network case compares what its views ask for", "[testcase][networks]") {
  const auto seeds = std::make_shared<const std::vector<NetworkSeed>>(train_networks(tiny(), run_of(1)));
  for (const auto& test : {network_case(tiny(), 0, seeds), network_case(tiny(), 0, seeds, {true, true, true})}) {
    CAPTURE(test.name);
    const auto systems = test.generate(0);
    for (const auto& system : systems) CHECK(system.channels() == 8);
    CHECK_THROWS_AS(test.generate(1), Error);
    for (const auto& view : test.views) {
      CAPTURE(view.name);
      const auto compared = test::compared_pairs(test, view.setting);
      for (const auto& c : view.comparisons) {
        CHECK(c.row != c.column);
        CHECK(c.row < static_cast<index_t>(systems.size()));
        CHECK(compared.count({c.row, c.column}) == 1);
      }
    }
  }
  const auto plain = network_case(tiny(), 0, seeds).generate(0);
  CHECK((plain[0].trial_count() == 64 && plain[0].steps(0) == 200));
  CHECK(plain[0].name == "untrained");
  CHECK(plain[11].name == "master 2");
  CHECK(plain[12].name == "master frozen, 0 %");
  // The published handling: trials and steps change places.
  const auto swapped = network_case(tiny(), 0, seeds, {.swap_axes = true}).generate(0);
  const auto kept = network_case(tiny(), 0, seeds, {}).generate(0);
  CHECK((swapped[0].trial_count() == 200 && swapped[0].steps(0) == published_trials));
  const auto at = [](const TrajectorySet& set, std::size_t trial, index_t step) {
    return std::get<std::vector<TrialView<double>>>(set.trials)[trial](step, 3);
  };
  CHECK(at(swapped[2], 17, 45) == at(kept[2], 45, 17));
  // Shuffled trials differ between networks, unshuffled ones do not.
  const auto shuffled = network_case(tiny(), 0, seeds, {.shuffle_trials = true}).generate(0);
  CHECK(at(shuffled[2], 0, 100) != at(kept[2], 0, 100));
}

TEST_CASE("a network that cannot be compared has no distances, and spoils no other", "[testcase][networks]") {
  auto networks = train_networks(tiny(), run_of(1));
  networks[0][4].status = train::Status::diverged;
  networks[0][4].checkpoints.clear();
  auto test = network_case(tiny(), 0, std::make_shared<const std::vector<NetworkSeed>>(networks));
  test.settings[0].dmd = {.delays = 2, .rank = 4};
  test.settings.resize(1);
  std::erase_if(test.views, [](const View& view) { return view.setting > 0; });
  Engine engine(Device::cpu(1));
  std::vector<double> matrix;
  testcase::Options options;
  options.seeds = 1;
  options.permutations = 99;
  options.on_distances = [&](const Case&, std::size_t, std::uint64_t, const std::string& metric,
                             const std::vector<double>& values) {
    if (metric == "dsa") matrix = values;
  };
  const auto result = run(engine, test, {{"cka", Cka{}}, {"dsa", Dsa{.effort = Effort::fast}}}, options);
  const NetworkLayout layout(2);
  const GroupDistances distances(layout, matrix);
  CHECK(std::isnan(distances.to_masters(4, 5)));
  CHECK(distances.to_masters(3, 5) > 0);
  CHECK(distances.to_masters(3, 0) > 0);
  CHECK(result.summaries[0][0].missing == 2);
  CHECK(result.summaries[0][0].p > 0);
  CHECK(result.summaries[0][0].p <= 1);
}

TEST_CASE("learning, behaviour and the whole matrix, by hand", "[testcase][networks]") {
  const NetworkLayout layout(2);
  const index_t n = layout.size();
  // Distance of a group to either master at point k: 1 + k for the group without parts, 6 - k for the one with all,
  // else 3.
  std::vector<double> matrix(static_cast<std::size_t>(n * n), 3.0);
  const auto set = [&](index_t i, index_t j, double value) {
    matrix[static_cast<std::size_t>(i * n + j)] = matrix[static_cast<std::size_t>(j * n + i)] = value;
  };
  for (index_t k = 0; k < 6; ++k) {
    for (const index_t m : layout.masters()) {
      set(layout.at(m, k), layout.at(layout.master_frozen(), k), 1 + static_cast<double>(k));
      set(layout.at(m, k), layout.at(layout.full(), k), 6 - static_cast<double>(k));
    }
  }
  const SeedMatrices two{"short", "m", {matrix, matrix}};
  const auto learning = summarise_learning(layout, two);
  REQUIRE(learning.rows.size() == 5);
  CHECK(learning.rows[0].change.mean == 5);
  CHECK(learning.rows[1].change.mean == 0);
  CHECK(learning.rows[3].change.mean == -5);
  CHECK(learning.rows[3].distance[2].mean == 4);
  CHECK(learning.below_none == 2);
  CHECK(learning.p == 0.25);  // two heads of two
  CHECK(learning.below_third == 2);
  // Accuracies that make `full` differ from the masters by its distance / 10, and the others by 0.3: slope 10.
  Accuracies accuracy(static_cast<std::size_t>(layout.group_count()), std::vector<double>(6, 0.3));
  for (const index_t m : layout.masters()) accuracy[static_cast<std::size_t>(m)].assign(6, 0.0);
  for (std::size_t k = 0; k < 6; ++k)
    accuracy[static_cast<std::size_t>(layout.full())][k] = 0.6 - 0.1 * static_cast<double>(k);
  const auto behaviour = summarise_behaviour(layout, two, {accuracy, accuracy}, 199);
  CHECK(behaviour.distance.size() == 2 * 8 * 6);
  CHECK(std::fabs(behaviour.pooled_slope - 10) < 1e-10);  // sums of a hundred terms below 10
  CHECK(std::fabs(behaviour.r_squared - 1) < 1e-12);
  CHECK(behaviour.p < 0.2);
  const auto whole = summarise_matrix(layout, two, 99);
  CHECK(whole.groups.size() == 11);
  CHECK(whole.groups.back() == "master");
  CHECK(whole.to_master[8].mean == 1);  // full, at the end
  CHECK(std::isfinite(whole.rank_correlation));
  CHECK(whole.p <= 1);
}

TEST_CASE("a claim holds, does not hold, or is not settled", "[testcase][networks]") {
  // Of one metric: a trend or ratio with its p and q.
  struct Found {
    const char* metric;
    double figure, p, q;
  };
  const auto verdict_of = [](bool mamba, const char* claim, const char* view, const std::vector<Found>& found) {
    NetworkStudy study;
    study.views.description.views.emplace_back().name = view;
    auto& summaries = study.views.summaries.emplace_back();
    for (const auto& one : found) {
      Summary summary;
      summary.metric = one.metric;
      summary.relative_slope = summary.ratio = {one.figure, 0.1};
      summary.p = one.p, summary.q = one.q;
      summaries.push_back(summary);
      LearningSummary learning{"short", one.metric, std::vector<LearningRow>(5), 3, 0, one.p, one.q, 0, 0, 0};
      for (auto& row : learning.rows) row.distance.assign(6, {1, 0.1});
      learning.rows[0].change = {1, 0.1};
      learning.rows[3].change = {one.figure, 0.1};
      study.learning.push_back(learning);
    }
    for (const auto& one : judge_claims(study, mamba)) {
      if (one.name == claim) return one.verdict;
    }
    return std::string("no such claim");
  };
  const auto parts = [&](const std::vector<Found>& found) {
    return verdict_of(false, "C1, short, without master frozen", "parts, without master frozen; short", found);
  };
  CHECK(parts({{"dsa", -0.3, 0.01, 0.02}, {"cka", -0.1, 0.2, 0.2}}) == "holds");
  CHECK(parts({{"dsa", -0.3, 0.01, 0.02}, {"cka", -0.1, 0.01, 0.02}}) == "holds for dsa, and for cka too");
  CHECK(parts({{"dsa", -0.3, 0.04, 0.08}}) == "not settled");
  CHECK(parts({{"dsa", 0.1, 0.8, 0.9}}) == "does not hold");
  CHECK(parts({{"cka", 0.1, 0.8, 0.9}}) == "not judged: dsa was not asked");
  const auto learning = [&](const Found& found) { return verdict_of(false, "C2, short", "none", {found}); };
  CHECK(learning({"dsa", -1, 0.03, 0.04}) == "holds");
  CHECK(learning({"dsa", -1, 0.125, 0.125}) == "not settled");  // three heads of three
  CHECK(learning({"dsa", -1, 0.5, 0.5}) == "not settled");      // one of one
  CHECK(learning({"dsa", 1, 0.125, 0.125}) == "does not hold");
  // What Mamba is said not to do.
  const auto flat = [&](const Found& found) {
    return verdict_of(true, "C4, short", "parts, without master frozen; short", {found});
  };
  CHECK(flat({"dsa", -0.5, 0.01, 0.02}) == "does not hold");
  CHECK(flat({"dsa", -0.5, 0.18, 0.3}) == "not settled");
  CHECK(flat({"dsa", 0.1, 0.7, 0.9}) == "holds: no fall is seen");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(flat({"dsa", nan, nan, nan}) == "not settled");
  const auto untrained = [&](const Found& found) {
    return verdict_of(true, "C4, untrained, short", "trained, without master frozen; short", {found});
  };
  CHECK(untrained({"dsa", 3, 0.001, 0.002}) == "does not hold");
  CHECK(untrained({"dsa", 1.2, 0.2, 0.3}) == "not settled");
  CHECK(untrained({"dsa", 0.9, 0.7, 0.7}) == "holds: no difference is seen");
}

TEST_CASE("a kept network says why it ended as it did", "[testcase][networks]") {
  const Folder folder;
  auto settings = tiny();
  settings.target = 0.99;  // which so few updates do not reach
  const auto group = network_group("basic", 2);
  const auto network = train::train(network_plan(settings, group), 3, group.stream);
  REQUIRE(network.status == train::Status::capped);
  REQUIRE(network.reason.find("phase 1 ended after 6 updates") != std::string::npos);
  save_network(folder / "net.npz", network);
  CHECK(load_network(folder / "net.npz").reason == network.reason);
}

TEST_CASE("checkpoints are taken at equal shares", "[testcase][networks]") {
  CHECK(checkpoint_at(1, 0) == 0);
  CHECK(checkpoint_at(1, 5) == 0);
  CHECK(checkpoint_at(11, 0) == 0);
  CHECK(checkpoint_at(11, 1) == 2);
  CHECK(checkpoint_at(11, 5) == 10);
  CHECK(checkpoint_at(4, 2) == 1);  // 0.4 of 3 is 1.2
}

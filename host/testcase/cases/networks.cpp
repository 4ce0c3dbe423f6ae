#include <kindred/networks.hpp>

#include "host/base/index.hpp"
#include "host/base/text.hpp"
#include "host/testcase/networks/layout.hpp"
#include "host/testcase/networks/paper.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

namespace kindred::testcase {
namespace {

using host::at;

using simulate::Recording;
using Seeds = std::shared_ptr<const std::vector<NetworkSeed>>;

constexpr Dmd short_setting{.delays = 17, .interval = 1, .rank = 20},
    paper_setting{.delays = 33, .interval = 6, .rank = 50};
constexpr index_t most_channels = 64;  ///< more are reduced to so many principal components
constexpr index_t components = 20;
/// First stream of the draws that the published handling makes, one a group.
constexpr std::uint64_t shuffle_stream = 1u << 22;

bool is_mamba(const NetworkSettings& settings) { return std::holds_alternative<train::Mamba>(settings.model); }

const NetworkSeed& networks_of(const Seeds& seeds, std::uint64_t first_seed, std::uint64_t seed) {
  if (seed < first_seed || seed - first_seed >= seeds->size()) {
    host::fail(ErrorCode::invalid_argument, "there are no networks of seed ", seed);
  }
  return (*seeds)[seed - first_seed];
}

/// A system without trials: nothing is compared with it.
TrajectorySet absent(std::string name) {
  TrajectorySet out;
  out.name = std::move(name);
  return out;
}

std::string share_name(index_t point) { return std::to_string(100 * point / (learning_points - 1)) + " %"; }

std::vector<TrajectorySet> network_systems(const NetworkSettings& settings, const NetworkLayout& layout,
                                           const NetworkSeed& networks, std::uint64_t seed) {
  const train::Batch trials = recorded_trials(settings, seed);
  std::vector<TrajectorySet> out(at(layout.size()));
  for (index_t g = 0; g < layout.group_count(); ++g) {
    const auto& group = layout.groups()[at(g)];
    const auto& network = networks[at(g)];
    const bool there = usable(settings, group, network);
    const auto place = [&](index_t point, const std::string& name, const std::vector<float>& parameters) {
      out[at(layout.at(g, point))] =
          there ? simulate::own(record_network(settings, parameters, trials), name, group.name) : absent(name);
    };
    place(learning_points - 1, group.name, network.parameters);
    if (!group.trained || !layout.learning()) continue;
    for (index_t k = 0; k < learning_points - 1; ++k) {
      const std::size_t checkpoint = there ? checkpoint_at(network.checkpoints.size(), k) : 0;
      place(k, group.name + ", " + share_name(k), there ? network.checkpoints[checkpoint] : network.parameters);
    }
  }
  return out;
}

/// All pairs of the networks as they ended; at every earlier share, masters against all and among themselves; masters
/// before against after, and before against the untrained.
std::vector<Block> network_blocks(const NetworkLayout& layout) {
  std::vector<Block> out(1);
  for (index_t g = 0; g < layout.group_count(); ++g) out[0].rows.push_back(g);
  if (!layout.learning()) return out;
  for (index_t k = 0; k < learning_points - 1; ++k) {
    Block masters, against;
    for (const index_t m : layout.masters()) masters.rows.push_back(layout.at(m, k));
    against.rows = masters.rows;
    for (const index_t g : layout.learners()) {
      if (!layout.groups()[at(g)].master) against.columns.push_back(layout.at(g, k));
    }
    if (k == 0) {
      against.columns.insert(against.columns.end(), layout.masters().begin(), layout.masters().end());
      against.columns.push_back(layout.untrained());
    }
    out.push_back(std::move(masters));
    out.push_back(std::move(against));
  }
  return out;
}

std::string setting_name(const Dmd& dmd) { return dmd.delays == paper_setting.delays ? "paper" : "short"; }

void add_to_masters(View& view, const NetworkLayout& layout, index_t group, int position) {
  for (const index_t m : layout.masters()) view.comparisons.push_back({m, group, position, group});
}

/// Distance to the master against the share of its parts that the frozen weights learned.
View parts_view(const NetworkLayout& layout, bool with_master_frozen) {
  View view;
  view.name = with_master_frozen ? "parts" : "parts, without master frozen";
  view.statement =
      with_master_frozen
          ? "The more of the task's parts the frozen weights have learned, the nearer their dynamics to those of the "
            "networks that learned it as a whole. The network with none of the parts never learns the task."
          : "The same among networks that all learned the task: does it matter how many parts they had learned before?";
  view.question = Question::trend;
  view.groups = {"1/3", "2/3", "all"};
  view.positions = {1.0 / 3, 2.0 / 3, 1};
  if (with_master_frozen) {
    view.groups.insert(view.groups.begin(), "none");
    view.positions.insert(view.positions.begin(), 0);
  }
  view.units_exchange = true;
  for (const index_t g : layout.frozen(with_master_frozen)) {
    const double shared = layout.groups()[at(g)].shared;
    const auto place = std::find_if(view.positions.begin(), view.positions.end(),
                                    [shared](double x) { return std::abs(x - shared) < 1e-6; });
    add_to_masters(view, layout, g, static_cast<int>(place - view.positions.begin()));
  }
  return view;
}

View trained_view(const NetworkLayout& layout, bool with_master_frozen) {
  View view;
  view.name = with_master_frozen ? "trained" : "trained, without master frozen";
  view.statement = "Networks that learned the task are nearer to the masters than networks that did not.";
  view.question = Question::separation;
  view.groups = {"learned it", "did not"};
  view.units_exchange = true;
  for (const index_t g : layout.frozen(false)) add_to_masters(view, layout, g, 0);
  add_to_masters(view, layout, layout.full_unfrozen(), 0);
  add_to_masters(view, layout, layout.untrained(), 1);
  if (with_master_frozen) add_to_masters(view, layout, layout.master_frozen(), 1);
  return view;
}

/// Pairs of the masters' systems at a point of their learning.
void add_pairs(View& view, const NetworkLayout& layout, index_t point, int group) {
  const auto& masters = layout.masters();
  for (std::size_t i = 0; i < masters.size(); ++i) {
    for (std::size_t j = i + 1; j < masters.size(); ++j) {
      view.comparisons.push_back({layout.at(masters[i], point), layout.at(masters[j], point), group, 0});
    }
  }
}

View replicate_view(const NetworkLayout& layout) {
  View view;
  view.name = "replicate";
  view.statement = "A second network trained like a master is nearer to it than networks that were trained otherwise.";
  view.question = Question::ranking;
  view.groups = {"trained alike", "pretrained"};
  add_pairs(view, layout, learning_points - 1, 0);
  for (const index_t g : layout.frozen(false)) add_to_masters(view, layout, g, 1);
  return view;
}

/// How far learning moves a master, in units of how much networks differ anyhow.
View moved_view(const NetworkLayout& layout, bool against_untrained) {
  View view;
  view.name = against_untrained ? "moved, against two untrained" : "moved, against two masters";
  view.statement = against_untrained
                       ? "Learning moves a network's dynamics farther than two initialisations are apart."
                       : "Learning moves a network's dynamics farther than two networks trained alike are apart.";
  view.question = Question::ranking;
  view.groups = {against_untrained ? "two untrained" : "two masters", "before and after"};
  add_pairs(view, layout, against_untrained ? 0 : learning_points - 1, 0);
  if (against_untrained) {
    for (const index_t m : layout.masters()) view.comparisons.push_back({layout.at(m, 0), layout.untrained(), 0, 0});
  }
  for (const index_t m : layout.masters()) view.comparisons.push_back({layout.at(m, 0), m, 1, 0});
  return view;
}

/// The paper's values of the parts view: means over the groups of a share.
std::vector<Known> paper_parts(const View& view, const NetworkLayout& layout, bool mamba) {
  std::vector<Known> out;
  for (const char* metric : {"dsa", "cka", "procrustes"}) {
    Known known{metric, "paper", {}};
    for (const double position : view.positions) {
      double sum = 0, count = 0;
      for (const index_t g : layout.frozen(true)) {
        const auto& group = layout.groups()[at(g)];
        const double value = paper_distance(mamba, metric, group.name);
        if (std::abs(group.shared - position) > 1e-6 || std::isnan(value)) continue;
        sum += value, ++count;
      }
      known.values.push_back(sum / count);
    }
    out.push_back(std::move(known));
  }
  return out;
}

void add_views(Case& test, const NetworkLayout& layout, const Dmd& dmd, bool mamba) {
  const auto add = [&](View view) {
    view.setting = test.settings.size();
    view.name += "; " + setting_name(dmd);
    test.views.push_back(std::move(view));
  };
  for (const bool with_master_frozen : {true, false}) {
    View view = parts_view(layout, with_master_frozen);
    if (dmd.delays == paper_setting.delays) view.known = paper_parts(view, layout, mamba);
    add(std::move(view));
  }
  if (layout.learning()) {
    for (const bool with_master_frozen : {true, false}) add(trained_view(layout, with_master_frozen));
    add(replicate_view(layout));
    add(moved_view(layout, true));
    add(moved_view(layout, false));
  }
  test.settings.push_back({dmd, network_blocks(layout)});
}

Recording swapped(const Recording& in) {
  Recording out(in.steps, in.trials, in.channels);
  for (index_t k = 0; k < in.trials; ++k) {
    for (index_t t = 0; t < in.steps; ++t) std::copy_n(in.at(k, t), in.channels, out.at(t, k));
  }
  return out;
}

Recording chosen(const Recording& in, const std::vector<index_t>& trials) {
  Recording out(static_cast<index_t>(trials.size()), in.steps, in.channels);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    std::copy_n(in.at(trials[i], 0), in.steps * in.channels, out.at(static_cast<index_t>(i), 0));
  }
  return out;
}

/// The trials that a network is recorded on, of those of its seed: drawn alike for all networks, or for each anew.
std::vector<index_t> published_draws(const NetworkSettings& settings, const PublishedHandling& how, std::uint64_t seed,
                                     index_t group) {
  simulate::Random random(seed, shuffle_stream + (how.shuffle_trials ? static_cast<std::uint64_t>(group) + 1 : 0));
  std::vector<index_t> out;
  for (index_t i = 0; i < published_trials; ++i) out.push_back(random.below(settings.recorded_trials));
  return out;
}

std::vector<TrajectorySet> published_systems(const NetworkSettings& settings, const NetworkLayout& layout,
                                             const PublishedHandling& how, const NetworkSeed& networks,
                                             std::uint64_t seed) {
  const train::Batch trials = recorded_trials(settings, seed);
  const index_t first = how.early_window ? 0 : settings.recorded_fixation;
  std::vector<TrajectorySet> out;
  for (index_t g = 0; g < layout.group_count(); ++g) {
    const auto& group = layout.groups()[at(g)];
    const auto& network = networks[at(g)];
    if (!usable(settings, group, network)) {
      out.push_back(absent(group.name));
      continue;
    }
    Recording recording = train::record(settings.model, train::perceptual_classes, network.parameters, trials, first,
                                        settings.recorded_stimulus);
    recording = chosen(recording, published_draws(settings, how, seed, g));
    if (how.swap_axes) recording = swapped(recording);
    out.push_back(simulate::own(std::move(recording), group.name, group.name));
  }
  return out;
}

Case common(const NetworkSettings& settings) {
  Case test;
  const bool mamba = is_mamba(settings);
  test.name = mamba ? "mamba" : "rnn";
  test.title = mamba ? "Mamba networks" : "Recurrent networks";
  const index_t channels =
      mamba ? 2 * std::get<train::Mamba>(settings.model).width * 16 : std::get<train::Rnn>(settings.model).units;
  if (channels > most_channels) test.preprocess.components = components;
  return test;
}

}  // namespace

Case network_case(const NetworkSettings& settings, std::uint64_t first_seed, Seeds seeds) {
  Case test = common(settings);
  const NetworkLayout layout(settings.masters);
  test.generate = [settings, layout, first_seed, seeds](std::uint64_t seed) {
    return network_systems(settings, layout, networks_of(seeds, first_seed, seed), seed);
  };
  for (const Dmd& dmd : {short_setting, paper_setting}) add_views(test, layout, dmd, is_mamba(settings));
  test.notes = {
      "The paper's values come from recordings whose axes, trials and window differ from these (docs/testcases.md): "
      "its numbers are not to be met, its order is."};
  return test;
}

Case network_case(const NetworkSettings& settings, std::uint64_t first_seed, Seeds seeds,
                  const PublishedHandling& handling) {
  Case test = common(settings);
  const NetworkLayout layout(settings.masters, false);
  std::string what;
  const auto name = [&](bool on, const char* word) {
    if (on) what += (what.empty() ? "" : ", ") + std::string(word);
  };
  name(handling.swap_axes, "axes swapped");
  name(handling.shuffle_trials, "trials shuffled");
  name(handling.early_window, "early window");
  if (what.empty()) what = "none";
  std::string file = what;
  file.erase(std::remove(file.begin(), file.end(), ','), file.end());
  std::replace(file.begin(), file.end(), ' ', '-');
  test.name += "-published-" + file;
  test.title += ", published handling: " + what;
  test.generate = [settings, layout, handling, first_seed, seeds](std::uint64_t seed) {
    return published_systems(settings, layout, handling, networks_of(seeds, first_seed, seed), seed);
  };
  add_views(test, layout, paper_setting, is_mamba(settings));
  return test;
}

}  // namespace kindred::testcase

#pragma once
#include <kindred/export.hpp>
#include <kindred/testcase.hpp>
#include <kindred/train.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The network cases of arXiv 2410.24070: networks learn a composed task (decide for the opposite side, after a delay),
/// some after they have learned parts of it and with their recurrent weights frozen since. A metric that sees re-used
/// dynamics puts them the nearer to those that learned the task as a whole (the masters), the more parts they learned
/// before.
namespace kindred::testcase {

/// How one network of a seed is trained.
struct NetworkGroup {
  std::string name;
  std::vector<train::Rule> parts;  ///< learned first, all weights free
  bool trained = true;             ///< then on the composed task
  bool frozen = false;             ///< with nothing but the input weights free
  bool master = false;
  double shared = 0;  ///< share of the three parts that the frozen weights have learned; NaN where that has no meaning
  std::uint64_t stream = 0;  ///< of the seed
};

struct NetworkSettings {
  train::Model model = train::Rnn{};
  train::Optimiser optimiser;
  train::Perceptual trials;
  index_t masters = 3;           ///< trained alike; a distance to the master is the mean over them
  index_t updates = 3000;        ///< at most, on the composed task
  index_t part_updates = 10000;  ///< at most, a part learned before
  index_t evaluate_every = 50;
  index_t early_every = 10;  ///< during the first 100 updates on the composed task
  double target = 0.99;
  double least_master = 0.95;  ///< a master that ends below is left out
  index_t evaluation_trials = 192;
  /// Recorded trials: the composed task with these lengths, balanced; states are taken over the stimulus.
  index_t recorded_trials = 64;
  index_t recorded_fixation = 25, recorded_stimulus = 200, recorded_delay = 100, recorded_decision = 25;
};
[[nodiscard]] KINDRED_EXPORT NetworkSettings rnn_settings();
[[nodiscard]] KINDRED_EXPORT NetworkSettings mamba_settings();

/// untrained, master frozen, basic, anti, delay, basic+anti, basic+delay, anti+delay, full, full unfrozen, master,
/// master 2 ...
[[nodiscard]] KINDRED_EXPORT std::vector<NetworkGroup> network_groups(index_t masters);
/// The group of that name; throws invalid_argument that lists the names.
[[nodiscard]] KINDRED_EXPORT NetworkGroup network_group(const std::string& name, index_t masters);
[[nodiscard]] KINDRED_EXPORT train::Plan network_plan(const NetworkSettings& settings, const NetworkGroup& group);
/// The trials that every network of a seed is recorded on.
[[nodiscard]] KINDRED_EXPORT train::Batch recorded_trials(const NetworkSettings& settings, std::uint64_t seed);
/// trials x steps of the stimulus x channels.
[[nodiscard]] KINDRED_EXPORT simulate::Recording record_network(const NetworkSettings& settings,
                                                                const std::vector<float>& parameters,
                                                                const train::Batch& trials);

/// One seed's networks, in the order of network_groups.
using NetworkSeed = std::vector<train::Network>;

/// State of a long training: `done` of `total` networks, and the one that was just evaluated.
struct NetworkEvent {
  std::size_t done, total;
  std::uint64_t seed;
  std::string group;
  bool pretraining;
  index_t updates;
  double accuracy;
};
struct NetworkRun {
  index_t seeds = 1;
  std::uint64_t first_seed = 0;
  int threads = 0;  ///< networks at once; 0: as many as there are cores
  /// A folder that keeps every finished network: what it holds is not trained again. Throws invalid_argument if it
  /// holds networks of other settings.
  std::filesystem::path keep;
  std::function<bool(const NetworkEvent&)> progress;  ///< false cancels
};
/// Trains what is not kept. One NetworkSeed a seed.
[[nodiscard]] KINDRED_EXPORT std::vector<NetworkSeed> train_networks(const NetworkSettings& settings,
                                                                     const NetworkRun& run);

/// What the published pipeline (arXiv 2410.24070, as of its release) does to recordings, each to be tried alone.
/// Networks are recorded on `published_trials` trials, drawn for each network from those of the seed.
struct PublishedHandling {
  bool swap_axes = false;       ///< the metric of dynamics takes trials for time and time for trials
  bool shuffle_trials = false;  ///< every network's trials are other ones, in another order
  bool early_window = false;    ///< from the first step, fixation included, in place of the stimulus
};
inline constexpr index_t published_trials = 200;

/// How the networks' distances to the masters answer: views `parts`, `trained`, `replicate`, `moved` at the settings
/// short (delays 17, interval 1, rank 20) and paper (33, 6, 50), the first two with and without the master-frozen
/// group. `seeds` belongs to the seeds first_seed, first_seed + 1 ...; generate throws invalid_argument for any other.
[[nodiscard]] KINDRED_EXPORT Case network_case(const NetworkSettings& settings, std::uint64_t first_seed,
                                               std::shared_ptr<const std::vector<NetworkSeed>> seeds);
/// The same networks under the published pipeline's handling: view `parts` at the setting paper.
[[nodiscard]] KINDRED_EXPORT Case network_case(const NetworkSettings& settings, std::uint64_t first_seed,
                                               std::shared_ptr<const std::vector<NetworkSeed>> seeds,
                                               const PublishedHandling& handling);

/// Distances to the masters over learning, of the groups with one share of parts.
struct LearningRow {
  std::string group;             ///< "none", "1/3", "2/3", "all", "trained alike"
  std::vector<Figure> distance;  ///< at 0, 20, 40, 60, 80, 100 % of both networks' trainings
  Figure change;                 ///< last less first
};
/// How one metric's distances grow or fall while networks learn, and with what.
struct LearningSummary {
  std::string setting, metric;
  std::vector<LearningRow> rows;
  index_t seeds = 0;
  index_t below_none = 0;   ///< seeds in which the change with all parts is below that with none
  double p = 0, q = 0;      ///< sign test of that; q over the metrics
  index_t below_third = 0;  ///< below that with one part
  double p_graded = 0, q_graded = 0;
};
/// Distance to the masters against the difference in accuracy, at the six shares of learning, of the groups that learn.
struct BehaviourSummary {
  std::string setting, metric;
  std::vector<double> difference, distance;  ///< the points of all seeds
  Figure slope;                              ///< of the seeds' own lines
  double intercept = 0, pooled_slope = 0, r_squared = 0, rank_correlation = 0;
  double relative_slope = 0;  ///< pooled slope over the mean distance
  double p = 0, q = 0;        ///< one-sided; which accuracies go with which distances is permuted over a seed's groups
};
/// All pairs of groups, means over seeds; a master's distance is the mean over the masters (between two of them for its
/// own).
struct MatrixSummary {
  std::string setting, metric;
  std::vector<std::string> groups;
  std::vector<Figure> to_master;  ///< a group; the last is master against master
  std::vector<double> paper;      ///< to_master as the paper has it, NaN where it has not; empty for other settings
  std::vector<double> distances;  ///< groups x groups
  double rank_correlation = 0;  ///< with 1 - |A and B| / |A or B|, A and B the rules that shaped the recurrent weights
  double rank_correlation_trained = 0;  ///< among the groups whose recurrent weights were trained
  double p = 0, q = 0;                  ///< of the former; groups are permuted (Mantel)
};
/// A claim of the paper and what is found of it.
struct Claim {
  std::string name, statement, verdict, figures;
  double p = 0, q = 0;
  std::string remark;
};
/// A group of one seed as it was trained.
struct NetworkFacts {
  std::uint64_t seed = 0;
  std::string group;
  index_t part_updates = 0, updates = 0;
  double part_accuracy = 0;  ///< after the parts, of the worst; NaN without parts
  double zero_shot = 0;      ///< on the composed task before it was trained on it; NaN for the untrained
  double accuracy = 0;       ///< at the end
  train::Status status = train::Status::ok;
  std::string reason;
  bool left_out = false;  ///< diverged, or a master that did not learn the task
};

struct NetworkStudy {
  Result views;
  std::vector<Result> published;  ///< under the published handling: all faults, then each alone
  std::vector<NetworkFacts> facts;
  std::vector<std::vector<std::vector<train::Evaluation>>> curves;  ///< groups x seeds: of the last phase
  std::vector<LearningSummary> learning;
  std::vector<BehaviourSummary> behaviour;
  std::vector<MatrixSummary> matrices;
  std::vector<Claim> claims;
};
/// Trains (or takes what is kept), records, compares and judges. `run.seeds` and `run.first_seed` stand for those of
/// `options`. Throws what train_networks and testcase::run throw.
[[nodiscard]] KINDRED_EXPORT NetworkStudy study_networks(Engine& engine, const NetworkSettings& settings,
                                                         const std::vector<Measure>& measures, const NetworkRun& run,
                                                         Options options, bool published);

/// Parameters, checkpoints and learning curves of one network: an .npz.
KINDRED_EXPORT void save_network(const std::filesystem::path& path, const train::Network& network);
/// Throws io or invalid_data if it is not such a file.
[[nodiscard]] KINDRED_EXPORT train::Network load_network(const std::filesystem::path& path);

}  // namespace kindred::testcase

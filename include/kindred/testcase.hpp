#pragma once
#include <kindred/engine.hpp>
#include <kindred/export.hpp>
#include <kindred/metrics.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/trajectories.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Test cases for metrics of dynamics: systems whose relations are known, and what a metric finds of them. The
/// attractor cases are those of arXiv 2410.24070; `relations` is a second family.
namespace kindred::testcase {

/// Every system of `rows` against every one of `columns`; without columns, all pairs of `rows`.
struct Block {
  std::vector<index_t> rows;
  std::vector<index_t> columns;
  bool operator==(const Block&) const = default;
};

/// One way of fitting, and the pairs compared with it.
struct Setting {
  Dmd dmd;
  std::vector<Block> blocks;
};

/// One comparison: the systems, the group its distance belongs to, and the unit (a replicate that has one comparison in
/// every group, for the noise case; else 0).
struct Comparison {
  index_t row = 0;
  index_t column = 0;
  int group = 0;
  index_t unit = 0;
};

/// What is asked of the groups of distances.
enum class Question {
  separation,  ///< two groups, within and between: how much larger is the second?
  trend,       ///< ordered groups: how does the distance fall with the group's position?
  ranking,     ///< two groups, same and different: is the first smaller, seed by seed?
};

/// A result known from elsewhere, for the same groups.
struct Known {
  std::string metric;
  std::string source;
  std::vector<double> values;  ///< a mean a group
};

/// One question put to one setting's distances.
struct View {
  std::string name;
  std::string statement;  ///< what is true of these systems, in one sentence
  std::size_t setting = 0;
  Question question = Question::separation;
  std::vector<std::string> groups;
  std::vector<double> positions;  ///< of the groups on the axis of a trend
  std::vector<Comparison> comparisons;
  /// With these, systems are exchangeable under the null hypothesis: `labels`, one a system, are permuted, and a pair's
  /// group is group_of its labels. Without, groups are permuted within units.
  std::vector<int> labels;
  std::function<int(int, int)> group_of;
  /// The comparisons of one unit belong to one group and are averaged; under the null hypothesis it is by chance which
  /// of a seed's averages belongs to which group.
  bool units_exchange = false;
  std::vector<Known> known;
};

/// A generator of systems, the same in number and order for every seed, and what is known of them. A system without
/// trials has no distances.
struct Case {
  std::string name;
  std::string title;
  std::function<std::vector<TrajectorySet>(std::uint64_t seed)> generate;
  std::vector<Setting> settings = {};
  std::vector<View> views = {};
  Preprocess preprocess = {};           ///< of the systems, before they are compared
  std::vector<std::string> notes = {};  ///< why results differ from those known from elsewhere
  bool one_table = false;               ///< views are alike: reports show a row a view
};

/// Nine Lorenz systems in three regimes (rho 0.25 to 50): distances within against between regimes, rank 20 and 10.
[[nodiscard]] KINDRED_EXPORT Case regimes();
/// The 60 ordered choices of 3 of 5 motifs, joined end to end: distance against the number of shared motifs, and of
/// motifs shared in the same position; delays 33, interval 6 and delays 17, interval 11, rank 50.
[[nodiscard]] KINDRED_EXPORT Case motifs();
/// Seven Lorenz patterns at three noise levels, which stand for stages of learning: two noisy copies of one pattern,
/// and a noisy copy against one with a second pattern mixed in (42 ordered pairs), rank 50.
[[nodiscard]] KINDRED_EXPORT Case noise();
/// Systems beyond the paper's: for each relation a system, the same one in disguise, and a different one that looks
/// alike.
[[nodiscard]] KINDRED_EXPORT Case relations();
/// regimes under each feasible choice of delays 17, 33, 66, interval 3, 6, 11 and rank 20, 50: one setting and view a
/// choice.
[[nodiscard]] KINDRED_EXPORT Case regimes_study();
/// motifs (shared motifs) under the same choices.
[[nodiscard]] KINDRED_EXPORT Case motifs_study();

/// A case as it is chosen by name.
struct CaseEntry {
  std::string_view name;  ///< the two studies share one
  Case (*make)() = nullptr;
  /// Compares settings of a fit, not metrics: worth only metrics of operators, and few seeds.
  bool study = false;
};
/// Every case, in the order in which they are run together.
[[nodiscard]] KINDRED_EXPORT std::span<const CaseEntry> registry();

/// A metric under test. Its `dmd`, if it has one, is replaced by each setting's.
struct Measure {
  /// Distances of another program: n x n, row-major, NaN for pairs it does not have.
  using Foreign = std::function<std::vector<double>(const Case&, std::size_t setting, std::uint64_t seed)>;
  std::string name;
  std::variant<Metric, Foreign> metric;
};

/// A number with its standard error over seeds.
struct Figure {
  double mean = 0;
  double standard_error = 0;
};

/// The distances of one group.
struct GroupSummary {
  Figure distance;                                                    ///< of the seeds' mean distances
  std::vector<double> per_seed;                                       ///< mean distance, seed by seed
  double minimum = 0, lower = 0, median = 0, upper = 0, maximum = 0;  ///< of all distances of all seeds
  /// The furthest of them within 1.5 (upper - lower) of the quartiles (Tukey), and how many lie above and below.
  double low_whisker = 0, high_whisker = 0;
  index_t outliers = 0;
};

/// What one metric makes of one view. Figures that a question does not have are NaN.
struct Summary {
  std::string metric;
  std::vector<GroupSummary> groups;
  Figure ratio;               ///< last group / first group, seed by seed
  Figure area_under_curve;    ///< of the first group against the last
  Figure slope;               ///< of the group means against the positions
  Figure relative_slope;      ///< slope / mean of the group means
  double r_squared = 0;       ///< of the line through the means over seeds
  Figure relative_change;     ///< last group / first group - 1
  index_t ordered_seeds = 0;  ///< seeds whose group means are strictly in the expected order
  index_t seeds = 0;
  index_t missing = 0;  ///< comparisons without a distance, over all seeds
  double p = 0;         ///< one-sided permutation p-value
  double q = 0;         ///< p after Benjamini and Hochberg over the metrics
};

/// Whether a metric answers a view's question: its groups in the expected order in at least 95 % of the seeds, in at
/// most half of them, or in between.
enum class Verdict { right, unsure, wrong };
[[nodiscard]] KINDRED_EXPORT Verdict verdict(const Summary& summary);

struct Result {
  Case description;
  std::vector<std::uint64_t> seeds;
  std::vector<std::vector<Summary>> summaries;  ///< one a view and metric
  std::vector<std::vector<index_t>> excess;     ///< settings x seeds: fits of more rank than the data support
  double seconds = 0;
};

struct Options {
  index_t seeds = 20;
  std::uint64_t first_seed = 0;
  index_t permutations = 1999;
  /// Called with every seed's systems, before they are compared.
  std::function<void(const Case&, std::uint64_t seed, const std::vector<TrajectorySet>&)> on_systems;
  /// Called with every matrix of distances, n x n, row-major, NaN for pairs that are not compared.
  std::function<void(const Case&, std::size_t setting, std::uint64_t seed, const std::string& metric,
                     const std::vector<double>&)>
      on_distances;
  /// Stage "seed"; returning false cancels (Error{cancelled}).
  Progress progress;
};

/// How well distances reproduce labels given from outside.
struct LabelAgreement {
  double accuracy = 0;    ///< of the nearest other system's label (leave-one-out 1-nearest neighbour)
  double silhouette = 0;  ///< mean over systems, in [-1, 1]
};
/// Throws invalid_argument unless every system has a label and two labels differ.
[[nodiscard]] KINDRED_EXPORT LabelAgreement label_agreement(const DistanceMatrix& distances,
                                                            const std::vector<std::string>& labels);

/// n of an n x n matrix of `values` values. Throws invalid_data unless that is a square.
[[nodiscard]] KINDRED_EXPORT index_t matrix_size(std::size_t values);

/// Runs one case. Operators are fitted once a setting and shared by all metrics that use them.
/// Throws invalid_argument without seeds or measures, and what Engine throws.
[[nodiscard]] KINDRED_EXPORT Result run(Engine& engine, const Case& test, const std::vector<Measure>& measures,
                                        const Options& options = {});

}  // namespace kindred::testcase

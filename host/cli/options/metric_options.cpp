#include "host/cli/options/metric_options.hpp"

#include "host/cli/options/arguments.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_names.hpp>

#include <algorithm>
#include <type_traits>

namespace kindred::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Names of the values of an enumeration, as the options and the sidecar write them.
template <class E>
using Names = std::vector<std::pair<std::string, E>>;

const Names<RankExcess> rank_excess_names = {
    {"warn", RankExcess::warn}, {"clip", RankExcess::clip}, {"error", RankExcess::error}};
const Names<DsaScore> score_names = {{"angular", DsaScore::angular}, {"euclidean", DsaScore::euclidean}};
const Names<SimilarityScore> similarity_names = {{"angular", SimilarityScore::angular},
                                                 {"similarity", SimilarityScore::similarity}};
const Names<ProcrustesScore> procrustes_names = {{"angular", ProcrustesScore::angular},
                                                 {"euclidean", ProcrustesScore::euclidean},
                                                 {"squared", ProcrustesScore::squared},
                                                 {"similarity", ProcrustesScore::similarity}};
const Names<CkaEstimator> estimator_names = {{"gretton", CkaEstimator::gretton}, {"song", CkaEstimator::song}};
const Names<Rdm> rdm_names = {{"correlation", Rdm::correlation}, {"squared-euclidean", Rdm::squared_euclidean}};
const Names<RdmComparison> comparison_names = {
    {"pearson", RdmComparison::pearson}, {"spearman", RdmComparison::spearman}, {"cosine", RdmComparison::cosine}};
const Names<FoldBy> fold_names = {{"blocks", FoldBy::blocks}, {"trials", FoldBy::trials}};
const Names<DsaScore>& names_of(DsaScore) { return score_names; }
const Names<SimilarityScore>& names_of(SimilarityScore) { return similarity_names; }
const Names<ProcrustesScore>& names_of(ProcrustesScore) { return procrustes_names; }
const Names<Effort> effort_names = {
    {"fast", Effort::fast}, {"default", Effort::standard}, {"thorough", Effort::thorough}};
const Names<Precision> precision_names = {
    {"mixed", Precision::mixed}, {"f64", Precision::f64}, {"f32", Precision::f32}};
const Names<Group> group_names = {{"orthogonal", Group::orthogonal}, {"special-orthogonal", Group::special_orthogonal}};

template <class E>
std::vector<std::string> keys(const Names<E>& names) {
  std::vector<std::string> out;
  for (const auto& entry : names) out.push_back(entry.first);
  return out;
}

template <class E>
E value_of(const Names<E>& names, const std::string& key) {
  return std::find_if(names.begin(), names.end(), [&key](const auto& entry) { return entry.first == key; })->second;
}

template <class E>
std::string name_of(const Names<E>& names, E value) {
  return std::find_if(names.begin(), names.end(), [value](const auto& entry) { return entry.second == value; })->first;
}

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::invalid_argument, message); }

/// Puts into `score` what --score asks for; throws if the metric does not know it.
template <class E>
void set_score(E& score, const MetricOptions& o, const std::string& metric) {
  if (o.score.empty()) return;
  const auto known = keys(names_of(score));
  if (std::find(known.begin(), known.end(), o.score) == known.end()) {
    refuse("--score " + o.score + ": " + metric + " has " + CLI::detail::join(known, ", ") + " only");
  }
  score = value_of(names_of(score), o.score);
}

void set_search(Dsa& m, const MetricOptions& o) {
  if (o.no_normalize) {
    if (o.score == "angular") {
      refuse("--no-normalize gives a raw Frobenius distance, which has no angle: leave out --score angular");
    }
    m.score = DsaScore::euclidean;
  }
  m.effort = value_of(effort_names, o.effort);
  m.group = value_of(group_names, o.group);
  m.normalize = !o.no_normalize;
  m.zero_pad = o.zero_pad;
  m.certify = o.certify;
  m.seed = o.seed;
}

/// Gives each metric what concerns it of the options.
template <class M>
void configure(M& m, const MetricOptions& o, const std::string& name) {
  if constexpr (requires { m.score; }) {
    set_score(m.score, o, name);
  } else if constexpr (requires { m.r2; }) {
    if (!o.score.empty() && o.score != "similarity")
      refuse("--score " + o.score + ": " + name + " has similarity only");
    m.r2 = m.r2 || o.score == "similarity";
  } else if (!o.score.empty()) {
    refuse("--score " + o.score + ": " + name + " has one score only");
  }
  if constexpr (requires { m.dmd; }) m.dmd = dmd_of(o);
  if constexpr (requires { m.normalized; }) m.normalized = o.normalized;
  if constexpr (requires { m.precision; }) m.precision = value_of(precision_names, o.precision);
  if constexpr (requires { m.alpha; }) m.alpha = o.alpha;
  if constexpr (requires { m.folds; }) {
    if (o.folds == 1) refuse("--folds 1: expected 0 (no cross-validation), or 2 or more");
    if (o.folds >= 0) m.folds = o.folds;
    m.fold_by = value_of(fold_names, o.fold_by);
  }
  if constexpr (std::is_same_v<M, Dsa>) set_search(m, o);
}

using Words = std::vector<std::string>;

const Words fit_options = {"--delays", "--interval", "--rank", "--steps-ahead", "--ridge", "--rank-excess"};
const Words search_options = {"--no-normalize", "--zero-pad", "--group", "--certify", "--effort", "--seed"};
const Words recording_options = {"--normalized", "--alpha", "--folds", "--fold-by", "--precision"};

/// Whether the metric takes this one of the options above.
template <class M>
bool takes(const M&, const std::string& option) {
  constexpr bool fitted = requires(M m) { m.dmd; };
  constexpr bool angle = requires(M m) { m.normalized; };
  constexpr bool whitened = requires(M m) { m.alpha; };
  constexpr bool search = requires(M m) { m.precision; };
  constexpr bool folded = requires(M m) { m.folds; };
  if (contains(fit_options, option)) return fitted;
  if (contains(search_options, option)) return std::is_same_v<M, Dsa>;
  if (option == "--normalized") return angle;
  if (option == "--alpha") return whitened;
  return option == "--precision" ? search : folded;
}

std::string metric_help() {
  std::string help = "What to compute, one or several with commas:";
  for (const MetricName& known : metric_names()) {
    help += "\n  " + std::string(known.name) + ": " + std::string(known.summary);
    for (const std::string_view alias : known.aliases) help += "\n    = " + std::string(alias);
  }
  return help;
}

template <class M>
std::string unit(const M& m) {
  if constexpr (std::is_same_v<M, Dsa>) {
    if (m.score == DsaScore::angular) return "radians";
    return m.normalize ? "Frobenius distance" : "raw Frobenius distance";
  } else if constexpr (std::is_same_v<M, Spectral>) {
    return m.root ? "W2" : "W2 squared";
  } else if constexpr (std::is_same_v<M, LinearRegression>) {
    return m.r2 ? "R squared" : "1 - R squared";
  } else {
    const std::string score = name_of(names_of(m.score), m.score);
    return score != "angular" ? score : m.normalized ? "right angles" : "radians";
  }
}

template <class M>
Json describe(const M& m) {
  Json out = Json::object();
  if constexpr (requires { m.dmd; }) out["dmd"] = describe_dmd(m.dmd);
  if constexpr (requires { m.score; }) out["score"] = name_of(names_of(m.score), m.score);
  if constexpr (requires { m.root; }) out["root"] = m.root;
  if constexpr (requires { m.r2; }) out["r2"] = m.r2;
  if constexpr (requires { m.estimator; }) out["estimator"] = name_of(estimator_names, m.estimator);
  if constexpr (requires { m.alpha; }) out["alpha"] = m.alpha;
  if constexpr (requires { m.folds; }) out["folds"] = m.folds;
  if constexpr (requires { m.fold_by; }) out["fold_by"] = name_of(fold_names, m.fold_by);
  if constexpr (requires { m.explained_variance; }) out["explained_variance"] = m.explained_variance;
  if constexpr (requires { m.rdm; }) out["rdm"] = name_of(rdm_names, m.rdm);
  if constexpr (requires { m.comparison; }) out["comparison"] = name_of(comparison_names, m.comparison);
  if constexpr (requires { m.normalized; }) out["normalized"] = m.normalized;
  if constexpr (requires { m.precision; }) out["precision"] = name_of(precision_names, m.precision);
  if constexpr (std::is_same_v<M, Dsa>) {
    out.update({{"effort", name_of(effort_names, m.effort)},
                {"group", name_of(group_names, m.group)},
                {"normalize", m.normalize},
                {"zero_pad", m.zero_pad},
                {"certify", m.certify},
                {"seed", m.seed}});
  }
  return out;
}

}  // namespace

void add_dmd_options(CLI::App& app, MetricOptions& o) {
  const std::string group = "Delay embedding and operator";
  app.add_option("--delays", o.dmd.delays, "Delays of the embedding (1: none)")->check(whole_number(1))->group(group);
  app.add_option("--interval", o.dmd.interval, "Steps between delays")->check(whole_number(1))->group(group);
  app.add_option("--rank", o.dmd.rank, "Rank of the operator (0: each system's numerical rank)")
      ->check(whole_number(0))
      ->group(group);
  app.add_option("--steps-ahead", o.dmd.steps_ahead, "Steps that the operator predicts")
      ->check(whole_number(1))
      ->group(group);
  app.add_option("--ridge", o.dmd.ridge, "Ridge of the regression")->check(number(0))->group(group);
  app.add_option("--rank-excess", o.rank_excess, "When a rank exceeds the numerical rank: warn, clip or error")
      ->check(CLI::IsMember(keys(rank_excess_names)))
      ->group(group);
}

void add_metric_options(CLI::App& app, MetricOptions& o) {
  const std::string group = "Metric";
  app.add_option("--metric", o.metrics, metric_help())->group(group);
  add_dmd_options(app, o);
  app.add_option("--score", o.score,
                 "What is reported: angular, euclidean, squared or similarity, as the metric allows")
      ->check(CLI::IsMember(keys(procrustes_names)))
      ->group(group);
  app.add_flag("--normalized", o.normalized, "Angles between recordings as fractions of pi / 2")->group(group);
  app.add_option("--alpha", o.alpha, "Whitening of shape: 1 none (procrustes), 0 full (canonical correlations)")
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  app.add_option("--folds", o.folds, "Folds of linear-regression's cross-validation (0: none)")
      ->check(whole_number(0))
      ->default_str("the metric's own")
      ->group(group);
  app.add_option("--fold-by", o.fold_by, "What a fold holds: blocks of samples, or trials")
      ->check(CLI::IsMember(keys(fold_names)))
      ->group(group);
  app.add_flag("--no-normalize", o.no_normalize, "Compare operators as they are, not scaled to unit norm")
      ->group(group);
  app.add_flag("--zero-pad", o.zero_pad, "Embed the smaller of two operators instead of refusing unequal ranks")
      ->group(group);
  app.add_option("--group", o.group, "Changes of basis: orthogonal or special-orthogonal (no reflections)")
      ->check(CLI::IsMember(keys(group_names)))
      ->group(group);
  app.add_flag("--certify", o.certify, "Try to prove each minimum global")->group(group);
  const std::string search = "Search";
  app.add_option("--effort", o.effort, "How long to look for the minimum: fast, default or thorough")
      ->check(CLI::IsMember(keys(effort_names)))
      ->group(search);
  app.add_option("--precision", o.precision, "Arithmetic of the search: mixed, f64 or f32")
      ->check(CLI::IsMember(keys(precision_names)))
      ->group(search);
  app.add_option("--seed", o.seed, "Seed of the search; the same seed gives the same bits")
      ->check(whole_number(0))
      ->group(search);
}

Dmd dmd_of(const MetricOptions& options) {
  Dmd dmd = options.dmd;
  dmd.rank_excess = value_of(rank_excess_names, options.rank_excess);
  return dmd;
}

std::vector<MetricEntry> metric_list(const MetricOptions& options) {
  std::vector<MetricEntry> list;
  for (const std::string& name : split(options.metrics)) {
    if (std::any_of(list.begin(), list.end(), [&name](const MetricEntry& e) { return e.name == name; })) {
      refuse("--metric: '" + name + "' is asked for twice");
    }
    Metric metric = make_metric(name);
    std::visit([&options, &name](auto& m) { configure(m, options, name); }, metric);
    list.push_back({name, metric});
  }
  if (list.empty()) refuse("--metric: expected a name such as dsa");
  return list;
}

std::vector<std::string> unused_options(const std::vector<std::string>& given, const std::vector<MetricEntry>& metrics,
                                        bool from_operators) {
  Words unused;
  for (const std::string& option : given) {
    const bool fit = contains(fit_options, option);
    if (!fit && !contains(search_options, option) && !contains(recording_options, option)) continue;
    const bool taken = std::any_of(metrics.begin(), metrics.end(), [&option](const MetricEntry& entry) {
      return std::visit([&option](const auto& m) { return takes(m, option); }, entry.metric);
    });
    if (!taken || (fit && from_operators)) unused.push_back(option);
  }
  return unused;
}

const Dmd* dmd_of(const Metric& metric) {
  return std::visit(
      [](const auto& m) -> const Dmd* {
        if constexpr (requires { m.dmd; }) {
          return &m.dmd;
        } else {
          return nullptr;
        }
      },
      metric);
}

bool is_similarity(const Metric& metric) {
  return std::visit(
      [](const auto& m) {
        if constexpr (requires { m.r2; }) {
          return m.r2;
        } else if constexpr (requires { m.score; }) {
          return name_of(names_of(m.score), m.score) == "similarity";
        } else {
          return false;
        }
      },
      metric);
}

std::string unit_of(const Metric& metric) {
  return std::visit([](const auto& m) { return unit(m); }, metric);
}
Json describe_metric(const Metric& metric) {
  return std::visit([](const auto& m) { return describe(m); }, metric);
}

Json describe_dmd(const Dmd& dmd) {
  return {{"delays", dmd.delays}, {"interval", dmd.interval},
          {"rank", dmd.rank},     {"steps_ahead", dmd.steps_ahead},
          {"ridge", dmd.ridge},   {"rank_excess", name_of(rank_excess_names, dmd.rank_excess)}};
}

}  // namespace kindred::cli

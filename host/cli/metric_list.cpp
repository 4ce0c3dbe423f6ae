#include "host/cli/metric_list.hpp"

#include "host/cli/arguments.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <functional>

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
const Names<CkaEstimator> hsic_names = {{"gretton", CkaEstimator::gretton}, {"song", CkaEstimator::song}};
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

/// The score asked for, or `otherwise`; throws if the metric does not know it.
template <class E>
E score_of(const Names<E>& names, const MetricOptions& o, E otherwise, const char* metric) {
  if (o.score.empty()) return otherwise;
  const auto known = keys(names);
  if (std::find(known.begin(), known.end(), o.score) == known.end()) {
    throw Error(ErrorCode::invalid_argument,
                "--score " + o.score + ": " + metric + " has " + CLI::detail::join(known, ", ") + " only");
  }
  return value_of(names, o.score);
}

Metric dsa(const MetricOptions& o, DsaScore score) {
  score = score_of(score_names, o, score, "dsa");
  if (o.no_normalize) {
    if (o.score == "angular") {
      throw Error(ErrorCode::invalid_argument,
                  "--no-normalize gives a raw Frobenius distance, which has no angle: leave out --score angular");
    }
    score = DsaScore::euclidean;
  }
  return Dsa{.dmd = dmd_of(o),
             .score = score,
             .effort = value_of(effort_names, o.effort),
             .precision = value_of(precision_names, o.precision),
             .group = value_of(group_names, o.group),
             .normalize = !o.no_normalize,
             .zero_pad = o.zero_pad,
             .certify = o.certify,
             .seed = o.seed};
}

Metric cka(const MetricOptions& o) {
  return Cka{.estimator = value_of(hsic_names, o.hsic),
             .score = score_of(similarity_names, o, SimilarityScore::angular, "cka"),
             .normalized = o.normalized,
             .precision = value_of(precision_names, o.precision)};
}

Metric procrustes(const MetricOptions& o) {
  return Procrustes{.score = score_of(procrustes_names, o, ProcrustesScore::angular, "procrustes"),
                    .normalized = o.normalized,
                    .precision = value_of(precision_names, o.precision)};
}

/// A name of --metric, what it is, and how it follows from the options.
struct Known {
  std::string name;
  std::string meaning;
  std::function<Metric(const MetricOptions&)> make;
};

const std::vector<Known>& known_metrics() {
  static const std::vector<Known> list = {
      {"dsa", "dynamical similarity, angle in radians (or --score euclidean)",
       [](const MetricOptions& o) { return dsa(o, DsaScore::angular); }},
      {"dsa-euclidean", "dynamical similarity, Frobenius distance",
       [](const MetricOptions& o) { return dsa(o, DsaScore::euclidean); }},
      {"spectral", "squared 2-Wasserstein distance between the operators' eigenvalues",
       [](const MetricOptions& o) { return Metric(Spectral{.dmd = dmd_of(o), .root = false}); }},
      {"spectral-root", "its square root",
       [](const MetricOptions& o) { return Metric(Spectral{.dmd = dmd_of(o), .root = true}); }},
      {"cka", "linear centred kernel alignment of the recordings, angle in radians (or --score similarity)", cka},
      {"procrustes",
       "Procrustes analysis of the recordings, angle in radians (or --score euclidean, squared, similarity)",
       procrustes},
      {"wasserstein", "another name of spectral",
       [](const MetricOptions& o) { return Metric(Spectral{.dmd = dmd_of(o), .root = false}); }}};
  return list;
}

std::string metric_help() {
  std::string help = "What to compute, one or several with commas:";
  for (const Known& known : known_metrics()) help += "\n  " + known.name + ": " + known.meaning;
  return help;
}

struct Unit {
  std::string operator()(const Dsa& m) const {
    return m.score == DsaScore::angular ? "radians" : m.normalize ? "Frobenius distance" : "raw Frobenius distance";
  }
  std::string operator()(const Spectral& m) const { return m.root ? "W2" : "W2 squared"; }
  std::string operator()(const Cka& m) const {
    return m.score == SimilarityScore::similarity ? "CKA" : angle(m.normalized);
  }
  std::string operator()(const Procrustes& m) const {
    return m.score == ProcrustesScore::angular ? angle(m.normalized) : name_of(procrustes_names, m.score);
  }
  static std::string angle(bool normalized) { return normalized ? "fraction of a right angle" : "radians"; }
};

struct Describe {
  Json operator()(const Dsa& m) const {
    return {{"kind", "dsa"},
            {"dmd", describe_dmd(m.dmd)},
            {"score", name_of(score_names, m.score)},
            {"effort", name_of(effort_names, m.effort)},
            {"precision", name_of(precision_names, m.precision)},
            {"group", name_of(group_names, m.group)},
            {"normalize", m.normalize},
            {"zero_pad", m.zero_pad},
            {"certify", m.certify},
            {"seed", m.seed}};
  }
  Json operator()(const Spectral& m) const {
    return {{"kind", "spectral"}, {"dmd", describe_dmd(m.dmd)}, {"root", m.root}};
  }
  Json operator()(const Cka& m) const {
    return {{"kind", "cka"},
            {"hsic", name_of(hsic_names, m.estimator)},
            {"score", name_of(similarity_names, m.score)},
            {"normalized", m.normalized},
            {"precision", name_of(precision_names, m.precision)}};
  }
  Json operator()(const Procrustes& m) const {
    return {{"kind", "procrustes"},
            {"score", name_of(procrustes_names, m.score)},
            {"normalized", m.normalized},
            {"precision", name_of(precision_names, m.precision)}};
  }
};

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
  app.add_flag("--normalized", o.normalized, "Angles of cka and procrustes as fractions of pi / 2")->group(group);
  app.add_option("--hsic", o.hsic, "Estimator of cka: gretton (biased) or song (unbiased)")
      ->check(CLI::IsMember(keys(hsic_names)))
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
  std::vector<std::string> names;
  for (const Known& known : known_metrics()) names.push_back(known.name);
  std::vector<MetricEntry> list;
  for (const std::string& name : split(options.metrics)) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      const std::string near = nearest(name, names);
      throw Error(ErrorCode::invalid_argument, "--metric: unknown metric '" + name + "'" +
                                                   (near.empty() ? "; known are " + CLI::detail::join(names, ", ")
                                                                 : "; did you mean '" + near + "'?"));
    }
    if (std::any_of(list.begin(), list.end(), [&name](const MetricEntry& e) { return e.name == name; })) {
      throw Error(ErrorCode::invalid_argument, "--metric: '" + name + "' is asked for twice");
    }
    list.push_back({name, known_metrics()[static_cast<std::size_t>(found - names.begin())].make(options)});
  }
  if (list.empty()) throw Error(ErrorCode::invalid_argument, "--metric: expected a name such as dsa");
  return list;
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
  const auto* cka = std::get_if<Cka>(&metric);
  const auto* procrustes = std::get_if<Procrustes>(&metric);
  return (cka != nullptr && cka->score == SimilarityScore::similarity) ||
         (procrustes != nullptr && procrustes->score == ProcrustesScore::similarity);
}

std::string unit_of(const Metric& metric) { return std::visit(Unit{}, metric); }
Json describe_metric(const Metric& metric) { return std::visit(Describe{}, metric); }

Json describe_dmd(const Dmd& dmd) {
  return {{"delays", dmd.delays}, {"interval", dmd.interval},
          {"rank", dmd.rank},     {"steps_ahead", dmd.steps_ahead},
          {"ridge", dmd.ridge},   {"rank_excess", name_of(rank_excess_names, dmd.rank_excess)}};
}

}  // namespace kindred::cli

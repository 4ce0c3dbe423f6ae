#include <kindred/metric_names.hpp>

#include <variant>

namespace kindred {
namespace {

constexpr MetricFacts as_metric(MetricFacts facts, bool is_metric) {
  facts.is_metric = is_metric;
  return facts;
}

constexpr MetricFacts dsa{
    .formula = "min over orthogonal C of ||A - C B C^T||_F, A and B of unit norm; angle or distance",
    .range = "[0, pi] angular, [0, 2] euclidean",
    .invariances = "change of orthonormal basis of the operators; scale of the recording; trials of any length",
    .cost = "a fit a system; O(r^3) an iteration of the alignment a pair",
    .source = "arXiv 2306.10168",
    .is_metric = true};
constexpr MetricFacts spectral{
    .formula = "W_2^2 of the operators' eigenvalues, uniform weights; root: W_2",
    .range = "0 and above",
    .invariances = "any invertible change of basis of the operators; trials of any length",
    .cost = "a fit and eigenvalues a system; an assignment of r eigenvalues a pair, O(r^3) at worst",
    .source = "arXiv 2302.09160",
    .is_metric = false};
constexpr MetricFacts spectral_root = as_metric(spectral, true);
constexpr MetricFacts cka{.formula = "||Y^T X||^2 / (||X^T X|| ||Y^T Y||), columns centred; arccos of it",
                          .range = "[0, pi/2] angular, [0, 1] similarity",
                          .invariances = "shift; rotation of channels; scale",
                          .cost = "5 m C a system; 2 m C^2 a pair, or m^2 where samples are few",
                          .source = "arXiv 1905.00414",
                          .is_metric = true};
constexpr MetricFacts cka_song{.formula = "the same with the unbiased estimator of HSIC",
                               .range = "[0, pi] angular; an estimate that leaves [-1, 1] fails",
                               .invariances = cka.invariances,
                               .cost = cka.cost,
                               .source = "Song et al. 2012, JMLR 13, equation 5",
                               .is_metric = false};
constexpr MetricFacts cka_kernel{
    .formula = "<HKH, HLH> / (||HKH|| ||HLH||), K = exp(-d^2 / 2 s^2) or exp(-d / s), s = bandwidth x median of d",
    .range = "[0, pi/2] angular, [0, 1] similarity",
    .invariances = "shift; rotation of channels; scale",
    .cost = "m^2 C and m^2 exponentials a system; m^2 a pair",
    .source = "arXiv 1905.00414; Gretton et al. 2005, doi 10.1007/11564089_7",
    .is_metric = true};
constexpr MetricFacts procrustes{
    .formula = "||X^T Y||_* / (||X|| ||Y||), columns centred; arccos of it, or min ||X - Y Q||",
    .range = "[0, pi/2] angular; 0 and above euclidean",
    .invariances = "shift; rotation of channels; scale (angular)",
    .cost = "5 m C a system; 2 m C^2 and about 4 C^3 a pair",
    .source = "arXiv 2110.14739",
    .is_metric = true};
constexpr MetricFacts shape{
    .formula = "Procrustes after X <- X (alpha I + (1 - alpha) (X^T X)^(-1/2))",
    .range = procrustes.range,
    .invariances = "shift; rotation of channels; any invertible map of channels at alpha = 0 (angular)",
    .cost = "2 m C^2 + O(C^3) a system; 2 m r^2 + 4 r^3 a pair",
    .source = "arXiv 2110.14739",
    .is_metric = true};
constexpr MetricFacts cca{.formula = "mean of the min(rank) canonical correlations; arccos of it",
                          .range = "[0, pi/2] angular, [0, 1] similarity",
                          .invariances = "shift; any invertible map of channels",
                          .cost = "2 m C^2 + O(C^3) a system; 2 m r^2 + 4 r^3 a pair",
                          .source = "Hotelling 1936, doi 10.1093/biomet/28.3-4.321",
                          .is_metric = false};
constexpr MetricFacts svcca{.formula = "the same of the components with a share of the variance",
                            .range = cca.range,
                            .invariances = "shift; rotation of channels; scale",
                            .cost = cca.cost,
                            .source = "arXiv 1706.05806",
                            .is_metric = false};
constexpr MetricFacts cca_squared{
    .formula = "mean of the squared canonical correlations, ||Q_x^T Q_y||_F^2 / min(rank)",
    .range = cca.range,
    .invariances = cca.invariances,
    .cost = "2 m C^2 + O(C^3) a system; 2 m r^2 a pair",
    .source = "arXiv 1905.00414, table 1",
    .is_metric = false};
constexpr MetricFacts rsa{.formula = "Pearson, rank or cosine correlation of two dissimilarity matrices; arccos of it",
                          .range = "[0, pi] angular, [-1, 1] similarity",
                          .invariances = "scale; with squared-euclidean shift and rotation of channels",
                          .cost = "m^2 C, and a sort for ranks, a system; m^2 a pair",
                          .source = "Kriegeskorte et al. 2008, doi 10.3389/neuro.06.004.2008",
                          .is_metric = true};
constexpr MetricFacts regression{.formula = "1 - R^2 of Y from X with intercept, mean of both directions",
                                 .range = "[0, 1]; 0 and above with folds",
                                 .invariances = "shift; rotation of channels; scale",
                                 .cost = "2 m C^2 + O(C^3) a system; 4 m C^2 a pair; F times that in F folds",
                                 .source = "arXiv 1905.00414, table 1",
                                 .is_metric = false};

constexpr MetricFacts cka_kernel_song = as_metric(cka_kernel, false), procrustes_squared = as_metric(procrustes, false),
                      shape_squared = as_metric(shape, false);

struct FactsOf {
  const MetricFacts& operator()(const Dsa&) const { return dsa; }
  const MetricFacts& operator()(const Spectral& m) const {
    return m.score == SpectralScore::root ? spectral_root : spectral;
  }
  const MetricFacts& operator()(const Cka& m) const {
    const bool song = m.estimator == CkaEstimator::song;
    if (m.kernel != CkaKernel::linear) return song ? cka_kernel_song : cka_kernel;
    return song ? cka_song : cka;
  }
  const MetricFacts& operator()(const Procrustes& m) const {
    return m.score == ProcrustesScore::squared ? procrustes_squared : procrustes;
  }
  const MetricFacts& operator()(const Shape& m) const {
    return m.score == ProcrustesScore::squared ? shape_squared : shape;
  }
  const MetricFacts& operator()(const Cca& m) const {
    return m.squared ? cca_squared : m.explained_variance < 1 ? svcca : cca;
  }
  const MetricFacts& operator()(const Rsa&) const { return rsa; }
  const MetricFacts& operator()(const LinearRegression&) const { return regression; }
};

}  // namespace

const MetricFacts& metric_facts(const Metric& metric) { return std::visit(FactsOf{}, metric); }

}  // namespace kindred

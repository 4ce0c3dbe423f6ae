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
constexpr MetricFacts spectral_masses{
    .formula = "W_p^p = min over couplings of sum pi_ij |lambda_i - mu_j|^p, marginals the masses; root: W_p",
    .range = spectral.range,
    .invariances = spectral.invariances,
    .cost = "a fit and eigenvalues a system; a transport between r eigenvalues a pair, O(r^3) typically",
    .source = "arXiv 2302.09160; Villani 2009, doi 10.1007/978-3-540-71050-9",
    .is_metric = false};
constexpr MetricFacts spectral_masses_root = as_metric(spectral_masses, true);
constexpr MetricFacts hausdorff{.formula = "max_i min_j |lambda_i - mu_j|, the larger of both directions",
                                .range = "0 and above",
                                .invariances = spectral.invariances,
                                .cost = "a fit and eigenvalues a system; r^2 a pair",
                                .source = "Hausdorff 1914; kooplearn's directed_hausdorff_distance",
                                .is_metric = true};
constexpr MetricFacts hausdorff_squared = as_metric(hausdorff, false);
constexpr MetricFacts sgot{
    .formula = "W_p of (eigenvalue, eigenspaces), d^2 = eta |lambda - lambda'|^q + (1 - eta) d_G^q; root: its root",
    .range = spectral.range,
    .invariances = "trials of any length; shift and rotation of channels in both systems alike",
    .cost = "a fit and 25 r^3 + 4 n r^2 (n delays x channels) a system; 16 n r^2 and an assignment of r a pair",
    .source = "arXiv 2509.24920",
    .is_metric = false};
constexpr MetricFacts input_joint{
    .formula = "min over orthogonal C of ||K - C K'||, K = [B, A B, A^T B, A^2 B, ...]; angle or distance",
    .range = "[0, pi/2] angular, 0 and above euclidean",
    .invariances = "change of orthonormal basis of the states; scale of B (angular)",
    .cost = "a fit and 2 r^2 m h a system (m inputs, h powers of A); 2 r^2 m (2h - 1) and about 4 r^3 a pair",
    .source = "arXiv 2510.25943; the minimum, not the reference package's residual",
    .is_metric = true};
constexpr MetricFacts input_control{.formula = "min over orthogonal C of ||B - C B'||; angle or distance",
                                    .range = input_joint.range,
                                    .invariances = input_joint.invariances,
                                    .cost = "a fit a system; 2 r^2 m and about 4 r^3 a pair",
                                    .source = input_joint.source,
                                    .is_metric = true};
constexpr MetricFacts input_parts{
    .formula = "||A - C A' C^T|| or ||B - C B'||, C of the joint comparison; angle or distance",
    .range = "[0, pi] angular, 0 and above euclidean",
    .invariances = input_joint.invariances,
    .cost = "as the joint comparison, and about 20 r^3 a pair on the processor",
    .source = input_joint.source,
    .is_metric = false};
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
constexpr MetricFacts cka_lange{.formula = "the same of centred Gram matrices without their diagonals",
                                .range = "[0, pi] angular, [-1, 1] similarity",
                                .invariances = cka.invariances,
                                .cost = cka.cost,
                                .source = "Lange et al. 2023, arXiv 2206.04615 (repsim)",
                                .is_metric = true};
constexpr MetricFacts cka_raw{
    .formula = "||Y^T X||^2 / (||X^T X|| ||Y^T Y||), columns as they are; of another kernel <K, L> / (||K|| ||L||)",
    .range = cka.range,
    .invariances = "rotation of channels; scale",
    .cost = cka.cost,
    .source = cka.source,
    .is_metric = true};
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
constexpr MetricFacts procrustes_folds{
    .formula = "Procrustes with Q fitted in each fold to the samples outside it: sum of <X_v, Y_v Q_v> / (|X| |Y|)",
    .range = "[0, pi] angular; 0 and above euclidean",
    .invariances = procrustes.invariances,
    .cost = "F times that of procrustes (shape) in F folds, the decompositions of pairs on the processor",
    .source = "arXiv 2110.14739 (fit and score of netrep)",
    .is_metric = false};
constexpr MetricFacts procrustes_raw{
    .formula = "||X^T Y||_* / (||X|| ||Y||), columns as they are; arccos of it, or min ||X - Y Q||",
    .range = procrustes.range,
    .invariances = "rotation of channels; scale (angular)",
    .cost = procrustes.cost,
    .source = procrustes.source,
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
constexpr MetricFacts pwcca{
    .formula = "sum of w_i rho_i, w_i ~ sum over channels |<h_i, x_c>|, mean of both directions; arccos of it",
    .range = cca.range,
    .invariances = "shift; scale; order of channels",
    .cost = "2 m C^2 + O(C^3) a system; 2 m r^2, and about 25 r^3 + 2 C r^2 on the processor, a pair",
    .source = "arXiv 1806.05759",
    .is_metric = false};
constexpr MetricFacts rsa{.formula = "Pearson, rank or cosine correlation of two dissimilarity matrices; arccos of it",
                          .range = "[0, pi] angular, [-1, 1] similarity",
                          .invariances = "scale; with squared-euclidean shift and rotation of channels",
                          .cost = "m^2 C, and a sort for ranks, a system; m^2 a pair",
                          .source = "Kriegeskorte et al. 2008, doi 10.3389/neuro.06.004.2008",
                          .is_metric = true};
constexpr MetricFacts rsa_kendall{
    .formula = "Kendall's tau (b, or a) of two dissimilarity matrices; arccos of it",
    .range = rsa.range,
    .invariances = rsa.invariances,
    .cost = "m^2 C and a sort a system; m^2 log m on the processor a pair",
    .source = "Nili et al. 2014, doi 10.1371/journal.pcbi.1003553; Knight 1966, doi 10.1080/01621459.1966.10480879",
    .is_metric = false};
constexpr MetricFacts rsa_whitened{
    .formula =
        "cosine (after the mean is subtracted: Pearson) of two dissimilarity matrices whitened by the covariance "
        "of noise",
    .range = rsa.range,
    .invariances = rsa.invariances,
    .cost = "m^2 C a system; m^2 a pair",
    .source = "Diedrichsen et al. 2021, arXiv 2007.02789",
    .is_metric = true};
constexpr MetricFacts permutation{
    .formula = "max over permutations of <X, Y P> / (||X|| ||Y||), columns centred; arccos of it, or min ||X - Y P||",
    .range = "[0, pi] angular; 0 and above euclidean",
    .invariances = "shift; order of channels; scale (angular)",
    .cost = "5 m C a system; 2 m C^2, and an assignment of C channels, O(C^3) on the processor, a pair",
    .source = "arXiv 2110.14739",
    .is_metric = true};
constexpr MetricFacts soft_matching{
    .formula = "max over couplings T of sum T_cd <x_c, y_d>, marginals 1/p and 1/q, over ||X|| ||Y|| / sqrt(p q)",
    .range = permutation.range,
    .invariances = "shift; order of channels; channels all repeated as often; scale (angular)",
    .cost = "5 m C a system; 2 m C^2, and a transport between channels, O(C^3) typically on the processor, a pair",
    .source = "arXiv 2311.09466",
    .is_metric = true};
constexpr MetricFacts correlation_match{
    .formula = "mean correlation of matched channels: one to one (hard), or each with its best, both ways (soft)",
    .range = "[0, pi] angular, [-1, 1] similarity",
    .invariances = "shift; order of channels; scale of each channel above 0",
    .cost = permutation.cost,
    .source = "Li et al. 2015, arXiv 1511.07543",
    .is_metric = false};
constexpr MetricFacts neighbours{
    .formula = "1 - mean over samples of |N_X n N_Y| / k (mutual) or / |N_X u N_Y| (jaccard)",
    .range = "[0, 1]",
    .invariances = "rotation of channels; scale; shift if near is euclidean",
    .cost = "m^2 C and a selection of m k neighbours a system; 2 m k on the processor a pair",
    .source = "arXiv 2405.07987; Schumacher et al. 2021, arXiv 2005.10039",
    .is_metric = true};
constexpr MetricFacts cknna{
    .formula = "1 - h(K, L) / sqrt(h(K, K) h(L, L)), h the unbiased HSIC of Gram matrices masked to mutual neighbours",
    .range = "0 and above; a system whose h(K, K) is not positive fails",
    .invariances = neighbours.invariances,
    .cost = neighbours.cost,
    .source = "arXiv 2405.07987",
    .is_metric = false};
constexpr MetricFacts second_order{
    .formula = "1 - mean over samples of the cosine of its cosine distances to N_X u N_Y",
    .range = "[0, 1]",
    .invariances = "rotation of channels; scale of each sample",
    .cost = "m^2 C and a selection of m k neighbours a system; 2 m k C on the processor a pair",
    .source = "arXiv 1606.02821; Schumacher et al. 2021, arXiv 2005.10039",
    .is_metric = false};
constexpr MetricFacts distance_correlation{
    .formula = "dCor = sqrt(<D, E> / (||D|| ||E||)), D and E centred matrices of distances; arccos of it",
    .range = "[0, pi/2] angular, [0, 1] similarity",
    .invariances = "shift; rotation of channels; scale",
    .cost = "m^2 C and m^2 roots a system; m^2 a pair",
    .source = "Szekely et al. 2007, doi 10.1214/009053607000000505",
    .is_metric = false};
constexpr MetricFacts distance_correlation_unbiased{
    .formula = "<D, E> / (||D|| ||E||), D and E U-centred matrices of distances: bias-corrected dCor^2; arccos of it",
    .range = "[0, pi] angular, [-1, 1] similarity",
    .invariances = distance_correlation.invariances,
    .cost = distance_correlation.cost,
    .source = "Szekely and Rizzo 2013, doi 10.1016/j.jmva.2013.02.012",
    .is_metric = true};
constexpr MetricFacts regression{
    .formula = "1 - R^2 of Y from X with intercept, mean of both directions or one of them",
    .range = "[0, 1]; 0 and above with folds",
    .invariances = "shift; rotation of channels; scale",
    .cost = "2 m C^2 + O(C^3) a system; 4 m C^2 a pair; F times that in F folds",
    .source = "arXiv 1905.00414, table 1",
    .is_metric = false};

constexpr MetricFacts pls{
    .formula = "1 - R^2 of Y from the first k PLS2 components of X, mean of both directions or one of them",
    .range = regression.range,
    .invariances = "shift; rotation of channels; scale",
    .cost = "2 m C^2 a system; 2 m C^2 and k O(C^3) on the processor a pair; F times that in F folds",
    .source = "Wold et al. 1984, doi 10.1137/0905052; Dayal and MacGregor 1997, doi 10.1002/(SICI)1099-128X",
    .is_metric = false};
constexpr MetricFacts stochastic{
    .formula =
        "d^2 = min over T of mean_i alpha |m_i - T m'_i|^2 + (2 - alpha) B^2(S_i, T S'_i T^T), B Bures' distance",
    .range = "0 and above",
    .invariances = "shift; rotation of channels; order of trials",
    .cost = "n O(C^3) a system of n conditions; n O(C^3) an iteration of the alignment a pair, on the processor",
    .source = "arXiv 2211.11665",
    .is_metric = true};
constexpr MetricFacts stochastic_energy{
    .formula = "d^2 = mean_i E|x - T x'| - (E|x - y| + E|x' - y'|) / 2 of condition i's trials, T minimises the first",
    .range = stochastic.range,
    .invariances = stochastic.invariances,
    .cost =
        "n K^2 C a system of n conditions, K trials; 2 n K^2 C^2 an iteration of the alignment a pair, on the "
        "processor",
    .source = stochastic.source,
    .is_metric = false};
constexpr MetricFacts stochastic_squared = as_metric(stochastic, false);
constexpr MetricFacts cka_kernel_song = as_metric(cka_kernel, false), procrustes_squared = as_metric(procrustes, false),
                      shape_squared = as_metric(shape, false), permutation_squared = as_metric(permutation, false),
                      soft_squared = as_metric(soft_matching, false), cka_one_minus = as_metric(cka, false),
                      cka_kernel_one_minus = as_metric(cka_kernel, false), rsa_one_minus = as_metric(rsa, false);

struct FactsOf {
  const MetricFacts& operator()(const Dsa&) const { return dsa; }
  const MetricFacts& operator()(const Spectral& m) const {
    const bool root = m.score == SpectralScore::root;
    if (m.measure != SpectralMeasure::transport) {
      return root && m.measure == SpectralMeasure::hausdorff ? hausdorff : hausdorff_squared;
    }
    if (m.order == 1) return spectral_masses_root;
    if (m.mass == SpectralMass::pad && m.weights == SpectralWeights::uniform) return root ? spectral_root : spectral;
    return root ? spectral_masses_root : spectral_masses;
  }
  const MetricFacts& operator()(const Cka& m) const {
    const bool song = m.estimator == CkaEstimator::song, square = m.score == SimilarityScore::one_minus;
    if (!m.centre) return cka_raw;
    if (m.kernel != CkaKernel::linear) return song ? cka_kernel_song : square ? cka_kernel_one_minus : cka_kernel;
    if (m.estimator == CkaEstimator::lange) return cka_lange;
    return song ? cka_song : square ? cka_one_minus : cka;
  }
  const MetricFacts& operator()(const Procrustes& m) const {
    if (m.folds > 0) return procrustes_folds;
    return m.score == ProcrustesScore::squared ? procrustes_squared : m.centre ? procrustes : procrustes_raw;
  }
  const MetricFacts& operator()(const Shape& m) const {
    if (m.folds > 0) return procrustes_folds;
    return m.score == ProcrustesScore::squared ? shape_squared : shape;
  }
  const MetricFacts& operator()(const Cca& m) const {
    if (m.weights == CcaWeights::projection) return pwcca;
    return m.squared ? cca_squared : m.explained_variance < 1 || m.dimensions > 0 ? svcca : cca;
  }
  const MetricFacts& operator()(const Rsa& m) const {
    using enum RdmComparison;
    if (m.comparison == kendall || m.comparison == kendall_a) return rsa_kendall;
    if (m.comparison == whitened_cosine || m.comparison == whitened_pearson) return rsa_whitened;
    return m.score == SimilarityScore::one_minus ? rsa_one_minus : rsa;
  }
  const MetricFacts& operator()(const Matching& m) const {
    const bool square = m.score == ProcrustesScore::squared;
    if (m.match == Match::permutation) return square ? permutation_squared : permutation;
    if (m.match == Match::soft) return square ? soft_squared : soft_matching;
    return correlation_match;
  }
  const MetricFacts& operator()(const NeighbourGraph& m) const {
    if (m.overlap == NeighbourOverlap::cknna) return cknna;
    return m.overlap == NeighbourOverlap::second_order_cosine ? second_order : neighbours;
  }
  const MetricFacts& operator()(const DistanceCorrelation& m) const {
    return m.unbiased ? distance_correlation_unbiased : distance_correlation;
  }
  const MetricFacts& operator()(const InputDsa& m) const {
    if (m.compare == InputComparison::joint) return input_joint;
    return m.compare == InputComparison::control ? input_control : input_parts;
  }
  const MetricFacts& operator()(const LinearRegression& m) const { return m.pls_components > 0 ? pls : regression; }
  const MetricFacts& operator()(const SpectralGrassmann&) const { return sgot; }
  const MetricFacts& operator()(const StochasticShape& m) const {
    if (m.form == StochasticForm::energy) return stochastic_energy;
    return m.score == StochasticScore::squared ? stochastic_squared : stochastic;
  }
};

}  // namespace

const MetricFacts& metric_facts(const Metric& metric) { return std::visit(FactsOf{}, metric); }

}  // namespace kindred

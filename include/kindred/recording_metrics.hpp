#pragma once
/// Metrics of the recordings themselves, and what each can be told.
#include <kindred/types.hpp>

#include <cstdint>

namespace kindred {

/// Arithmetic of the products of recordings. Norms, and everything that follows them, are float64.
enum class ProductPrecision { f64, f32 };

/// What a bounded similarity s is reported as.
enum class SimilarityScore {
  angular,     ///< the angle arccos s, in radians
  similarity,  ///< s itself; 1 on the diagonal
  euclidean,   ///< the distance sqrt(2 - 2 s) of unit vectors with that angle
  one_minus,   ///< 1 - s
};

/// Which of two systems a comparison starts from that is not symmetric. One direction alone is for two collections
/// (Engine::cross).
enum class Direction {
  both,     ///< the mean of the two
  forward,  ///< from the row's system to the column's
  back,     ///< from the column's system to the row's
};

/// What the folds of a cross-validation hold.
enum class FoldBy {
  blocks,  ///< contiguous blocks of the flattened samples
  trials,  ///< groups of consecutive trials; needs trials of the same lengths in all systems
};

/// Estimator of the Hilbert-Schmidt independence criterion behind CKA.
enum class CkaEstimator {
  gretton,  ///< biased, of centred Gram matrices (Gretton et al. 2005)
  song,     ///< unbiased (Song et al. 2012); may be slightly negative
  lange,    ///< of centred Gram matrices without their diagonals (Lange et al. 2023)
};

/// Kernel of two samples x, y in CKA. d = |x - y|, and the width sigma = Cka::bandwidth times the median of d over the
/// pairs of samples of one recording.
enum class CkaKernel {
  linear,   ///< x . y
  rbf,      ///< exp(-d^2 / (2 sigma^2))
  laplace,  ///< exp(-d / sigma)
};

/// Centred kernel alignment, arXiv 1905.00414, with the linear kernel unless another is chosen. With X (m x p) and
/// Y (m x q) the two recordings flattened over (trial, time), columns centred:
///     cka = ||Y^T X||_F^2 / (||X^T X||_F ||Y^T Y||_F),  in [0, 1].
/// With another kernel, K and L the m x m kernel matrices and H = I - 1 1^T / m:
///     cka = <H K H, H L H> / (||H K H|| ||H L H||).
/// Both need the same m. A pair with a constant system gets PairStatus::failed, and so does one whose median distance
/// is 0.
struct Cka {
  CkaEstimator estimator = CkaEstimator::gretton;
  CkaKernel kernel = CkaKernel::linear;
  double bandwidth = 1;  ///< of the other kernels, in median distances; above 0
  bool centre = true;    ///< false: the kernels as they are, K in the place of H K H (gretton only)
  SimilarityScore score = SimilarityScore::angular;
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Cka&) const = default;
};

/// What a Procrustes comparison is reported as, with X, Y centred and s = ||X^T Y||_* / (||X||_F ||Y||_F).
enum class ProcrustesScore {
  angular,     ///< arccos s, in radians, in [0, pi / 2]
  euclidean,   ///< min over orthogonal Q of ||X - Y Q||_F = sqrt(||X||^2 + ||Y||^2 - 2 ||X^T Y||_*)
  squared,     ///< the square of that
  similarity,  ///< s
};

/// Procrustes analysis of the recordings themselves, arXiv 2110.14739; the narrower one is padded with zero channels.
/// Cross-validated (folds, divided as those of LinearRegression): in each fold v means and the orthogonal Q come from
/// the other samples, s = sum over v of <X_v, Y_v Q_v> / (|X| |Y|) with |X|^2 = sum over v of ||X_v||^2, and
/// euclidean^2 = sum over v of ||X_v - Y_v Q_v||^2. Where Q does not carry over s is smaller, below 0 at worst.
struct Procrustes {
  ProcrustesScore score = ProcrustesScore::angular;
  bool centre = true;  ///< subtract each channel's mean
  index_t folds = 0;   ///< of the cross-validation, 2 or more; 0: none
  FoldBy fold_by = FoldBy::blocks;
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Procrustes&) const = default;
};

/// Generalized shape metrics, arXiv 2110.14739: Procrustes analysis after partial whitening, X <- X (alpha I + (1 -
/// alpha) (X^T X)^(-1/2)) on the numerical range of X. alpha = 1 is Procrustes, alpha = 0 whitens fully (canonical
/// correlations). Between the two the result depends on the units of the data.
struct Shape {
  double alpha = 1;  ///< in [0, 1]
  /// Scale the whitened recording back to the norm of X, as netrep does: changes the scores that depend on size.
  bool preserve_variance = false;
  ProcrustesScore score = ProcrustesScore::angular;
  bool centre = true;  ///< subtract each channel's mean
  index_t folds = 0;   ///< as those of Procrustes: whitening too comes from the other samples; 0: none
  FoldBy fold_by = FoldBy::blocks;
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Shape&) const = default;
};

/// What the canonical correlations of a pair weigh.
enum class CcaWeights {
  uniform,
  projection,  ///< sum over channels c of |<h_i, x_c>|, h_i the canonical variates of X: PWCCA, arXiv 1806.05759
};

/// Mean canonical correlation of the two recordings, over min(rank X, rank Y) pairs of directions, or the mean of their
/// squares; in [0, 1].
struct Cca {
  CcaWeights weights = CcaWeights::uniform;
  /// Principal components of each at most (SVCCA of a fixed number); 0: as explained_variance says.
  index_t dimensions = 0;
  Direction direction = Direction::both;  ///< whose channels the weights are of; uniform ones have no direction
  bool squared = false;                   ///< mean of the squared correlations: ||Q_x^T Q_y||_F^2 / min(rank X, rank Y)
  /// Each recording is first reduced to the principal components that carry this share of its variance (SVCCA, arXiv
  /// 1706.05806); 1: its numerical range.
  double explained_variance = 1;
  SimilarityScore score = SimilarityScore::angular;
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Cca&) const = default;
};

/// Dissimilarity of two conditions in a representational dissimilarity matrix (RDM).
enum class Rdm {
  correlation,        ///< 1 - Pearson correlation of the two rows over channels
  squared_euclidean,  ///< squared distance of the two rows
  euclidean,          ///< distance of the two rows
  cosine,             ///< 1 - cosine of the two rows
  /// Squared distance across trials, mean over trials a != b of <x_i^a - x_j^a, x_i^b - x_j^b>: free of the bias that
  /// noise gives a squared distance (crossnobis of channels of equal noise). Conditions are the steps of trials of
  /// equal length.
  crossnobis,
};

/// How two RDMs are compared, over all pairs of conditions.
enum class RdmComparison {
  pearson,
  spearman,
  cosine,
  kendall,    ///< tau-b: concordant less discordant pairs of dissimilarities, over those tied in neither
  kendall_a,  ///< tau-a: over all pairs of dissimilarities, for RDMs of categories; below 1 for equal RDMs with ties
  whitened_cosine,   ///< cosine under the covariance that noise gives dissimilarities: of the doubly centred RDMs
  whitened_pearson,  ///< the same after the mean is subtracted
};

/// Representational similarity analysis: RDMs over conditions, the rows of the flattened recording (average trials or
/// time points first where there are many), compared by a correlation in [-1, 1].
struct Rsa {
  Rdm rdm = Rdm::correlation;
  RdmComparison comparison = RdmComparison::pearson;
  SimilarityScore score = SimilarityScore::angular;
  bool over_half_pi = false;  ///< report angles divided by pi / 2

  bool operator==(const Rsa&) const = default;
};

/// What a regression is reported as.
enum class RegressionScore {
  distance,    ///< 1 - R^2
  similarity,  ///< R^2; 1 on the diagonal
};

/// Linear regression with intercept from one recording to the other: R^2 = the share of Y's variance that X predicts,
/// averaged over the two directions, in [0, 1].
/// Cross-validated, in the folds of scikit-learn's KFold (of n units in k folds, the first n % k have one more than the
/// others), each fold is predicted from the other samples, R^2 = 1 - (sum of squared errors) / ||Y - mean||^2,
/// at most 1 and below 0 where the mean predicts better.
/// With pls_components, by partial least squares (PLS2): X's part along the directions that covary most with Y, one
/// after the other, at most so many.
struct LinearRegression {
  RegressionScore score = RegressionScore::distance;
  Direction direction = Direction::both;
  /// lambda of ridge regression, min ||Y - X B||^2 + lambda ||B||^2, in the squared units of X; 0: none.
  double penalty = 0;
  index_t pls_components = 0;  ///< of partial least squares, without a penalty; 0: none
  index_t folds = 0;           ///< of the cross-validation, 2 or more; 0: none
  FoldBy fold_by = FoldBy::blocks;
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const LinearRegression&) const = default;
};

/// How channels are matched. x_c, y_d are the channels, p and q their numbers.
enum class Match {
  permutation,  ///< one to one, the narrower padded with zeros: max over permutations of sum <x_c, y_pi(c)>
  soft,         ///< in part: max over couplings T with marginals 1/p, 1/q of sum T_cd <x_c, y_d> (arXiv 2311.09466)
  hard_correlation,  ///< one to one: the greatest mean correlation of min(p, q) matched channels
  soft_correlation,  ///< each with its best: mean over c of max_d corr(x_c, y_d), and of d over c; the mean of the two
};

/// Comparison of recordings whose channels stand for themselves, with no rotation of them. `permutation` is Procrustes
/// with a permutation in the place of Q: s = sum <x_c, y_pi(c)> / (|X| |Y|), euclidean = min ||X - Y P||_F. `soft`:
/// s = max / (|X| |Y| / sqrt(p q)), euclidean^2 = ||X||^2 / p + ||Y||^2 / q - 2 max. Of correlations s is the mean,
/// euclidean^2 = 2 - 2 s.
struct Matching {
  Match match = Match::permutation;
  ProcrustesScore score = ProcrustesScore::angular;
  bool centre = true;         ///< subtract each channel's mean
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Matching&) const = default;
};

/// How the neighbourhoods N_X(i), N_Y(i) of the samples are compared.
enum class NeighbourOverlap {
  mutual,   ///< mean over samples of |N_X n N_Y| / k (arXiv 2405.07987)
  jaccard,  ///< mean over samples of |N_X n N_Y| / |N_X u N_Y|
  cknna,    ///< unbiased CKA of Gram matrices of which the mutual neighbours' entries alone are kept (arXiv 2405.07987)
  second_order_cosine,  ///< mean over samples of the cosine of its cosine distances to N_X u N_Y (arXiv 1606.02821)
};

/// By what the nearest samples are found.
enum class NeighbourBy { inner_product, cosine, euclidean };

/// What a share of neighbours s is reported as.
enum class OverlapScore {
  distance,    ///< 1 - s
  similarity,  ///< s; 1 on the diagonal
};

/// Comparison of each sample's nearest other samples. Recordings are not centred (Preprocess::scaling = centre does);
/// of samples equally near the first counts.
struct NeighbourGraph {
  NeighbourOverlap overlap = NeighbourOverlap::mutual;
  NeighbourBy near = NeighbourBy::inner_product;  ///< second_order_cosine: cosine only
  index_t nearest_samples = 10;                   ///< k, below the number of samples
  OverlapScore score = OverlapScore::distance;

  bool operator==(const NeighbourGraph&) const = default;
};

/// Distance correlation of the samples, doi 10.1214/009053607000000505: with D, E their matrices of distances, centred
/// in rows and columns, dCor^2 = <D, E> / (||D|| ||E||). The unbiased form (doi 10.1016/j.jmva.2013.02.012) has
/// U-centred matrices and no root: it may be negative.
struct DistanceCorrelation {
  bool unbiased = false;
  SimilarityScore score = SimilarityScore::angular;
  bool over_half_pi = false;  ///< report angles divided by pi / 2

  bool operator==(const DistanceCorrelation&) const = default;
};

/// What the responses of repeated trials are taken for.
enum class StochasticForm {
  gaussian,  ///< normal distributions, of each condition's mean and covariance over trials
  energy,    ///< samples of any distribution
};

/// What a stochastic shape distance is reported as.
enum class StochasticScore { distance, squared };

/// Shape distance of noisy responses, arXiv 2211.11665. Conditions are the steps of trials of equal length, and trials
/// are repeats. Over orthogonal T, gaussian, with m_i and S_i the mean and the covariance (over n - 1) of condition i:
///     d^2 = min mean_i alpha |m_i - T m'_i|^2 + (2 - alpha) B^2(S_i, T S'_i T^T),
///     B^2(S, R) = tr S + tr R - 2 tr (S^1/2 R S^1/2)^1/2;
/// energy, over the trials a, b of condition i:
///     d^2 = mean_i mean_ab |x_ia - T x'_ib| - (mean_a<b |x_ia - x_ib| + mean_a<b |x'_ia - x'_ib|) / 2,
/// where T minimises the first term; at least 0.
/// The narrower system is padded with zeros. Minima are searched for from several starts: an upper bound,
/// PairStatus::converged.
struct StochasticShape {
  StochasticForm form = StochasticForm::gaussian;
  StochasticScore score = StochasticScore::distance;
  /// Of gaussian, in [0, 2]: 2 the means alone (Procrustes), 1 the 2-Wasserstein distance, 0 the covariances alone.
  double alpha = 1;
  bool centre = true;      ///< subtract each channel's mean
  index_t starts = 8;      ///< of the search, 1 or more
  std::uint64_t seed = 0;  ///< of the random ones among them; the same seed gives the same bits

  bool operator==(const StochasticShape&) const = default;
};

}  // namespace kindred

#pragma once
#include <kindred/dmd.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <variant>

namespace kindred {

/// How long the alignment search looks for the global minimum of one pair.
enum class Effort {
  fast,      ///< one refinement, from the best of the starts that follow from the two operators alone
  standard,  ///< refines several starts, then random kicks of the best, until that minimum has come back often enough
  thorough,  ///< refines every start, some of them random, and asks for three times as many returns of the best minimum
  bound,     ///< looks for none: proven lower bounds of the distances, at the price of products of matrices
};

/// Arithmetic of the alignment search. Distances always come from a float64 residual.
enum class Precision {
  mixed,  ///< float32 iterations, float64 polish and residual
  f64,    ///< float64 throughout
  f32,    ///< float32 iterations and polish, float64 residual
};

/// Arithmetic of the products of recordings. Norms, and everything that follows them, are float64.
enum class ProductPrecision { f64, f32 };

/// The matrices over which the change of basis is optimised.
enum class Group {
  orthogonal,          ///< O(r): rotations and reflections
  special_orthogonal,  ///< SO(r): rotations only
};

/// Scale of the DSA distance: angular = arccos f* in [0, pi]; euclidean = sqrt(2 - 2 f*) in [0, 2].
enum class DsaScore { angular, euclidean };

/// Dynamical Similarity Analysis, arXiv 2306.10168: min over C of ||A - C B C^T||_F between DMD
/// operators of unit Frobenius norm (Procrustes analysis over vector fields).
struct Dsa {
  Dmd dmd = {};
  DsaScore score = DsaScore::angular;
  Effort effort = Effort::standard;
  Precision precision = Precision::mixed;
  Group group = Group::orthogonal;
  bool unit_norm = true;   ///< scale operators to unit norm; false: their raw Frobenius distance (euclidean only)
  bool zero_pad = false;   ///< embed the smaller of two operators; otherwise unequal sizes are an error
  bool certify = false;    ///< try to prove each minimum, but for a chance below 1e-9 (PairStatus::certified, gap)
  std::uint64_t seed = 0;  ///< of the kicks; the same seed gives the same bits

  bool operator==(const Dsa&) const = default;
};

/// What the spectral distance is reported as.
enum class SpectralScore {
  squared,  ///< W2^2
  root,     ///< W2
};

/// Spectral distance between DMD operators: W2^2 = (1/r) min over permutations of sum
/// |lambda_i - mu_pi(i)|^2, uniform weights (arXiv 2302.09160; `wasserstein` of the DSA paper's package).
struct Spectral {
  Dmd dmd = {};
  SpectralScore score = SpectralScore::squared;

  bool operator==(const Spectral&) const = default;
};

/// What a bounded similarity s is reported as.
enum class SimilarityScore {
  angular,     ///< the angle arccos s, in radians
  similarity,  ///< s itself; 1 on the diagonal
};

/// Estimator of the Hilbert-Schmidt independence criterion behind CKA.
enum class CkaEstimator {
  gretton,  ///< biased, of centred Gram matrices (Gretton et al. 2005)
  song,     ///< unbiased (Song et al. 2012); may be slightly negative
};

/// Kernel of two samples x, y in CKA. d = |x - y|, and the width sigma = Cka::bandwidth times the median of d over the pairs of
/// samples of one recording.
enum class CkaKernel {
  linear,   ///< x . y
  rbf,      ///< exp(-d^2 / (2 sigma^2))
  laplace,  ///< exp(-d / sigma)
};

/// Centred kernel alignment, arXiv 1905.00414, with the linear kernel unless another is chosen. With X (m x p) and Y (m x q) the two recordings
/// flattened over (trial, time), columns centred:  cka = ||Y^T X||_F^2 / (||X^T X||_F ||Y^T Y||_F),  in [0, 1].
/// With another kernel, K and L the m x m kernel matrices and H = I - 1 1^T / m:  cka = <H K H, H L H> / (||H K H|| ||H L H||).
/// Both need the same m. A pair with a constant system gets PairStatus::failed, and so does one whose median distance is 0.
struct Cka {
  CkaEstimator estimator = CkaEstimator::gretton;
  CkaKernel kernel = CkaKernel::linear;
  double bandwidth = 1;  ///< of the other kernels, in median distances; above 0
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
struct Procrustes {
  ProcrustesScore score = ProcrustesScore::angular;
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
  bool over_half_pi = false;  ///< report angles divided by pi / 2
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const Shape&) const = default;
};

/// Mean canonical correlation of the two recordings, over min(rank X, rank Y) pairs of directions, or the mean of their
/// squares; in [0, 1].
struct Cca {
  bool squared = false;  ///< mean of the squared correlations: ||Q_x^T Q_y||_F^2 / min(rank X, rank Y)
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
};

/// How two RDMs are compared, over all pairs of conditions.
enum class RdmComparison { pearson, spearman, cosine };

/// Representational similarity analysis: RDMs over conditions, the rows of the flattened recording (average trials or
/// time points first where there are many), compared by a correlation in [-1, 1].
struct Rsa {
  Rdm rdm = Rdm::correlation;
  RdmComparison comparison = RdmComparison::pearson;
  SimilarityScore score = SimilarityScore::angular;
  bool over_half_pi = false;  ///< report angles divided by pi / 2

  bool operator==(const Rsa&) const = default;
};

/// What the folds of a cross-validation hold.
enum class FoldBy {
  blocks,  ///< contiguous blocks of the flattened samples
  trials,  ///< groups of consecutive trials; needs trials of the same lengths in all systems
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
struct LinearRegression {
  RegressionScore score = RegressionScore::distance;
  index_t folds = 0;  ///< of the cross-validation, 2 or more; 0: none
  FoldBy fold_by = FoldBy::blocks;
  ProductPrecision precision = ProductPrecision::f64;

  bool operator==(const LinearRegression&) const = default;
};

/// Any metric; each converts implicitly.
using Metric = std::variant<Dsa, Spectral, Cka, Procrustes, Shape, Cca, Rsa, LinearRegression>;

}  // namespace kindred

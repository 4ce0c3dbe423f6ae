#pragma once
/// Metrics of operators, and what each can be told. Recordings are first fitted, as the metric's Dmd says.
#include <kindred/dmd.hpp>
#include <kindred/types.hpp>

#include <cstdint>

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

/// What the spectral distance is reported as: p is its order. A Hausdorff distance has no power of its own, `squared`
/// squares it.
enum class SpectralScore {
  squared,  ///< W_p^p: W2^2, or W1
  root,     ///< W_p
};

/// How two sets of eigenvalues are compared.
enum class SpectralMeasure {
  transport,           ///< Wasserstein distance
  hausdorff,           ///< the larger of the two directed ones
  directed_hausdorff,  ///< max_i min_j |lambda_i - mu_j|; not symmetric: between two collections only
};

/// Masses of spectra of unequal size.
enum class SpectralMass {
  pad,    ///< the smaller spectrum is padded with zeros, each eigenvalue has the mass 1 / r of the larger
  share,  ///< each spectrum has mass 1, divided among its eigenvalues
};

/// What the eigenvalues of one spectrum weigh.
enum class SpectralWeights {
  uniform,
  modulus,  ///< |lambda| / sum |lambda|: slowly decaying modes weigh more; SpectralMass has no part in it
  /// (1 / rho) / sum (1 / rho), rho = Eigenvalue::residual, at least 1e-8: modes that the data bear out weigh more. Of
  /// fitted recordings (or operators with FitFacts::spectrum); eigenvalues without a residual weigh nothing.
  /// SpectralMass has no part in it.
  inverse_residual,
};

/// Spectral distance between DMD operators:
///     W2^2 = (1/r) min over permutations of sum |lambda_i - mu_pi(i)|^2,
/// uniform weights (arXiv 2302.09160; `wasserstein` of the DSA paper's package). With other masses, weights or order p:
/// W_p^p = min over couplings of sum pi_ij |lambda_i - mu_j|^p, whose marginals are the masses.
struct Spectral {
  Dmd dmd = {};
  SpectralScore score = SpectralScore::squared;
  SpectralMeasure measure = SpectralMeasure::transport;
  SpectralMass mass = SpectralMass::pad;
  SpectralWeights weights = SpectralWeights::uniform;
  index_t order = 2;  ///< p: 1 or 2
  /// Eigenvalues whose residual (Eigenvalue::residual) is above this are left out of their spectrum, so that spectra
  /// may differ in size (see `mass`); 0: none. Of operators that were fitted with EngineOptions::spectra, or are fitted
  /// here; a system of which nothing is left has failed.
  double prune = 0;

  bool operator==(const Spectral&) const = default;
};

/// Distance of two eigenspaces, delta = |<r, r'> <l, l'>| of their right and left eigenvectors of unit length.
enum class Subspace {
  chordal,     ///< sqrt(1 - delta^2)
  geodesic,    ///< arccos delta
  procrustes,  ///< sqrt(2 (1 - delta))
  martin,      ///< sqrt(-log max(delta^2, 1e-12))
};

/// Spectral-Grassmann transport between operators that share coordinates, arXiv 2509.24920: the masses 1 / r of
/// (lambda_i, r_i, l_i), an eigenvalue with its right and left eigenvectors, at the cost
/// (eta |lambda - lambda'|^q + (1 - eta) d_G^q)^(p / 2), d_G the distance of the eigenspaces; W = (least cost)^(1/p),
/// and its root. Operators of recordings have eigenvectors over delays x channels, which must correspond
/// (Preprocess::common_basis where channels do not); operators that were given share the coordinates that they are
/// written in. Both need the same number of these. Not invariant to a change of basis of one of the two.
struct SpectralGrassmann {
  Dmd dmd = {};
  SpectralScore score = SpectralScore::root;  ///< root: sqrt(W), the reference package's; squared: W
  double eta = 0.5;                           ///< weight of the eigenvalues, in [0, 1]; 1 - eta that of the eigenspaces
  Subspace subspace = Subspace::chordal;
  index_t order = 2;     ///< p: 1 or 2
  index_t exponent = 1;  ///< q: 1 or 2

  bool operator==(const SpectralGrassmann&) const = default;
};

/// Which matrices of two operators with inputs are compared; K = [B, A B, A^T B, A^2 B, (A^T)^2 B, ...] and C the
/// orthogonal matrix that brings K of the second system nearest to K of the first.
enum class InputComparison {
  joint,          ///< min over orthogonal C of ||K_1 - C K_2||_F: state and inputs together
  control,        ///< min over orthogonal C of ||B_1 - C B_2||_F: the inputs alone
  joint_state,    ///< ||A_1 - C A_2 C^T||_F with the joint comparison's C: its share of the state
  joint_control,  ///< ||B_1 - C B_2||_F with the joint comparison's C: its share of the inputs
};

/// Comparison of operators with inputs, x(t+1) = A x(t) + B u(t), arXiv 2510.25943, up to an orthonormal change of the
/// state's basis. (The state alone: Dsa.) Both need the same number of states and of inputs.
struct InputDsa {
  Dmd dmd = {};
  InputComparison compare = InputComparison::joint;
  DsaScore score = DsaScore::angular;  ///< euclidean: of the matrices as they are, not scaled
  /// Powers of A in K: A^h and (A^T)^h for h < horizon; 0: as many as states. An unstable A dominates K by its last
  /// power.
  index_t horizon = 0;

  bool operator==(const InputDsa&) const = default;
};

}  // namespace kindred

#pragma once
#include <kindred/dmd.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <variant>

namespace kindred {

/// How long the alignment search looks for the global minimum of one pair.
enum class Effort {
  fast,      ///< one refinement from the best analytic start
  standard,  ///< starts and kicks until the best minimum has been met again (the default)
  thorough,  ///< twice as long
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
  bool normalize = true;   ///< false: raw Frobenius distance of unscaled operators (euclidean only)
  bool zero_pad = false;   ///< embed the smaller of two operators; otherwise unequal sizes are an error
  bool certify = false;    ///< try to prove each minimum (PairStatus::certified, gap)
  std::uint64_t seed = 0;  ///< of the kicks; the same seed gives the same bits
};

/// Spectral distance between DMD operators: W2^2 = (1/r) min over permutations of sum
/// |lambda_i - mu_pi(i)|^2, uniform weights (arXiv 2302.09160; `wasserstein` of the DSA paper's package).
struct Spectral {
  Dmd dmd = {};
  bool root = false;  ///< report W2 instead of W2^2
};

/// Any metric; each converts implicitly.
using Metric = std::variant<Dsa, Spectral>;

}  // namespace kindred

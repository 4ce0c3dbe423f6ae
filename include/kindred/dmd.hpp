#pragma once
#include <kindred/export.hpp>
#include <kindred/types.hpp>

#include <complex>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kindred {

/// How the rank r of a system's operator is chosen from the singular values sigma_1 >= ... >= sigma_p of its delay
/// embedding H (rows x columns, p = min(rows, columns), not centred). A number is a rule too: Dmd{.rank = 20}.
///
///     number r       that rank
///     0              the numerical rank: sigma_i > max(rows, columns) eps sigma_1 (eps of the data's own type)
///     full           p, every direction there is
///     sigma:T        the number of sigma_i > T, in the units of the data (T > 0)
///     sigma-ratio:T  the number of sigma_i > T sigma_1 (0 < T < 1)
///     variance:F     the smallest r with sigma_1^2 + ... + sigma_r^2 >= F (sigma_1^2 + ... + sigma_p^2) (0 < F <= 1)
///     svht           the number of sigma_i > omega(beta) median(sigma),
///                    beta = min(rows, columns) / max(rows, columns),
///                    omega = 0.56 beta^3 - 0.95 beta^2 + 1.82 beta + 1.43: the optimal hard threshold for noise of
///                    unknown level (Gavish and Donoho 2014, arXiv 1305.5870, equation 5)
///
/// The last four choose among the directions within the numerical rank, as the others are rounding noise. A system of
/// which a rule takes no direction at all has no operator: its fit has failed.
struct RankRule {
  enum class Kind { number, numerical, full, sigma, sigma_ratio, variance, svht };

  Kind kind = Kind::numerical;
  index_t number = 0;  ///< r, of a number
  double value = 0;    ///< T or F

  constexpr RankRule() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a number is a rule
  constexpr RankRule(index_t rank) : kind(rank == 0 ? Kind::numerical : Kind::number), number(rank) {}
  constexpr RankRule(Kind of, double limit) : kind(of), value(limit) {}

  [[nodiscard]] constexpr bool is_number() const { return kind == Kind::number; }
  bool operator==(const RankRule&) const = default;
};

/// Whether its number or limit is within the bounds above.
[[nodiscard]] KINDRED_EXPORT bool is_valid(const RankRule& rule);
/// The rule as written above ("20", "variance:0.99"), and the other way round: nothing for a text that is no rule.
[[nodiscard]] KINDRED_EXPORT std::string text_of(const RankRule& rule);
[[nodiscard]] KINDRED_EXPORT std::optional<RankRule> parse_rank_rule(std::string_view text);
/// What a text may be, for people.
inline constexpr std::string_view rank_rule_forms =
    "a whole number from 0, full, sigma:T, sigma-ratio:T, variance:F or svht, with T > 0 (of sigma-ratio below 1) and "
    "0 < F <= 1";

/// One rank for a whole collection, from those that the rule gives its systems. It is at most what the smallest system
/// has rows and columns; for some systems it may exceed the numerical rank (RankExcess).
enum class RankShared {
  none,    ///< each system its own
  min,     ///< the smallest
  median,  ///< the middle one; of an even number of systems, the smaller of the two in the middle
  max,     ///< the largest
};

/// What to do when the rank asked for exceeds the numerical rank of a system's embedded data, where
/// sigma_r <= max(rows, columns) * eps * sigma_1 (eps of the data's own type).
enum class RankExcess {
  warn,   ///< fit as asked; the system's FitStatus says so
  clip,   ///< lower the rank of the whole collection to the smallest numerical rank
  error,  ///< throw Error{invalid_data} that names the system and both ranks
};

/// How an operator is estimated. U- and U+: rows of U (below) that have a successor `steps_ahead` later in their trial,
/// and those successors; G = U-^T U-, C = U-^T U+, N = U+^T U+; lambda the ridge.
enum class Regression {
  /// Principal-component regression: A = ((G + lambda I)^-1 C)^T (HAVOK; arXiv 2306.10168).
  principal_components,
  /// Reduced-rank regression: all p directions within the numerical rank predict, r of them are predicted. With
  /// B = (G + lambda I)^-1 C and W the r leading orthonormal eigenvectors of C^T B (p x p),  A = (W^T B W)^T: the
  /// operator in the r coordinates that are predicted best. Its eigenvalues are those of B W W^T that are not zero
  /// (Izenman 1975, doi 10.1016/0047-259X(75)90042-1; arXiv 2205.14027). Takes p x p moments of every system.
  reduced_rank,
  /// Total least squares, for noise of equal strength in every channel: [Q1; Q2] the r leading eigenvectors of the
  /// second moments of [W-, W+], W = H V_r, are what is kept of both: with X and Y the rows of [W-, W+] Q Q^T in the
  /// coordinates U, A = ((X^T X + lambda I)^-1 X^T Y)^T, without a ridge Q2 Q1^-1 in these coordinates (Hemati et al.
  /// 2017, doi 10.1007/s00162-017-0432-2; Dawson et al. 2016, arXiv 1507.02264, section 2.4).
  total_least_squares,
  /// Forward-backward: A = (F B^-1)^(1/2), the real root next to F, with F = ((G + lambda I)^-1 C)^T and, back in time,
  /// B = ((N + lambda I)^-1 C^T)^T (Dawson et al. 2016, arXiv 1507.02264, equation 22).
  forward_backward,
  /// Subspace identification from windows of d steps before each step and d from it on, outputs y (the channels) and
  /// inputs u: of the rows (u and y before; y from there on) without what the inputs from there on explain, the
  /// singular value decomposition O = U S V^T of the oblique projection of the later outputs on what was before.
  /// States x = U^T O, y = C x with C the first rows of U, and [A B] by regression of x(t+1) on x(t), u(t), in
  /// coordinates in which the states are orthonormal. For systems of which the channels show a part: d is at least the
  /// number of states over that of channels. Takes delays d at interval 1, one step ahead (Van Overschee and De Moor
  /// 1994, doi 10.1016/0005-1098(94)90230-5; arXiv 2510.25943).
  n4sid,
  /// The same with U from the orthogonal projection, of which inputs are taken off both sides (Verhaegen 1994, doi
  /// 10.1016/0005-1098(94)90229-1). Without inputs it is n4sid.
  projected_subspace,
};

/// Whether it is by windows before and after a step, in place of a delay embedding.
[[nodiscard]] constexpr bool is_subspace(Regression regression) {
  return regression == Regression::n4sid || regression == Regression::projected_subspace;
}

/// Delay embedding and DMD operator.
///
/// Row s of a trial's delay embedding H is [x(s + (d-1) tau), ..., x(s)] (newest first, d*C columns,
/// s = 0 .. T - (d-1) tau - 1); trials are stacked, no row crosses a trial's end. With H = U S V^T and U its first r
/// columns, the regression makes the operator A (r x r), x(t + steps_ahead) = A x(t), from the rows of U.
struct Dmd {
  index_t delays = 1;       ///< d, number of delays (1: no embedding)
  index_t interval = 1;     ///< tau, steps between delays
  RankRule rank = 0;        ///< r, or how it is chosen
  index_t steps_ahead = 1;  ///< prediction horizon in steps
  double ridge = 1e-8;      ///< lambda; the columns of U are orthonormal, so it is relative
  RankExcess rank_excess = RankExcess::warn;
  RankShared rank_shared = RankShared::none;
  Regression regression = Regression::principal_components;
  /// Time between two samples. With it the operator is the generator of continuous time, log(A) / (steps_ahead dt), the
  /// principal logarithm, per unit of that time: recordings of different sampling rates compare. B is then that of
  /// dx/dt = A x + B u with inputs that hold for a step: both from the logarithm of [A, B; 0, I]. 0: A, by the step.
  double dt = 0;

  bool operator==(const Dmd&) const = default;
};

/// How a system's fit went.
enum class FitStatus {
  ok,
  rank_excess,       ///< rank above the numerical rank: the trailing directions are noise of rounding
  constant_channel,  ///< fitted, but at least one channel never changes (FitFacts::detail names it)
  undetermined,      ///< no more transitions than the rank: an operator that fits any data exactly and says nothing
  failed,            ///< no operator could be computed (FitFacts::detail says why)
};

/// The enumerator's name, as results and reports write it.
[[nodiscard]] constexpr const char* status_name(FitStatus status) {
  switch (status) {
    case FitStatus::ok:
      return "ok";
    case FitStatus::rank_excess:
      return "rank_excess";
    case FitStatus::constant_channel:
      return "constant_channel";
    case FitStatus::undetermined:
      return "undetermined";
    case FitStatus::failed:
      break;
  }
  return "failed";
}

/// One eigenvalue mu of an operator A, and how well the data bear it out.
struct Eigenvalue {
  std::complex<double> value;
  /// ||U+ v - mu U- v|| / ||U- v||, A^T v = mu v: how far the eigenfunction u^T v is, along the data behind the fit,
  /// from being multiplied by mu in each step (U-, U+: Regression; of a system with inputs, what B u adds is taken off
  /// U+). 0: a mode of the dynamics; near 1 or above: an artefact. Resolved down to about 1e-8. NaN where nothing is
  /// known: of an operator that was given, and where the eigenfunction vanishes on the data.
  /// Source: residual dynamic mode decomposition, Colbrook and Townsend 2024, doi 10.1002/cpa.22125 (arXiv 2111.14889).
  double residual = std::numeric_limits<double>::quiet_NaN();
};

/// Per-system facts of a fit.
struct FitFacts {
  FitStatus status = FitStatus::ok;
  index_t rank = 0;                      ///< rank used
  index_t numerical_rank = 0;            ///< count of sigma_i > max(rows, columns) * eps * sigma_1
  bool numerical_rank_is_bound = false;  ///< whether that is a lower bound: not all directions were looked at
  index_t rows = 0;                      ///< rows of the embedded matrix
  index_t columns = 0;                   ///< d * C
  double sigma_ratio = 0;                ///< sigma_r / sigma_1
  double residual = 0;                   ///< ||U+ - U- A^T||_F / ||U+||_F, one-step prediction error
  std::string detail;                    ///< one line for people, empty when status is ok
  /// Rows more that the embedded matrix would have if no sample were missing (Preprocess::nan).
  index_t windows_left_out = 0;
  /// All eigenvalues of the operator, the largest modulus first, of a pair that with the positive imaginary part first;
  /// empty unless EngineOptions::spectra asks for them, or nothing else is known (operator_with_spectrum, in any
  /// order). With Dmd::dt they are those of the generator, in the same order.
  std::vector<Eigenvalue> spectrum{};
};

/// One linear operator, `size` x `size`, row-major: x(t+1) = A x(t).
struct Operator {
  std::string name;
  std::string label;
  index_t size = 0;
  std::vector<double> values;           ///< NaN where nothing but the eigenvalues is known (operator_with_spectrum)
  index_t inputs = 0;                   ///< m, of a system that was recorded with inputs (TrajectorySet::inputs)
  std::vector<double> input_matrix;     ///< B, size x inputs, row-major: x(t+1) = A x(t) + B u(t); InputDsa looks at it
  index_t outputs = 0;                  ///< channels of the recording, of subspace identification
  std::vector<double> output_matrix{};  ///< C, outputs x size, row-major: y(t) = C x(t); no metric looks at it
  /// The coordinates of the states, columns x size, row-major: basis x is the embedded row (newest samples first) of
  /// the state x, V S of the leading directions, whose columns are orthogonal; of reduced-rank regression V S W. Kept
  /// where EngineOptions::bases or the metric (SpectralGrassmann) asks for it; empty: the states are in coordinates of
  /// their own.
  std::vector<double> basis{};
  /// sigma_1 ... sigma_r of the embedded data, in the units of the data; kept with `basis`. But for reduced-rank
  /// regression they are the lengths of the columns of `basis`.
  std::vector<double> singular_values{};
  FitFacts facts;

  [[nodiscard]] double operator()(index_t i, index_t j) const { return values[static_cast<std::size_t>(i * size + j)]; }
};

using OperatorSet = std::vector<Operator>;

/// A system of which the eigenvalues alone are known, for the metrics that compare these (Spectral); others refuse it.
/// They need not be closed under conjugation, and are compared as they are. Whoever knows their residuals sets those in
/// FitFacts::spectrum. Throws Error{invalid_data} for no eigenvalues and for one that is not finite, with its place.
[[nodiscard]] KINDRED_EXPORT Operator operator_with_spectrum(std::string name,
                                                             std::span<const std::complex<double>> eigenvalues);
/// Whether that is all that is known of it.
[[nodiscard]] KINDRED_EXPORT bool has_spectrum_alone(const Operator& a);

/// The eigenvalues of an operator by themselves, in the order of FitFacts::spectrum, without residuals. None of an
/// operator that has values that are not finite (of operator_with_spectrum too), or whose eigenvalues do not converge.
/// Cost: 10 r^3 flops.
[[nodiscard]] KINDRED_EXPORT std::vector<Eigenvalue> eigenvalues(const Operator& a);

/// The eigenfunctions of a fitted operator along the recording that it was fitted to.
struct Eigenfunctions {
  FitFacts facts;  ///< of the fit; the spectrum has an eigenvalue for each eigenfunction, in the same order
  /// phi(t) = v^T u(t) with A^T v = mu v, u(t) a row of U: in a linear system phi(t + steps_ahead) = mu phi(t). A trial
  /// each, rows x rank, row-major; row s belongs to step s + (delays - 1) interval. The mean of |phi|^2 over all rows
  /// is 1.
  std::vector<std::vector<std::complex<double>>> trials;
};

/// What an operator does to the lengths of states. NaN of an operator that has no eigenvalues.
struct OperatorFigures {
  double spectral_radius = std::numeric_limits<double>::quiet_NaN();  ///< largest modulus of an eigenvalue
  double non_normality = spectral_radius;  ///< ||A^T A - A A^T||_F: 0 where eigenvectors are orthogonal
  double transient_growth =
      spectral_radius;  ///< the largest singular value: how much one step lengthens a state at most
};
/// Cost: about 25 r^3 flops.
[[nodiscard]] KINDRED_EXPORT OperatorFigures figures_of(const Operator& a);

}  // namespace kindred

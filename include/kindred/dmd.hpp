#pragma once
#include <kindred/types.hpp>

#include <string>
#include <vector>

namespace kindred {

/// What to do when the rank asked for exceeds the numerical rank of a system's embedded data, where
/// sigma_r <= max(rows, columns) * eps * sigma_1 (eps of the data's own type).
enum class RankExcess {
  warn,   ///< fit as asked; the system's FitStatus says so
  clip,   ///< lower the rank of the whole collection to the smallest numerical rank
  error,  ///< throw Error{invalid_data} that names the system and both ranks
};

/// Delay embedding and DMD operator (HAVOK, principal-component regression), arXiv 2306.10168.
///
/// Row s of a trial's delay embedding is [x(s + (d-1) tau), ..., x(s)] (newest first, d*C columns,
/// s = 0 .. T - (d-1) tau - 1); trials are stacked, no row crosses a trial's end. With H = U S V^T and
/// u the first `rank` columns of U,  A = ((U-^T U- + ridge I)^-1 U-^T U+)^T,  where U- lacks each trial's last
/// `steps_ahead` rows and U+ its first.
struct Dmd {
  index_t delays = 1;       ///< d, number of delays (1: no embedding)
  index_t interval = 1;     ///< tau, steps between delays
  index_t rank = 0;         ///< r; 0: the full numerical rank of each system
  index_t steps_ahead = 1;  ///< prediction horizon in steps
  double ridge = 1e-8;      ///< lambda; the columns of U are orthonormal, so it is relative
  RankExcess rank_excess = RankExcess::warn;

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

/// Per-system facts of a fit.
struct FitFacts {
  FitStatus status = FitStatus::ok;
  index_t rank = 0;            ///< rank used
  index_t numerical_rank = 0;  ///< count of sigma_i > max(rows, columns) * eps * sigma_1
  index_t rows = 0;            ///< rows of the embedded matrix
  index_t columns = 0;         ///< d * C
  double sigma_ratio = 0;      ///< sigma_r / sigma_1
  double residual = 0;         ///< ||U+ - U- A^T||_F / ||U+||_F, one-step prediction error
  std::string detail;          ///< one line for people, empty when status is ok
  /// Rows more that the embedded matrix would have if no sample were missing (Preprocess::nan).
  index_t windows_left_out = 0;
};

/// One linear operator, `size` x `size`, row-major: x(t+1) = A x(t).
struct Operator {
  std::string name;
  std::string label;
  index_t size = 0;
  std::vector<double> values;
  index_t inputs = 0;                ///< m, of a system that was recorded with inputs (TrajectorySet::inputs)
  std::vector<double> input_matrix;  ///< B, size x inputs, row-major: x(t+1) = A x(t) + B u(t); no metric looks at it
  FitFacts facts;

  [[nodiscard]] double operator()(index_t i, index_t j) const { return values[static_cast<std::size_t>(i * size + j)]; }
};

using OperatorSet = std::vector<Operator>;

}  // namespace kindred

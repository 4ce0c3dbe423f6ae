#pragma once
/// Delay embedding and DMD operators of a collection (kindred/dmd.hpp), systems of one shape in one batch.
///
/// 1. Directions (directions.hpp): right singular vectors V and singular values of H (left ones when H has fewer rows
///    than columns: H^T takes its place).
///    Orthogonal route: the R factors of row panels accumulate into one triangle, whose SVD follows. Backward stable:
///    the r-th direction is good to eps sigma_1 / sigma_r, and sigma down to rounding gives the numerical rank.
///    Gram route: H^T H, then its eigenvalues and the eigenvectors asked for. Errors are eps (sigma_1 / sigma_r)^2, and
///    sigma is resolved to 1e-6 sigma_1 only. Tried first when H is large (more than 1024 columns) or long
///    (32 rows a column) and not nearly all directions are asked for, where it saves most of the work; kept if
///    sigma_r > 1e-3 sigma_1 and the numerical rank is settled (its threshold lies above 1e-6 sigma_1, or all sigma
///    do). With more than 1024 columns it is kept for its directions alone, and the numerical rank counts sigma > 1e-6
///    sigma_1: a lower bound. H^T H accumulates over row panels or, where every trial has 8 rows for each step of
///    interval and horizon, comes from the shift structure of delays (delay_gram.hpp) at 1 / d of the work.
///    Krylov route (krylov.hpp): a few directions of a large H without H. Tried before the Gram route where that takes
///    longer, kept if a residual proves the directions to 5e-9; numerical rank as there.
/// 2. Moments (moments.hpp): W = H V_r in row panels again, and the second moments of its rows one step apart. With the
///    shift structure these moments too are known for all columns, and H is not formed again.
/// 3. Ranks are settled over the collection (ranks.hpp), and each operator comes from leading blocks of its moments
///    (estimators/estimate.hpp).
///
/// Flops of a system: 2 m n^2 (Gram: m n^2) + 12 n^3 + 2 m n r + 4 m r^2, m x n the size of H; by the shift structure
/// 6 m n C + 12 n^3 + 6 n^2 r and 12 tau n^2 a trial. The Gram route on a CPU takes 4/3 n^3 in place of 12 n^3 where
/// few directions are asked for. Workspace: a panel of max(4 n, 2^18 / n) rows, two n x n matrices
/// (five by the shift structure) and four panels of r columns. Panels and batches depend on the shape of a system and
/// not on the memory or the number of threads, and so does the result.
#include "host/engine/recordings/recordings.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// What operators tell beside their values (EngineOptions).
struct FitExtras {
  bool spectra = false;  ///< FitFacts::spectrum
  bool bases = false;    ///< Operator::basis

  bool operator==(const FitExtras&) const = default;
  friend FitExtras operator|(const FitExtras& a, const FitExtras& b) {
    return {a.spectra || b.spectra, a.bases || b.bases};
  }
};

/// What a metric looks at.
[[nodiscard]] FitExtras extras_of(const Metric& metric);

/// One operator a system, in order, with the extras that are asked for. Throws as Engine::fit; Error{out_of_memory}
/// when the workspace of one system exceeds the backend's budget. A failed system gets an operator of the rank asked
/// for, filled with NaN.
[[nodiscard]] OperatorSet fit_operators(Recordings& recordings, const Dmd& dmd, const Progress& progress,
                                        FitExtras extras = {});

/// The same, each system by its own parameters: one Dmd a system.
[[nodiscard]] OperatorSet fit_operators(Recordings& recordings, std::span<const Dmd> dmds, const Progress& progress,
                                        FitExtras extras = {});

/// The same at each of several ranks, from one fit at the largest (dmd.rank is not looked at).
[[nodiscard]] std::vector<OperatorSet> fit_operators(Recordings& recordings, const Dmd& dmd,
                                                     std::span<const index_t> ranks, const Progress& progress,
                                                     FitExtras extras = {});

}  // namespace kindred::host

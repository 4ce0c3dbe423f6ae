#pragma once
/// Subspace identification of one system (Regression::n4sid and projected_subspace), on the host.
///
/// Row j of M holds, of the window that begins at step j of a trial, [U_f, U_p, Y_p, Y_f]: inputs of the d later steps,
/// inputs and outputs of the d earlier ones, outputs of the later ones. With M = Q R, and R_zz, R_zf and R_uz its
/// blocks for the columns Z = [U_p, Y_p], Y_f and U_f:
///     K = R_zf^T (R_zz^T)^+    what Z tells of Y_f when U_f is known too; directions below 1e-10 of the largest
///                              are left out
///     n4sid:              O = K [R_uz^T, R_zz^T] = U S V^T      (the oblique projection K Z, less the rows of Q)
///     projected_subspace: O = K R_zz^T = U S V^T                (U_f taken off Z as well)
/// States of all rows are Z K^T U_r; their moments, and the inputs between them, go the way of all others
/// (estimate.hpp), which makes A and B. dsa-metric's projected form takes the states without what U_f explains, for
/// which x(t+1) = A x(t) + B u(t) does not hold; here both forms have the states of Z, and differ in U.
///
/// Cost: 4 rows q^2 flops, q = 2 d (C + m) the columns of M, and about 25 (d (C + m))^3.
#include "host/engine/fit/fit_batch.hpp"

namespace kindred::host {

/// Bytes of workspace.
[[nodiscard]] std::size_t subspace_bytes(const TrajectorySet& system, const Embedding& embedding, const Dmd& dmd);

/// Singular values, numerical rank, rank by the rule, moments of the states and C of a system in host memory. `out`
/// stays without moments where the singular values do not converge.
void fit_subspace(const TrajectorySet& system, const Embedding& embedding, const FitInputs& inputs, const Dmd& dmd,
                  Fitted& out);

}  // namespace kindred::host

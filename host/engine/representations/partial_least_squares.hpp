#pragma once
/// Partial least squares between two recordings, of their second moments alone.
#include "host/engine/representations/factor.hpp"

#include <kindred/metrics.hpp>

#include <vector>

namespace kindred::host {

/// F^T F, on the host, row-major.
[[nodiscard]] std::vector<double> moments(Backend& backend, const Factor& f);

/// The coefficients B (p x q, row-major) of PLS2 regression, Yhat = X B, of at most metric.pls_components components,
/// from S = X^T X (p x p) and C = X^T Y (p x q) of centred X and Y. For k = 1, 2, ...: w the leading left singular
/// vector of C; v = w made S-orthogonal to the v before it; t = X v, tau = v^T S v; C <- C - S v (v^T C) / tau;
/// B <- B + v (v^T C) / tau. Ends early where ||C||_F or tau is at the rounding of the moments, max(p, q, 32) eps of
/// their size at first (eps of the precision in which C was made): the numerical rank of X has no further components.
/// Cost, a component: 2 p^2 + 8 p q flops and an eigenvector of min(p, q). Errors are eps times the squared condition
/// of the components' scores. Source: Dayal and MacGregor 1997,
/// doi 10.1002/(SICI)1099-128X(199701)11:1<73::AID-CEM435>3.0.CO;2-#.
[[nodiscard]] std::vector<double> partial_least_squares(const std::vector<double>& s, std::vector<double> c, index_t p,
                                                        index_t q, const LinearRegression& metric);

/// ||Y||^2 - ||Y - X B||^2 of these coefficients, at least 0: what each component explains, summed.
[[nodiscard]] double explained_by_pls(const std::vector<double>& s, std::vector<double> c, index_t p, index_t q,
                                      const LinearRegression& metric);

}  // namespace kindred::host

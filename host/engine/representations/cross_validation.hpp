#pragma once
/// Linear regression between recordings, judged on samples it was not fitted to.
#include "host/engine/representations/factor.hpp"

#include <kindred/metrics.hpp>
#include <kindred/progress.hpp>

#include <span>
#include <vector>

namespace kindred::host {

/// R^2 of predicting column system j from row system i, rows x columns, row-major; NaN where a system is unusable:
///
///     R^2 = 1 - sum over folds v of ||Y_v - Yhat_v||^2 / ||Y - mean||^2,
///
/// Yhat_v = mean of Y + (X_v - mean of X) B, with means and B (least squares on the numerical range, of least norm)
/// from the samples outside fold v. Folds are contiguous: metric.folds equal blocks of samples or of trials. Cost, a
/// pair and a fold: 2 m r q flops for the products and 4 r^2 q for the error; a system and a fold: 2 m p^2. The error
/// comes from r x q products, so R^2 is right to eps times the condition of X. `progress` hears of stage "folds".
/// Throws what folds_of throws; Error{cancelled}.
/// Source: Stone 1974, doi 10.1111/j.2517-6161.1974.tb00994.x.
[[nodiscard]] std::vector<double> cross_validated_r2(Backend& backend, std::span<const Factor> rows,
                                                     std::span<const Factor> columns, const LinearRegression& metric,
                                                     const Progress& progress);

}  // namespace kindred::host

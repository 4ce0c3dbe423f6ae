#pragma once
/// Sums of products of a recording's samples some lags apart, which are the last blocks of its delay Gram matrices
/// (delay_gram.hpp), through the frequency domain: with R_k = T - (d - 1) tau - k rows of a trial of T samples that
/// have a successor k rows later, and lags l_i = (d - 1 - i) tau,
///
///     now[i] = sum of x[s + l_i]^T x[s],   next[i] = sum of x[s + l_i]^T x[s + k],
///     before[i] = sum of x[s + l_i + k]^T x[s],
///
/// C x C each, over trials and s = 0 .. R_k - 1. Trials are cut into segments of W such s, which read L = W + (d - 1)
/// tau + k samples x. With the transforms (fourier.hpp) of these, X, and of x[s] and x[s + k] for the W values of s, Z,
///
///     E = X_c^T Z_c + X_s^T Z_s,   O = X_s^T Z_c - X_c^T Z_s     summed over all segments, a frequency
///     sum of x[s + l]^T z[s] = sum over frequencies of g (E cos w l + O sin w l)
///
/// so that all lags share the products. Flops for S segments, F frequencies: F S (16 C^2 + 4 C (L + 2 W)); row by row
/// they would be 6 d C^2 for each of the m rows. Errors are those of sums of m products. Source: the correlation
/// theorem; Oppenheim and Schafer, Discrete-Time Signal Processing, section 8.7.
#include "host/engine/fit/embedding_panels.hpp"
#include "host/engine/fit/fourier.hpp"

#include <kindred/dmd.hpp>

#include <optional>
#include <span>
#include <vector>

namespace kindred::host {

/// How the sums of systems of one shape are taken.
struct LagPlan {
  index_t rows = 0;      ///< W; 0: not by frequencies, as rows would take fewer flops
  index_t length = 0;    ///< L
  index_t segments = 0;  ///< transformed at once
  index_t band = 0;      ///< frequencies whose E and O are held at once
};

/// The plan that takes the fewest flops, for `rows` rows in all of about equally long trials.
[[nodiscard]] LagPlan plan_lag_products(index_t rows, index_t trials, index_t channels, const Dmd& dmd);

/// Bytes of workspace for one system.
[[nodiscard]] std::size_t lag_product_bytes(const LagPlan& plan, index_t channels, const Dmd& dmd);

/// Device memory kept from batch to batch.
struct LagWorkspace {
  Buffer<double> samples, factors, spectra, products;
};

/// Writes [now, next, before] to `sums`, n x 3 C a member. A member's result depends on the plan and not on the other
/// members.
void lag_products(Backend& backend, LagWorkspace& work, std::span<const BatchMember> members, const Dmd& dmd,
                  const LagPlan& plan, const MatrixBatch<double>& sums);

}  // namespace kindred::host

#pragma once
/// The leading singular directions of a wide delay embedding H (m x n), where few are asked for, by a block Krylov
/// method: H is used in products with blocks of vectors alone (embedding_operator.hpp).
///
/// From a random block Q_0 of b = r + max(4, r / 4) orthonormal vectors, block Lanczos on A = H^T H with full
/// orthogonalisation, twice, builds an orthonormal basis Q = [Q_0, Q_1, ...] and T = Q^T A Q; eigenvectors of T give
/// approximate directions, and the last block of T how far they are from exact. When this says that the leading r have
/// settled, they are taken, improved within their span by the singular value decomposition of H V, and judged:
///
///     E = H^T U - V S     (H V = U S exactly),   sin(angle of the spans) <= ||E_r||_F / (s_r - s_(r+1) - ||e_(r+1)||)
///
/// (Wedin 1972, doi 10.1007/BF01932678). They are kept if the bound is at most `settled`, or if E is rounding noise:
/// then s_r is as good as equal to s_(r+1), and no method tells their directions apart. What the bound cannot exclude
/// is that a larger singular value was missed altogether: that takes a direction to which all b random vectors are
/// orthogonal. T holds squares, so directions of less than about 1e-4 s_1 do not settle; the other routes take those.
/// The random numbers depend on the shape of the system alone, and so the result on the system alone.
///
/// Flops: two products with H a step and two to end with (EmbeddingOperator::flops), and 8 n b of orthogonalisation for
/// each vector of the basis so far. Memory: EmbeddingOperator, most_steps blocks of n x b and two of m x b. Sources:
/// Golub and Underwood 1977 (block Lanczos); Musco and Musco 2015, arXiv 1504.05477 (random block Krylov); Wedin 1972.
#include "host/engine/fit/directions.hpp"

namespace kindred::host {

/// Whether the Krylov method is worth trying: its flops, with room for slow convergence, are a fraction of those of the
/// Gram route.
[[nodiscard]] bool krylov_pays(const FitShape& shape, const Dmd& dmd);

/// Bytes of workspace for one system.
[[nodiscard]] std::size_t krylov_bytes(const FitShape& shape, const Dmd& dmd);

/// Directions of every member, one after another, with `projected`. A member that does not settle is not usable.
[[nodiscard]] Directions krylov_route(Batch& batch, std::span<Fitted> out);

}  // namespace kindred::host

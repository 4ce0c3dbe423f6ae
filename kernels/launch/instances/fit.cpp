#include "kernels/launch/instance.hpp"
#include "kernels/program/delay_embedding.hpp"
#include "kernels/program/diagonal_sums.hpp"
#include "kernels/program/gather_rows.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(DelayEmbedding<float>)
KINDRED_INSTANCE(DelayEmbedding<double>)
KINDRED_INSTANCE(DiagonalSums)
KINDRED_INSTANCE(GatherRows)

}  // namespace kindred::kernels::inline KINDRED_TARGET

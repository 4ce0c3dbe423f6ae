#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/delay_embedding.hpp"
#include "kernels/program/diagonal_sums.hpp"
#include "kernels/program/gather_rows.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(DelayEmbedding<float>)
KINDRED_CUDA_INSTANCE(DelayEmbedding<double>)
KINDRED_CUDA_INSTANCE(DiagonalSums)
KINDRED_CUDA_INSTANCE(GatherRows)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/block_norm.hpp"
#include "kernels/program/cross_product.hpp"
#include "kernels/program/nuclear_norm.hpp"
#include "kernels/program/pack_columns.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(PackColumns<float, float>)
KINDRED_CUDA_INSTANCE(PackColumns<float, double>)
KINDRED_CUDA_INSTANCE(PackColumns<double, float>)
KINDRED_CUDA_INSTANCE(PackColumns<double, double>)
KINDRED_CUDA_INSTANCE(CrossProduct<float>)
KINDRED_CUDA_INSTANCE(CrossProduct<double>)
KINDRED_CUDA_INSTANCE(BlockNorm<float>)
KINDRED_CUDA_INSTANCE(BlockNorm<double>)
KINDRED_CUDA_INSTANCE(NuclearNorm<float>)
KINDRED_CUDA_INSTANCE(NuclearNorm<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

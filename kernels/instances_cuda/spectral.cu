#include "kernels/launch_cuda.cuh"
#include "kernels/program/spectral.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(SpectralDistance)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/pavf_matching.hpp"
#include "kernels/program/spectral.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(SpectralDistance)
KINDRED_CUDA_INSTANCE(PavfMatching)

}  // namespace kindred::kernels::inline KINDRED_TARGET

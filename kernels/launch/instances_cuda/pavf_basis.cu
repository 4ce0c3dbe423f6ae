#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/pavf_basis.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(PavfBasis)

}  // namespace kindred::kernels::inline KINDRED_TARGET

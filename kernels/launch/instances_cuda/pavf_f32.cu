#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/pavf.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(Pavf<float>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

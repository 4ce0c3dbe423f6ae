#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/mark_failed.hpp"
#include "kernels/program/symmetrize.hpp"
#include "kernels/program/upper_triangle.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(MarkFailed<double>)
KINDRED_CUDA_INSTANCE(Symmetrize<double>)
KINDRED_CUDA_INSTANCE(UpperTriangle<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

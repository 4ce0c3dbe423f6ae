#include "kernels/launch/launch_cuda.cuh"
#include "kernels/program/scan_values.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_CUDA_INSTANCE(ScanValues<float>)
KINDRED_CUDA_INSTANCE(ScanValues<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

/// The CUDA backend as a module.
#include "kernels/launch/module.hpp"
#include "host/backend/cuda/parts.hpp"

KINDRED_MODULE(&kindred::host::cuda::parts)

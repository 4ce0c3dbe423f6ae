#pragma once
/// Backend::order of the CUDA backend.
#include "host/backend/backend.hpp"

#include <kindred/types.hpp>

#include <cuda_runtime_api.h>

namespace kindred::host::cuda {

/// Backend::order with the memory of `backend`, in `stream`, on the current device.
void order_rows(Backend& backend, const double* keys, index_t rows, index_t columns, index_t count, index_t* places,
                cudaStream_t stream);

}  // namespace kindred::host::cuda

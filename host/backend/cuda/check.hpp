#pragma once
/// The status of every CUDA, cuBLAS and cuSOLVER call becomes a kindred::Error that names the call.
#include <kindred/error.hpp>

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cusolverDn.h>

#include <string>

namespace kindred::host::cuda {

inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();  // so that the next launch does not report it again
  const ErrorCode code = status == cudaErrorMemoryAllocation ? ErrorCode::out_of_memory : ErrorCode::device;
  throw Error(code, std::string("CUDA: ") + call + " failed: " + cudaGetErrorString(status));
}

inline void check(cublasStatus_t status, const char* call) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const ErrorCode code = status == CUBLAS_STATUS_ALLOC_FAILED ? ErrorCode::out_of_memory : ErrorCode::device;
  throw Error(code, std::string("cuBLAS: ") + call + " failed: " + cublasGetStatusString(status));
}

inline void check(cusolverStatus_t status, const char* call) {
  if (status == CUSOLVER_STATUS_SUCCESS) return;
  const ErrorCode code = status == CUSOLVER_STATUS_ALLOC_FAILED ? ErrorCode::out_of_memory : ErrorCode::device;
  throw Error(code, std::string("cuSOLVER: ") + call + " failed (status " + std::to_string(status) + ")");
}

}  // namespace kindred::host::cuda

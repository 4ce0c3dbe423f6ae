// Stand-in for libcublas.so: the float and double functions that batched dense linear algebra uses, on top of OpenBLAS
// and LAPACKE, with the checks described in library.hpp. Here: handles, modes, names, copies of vectors and matrices.
#include "tests/cuda_on_cpu/libraries/cublas.hpp"

using namespace ccpu_cublas;

HANDLES(cublasCreate_v2, cublasDestroy_v2, cublasContext, CUBLAS_STATUS_INVALID_VALUE)
API Status cublasGetVersion_v2(Handle, int* v) {
  *v = CUBLAS_VERSION;
  return OK;
}
API Status cublasGetProperty(libraryPropertyType t, int* v) {
  *v = t == MAJOR_VERSION ? CUBLAS_VER_MAJOR : t == MINOR_VERSION ? CUBLAS_VER_MINOR : CUBLAS_VER_PATCH;
  return OK;
}
API size_t cublasGetCudartVersion(void) { return CUDART_VERSION; }
SETTING(cublasSetStream_v2, cublasGetStream_v2, cudaStream_t, stream)
SETTING(cublasSetMathMode, cublasGetMathMode, cublasMath_t, math_mode)
SETTING(cublasSetPointerMode_v2, cublasGetPointerMode_v2, cublasPointerMode_t, pointer_mode)
SETTING(cublasSetAtomicsMode, cublasGetAtomicsMode, cublasAtomicsMode_t, atomics)
API Status cublasSetWorkspace_v2(Handle h, void* p, size_t n) {
  HANDLE(h);
  device("cublasSetWorkspace", "workspace", (char*)p, n);
  return OK;
}
API Status cublasSetSmCountTarget(Handle h, int) {
  HANDLE(h);
  return OK;
}
API Status cublasLoggerConfigure(int, int, int, const char*) { return OK; }
API const char* cublasGetStatusName(Status s) {
  switch (s) {
#define NAME(x) \
  case x:       \
    return #x;
    NAME(CUBLAS_STATUS_SUCCESS)
    NAME(CUBLAS_STATUS_NOT_INITIALIZED)
    NAME(CUBLAS_STATUS_ALLOC_FAILED)
    NAME(CUBLAS_STATUS_INVALID_VALUE)
    NAME(CUBLAS_STATUS_ARCH_MISMATCH)
    NAME(CUBLAS_STATUS_MAPPING_ERROR)
    NAME(CUBLAS_STATUS_EXECUTION_FAILED)
    NAME(CUBLAS_STATUS_INTERNAL_ERROR)
    NAME(CUBLAS_STATUS_NOT_SUPPORTED)
    NAME(CUBLAS_STATUS_LICENSE_ERROR)
    default:
      return "unknown cuBLAS status";
  }
}
API const char* cublasGetStatusString(Status s) { return cublasGetStatusName(s); }

static Status copy_strided(void* d, size_t ld, const void* s, size_t ls, size_t w, size_t n, cudaMemcpyKind k) {
  return cudaMemcpy2D(d, ld, s, ls, w, n, k) ? CUBLAS_STATUS_MAPPING_ERROR : OK;
}
API Status cublasSetVector(int n, int e, const void* x, int ix, void* y, int iy) {
  if (n < 0 || e <= 0 || ix <= 0 || iy <= 0) return CUBLAS_STATUS_INVALID_VALUE;
  return copy_strided(y, (size_t)(iy * e), x, (size_t)(ix * e), (size_t)e, (size_t)n, cudaMemcpyHostToDevice);
}
API Status cublasGetVector(int n, int e, const void* x, int ix, void* y, int iy) {
  if (n < 0 || e <= 0 || ix <= 0 || iy <= 0) return CUBLAS_STATUS_INVALID_VALUE;
  return copy_strided(y, (size_t)(iy * e), x, (size_t)(ix * e), (size_t)e, (size_t)n, cudaMemcpyDeviceToHost);
}
API Status cublasSetMatrix(int m, int n, int e, const void* A, int lda, void* B, int ldb) {
  if (m < 0 || n < 0 || e <= 0 || lda < m || ldb < m) return CUBLAS_STATUS_INVALID_VALUE;
  return copy_strided(B, (size_t)(ldb * e), A, (size_t)(lda * e), (size_t)(m * e), (size_t)n, cudaMemcpyHostToDevice);
}
API Status cublasGetMatrix(int m, int n, int e, const void* A, int lda, void* B, int ldb) {
  if (m < 0 || n < 0 || e <= 0 || lda < m || ldb < m) return CUBLAS_STATUS_INVALID_VALUE;
  return copy_strided(B, (size_t)(ldb * e), A, (size_t)(lda * e), (size_t)(m * e), (size_t)n, cudaMemcpyDeviceToHost);
}

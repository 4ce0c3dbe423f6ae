// Stand-in for the dense part of libcusolver.so in float and double, on top of LAPACKE. Checks arguments, workspace
// sizes and documented limits as the real library does (m >= n for gesvd, m, n <= 32 for gesvdjBatched, nrhs = 1 for
// potrsBatched ...), and further as library.hpp says. Signs of singular and eigenvectors are LAPACK's, not cuSOLVER's.
// Here: handles and parameters.
#include "tests/cuda_on_cpu/libraries/cusolver.hpp"

using namespace ccpu_cusolver;

HANDLES(cusolverDnCreate, cusolverDnDestroy, cusolverDnContext, CUSOLVER_STATUS_INVALID_VALUE)
SETTING(cusolverDnSetStream, cusolverDnGetStream, cudaStream_t, stream)
SETTING(cusolverDnSetDeterministicMode, cusolverDnGetDeterministicMode, cusolverDeterministicMode_t, deterministic)
API Status cusolverGetVersion(int* v) {
  *v = CUSOLVER_VERSION;
  return OK;
}
API Status cusolverGetProperty(libraryPropertyType t, int* v) {
  *v = t == MAJOR_VERSION ? CUSOLVER_VER_MAJOR : t == MINOR_VERSION ? CUSOLVER_VER_MINOR : CUSOLVER_VER_PATCH;
  return OK;
}
API Status cusolverDnCreateParams(cusolverDnParams_t* p) {
  *p = (cusolverDnParams_t) new cusolverDnParams;
  return OK;
}
API Status cusolverDnDestroyParams(cusolverDnParams_t p) {
  delete (cusolverDnParams*)p;
  return OK;
}
API Status cusolverDnSetAdvOptions(cusolverDnParams_t, cusolverDnFunction_t, cusolverAlgMode_t) { return OK; }

#define JACOBI_SET(X, Name, Type, T, member) \
  API Status X##Set##Name(Type i, T v) {     \
    i->member = v;                           \
    return OK;                               \
  }
#define JACOBI_GET(X, Name, Type, T, member)      \
  API Status X##Get##Name(Handle, Type i, T* v) { \
    *v = i->member;                               \
    return OK;                                    \
  }
#define JACOBI_INFO(Type, Create, Destroy, X)                                  \
  API Status Create(Type* i) {                                                 \
    *i = new std::remove_pointer<Type>::type;                                  \
    return OK;                                                                 \
  }                                                                            \
  API Status Destroy(Type i) {                                                 \
    delete i;                                                                  \
    return OK;                                                                 \
  }                                                                            \
  API Status X##SetMaxSweeps(Type i, int n) {                                  \
    if (n < 1) return invalid(#X "SetMaxSweeps", "violated: max_sweeps >= 1"); \
    i->sweeps = n;                                                             \
    return OK;                                                                 \
  }                                                                            \
  JACOBI_SET(X, Tolerance, Type, double, tolerance)                            \
  JACOBI_SET(X, SortEig, Type, int, sort)                                      \
  JACOBI_GET(X, Residual, Type, double, residual)                              \
  JACOBI_GET(X, Sweeps, Type, int, executed)
JACOBI_INFO(syevjInfo_t, cusolverDnCreateSyevjInfo, cusolverDnDestroySyevjInfo, cusolverDnXsyevj)
JACOBI_INFO(gesvdjInfo_t, cusolverDnCreateGesvdjInfo, cusolverDnDestroyGesvdjInfo, cusolverDnXgesvdj)

// Stand-in for the dense part of libcusolver.so in float and double, on top of LAPACKE. Checks arguments, workspace sizes and
// documented limits as the real library does (m >= n for gesvd, m, n <= 32 for gesvdjBatched, nrhs = 1 for potrsBatched ...),
// and further as library.hpp says. Signs of singular and eigenvectors are LAPACK's, not cuSOLVER's. Here: handles and
// parameters.
#include "tests/cuda_on_cpu/libraries/cusolver.hpp"

using namespace ccpu_cusolver;

namespace {

std::mutex mutex;
std::set<Handle>& handles() {
  static auto* s = new std::set<Handle>;
  return *s;
}
}  // namespace

bool ccpu_cusolver::valid(Handle h) {
  std::lock_guard<std::mutex> g(mutex);
  return handles().count(h);
}

API Status cusolverDnCreate(Handle* h) {
  if (!h) return CUSOLVER_STATUS_INVALID_VALUE;
  *h = new cusolverDnContext;
  std::lock_guard<std::mutex> g(mutex);
  handles().insert(*h);
  return OK;
}
API Status cusolverDnDestroy(Handle h) {
  HANDLE(h);
  std::lock_guard<std::mutex> g(mutex);
  handles().erase(h);
  delete h;
  return OK;
}
API Status cusolverDnSetStream(Handle h, cudaStream_t s) {
  HANDLE(h);
  h->stream = s;
  return OK;
}
API Status cusolverDnGetStream(Handle h, cudaStream_t* s) {
  HANDLE(h);
  *s = h->stream;
  return OK;
}
API Status cusolverDnSetDeterministicMode(Handle h, cusolverDeterministicMode_t m) {
  HANDLE(h);
  h->deterministic = m;
  return OK;
}
API Status cusolverDnGetDeterministicMode(Handle h, cusolverDeterministicMode_t* m) {
  HANDLE(h);
  *m = h->deterministic;
  return OK;
}
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

#define JACOBI_INFO(Type, Create, Destroy, X)                                  \
  API Status Create(Type* i) {                                                 \
    *i = new std::remove_pointer<Type>::type;                                  \
    return OK;                                                                 \
  }                                                                            \
  API Status Destroy(Type i) {                                                 \
    delete i;                                                                  \
    return OK;                                                                 \
  }                                                                            \
  API Status X##SetTolerance(Type i, double t) {                               \
    i->tolerance = t;                                                          \
    return OK;                                                                 \
  }                                                                            \
  API Status X##SetMaxSweeps(Type i, int n) {                                  \
    if (n < 1) return invalid(#X "SetMaxSweeps", "violated: max_sweeps >= 1"); \
    i->sweeps = n;                                                             \
    return OK;                                                                 \
  }                                                                            \
  API Status X##SetSortEig(Type i, int s) {                                    \
    i->sort = s;                                                               \
    return OK;                                                                 \
  }                                                                            \
  API Status X##GetResidual(Handle, Type i, double* r) {                       \
    *r = i->residual;                                                          \
    return OK;                                                                 \
  }                                                                            \
  API Status X##GetSweeps(Handle, Type i, int* n) {                            \
    *n = i->executed;                                                          \
    return OK;                                                                 \
  }
JACOBI_INFO(syevjInfo_t, cusolverDnCreateSyevjInfo, cusolverDnDestroySyevjInfo, cusolverDnXsyevj)
JACOBI_INFO(gesvdjInfo_t, cusolverDnCreateGesvdjInfo, cusolverDnDestroyGesvdjInfo, cusolverDnXgesvdj)

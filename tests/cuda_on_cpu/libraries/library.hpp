// What the cuBLAS and cuSOLVER stand-ins share: argument checks, device pointers, streams.
//
// Library calls check their arguments as the real libraries do, and further: a pointer that must be
// device memory has to lie in an allocation that is large enough for what the call says. A violation
// of that is a fault in the program, not a status: it ends the process (CUDA_ON_CPU_FAULT=error turns
// it into an illegal-address error).
#pragma once

#include <cblas.h>
#include <cuda_runtime_api.h>
#include <lapacke.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <set>
#include <type_traits>
#include <vector>

// From the stand-in libcudart (stream.cpp).
extern "C" int cuda_on_cpu_submit(cudaStream_t s, void (*run)(void*), void* argument, void (*destroy)(void*));
extern "C" int cuda_on_cpu_drain(cudaStream_t s);
extern "C" void* cuda_on_cpu_readable(const void* p);
extern "C" int cuda_on_cpu_classify(const void* p, size_t n);
extern "C" const char* cuda_on_cpu_describe(const void* p);

#define API extern "C" __attribute__((visibility("default")))

namespace ccpu_library {

inline void say(const char* library, const char* call, const char* format, ...) {
  char s[1024];
  va_list a;
  va_start(a, format);
  vsnprintf(s, sizeof s, format, a);
  va_end(a);
  fprintf(stderr, "cuda-on-cpu: %s: %s: %s\n", library, call, s);
}

[[noreturn]] inline void die() {
  fflush(stdout);
  abort();
}

/// The readable address of device memory of n elements of T, or the end of the program.
template <class T>
T* device(const char* call, const char* name, T* p, size_t n) {
  if (n == 0) return p;
  int c = cuda_on_cpu_classify(p, n * sizeof(T));
  if (c != 1) {
    fprintf(stderr, "cuda-on-cpu: FAULT: %s: argument %s must be device memory of %zu bytes; %p is %s\n", call, name,
            n * sizeof(T), (const void*)p, cuda_on_cpu_describe(p));
    die();
  }
  return (T*)cuda_on_cpu_readable(p);
}

/// Number of elements from the first to the last of a column-major matrix.
inline size_t extent(long m, long n, long ld) {
  return m <= 0 || n <= 0 ? 0 : (size_t)ld * (size_t)(n - 1) + (size_t)m;
}
inline size_t vector_extent(long n, long inc) { return n <= 0 ? 0 : 1 + (size_t)(n - 1) * (size_t)std::labs(inc); }

/// Runs f in stream s.
inline bool in_stream(cudaStream_t s, std::function<void()> f) {
  typedef std::function<void()> Call;
  return cuda_on_cpu_submit(
             s, [](void* p) { (*(Call*)p)(); }, new Call(std::move(f)), [](void* p) { delete (Call*)p; }) == 0;
}

/// The handles that a library has made and not destroyed. Never destroyed itself, as programs end in any order.
template <class Context>
class Handles {
 public:
  static Handles& all() {
    static auto* s = new Handles;
    return *s;
  }
  Context* make() {
    auto* h = new Context;
    std::lock_guard<std::mutex> g(mutex_);
    made_.insert(h);
    return h;
  }
  bool holds(Context* h) {
    std::lock_guard<std::mutex> g(mutex_);
    return made_.count(h);
  }
  void destroy(Context* h) {
    std::lock_guard<std::mutex> g(mutex_);
    made_.erase(h);
    delete h;
  }

 private:
  std::mutex mutex_;
  std::set<Context*> made_;
};

/// Factors A, m x n by columns, in place; returns the place, from 1, of the first pivot that is 0, or 0.
template <class T>
inline int lu_without_pivoting(int m, int n, T* A, int lda) {
  int info = 0;
  for (int k = 0; k < std::min(m, n); k++) {
    T p = A[k + (size_t)k * lda];
    if (p == 0) {
      if (!info) info = k + 1;
      continue;
    }
    for (int i = k + 1; i < m; i++) A[i + (size_t)k * lda] /= p;
    for (int j = k + 1; j < n; j++)
      for (int i = k + 1; i < m; i++) A[i + (size_t)j * lda] -= A[i + (size_t)k * lda] * A[k + (size_t)j * lda];
  }
  return info;
}

}  // namespace ccpu_library

// What a library calls itself: its handles, the statuses that its calls return, and how they refuse. In its namespace.
#define LIBRARY(name, PREFIX, Context)                                                 \
  using Handle = Context*;                                                             \
  using Status = decltype(PREFIX##_STATUS_SUCCESS);                                    \
  inline constexpr Status OK = PREFIX##_STATUS_SUCCESS;                                \
  inline bool valid(Handle h) { return Handles<Context>::all().holds(h); }             \
  inline Status not_a_handle(const char* call) {                                       \
    say(name, call, #PREFIX "_STATUS_NOT_INITIALIZED: not a handle");                  \
    return PREFIX##_STATUS_NOT_INITIALIZED;                                            \
  }                                                                                    \
  inline Status invalid(const char* call, const char* what) {                          \
    say(name, call, #PREFIX "_STATUS_INVALID_VALUE: %s", what);                        \
    return PREFIX##_STATUS_INVALID_VALUE;                                              \
  }                                                                                    \
  inline Status run(Handle h, std::function<void()> f) {                               \
    return in_stream(h->stream, std::move(f)) ? OK : PREFIX##_STATUS_EXECUTION_FAILED; \
  }

#define HANDLE(h) \
  if (!valid(h)) return not_a_handle(__func__)
#define CHECK(condition) \
  if (!(condition)) return invalid(call, "violated: " #condition)

// Functions that make and destroy a handle.
#define HANDLES(Create, Destroy, Context, bad_argument) \
  API Status Create(Handle* h) {                        \
    if (!h) return bad_argument;                        \
    *h = Handles<Context>::all().make();                \
    return OK;                                          \
  }                                                     \
  API Status Destroy(Handle h) {                        \
    HANDLE(h);                                          \
    Handles<Context>::all().destroy(h);                 \
    return OK;                                          \
  }

// Functions that set and return a member of the handle, which a library's HANDLE has checked.
#define SETTING(Set, Get, Type, member) \
  API Status Set(Handle h, Type v) {    \
    HANDLE(h);                          \
    h->member = v;                      \
    return OK;                          \
  }                                     \
  API Status Get(Handle h, Type* v) {   \
    HANDLE(h);                          \
    *v = h->member;                     \
    return OK;                          \
  }

// The little test harness of the self-tests: every EXPECT prints one line.
#pragma once
#include <cuda_runtime.h>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

static int passed_ = 0, failed_ = 0;

static void expect_(bool ok, const char* what, const char* file, int line) {
  (ok ? passed_ : failed_)++;
  if (!ok) printf("FAIL %s:%d: %s\n", file, line, what);
}
#define EXPECT(condition) expect_((condition), #condition, __FILE__, __LINE__)
/// |value - reference| <= tolerance; both are printed on failure.
#define NEAR(value, reference, tolerance)                                              \
  do {                                                                                 \
    double v_ = (value), r_ = (reference), t_ = (tolerance);                           \
    bool ok_ = std::fabs(v_ - r_) <= t_;                                               \
    if (!ok_) printf("     value %.17g, reference %.17g, tolerance %g\n", v_, r_, t_); \
    expect_(ok_, #value " near " #reference, __FILE__, __LINE__);                      \
  } while (0)
#define CUDA(call)                                                                       \
  do {                                                                                   \
    cudaError_t e_ = (call);                                                             \
    if (e_ != cudaSuccess) {                                                             \
      printf("FAIL %s:%d: %s: %s\n", __FILE__, __LINE__, #call, cudaGetErrorString(e_)); \
      exit(3);                                                                           \
    }                                                                                    \
  } while (0)
/// name<T>(...): a library's function for float or double, called with the handle h.
#define PICK_OF(Status, library, name)  \
  template <class T, class... A>        \
  Status name(A... a) {                 \
    if constexpr (sizeof(T) == 4)       \
      return library##S##name(h, a...); \
    else                                \
      return library##D##name(h, a...); \
  }
static int summary(const char* name) {
  printf("RESULT %s %d %d\n", name, passed_, failed_);
  return failed_ != 0;
}

/// Device memory with a host copy.
template <class T>
struct Array {
  std::vector<T> h;
  T* d = nullptr;
  explicit Array(size_t n, T v = T()) : h(n, v) {
    CUDA(cudaMalloc(&d, n * sizeof(T)));
    up();
  }
  explicit Array(const std::vector<T>& v) : h(v) {
    CUDA(cudaMalloc(&d, h.size() * sizeof(T)));
    up();
  }
  Array(const Array&) = delete;
  ~Array() { cudaFree(d); }
  void up() { CUDA(cudaMemcpy(d, h.data(), h.size() * sizeof(T), cudaMemcpyHostToDevice)); }
  std::vector<T>& down() {
    CUDA(cudaMemcpy(h.data(), d, h.size() * sizeof(T), cudaMemcpyDeviceToHost));
    return h;
  }
};
/// Reproducible numbers in (-1, 1).
static inline double number(size_t i) { return std::sin(1.0 + 12.9898 * (double)i); }
template <class T>
static std::vector<T> numbers(size_t n, size_t seed = 0) {
  std::vector<T> v(n);
  for (size_t i = 0; i < n; i++) v[i] = (T)number(i + 1000 * seed);
  return v;
}

// PTX coverage, what one thread computes: arithmetic, rounding, local memory, pointers to functions, 16-bit types,
// vectors of numbers; against plain C++.
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include "check.hpp"

__constant__ double table[4];
__device__ const int primes[8] = {2, 3, 5, 7, 11, 13, 17, 19};

struct Big {
  double a[3];
  int n;
  char c;
};

__global__ void integers(Big b, int* out, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  unsigned u = i * 2654435761u;
  out[i] = __popc(u) + __clz(i + 1) + (int)(__brev(i) % 1000) + __ffs(i + 8) + b.n + b.c + i / 7 + i % 7 + -i / 5 +
           __mulhi(i * 100003, i * 77777) + min(i, 50) + max(i, 20) + (i << 3) + (-i >> 2) + (int)(u >> 28) +
           (int)__byte_perm(u, i, 0x3715) + (int)__funnelshift_l(u, i, 7) + __mul24(i, 77) + __sad(i, 40, 2) +
           primes[i & 7] + (int)((long long)i * 1234567891011ll >> 20) + (i % 3 == 0 ? 5 : 9) + __hadd(i, 6) +
           (int)__dp4a((int)u, (int)0x01020304, i) + __popcll(((unsigned long long)u << 17) ^ i);
}
static int integers_host(const Big& b, int i) {
  unsigned u = i * 2654435761u, br = 0;
  for (int k = 0; k < 32; k++) br |= (unsigned)((unsigned)i >> k & 1) << (31 - k);
  auto byte = [&](int k) { return (unsigned)(k < 4 ? u >> 8 * k : (unsigned)i >> 8 * (k - 4)) & 255u; };
  unsigned perm = byte(5) | byte(1) << 8 | byte(7) << 16 | byte(3) << 24;
  unsigned funnel = (unsigned)((((unsigned long long)(unsigned)i << 32 | u) << 7) >> 32);
  int dp = i;
  for (int k = 0; k < 4; k++) dp += (int)(signed char)(u >> 8 * k) * (int)(0x01020304 >> 8 * k & 255);
  return __builtin_popcount(u) + __builtin_clz(i + 1) + (int)(br % 1000) + __builtin_ffs(i + 8) + b.n + b.c + i / 7 +
         i % 7 + -i / 5 + (int)(((long long)(i * 100003) * (long long)(int)((unsigned)i * 77777u)) >> 32) +
         std::min(i, 50) + std::max(i, 20) + (i << 3) + (-i >> 2) + (int)(u >> 28) + (int)perm + (int)funnel + i * 77 +
         std::abs(i - 40) + 2 + (const int[]){2, 3, 5, 7, 11, 13, 17, 19}[i & 7] +
         (int)((long long)i * 1234567891011ll >> 20) + (i % 3 == 0 ? 5 : 9) + ((i + 6) >> 1) + dp +
         __builtin_popcountll(((unsigned long long)u << 17) ^ (unsigned long long)i);
}

__global__ void doubles(Big b, double* o, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  o[i] = sin(i * 0.1) + exp(-i * 0.01) + log(1.0 + i) + pow(1.0 + i * 0.01, 2.5) + table[i & 3] + b.a[i % 3] +
         rint(i * 0.37) + floor(-i * 0.3) + (double)(long long)(i * 1e9) * 1e-10 + sqrt((double)i) + rsqrt(i + 1.0) +
         cbrt((double)i) + atan2(i * 1.0, 3.0) + erf(i * 0.05) + fmod(i * 1.7, 2.3) + hypot((double)i, 2.0) + i / 3.0 +
         tan(i * 0.01) + sinh(i * 0.01) + acos(i / 1000.0) + lgamma(i + 1.5) + ldexp(1.0, i % 7);
}
static double doubles_host(const Big& b, const double* t, int i) {
  return sin(i * 0.1) + exp(-i * 0.01) + log(1.0 + i) + pow(1.0 + i * 0.01, 2.5) + t[i & 3] + b.a[i % 3] +
         rint(i * 0.37) + floor(-i * 0.3) + (double)(long long)(i * 1e9) * 1e-10 + sqrt((double)i) + 1 / sqrt(i + 1.0) +
         cbrt((double)i) + atan2(i * 1.0, 3.0) + erf(i * 0.05) + fmod(i * 1.7, 2.3) + hypot((double)i, 2.0) + i / 3.0 +
         tan(i * 0.01) + sinh(i * 0.01) + acos(i / 1000.0) + lgamma(i + 1.5) + ldexp(1.0, i % 7);
}
__global__ void floats(float* o, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    o[i] = sinf(i * 0.1f) + expf(-i * 0.01f) + logf(1.f + i) + powf(1.f + i * 0.01f, 2.5f) + __fdividef(i, 3.f) +
           sqrtf(i) + (float)i / 7 + tanhf(i * .1f) + __expf(-i * 0.02f) + fminf(i, 3.5f);
}
__global__ void rounding(double* o, double x, double y, float* f, float a, float b) {
  o[0] = __dadd_rz(x, y), o[1] = __dadd_ru(x, y), o[2] = __dmul_rd(x, y), o[3] = __ddiv_ru(x, y);
  o[4] = __dsqrt_rd(x), o[5] = __fma_ru(x, y, x), o[6] = (double)__double2float_rd(x);
  f[0] = __fadd_ru(a, b), f[1] = __fadd_rd(a, b), f[2] = __fdiv_rz(a, b), f[3] = (float)__double2int_rn(x * 7);
}
__device__ __noinline__ double helper(double x, int k) { return k <= 0 ? x : helper(x * 0.5 + 1, k - 1) + x; }
static double helper_host(double x, int k) { return k <= 0 ? x : helper_host(x * 0.5 + 1, k - 1) + x; }
__global__ void local_memory(double* o) {
  double loc[16];
  for (int i = 0; i < 16; i++) loc[(i * 7 + threadIdx.x) & 15] = i + threadIdx.x;
  o[threadIdx.x] = helper(threadIdx.x, 10) + loc[threadIdx.x & 15];
}
typedef double (*Unary)(double);
__device__ double square(double x) { return x * x; }
__device__ double twice(double x) { return 2 * x; }
__global__ void pointers(double* o, int which) {
  Unary f = which + threadIdx.x > 1 ? square : twice;
  o[threadIdx.x] = f(threadIdx.x + 1.0);
}

__global__ void halves(const float* x, float* o, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  __half a = __float2half(x[i]), b = __float2half(x[(i + 1) % n]);
  o[i] = __half2float(__hfma(a, b, __hadd(a, b)));
  __nv_bfloat16 p = __float2bfloat16(x[i]), q = __float2bfloat16(x[(i + 1) % n]);
  o[n + i] = __bfloat162float(__hadd(__hmul(p, q), p));
  __half2 v = __floats2half2_rn(x[i], x[(i + 1) % n]);
  v = __hmul2(v, v);
  o[2 * n + i] = __low2float(v) + __high2float(v);
  o[3 * n + i] = (float)(__hlt(a, b) ? 1 : 0) + (float)__half2int_rn(a) + __half2float(__ushort2half_rn(i));
}

__global__ void vectors(const float4* a, const double2* b, double* o) {
  int i = threadIdx.x;
  float4 v = __ldg(a + i);
  double2 w = b[i];
  o[i] = v.x + v.y * 2 + v.z * 3 + v.w * 4 + w.x * w.y;
}

static void check_arithmetic() {
  const Big b = {{.5, .25, .125}, 42, 7};
  const double t[4] = {1, 2, 3, 4};
  CUDA(cudaMemcpyToSymbol(table, t, sizeof t));
  const int n = 250;
  Array<int> o(n);
  integers<<<4, 64>>>(b, o.d, n);
  o.down();
  int bad = 0;
  for (int i = 0; i < n; i++) bad += o.h[i] != integers_host(b, i);
  EXPECT(bad == 0);
  Array<double> d(n);
  doubles<<<4, 64>>>(b, d.d, n);
  d.down();
  double err = 0;
  for (int i = 0; i < n; i++) {
    double r = doubles_host(b, t, i);
    err = fmax(err, fabs(d.h[i] - r) / fabs(r));
  }
  NEAR(err, 0, 4e-15);
  Array<float> f(n);
  floats<<<4, 64>>>(f.d, n);
  f.down();
  err = 0;
  for (int i = 0; i < n; i++) {
    float r = sinf(i * 0.1f) + expf(-i * 0.01f) + logf(1.f + i) + powf(1.f + i * 0.01f, 2.5f) + i / 3.f + sqrtf(i) +
              (float)i / 7 + tanhf(i * .1f) + expf(-i * 0.02f) + fminf(i, 3.5f);
    err = fmax(err, fabs(f.h[i] - r) / fabs(r));
  }
  NEAR(err, 0, 2e-6);
}

static void check_rounding() {
  Array<double> o(7);
  Array<float> f(4);
  double x = 1.0 / 3, y = 1e-17;
  rounding<<<1, 1>>>(o.d, x, y, f.d, 1.0f, 1e-9f);
  o.down(), f.down();
  EXPECT(o.h[0] == x && o.h[1] == nextafter(x, 1.0));
  long double p = (long double)x * y;
  EXPECT((long double)o.h[2] <= p && nextafter(o.h[2], 1.0) > p);
  EXPECT(o.h[3] >= x / y && o.h[3] <= nextafter(x / y, 1e300));
  EXPECT((long double)o.h[4] * o.h[4] <= x && (float)x >= o.h[6] && o.h[6] <= x);
  EXPECT(f.h[0] == nextafterf(1, 2) && f.h[1] == 1.0f && f.h[3] == 2.0f);
}

static void check_local_memory() {
  Array<double> o(32);
  local_memory<<<1, 32>>>(o.d);
  o.down();
  int bad = 0;
  for (int i = 0; i < 32; i++) {
    double loc[16];
    for (int k = 0; k < 16; k++) loc[(k * 7 + i) & 15] = k + i;
    bad += o.h[i] != helper_host(i, 10) + loc[i & 15];
  }
  EXPECT(bad == 0);
  pointers<<<1, 32>>>(o.d, 0);
  o.down();
  EXPECT(o.h[0] == 2 && o.h[1] == 4 && o.h[5] == 36);
}

static void check_halves() {
  const int n = 32;
  Array<float> x(n), o(4 * n);
  for (int i = 0; i < n; i++) x.h[i] = (float)(number(i) * 8);
  x.up();
  halves<<<1, n>>>(x.d, o.d, n);
  o.down();
  double e1 = 0, e2 = 0, e3 = 0;
  int bad = 0;
  for (int i = 0; i < n; i++) {
    float a = __half2float(__float2half(x.h[i])), c = __half2float(__float2half(x.h[(i + 1) % n]));
    e1 = fmax(e1, fabs(o.h[i] - (a * c + a + c)) / 64);
    float p = __bfloat162float(__float2bfloat16(x.h[i])), q = __bfloat162float(__float2bfloat16(x.h[(i + 1) % n]));
    e2 = fmax(e2, fabs(o.h[n + i] - (p * q + p)) / 64);
    e3 = fmax(e3, fabs(o.h[2 * n + i] - (a * a + c * c)) / 64);
    bad += o.h[3 * n + i] != (a < c ? 1.f : 0.f) + rintf(a) + i;
  }
  NEAR(e1, 0, 2e-3);
  NEAR(e2, 0, 2e-2);
  NEAR(e3, 0, 2e-3);
  EXPECT(bad == 0);
}

static void check_vectors() {
  Array<float4> a(32);
  Array<double2> w(32);
  Array<double> o(32);
  for (int i = 0; i < 32; i++) a.h[i] = {1.f * i, 2.f * i, 3.f, 4.f}, w.h[i] = {i * .5, 3.0};
  a.up(), w.up();
  vectors<<<1, 32>>>(a.d, w.d, o.d);
  o.down();
  EXPECT(o.h[7] == 7 + 28 + 9 + 16 + 10.5 && o.h[31] == 31 + 124 + 9 + 16 + 46.5);
}

int main() {
  check_arithmetic();
  check_rounding();
  check_local_memory();
  check_halves();
  check_vectors();
  return summary("arithmetic");
}

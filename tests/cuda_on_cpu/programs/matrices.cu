// Operations on matrices by a warp: wmma and mma, in half, tf32 and double; against plain C++.
#include <cuda_fp16.h>
#include <mma.h>

#include "check.hpp"

using namespace nvcuda;
__global__ void matrix_half(const __half* a, const __half* b, float* c) {
  wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
  wmma::fill_fragment(fc, 1.0f);
  wmma::load_matrix_sync(fa, a, 16);
  wmma::load_matrix_sync(fb, b, 16);
  wmma::mma_sync(fc, fa, fb, fc);
  for (int i = 0; i < fc.num_elements; i++) fc.x[i] *= 2;
  wmma::store_matrix_sync(c, fc, 16, wmma::mem_row_major);
}
__global__ void matrix_double(const double* a, const double* b, double* c) {
#if __CUDA_ARCH__ >= 800
  __shared__ double sa[32];
  sa[threadIdx.x] = a[threadIdx.x];
  __syncwarp();
  wmma::fragment<wmma::matrix_a, 8, 8, 4, double, wmma::row_major> fa;
  wmma::fragment<wmma::matrix_b, 8, 8, 4, double, wmma::col_major> fb;
  wmma::fragment<wmma::accumulator, 8, 8, 4, double> fc;
  wmma::fill_fragment(fc, 0.5);
  wmma::load_matrix_sync(fa, sa, 4);
  wmma::load_matrix_sync(fb, b, 4);
  wmma::mma_sync(fc, fa, fb, fc);
  wmma::store_matrix_sync(c, fc, 8, wmma::mem_row_major);
#endif
}
__global__ void matrix_raw(const double* A, const double* B, double* C, const float* F, const float* G, float* H) {
#if __CUDA_ARCH__ >= 800
  int l = threadIdx.x;
  double a = A[l], b = B[(l % 4) * 8 + l / 4], d0, d1;  // A 8x4 by rows, B 4x8 by rows
  asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1},{%2},{%3},{%4,%5};"
               : "=d"(d0), "=d"(d1)
               : "d"(a), "d"(b), "d"(1.0), "d"(2.0));
  C[(l / 4) * 8 + (l % 4) * 2] = d0;
  C[(l / 4) * 8 + (l % 4) * 2 + 1] = d1;
  unsigned ra[4], rb[2];  // tf32: F 16x8 by rows, G 8x8 by rows
  int g = l >> 2, t = l & 3;
  float fa[4] = {F[g * 8 + t], F[(g + 8) * 8 + t], F[g * 8 + t + 4], F[(g + 8) * 8 + t + 4]};
  float fb[2] = {G[t * 8 + g], G[(t + 4) * 8 + g]};
  for (int i = 0; i < 4; i++) asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(ra[i]) : "f"(fa[i]));
  for (int i = 0; i < 2; i++) asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rb[i]) : "f"(fb[i]));
  float c[4] = {0, 0, 0, 0};
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(ra[0]), "r"(ra[1]), "r"(ra[2]), "r"(ra[3]), "r"(rb[0]), "r"(rb[1]));
  H[g * 8 + 2 * t] = c[0], H[g * 8 + 2 * t + 1] = c[1];
  H[(g + 8) * 8 + 2 * t] = c[2], H[(g + 8) * 8 + 2 * t + 1] = c[3];
  __half2 ha[4], hb[2];  // f16 m16n8k16 with H + 128 as result; A 16x16 and B 16x8 from F and G
  auto at = [&](int r, int k) { return F[(r * 16 + k) % 128]; };
  auto bt = [&](int k, int n) { return G[(k * 8 + n) % 64]; };
  for (int i = 0; i < 4; i++) {
    int r = g + 8 * (i & 1), k = 2 * t + 8 * (i >> 1);
    ha[i] = __floats2half2_rn(at(r, k), at(r, k + 1));
  }
  for (int i = 0; i < 2; i++) hb[i] = __floats2half2_rn(bt(2 * t + 8 * i, g), bt(2 * t + 1 + 8 * i, g));
  for (int i = 0; i < 4; i++) c[i] = 0, ra[i] = *(unsigned*)&ha[i];
  for (int i = 0; i < 2; i++) rb[i] = *(unsigned*)&hb[i];
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(ra[0]), "r"(ra[1]), "r"(ra[2]), "r"(ra[3]), "r"(rb[0]), "r"(rb[1]));
  H[128 + g * 8 + 2 * t] = c[0], H[128 + g * 8 + 2 * t + 1] = c[1];
  H[128 + (g + 8) * 8 + 2 * t] = c[2], H[128 + (g + 8) * 8 + 2 * t + 1] = c[3];
#endif
}

int main() {
  cudaDeviceProp prop;
  CUDA(cudaGetDeviceProperties(&prop, 0));
  int arch = prop.major * 10 + prop.minor;
  {
    Array<__half> a(256), w(256);
    Array<float> c(256);
    for (int i = 0; i < 256; i++)
      a.h[i] = __float2half((float)number(i)), w.h[i] = __float2half((float)number(i + 300));
    a.up(), w.up();
    matrix_half<<<1, 32>>>(a.d, w.d, c.d);
    c.down();
    double err = 0;
    for (int i = 0; i < 16; i++)
      for (int j = 0; j < 16; j++) {
        double s = 1;
        for (int k = 0; k < 16; k++) s += (double)__half2float(a.h[i * 16 + k]) * __half2float(w.h[j * 16 + k]);
        err = fmax(err, fabs(c.h[i * 16 + j] - 2 * s));
      }
    NEAR(err, 0, 1e-5);
  }
  if (arch >= 80) {
    Array<double> a(numbers<double>(32)), w(numbers<double>(32, 1)), c(64);
    matrix_double<<<1, 32>>>(a.d, w.d, c.d);
    c.down();
    double err = 0;
    for (int i = 0; i < 8; i++)
      for (int j = 0; j < 8; j++) {
        double s = .5;
        for (int k = 0; k < 4; k++) s += a.h[i * 4 + k] * w.h[j * 4 + k];
        err = fmax(err, fabs(c.h[i * 8 + j] - s));
      }
    NEAR(err, 0, 1e-14);
    Array<float> f(numbers<float>(128, 2)), g(numbers<float>(64, 3)), h(256);
    matrix_raw<<<1, 32>>>(a.d, w.d, c.d, f.d, g.d, h.d);
    c.down(), h.down();
    double e1 = 0, e2 = 0, e3 = 0;
    for (int i = 0; i < 8; i++)
      for (int j = 0; j < 8; j++) {
        double s = j % 2 ? 2 : 1;
        for (int k = 0; k < 4; k++) s += a.h[i * 4 + k] * w.h[k * 8 + j];
        e1 = fmax(e1, fabs(c.h[i * 8 + j] - s));
      }
    for (int i = 0; i < 16; i++)
      for (int j = 0; j < 8; j++) {
        double s = 0, q = 0;
        for (int k = 0; k < 8; k++) s += (double)f.h[i * 8 + k] * g.h[k * 8 + j];
        for (int k = 0; k < 16; k++) q += (double)f.h[(i * 16 + k) % 128] * g.h[(k * 8 + j) % 64];
        e2 = fmax(e2, fabs(h.h[i * 8 + j] - s));
        e3 = fmax(e3, fabs(h.h[128 + i * 8 + j] - q));
      }
    NEAR(e1, 0, 1e-14);
    NEAR(e2, 0, 8e-3);  // 11 bits of tf32
    EXPECT(e2 > 0);
    NEAR(e3, 0, 8e-3);
  }
  return summary("matrices");
}

// Operations on matrices by a warp: mma, ldmatrix, wmma.
#include "tests/cuda_on_cpu/kernel/arithmetic.hpp"
#include "tests/cuda_on_cpu/runtime/block.hpp"

#include <utility>

using namespace ccpu;

void Ctx::mma_f64(int M, int K, const double* a, const double* bb, const double* cin, double* d) {
  // A is M x K row by row, B is K x 8 column by column; see "Matrix fragments for mma" in the PTX manual.
  Meeting* m = meet(~0u, (u64)a, (u64)bb);
  int row = lane >> 2, rows = M / 8;
  for (int i = 0; i < 2 * rows; i++) {
    int r = row + 8 * (i >> 1), col = (lane & 3) * 2 + (i & 1);
    double s = cin[i];
    for (int k = 0; k < K; k++) {
      // lane (r%8)*4 + k%4 holds A(r,k) at register (k/4)*rows + r/8; B(k,col) likewise.
      double x = ((const double*)m->v[(r & 7) * 4 + (k & 3)][0])[(k >> 2) * rows + (r >> 3)];
      double y = ((const double*)m->v[col * 4 + (k & 3)][1])[k >> 2];
      s = __builtin_fma(x, y, s);
    }
    d[i] = s;
  }
  leave(m);
  syncwarp(~0u);  // the operands of the other lanes stay alive until all have read them
}

void Ctx::mma(const char* shape, const char* ta, const char* tc, const u32* a, const u32* bb, const u32* cin, u32* d) {
  int K = atoi(strchr(shape, 'k') + 1);
  bool tf32 = ta[0] == 't', half_acc = tc[0] == 'f' && tc[1] == '1', bf = ta[0] == 'b';
  auto unpack = [&](u32 r, int i) {
    u16 h = i ? r >> 16 : r & 0xffff;
    return bf ? bf2f(h) : h2f(h);
  };
  auto A = [&](const u32* r, int row, int k) {  // from the registers of lane (row%8)*4 + ...
    if (tf32) return bc<float>(r[(row >> 3) + 2 * (k >> 2)] & ~0x1fffu);
    return unpack(r[(row >> 3) + 2 * (k >> 3)], k & 1);
  };
  auto Bv = [&](const u32* r, int k) {
    if (tf32) return bc<float>(r[k >> 2] & ~0x1fffu);
    return unpack(r[k >> 3], k & 1);
  };
  Meeting* m = meet(~0u, (u64)a, (u64)bb);
  float out[4];
  for (int i = 0; i < 4; i++) {
    int row = (lane >> 2) + 8 * (i >> 1), col = (lane & 3) * 2 + (i & 1);
    double s = half_acc ? h2f(i & 1 ? cin[i >> 1] >> 16 : cin[i >> 1] & 0xffff) : bc<float>(cin[i]);
    for (int k = 0; k < K; k++) {
      int kl = tf32 ? k & 3 : (k & 7) >> 1;
      const u32* ra = (const u32*)m->v[(row & 7) * 4 + kl][0];
      const u32* rb = (const u32*)m->v[col * 4 + kl][1];
      s += (double)A(ra, row, k) * Bv(rb, k);
    }
    out[i] = (float)s;
  }
  if (half_acc) {
    d[0] = f2h(out[0]) | (u32)f2h(out[1]) << 16;
    d[1] = f2h(out[2]) | (u32)f2h(out[3]) << 16;
  } else {
    for (int i = 0; i < 4; i++) d[i] = bc<u32>(out[i]);
  }
  leave(m);
  syncwarp(~0u);
}

void Ctx::ldmatrix(u64 a, int num, bool trans, u32* out) {
  Meeting* m = meet(~0u, a);
  for (int q = 0; q < num; q++) {
    u16 h[2];
    for (int i = 0; i < 2; i++) {
      int row = lane >> 2, col = (lane & 3) * 2 + i;
      if (trans) std::swap(row, col);
      u64 at = m->v[q * 8 + row][0];
      if (at & 15) fail("misaligned ldmatrix row", at);
      h[i] = ld<SHARED, u16>(at + 2 * col);
    }
    out[q] = h[0] | (u32)h[1] << 16;
  }
  leave(m);
}

// wmma fragments are opaque to programs: lane l holds elements l, l+32, l+64, ... of the tile, each
// once for accumulators and A/B alike; a fragment with more registers than that repeats them.
static double wmma_get(const void* p, char type, int i) {
  switch (type) {
    case 'd':
      return ((const double*)p)[i];
    case 'h':
      return h2f(((const u16*)p)[i]);
    case 'b':
      return bf2f(((const u16*)p)[i]);
    case 't':
      return bc<float>(((const u32*)p)[i] & ~0x1fffu);
    default:
      return ((const float*)p)[i];
  }
}

void Ctx::wmma_load(char frag, int m, int n, int k, bool row, int elem, u64 a, u64 ldm, bool shared, void* out,
                    int nelem) {
  int rows = frag == 'b' ? k : m, cols = frag == 'a' ? k : n, total = rows * cols;
  if (!ldm) ldm = row ? cols : rows;
  if (shared) a = shared_to_generic(a);
  syncwarp(~0u);
  for (int i = 0; i < nelem; i++) {
    int e = (lane + 32 * i) % total, r = e / cols, c = e % cols;
    u64 at = a + (row ? r * ldm + c : c * ldm + r) * elem;
    memcpy((u8*)out + i * elem, host(at, elem), elem);
  }
}

void Ctx::wmma_store(int m, int n, bool row, int elem, u64 a, u64 ldm, bool shared, const void* in, int nelem) {
  if (!ldm) ldm = row ? n : m;
  if (shared) a = shared_to_generic(a);
  for (int i = 0; i < nelem; i++) {
    int e = (lane + 32 * i) % (m * n), r = e / n, c = e % n;
    u64 at = a + (row ? r * ldm + c : c * ldm + r) * elem;
    memcpy(host(at, elem, ACC_WRITE), (const u8*)in + i * elem, elem);
  }
  syncwarp(~0u);
}

void Ctx::wmma_mma(int m, int n, int k, char ta, char tc, char td, const void* a, int, const void* bb, int,
                   const void* cc, int, void* d, int) {
  Meeting* q = meet(~0u, (u64)a, (u64)bb);
  for (int i = 0; i * 32 < m * n; i++) {
    int e = lane + 32 * i, r = e / n, c = e % n;
    double s = wmma_get(cc, tc, i);
    for (int l = 0; l < k; l++) {
      int ea = r * k + l, eb = l * n + c;
      double x = wmma_get((void*)q->v[ea % 32][0], ta, ea / 32);
      double y = wmma_get((void*)q->v[eb % 32][1], ta, eb / 32);
      s = ta == 'd' ? __builtin_fma(x, y, s) : s + x * y;
    }
    if (td == 'd')
      ((double*)d)[i] = s;
    else if (td == 'h')
      ((u16*)d)[i] = f2h((float)s);
    else
      ((float*)d)[i] = (float)s;
  }
  leave(q);
  syncwarp(~0u);
}

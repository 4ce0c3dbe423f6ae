// Arithmetic of PTX instructions for translated kernels: rounding, integers, bits, 16-bit formats.
#pragma once
#include "context.hpp"  // by its bare name: kernels are compiled with this folder alone

static inline float fma_(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
static inline double fma_(double a, double b, double c) { return __builtin_fma(a, b, c); }
template <class T>
static inline T sat1(T x) {
  return x > 0 ? (x < 1 ? x : T(1)) : T(0);
}
static inline s32 sats32(s64 x) { return x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : s32(x); }

/// Evaluates f with the SSE rounding mode RC (1 down, 2 up, 3 to zero).
template <int RC, class F>
static inline auto rnd(F f) {
  unsigned o = __builtin_ia32_stmxcsr(), n = (o & ~0x6000u) | (RC << 13);
  asm volatile("" ::: "memory");
  __builtin_ia32_ldmxcsr(n);
  asm volatile("" ::: "memory");
  auto r = f();
  asm volatile("" : "+x"(r)::"memory");
  __builtin_ia32_ldmxcsr(o);
  return r;
}
/// Hides a value from the optimiser, so that rnd() computes with it at run time.
template <class T>
static inline T opaque(T x) {
  asm volatile("" : "+x"(x));
  return x;
}
template <class T>
static inline T mulhi(T a, T b) {
  if constexpr (sizeof(T) == 8) {
    if constexpr (std::is_signed<T>::value)
      return T(((__int128)a * b) >> 64);
    else
      return T(((u128)a * b) >> 64);
  } else if constexpr (std::is_signed<T>::value)
    return T((s64(a) * s64(b)) >> (8 * sizeof(T)));
  else
    return T((u64(a) * u64(b)) >> (8 * sizeof(T)));
}
template <class T>
static inline T idiv(T a, T b) {
  if (b == 0) return T(-1);
  if constexpr (std::is_signed<T>::value)
    if (b == -1) return T(0 - (typename std::make_unsigned<T>::type)a);
  return a / b;
}
template <class T>
static inline T irem(T a, T b) {
  if (b == 0) return a;
  if constexpr (std::is_signed<T>::value)
    if (b == -1) return 0;
  return a % b;
}
template <class T>
static inline T min_n(T a, T b) {
  return std::fmin(a, b);
}
template <class T>
static inline T max_n(T a, T b) {
  return std::fmax(a, b);
}
template <class T>
static inline T min_nan(T a, T b) {
  return a != a ? a : b != b ? b : std::fmin(a, b);
}
template <class T>
static inline T max_nan(T a, T b) {
  return a != a ? a : b != b ? b : std::fmax(a, b);
}
template <class T>
static inline T imin(T a, T b) {
  return a < b ? a : b;
}
template <class T>
static inline T imax(T a, T b) {
  return a < b ? b : a;
}
static inline float fabs_(float x) { return __builtin_fabsf(x); }
static inline double fabs_(double x) { return __builtin_fabs(x); }
template <class T>
static inline T iabs(T x) {
  return x < 0 ? T(0 - (typename std::make_unsigned<T>::type)x) : x;
}
#define CCPU_FN1(n, e)                             \
  static inline float m_##n(float x) { return e; } \
  static inline double m_##n(double x) { return e; }
CCPU_FN1(sqrt, std::sqrt(x))
CCPU_FN1(rsqrt, 1 / std::sqrt(x))
CCPU_FN1(rcp, 1 / x)
CCPU_FN1(sin, std::sin(x))
CCPU_FN1(cos, std::cos(x))
CCPU_FN1(ex2, std::exp2(x))
CCPU_FN1(lg2, std::log2(x))
CCPU_FN1(tanh, std::tanh(x))
template <class T>
static inline bool testp_notanumber(T x) {
  return x != x;
}
template <class T>
static inline bool testp_number(T x) {
  return x == x;
}
template <class T>
static inline bool testp_finite(T x) {
  return std::isfinite(x);
}
template <class T>
static inline bool testp_infinite(T x) {
  return std::isinf(x);
}
template <class T>
static inline bool testp_normal(T x) {
  return std::isnormal(x);
}
template <class T>
static inline bool testp_subnormal(T x) {
  return std::fpclassify(x) == FP_SUBNORMAL;
}
#define CCPU_CMP(n, e)                   \
  template <class T>                     \
  static inline bool cmp_##n(T a, T b) { \
    return e;                            \
  }
CCPU_CMP(eq, a == b)
CCPU_CMP(lt, a < b)
CCPU_CMP(le, a <= b)
CCPU_CMP(gt, a > b)
CCPU_CMP(ge, a >= b)
CCPU_CMP(lo, a < b)
CCPU_CMP(ls, a <= b)
CCPU_CMP(hi, a > b)
CCPU_CMP(hs, a >= b)
CCPU_CMP(ne, a != b && a == a && b == b)
CCPU_CMP(num, a == a && b == b)
CCPU_CMP(nan, a != a || b != b)
CCPU_CMP(equ, !(a < b || a > b))
CCPU_CMP(neu, a != b)
CCPU_CMP(ltu, !(a >= b))
CCPU_CMP(leu, !(a > b))
CCPU_CMP(gtu, !(a <= b))
CCPU_CMP(geu, !(a < b))
template <class T>
static inline T shl_(T a, u32 n) {
  return n >= 8 * sizeof(T) ? T(0) : T(a << n);
}
template <class T>
static inline T shr_(T a, u32 n) {
  if (n >= 8 * sizeof(T)) return std::is_signed<T>::value && a < 0 ? T(-1) : T(0);
  return T(a >> n);
}
static inline u32 shf_amount(u32 n, bool clamp) { return clamp ? (n < 32 ? n : 32) : n & 31; }
static inline u32 shf_l(u32 lo, u32 hi, u32 n, bool clamp) {
  return u32(((u64(hi) << 32 | lo) << shf_amount(n, clamp)) >> 32);
}
static inline u32 shf_r(u32 lo, u32 hi, u32 n, bool clamp) { return u32((u64(hi) << 32 | lo) >> shf_amount(n, clamp)); }
static inline u32 lop3(u32 a, u32 b, u32 c, int t) {
  u32 r = 0;
  for (int i = 0; i < 8; i++)
    if (t >> i & 1) r |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
  return r;
}
template <class T>
static inline u32 clz_(T a) {
  if (!a) return 8 * sizeof(T);
  return sizeof(T) == 8 ? __builtin_clzll(a) : __builtin_clz(a);
}
template <class T>
static inline T brev_(T a) {
  T r = 0;
  for (unsigned i = 0; i < 8 * sizeof(T); i++)
    if (a >> i & 1) r |= T(1) << (8 * sizeof(T) - 1 - i);
  return r;
}
template <class T>
static inline u32 bfind_(T a, bool shift) {
  typedef typename std::make_unsigned<T>::type U;
  U x = a;
  if (std::is_signed<T>::value && a < 0) x = ~x;
  if (!x) return ~0u;
  u32 p = 8 * sizeof(T) - 1 - clz_<U>(x);
  return shift ? 8 * sizeof(T) - 1 - p : p;
}
template <class T>
static inline T bfe_(T a, u32 p, u32 l) {
  typedef typename std::make_unsigned<T>::type U;
  const u32 m = 8 * sizeof(T) - 1;
  p &= 255;
  l &= 255;
  bool sign = std::is_signed<T>::value && l != 0 && ((U(a) >> (p + l - 1 < m ? p + l - 1 : m)) & 1);
  U d = 0;
  for (u32 i = 0; i <= m; i++) {
    bool x = (i < l && p + i <= m) ? (U(a) >> (p + i)) & 1 : sign;
    d |= U(x) << i;
  }
  return T(d);
}
template <class T>
static inline T bfi_(T a, T b, u32 p, u32 l) {
  const u32 m = 8 * sizeof(T) - 1;
  p &= 255;
  l &= 255;
  T f = b;
  for (u32 i = 0; i < l && p + i <= m; i++) {
    f &= ~(T(1) << (p + i));
    f |= ((a >> i) & 1) << (p + i);
  }
  return f;
}
static inline u32 prmt_byte(u64 v, u32 k) {
  u32 by = u32(v >> (8 * (k & 7))) & 255;
  return k & 8 ? (by & 128 ? 255 : 0) : by;
}
static inline u32 prmt(u32 a, u32 b, u32 s) {
  u64 v = u64(b) << 32 | a;
  u32 r = 0;
  for (int i = 0; i < 4; i++) r |= prmt_byte(v, s >> (4 * i) & 15) << (8 * i);
  return r;
}
template <class U>
static inline U ccadd(U a, U b, bool& cc) {
  U r = a + b;
  cc = r < a;
  return r;
}
template <class U>
static inline U ccaddc(U a, U b, bool& cc) {
  u128 r = (u128)a + b + cc;
  cc = (r >> (8 * sizeof(U))) & 1;
  return U(r);
}
template <class U>
static inline U ccsub(U a, U b, bool& cc) {
  cc = a < b;
  return a - b;
}
template <class U>
static inline U ccsubc(U a, U b, bool& cc) {
  bool o = cc;
  U r = a - b - o;
  cc = (a < b) || (o && a == b);
  return r;
}
template <class T>
static inline T r_rzi(T x) {
  return std::trunc(x);
}
template <class T>
static inline T r_rni(T x) {
  return std::nearbyint(x);
}
template <class T>
static inline T r_rmi(T x) {
  return std::floor(x);
}
template <class T>
static inline T r_rpi(T x) {
  return std::ceil(x);
}
template <class T, class F>
static inline T f2i(F x) {
  typedef std::numeric_limits<T> L;
  if (x != x) return sizeof(T) == 8 ? T(1ull << 63) : T(0);
  const F lo = F(L::min()), hi = F(L::max());
  return x <= lo ? L::min() : x >= hi ? L::max() : T(x);
}
template <class D, class S>
static inline D isat(S x) {
  __int128 v = x, lo = std::numeric_limits<D>::min(), hi = std::numeric_limits<D>::max();
  return D(v < lo ? lo : v > hi ? hi : v);
}
// 16-bit floating point formats.
static inline float h2f(u16 h) {
  u32 s = (h & 0x8000u) << 16, e = h >> 10 & 31, m = h & 1023;
  if (e == 0) {
    float f = std::ldexp((float)m, -24);
    return s ? -f : f;
  }
  if (e == 31) return bc<float>(s | 0x7f800000u | m << 13);
  return bc<float>(s | (e + 112) << 23 | m << 13);
}
static inline u16 f2h(float f) {
  u32 x = bc<u32>(f), s = x >> 16 & 0x8000;
  x &= 0x7fffffff;
  if (x > 0x7f800000) return 0x7fff;
  if (x >= 0x477ff000) return s | 0x7c00;
  if (x < 0x38800000) return s | (u16)std::nearbyint(std::ldexp(bc<float>(x), 24));
  x += 0xfff + ((x >> 13) & 1);
  return s | ((x - 0x38000000) >> 13);
}
static inline u16 f2h(double d) {
  // Round to odd in float first, so that the second rounding is correct.
  float f = (float)d;
  if ((double)f != d && std::isfinite(f)) {
    u32 x = bc<u32>(f);
    if (std::fabs((double)f) > std::fabs(d)) x--;
    f = bc<float>(x | 1);
  }
  return f2h(f);
}
static inline float bf2f(u16 h) { return bc<float>(u32(h) << 16); }
static inline u16 f2bf(float f) {
  u32 x = bc<u32>(f);
  if (f != f) return 0x7fff;
  x += 0x7fff + ((x >> 16) & 1);
  return x >> 16;
}
static inline u16 f2bf(double d) { return f2bf((float)d); }
static inline u16 f2h_rz(float f) {
  u16 h = f2h(f);
  return std::fabs(h2f(h)) > std::fabs(f) ? h - 1 : h;
}
static inline u16 f2bf_rz(float f) { return f != f ? 0x7fff : u16(bc<u32>(f) >> 16); }
static inline u32 tf32_rna(float f) {
  u32 x = bc<u32>(f);
  return std::isfinite(f) ? (x + 0x1000) & ~0x1fffu : x;
}
static inline u32 tf32_rn(float f) {
  u32 x = bc<u32>(f);
  return std::isfinite(f) ? (x + 0xfff + (x >> 13 & 1)) & ~0x1fffu : x;
}
/// Applies f to both halves of packed 16-bit pairs; cv unpacks to float, bk packs.
template <class F, class A, class B>
static inline u32 x2op(u32 x, u32 y, u32 z, F f, A cv, B bk) {
  return bk(f(cv(x & 0xffff), cv(y & 0xffff), cv(z & 0xffff))) | u32(bk(f(cv(x >> 16), cv(y >> 16), cv(z >> 16))))
                                                                     << 16;
}
/// Applies f to both halves of packed float pairs.
template <class F>
static inline u64 x2f(u64 x, u64 y, u64 z, F f) {
  float lo = f(bc<float>(u32(x)), bc<float>(u32(y)), bc<float>(u32(z)));
  float hi = f(bc<float>(u32(x >> 32)), bc<float>(u32(y >> 32)), bc<float>(u32(z >> 32)));
  return u64(bc<u32>(hi)) << 32 | bc<u32>(lo);
}
static inline u32 bmsk(u32 a, u32 b, bool clamp) {
  a = clamp ? (a < 32 ? a : 32) : a & 31;
  b = clamp ? (b < 32 ? b : 32) : b & 31;
  return (u32)(((1ull << b) - 1) << a);
}
template <class T>
static inline T szext_(T a, u32 n) {
  if (n >= 32) return a;
  if (n == 0) return 0;
  if (std::is_signed<T>::value) return T(s32(u32(a) << (32 - n)) >> (32 - n));
  return T(u32(a) & ((1u << n) - 1));
}
static inline u32 dp4a(u32 a, u32 b, u32 c, bool sa, bool sb) {
  for (int i = 0; i < 4; i++) {
    s32 x = sa ? s8(a >> 8 * i) : u8(a >> 8 * i), y = sb ? s8(b >> 8 * i) : u8(b >> 8 * i);
    c += x * y;
  }
  return c;
}

#pragma once
/// Elementary functions without branches, for single numbers and for vectors of numbers alike (V: float, double, or a
/// vector of them by the compilers' extension). Every lane is computed as a single number would be, so results do not
/// depend on the width of the vectors. Series are Taylor's: their length follows from the reduced argument's range.
#include <type_traits>

#if !defined(KINDRED_TARGET)
#define KINDRED_TARGET generic
#endif

namespace kindred::train {
inline namespace KINDRED_TARGET {

/// The widest vector the target has.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
#else
inline constexpr int vector_bytes = 16;
#endif
template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));
};
template <class T>
using Vector = typename VectorOf<T>::type;
template <class T>
inline constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

/// The number type of V, unsigned words as wide, and how a number's bits are laid out.
template <class V>
struct Layout;
template <>
struct Layout<float> {
  using Number = float;
  using Word = unsigned;
  static constexpr unsigned mantissa = 23, bias = 127;
  static constexpr float round = 0x1.8p23f;  ///< x + round - round is x to the nearest integer
  static constexpr float least = -87, most = 88, saturated = 10;
  static constexpr int exp_terms = 7;    ///< (ln 2 / 2)^8 / 8! < 6e-9
  static constexpr int atanh_terms = 8;  ///< (1/3)^17 / 17 < 5e-10
};
template <>
struct Layout<double> {
  using Number = double;
  using Word = unsigned long;
  static constexpr unsigned long mantissa = 52, bias = 1023;
  static constexpr double round = 0x1.8p52;
  static constexpr double least = -708, most = 709, saturated = 20;
  static constexpr int exp_terms = 13;    ///< (ln 2 / 2)^14 / 14! < 5e-18
  static constexpr int atanh_terms = 17;  ///< (1/3)^35 / 35 < 6e-19
};
template <>
struct Layout<Vector<float>> : Layout<float> {
  typedef unsigned Word __attribute__((vector_size(vector_bytes)));
};
template <>
struct Layout<Vector<double>> : Layout<double> {
  typedef unsigned long Word __attribute__((vector_size(vector_bytes)));
};

#define KINDRED_INLINE [[gnu::always_inline]] inline

template <class V>
KINDRED_INLINE V load(const typename Layout<V>::Number* p) {
  V out;
  __builtin_memcpy(&out, p, sizeof out);
  return out;
}
template <class V>
KINDRED_INLINE void store(typename Layout<V>::Number* p, V value) {
  __builtin_memcpy(p, &value, sizeof value);
}

template <class V>
KINDRED_INLINE V least_of(V a, V b) {
  return b < a ? b : a;
}
template <class V>
KINDRED_INLINE V largest_of(V a, V b) {
  return a < b ? b : a;
}
template <class V>
KINDRED_INLINE V constant(typename Layout<V>::Number value) {
  return V{} + value;
}

/// x = n ln 2 + r, |r| <= ln 2 / 2: 2^n and e^r - 1.
template <class V>
struct Exponential {
  V scale, rest;
};
template <class V>
KINDRED_INLINE Exponential<V> exponential(V x) {
  using L = Layout<V>;
  using T = typename L::Number;
  using Word = typename L::Word;
  constexpr T ln2_high = std::is_same_v<T, float> ? T(0x1.62ep-1) : T(0x1.62e42feep-1);  // products with n are exact
  constexpr T ln2_low = std::is_same_v<T, float> ? T(0x1.0bfbe8e7bcd5ep-15) : T(0x1.a39ef35793c76p-33);
  x = largest_of(least_of(x, constant<V>(L::most)), constant<V>(L::least));
  const V shifted = x * T(1.4426950408889634) + L::round;  // n in the last bits
  const V n = shifted - L::round;
  V r = x - n * ln2_high;
  r = r - n * ln2_low;
  T factorial = 1;
  for (int k = 2; k <= L::exp_terms; ++k) factorial *= T(k);
  V p = constant<V>(1 / factorial);
  for (int k = L::exp_terms; k > 1; --k) {
    factorial /= T(k);
    p = p * r + 1 / factorial;
  }
  const Word bits = (__builtin_bit_cast(Word, shifted) + L::bias) << L::mantissa;
  return {__builtin_bit_cast(V, bits), p * r};
}

template <class V>
KINDRED_INLINE V exponential_of(V x) {
  const auto e = exponential(x);
  return e.scale * e.rest + e.scale;
}

/// (e^2|x| - 1) / (e^2|x| + 1), without cancellation near 0.
template <class V>
KINDRED_INLINE V hyperbolic_tangent(V x) {
  using T = typename Layout<V>::Number;
  const V size = x < T(0) ? -x : x;
  const auto e = exponential(2 * least_of(size, constant<V>(Layout<V>::saturated)));
  const V t = e.scale * e.rest + (e.scale - 1);
  const V y = t / (t + 2);
  return x < T(0) ? -y : y;
}

template <class V>
KINDRED_INLINE V sigmoid(V x) {
  return 1 / (1 + exponential_of(-x));
}

/// log(1 + u) for u in [0, 1]: 2 atanh(s), s = u / (2 + u) <= 1/3.
template <class V>
KINDRED_INLINE V log_one_plus(V u) {
  using L = Layout<V>;
  using T = typename L::Number;
  const V s = u / (2 + u), q = s * s;
  V p = constant<V>(T(1) / T(2 * L::atanh_terms - 1));
  for (int k = L::atanh_terms - 1; k > 0; --k) p = p * q + T(1) / T(2 * k - 1);
  return 2 * s * p;
}

/// log x for x in [1, 2^20]: the exponent and log(1 + u) of the mantissa.
template <class V>
KINDRED_INLINE V logarithm(V x) {
  using L = Layout<V>;
  using Word = typename L::Word;
  constexpr auto one = L::bias << L::mantissa;
  constexpr auto fraction = (decltype(one){1} << L::mantissa) - 1;
  const Word bits = __builtin_bit_cast(Word, x);
  const Word exponent = (bits >> L::mantissa) - L::bias;
  const V n = __builtin_bit_cast(V, exponent + __builtin_bit_cast(Word, constant<V>(L::round))) - L::round;
  const V u = __builtin_bit_cast(V, (bits & fraction) | one) - 1;
  return n * typename L::Number(0.69314718055994531) + log_one_plus(u);
}

template <class V>
KINDRED_INLINE V softplus(V x) {
  using T = typename Layout<V>::Number;
  const V size = x < T(0) ? -x : x;
  return largest_of(x, constant<V>(0)) + log_one_plus(exponential_of(-size));
}

}  // namespace KINDRED_TARGET
}  // namespace kindred::train

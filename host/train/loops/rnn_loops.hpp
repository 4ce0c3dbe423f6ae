#pragma once
#include "host/train/loops/elementary.hpp"
#include "host/train/loops/loops.hpp"

namespace kindred::train {
inline namespace KINDRED_TARGET {

/// f(i, V{}) for i = 0, width, ..., then one by one: f is given a value whose type says how many numbers to take.
template <class T, class F>
KINDRED_INLINE void in_vectors(index_t n, F&& f) {
  index_t i = 0;
  for (; i + lanes<T> <= n; i += lanes<T>) f(i, Vector<T>{});
  for (; i < n; ++i) f(i, T{});
}

template <Activation phi, class V>
KINDRED_INLINE V activate(V z) {
  if constexpr (phi == Activation::tanh) return hyperbolic_tangent(z);
  if constexpr (phi == Activation::relu) return largest_of(z, constant<V>(0));
  return softplus(z);
}

/// phi'(z) from a = phi(z): 1 - a^2; 0 or 1; the sigmoid of z, 1 - e^-a.
template <Activation phi, class V>
KINDRED_INLINE V slope_of(V a) {
  using T = typename Layout<V>::Number;
  if constexpr (phi == Activation::tanh) return 1 - a * a;
  if constexpr (phi == Activation::relu) return a > T(0) ? constant<V>(1) : constant<V>(0);
  return 1 - exponential_of(-a);
}

template <Activation phi, class T>
void forward_step(index_t rows, index_t n, index_t ld, T decay, const T* z, const T* before, T* after, T* a) {
  const T rest = 1 - decay;
  for (index_t r = 0; r < rows; ++r, z += n, before += ld, after += ld, a += n) {
    in_vectors<T>(n, [=](index_t i, auto kind) {
      using V = decltype(kind);
      const V value = activate<phi>(load<V>(z + i));
      store(a + i, value);
      store<V>(after + i, decay * load<V>(before + i) + rest * value);
    });
  }
}

template <Activation phi, class T>
void backward_step(index_t count, T decay, const T* a, T* carry, T* delta) {
  const T rest = 1 - decay;
  in_vectors<T>(count, [=](index_t i, auto kind) {
    using V = decltype(kind);
    const V g = load<V>(carry + i);
    store<V>(delta + i, rest * g * slope_of<phi>(load<V>(a + i)));
    store<V>(carry + i, decay * g);
  });
}

template <class T>
void rnn_forward(Activation phi, index_t rows, index_t n, index_t ld, T decay, const T* z, const T* before, T* after,
                 T* a) {
  switch (phi) {
    case Activation::tanh:
      return forward_step<Activation::tanh>(rows, n, ld, decay, z, before, after, a);
    case Activation::relu:
      return forward_step<Activation::relu>(rows, n, ld, decay, z, before, after, a);
    case Activation::softplus:
      return forward_step<Activation::softplus>(rows, n, ld, decay, z, before, after, a);
  }
}

template <class T>
void rnn_backward(Activation phi, index_t count, T decay, const T* a, T* carry, T* delta) {
  switch (phi) {
    case Activation::tanh:
      return backward_step<Activation::tanh>(count, decay, a, carry, delta);
    case Activation::relu:
      return backward_step<Activation::relu>(count, decay, a, carry, delta);
    case Activation::softplus:
      return backward_step<Activation::softplus>(count, decay, a, carry, delta);
  }
}

template <class T>
void softmax(index_t classes, index_t n, index_t row, T* outputs, T* log_sum) {
  in_vectors<T>(n, [=](index_t i, auto kind) {
    using V = decltype(kind);
    V most = load<V>(outputs + i);
    for (index_t k = 1; k < classes; ++k) most = largest_of(most, load<V>(outputs + k * row + i));
    V sum = constant<V>(0);
    for (index_t k = 0; k < classes; ++k) {
      const V e = exponential_of(load<V>(outputs + k * row + i) - most);
      store(outputs + k * row + i, e);
      sum += e;
    }
    store<V>(log_sum + i, most + logarithm(sum));
    const V inverse = 1 / sum;
    for (index_t k = 0; k < classes; ++k) store<V>(outputs + k * row + i, inverse * load<V>(outputs + k * row + i));
  });
}

}  // namespace KINDRED_TARGET
}  // namespace kindred::train

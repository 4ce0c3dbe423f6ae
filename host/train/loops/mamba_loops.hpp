#pragma once
#include <cmath>

#include "host/train/loops/rnn_loops.hpp"

namespace kindred::train {
inline namespace KINDRED_TARGET {

template <class T>
KINDRED_INLINE T sum_of(Vector<T> v) {
  T out = 0;
  for (int l = 0; l < lanes<T>; ++l) out += v[l];
  return out;
}

template <class T>
void norm_forward(index_t d, index_t n, index_t row, const T* v, const T* g, T* u, T* inverse) {
  in_vectors<T>(n, [=](index_t i, auto kind) {
    using V = decltype(kind);
    V sum = constant<V>(0);
    for (index_t k = 0; k < d; ++k) {
      const V x = load<V>(v + k * row + i);
      sum += x * x;
    }
    store<V>(inverse + i, sum / T(d) + T(1e-5));
  });
  for (index_t i = 0; i < n; ++i) inverse[i] = 1 / std::sqrt(inverse[i]);
  in_vectors<T>(n, [=](index_t i, auto kind) {
    using V = decltype(kind);
    const V scale = load<V>(inverse + i);
    for (index_t k = 0; k < d; ++k) store<V>(u + k * row + i, g[k] * load<V>(v + k * row + i) * scale);
  });
}

template <class T>
void norm_backward(index_t d, index_t n, index_t row, const T* v, const T* g, const T* inverse, const T* du, T* dv,
                   T* dg) {
  in_vectors<T>(n, [=](index_t i, auto kind) {
    using V = decltype(kind);
    const V scale = load<V>(inverse + i);
    V along = constant<V>(0);
    for (index_t k = 0; k < d; ++k) along += load<V>(du + k * row + i) * g[k] * load<V>(v + k * row + i);
    along = along * scale * scale * scale / T(d);
    for (index_t k = 0; k < d; ++k) {
      const V x = load<V>(v + k * row + i);
      store<V>(dv + k * row + i, load<V>(dv + k * row + i) + load<V>(du + k * row + i) * g[k] * scale - x * along);
    }
  });
  for (index_t k = 0; k < d; ++k) {
    Vector<T> sum{};
    for (index_t i = 0; i < n; i += lanes<T>) {
      sum += load<Vector<T>>(du + k * row + i) * load<Vector<T>>(v + k * row + i) * load<Vector<T>>(inverse + i);
    }
    dg[k] += sum_of<T>(sum);
  }
}

/// x sigmoid(x), and its derivative.
template <class V>
KINDRED_INLINE V silu(V x) {
  return x * sigmoid(x);
}
template <class V>
KINDRED_INLINE V silu_slope(V x) {
  const V p = sigmoid(x);
  return p * (1 + x * (1 - p));
}

template <class T>
void convolve(index_t channels, index_t steps, index_t trials, index_t row, const T* taps, const T* bias, const T* a,
              T* c, T* s) {
  for (index_t e = 0; e < channels; ++e, a += row, c += row, s += row, taps += 4) {
    for (index_t t = 0; t < steps; ++t) {
      const index_t first = t < 3 ? 3 - t : 0;  // there is nothing before step 0
      in_vectors<T>(trials, [&](index_t b, auto kind) {
        using V = decltype(kind);
        V sum = constant<V>(bias[e]);
        for (index_t j = first; j < 4; ++j) sum += taps[j] * load<V>(a + (t - 3 + j) * trials + b);
        store<V>(c + t * trials + b, sum);
        store<V>(s + t * trials + b, silu(sum));
      });
    }
  }
}

template <class T>
void convolve_back(index_t channels, index_t steps, index_t trials, index_t row, const T* taps, const T* a, const T* c,
                   T* ds, T* da, T* dtaps, T* dbias) {
  using V = Vector<T>;
  const index_t n = steps * trials;
  for (index_t e = 0; e < channels; ++e, a += row, c += row, ds += row, da += row, taps += 4, dtaps += 4) {
    V sum{};
    for (index_t i = 0; i < n; i += lanes<T>) {
      const V dc = load<V>(ds + i) * silu_slope(load<V>(c + i));
      store<V>(ds + i, dc);
      sum += dc;
    }
    dbias[e] += sum_of<T>(sum);
    for (index_t j = 0; j < 4; ++j) {
      const index_t shift = (3 - j) * trials;
      V product{};
      for (index_t i = shift; i < n; i += lanes<T>) product += load<V>(ds + i) * load<V>(a + i - shift);
      dtaps[j] += sum_of<T>(product);
    }
    for (index_t t = 0; t < steps; ++t) {
      for (index_t b = 0; b < trials; b += lanes<T>) {
        V back{};
        for (index_t j = 0; j < 4 && t + 3 - j >= 0; ++j) {
          if (t + 3 - j < steps) back += taps[j] * load<V>(ds + (t + 3 - j) * trials + b);
        }
        store<V>(da + t * trials + b, back);
      }
    }
  }
}

template <class T>
void step_forward(index_t channels, index_t n, index_t row, const T* bias, T* step) {
  for (index_t e = 0; e < channels; ++e, step += row) {
    for (index_t i = 0; i < n; i += lanes<T>) store<Vector<T>>(step + i, softplus(load<Vector<T>>(step + i) + bias[e]));
  }
}

template <class T>
void step_backward(index_t channels, index_t n, index_t row, const T* step, T* dstep, T* dbias) {
  using V = Vector<T>;
  for (index_t e = 0; e < channels; ++e, step += row, dstep += row) {
    V sum{};
    for (index_t i = 0; i < n; i += lanes<T>) {
      const V d = load<V>(dstep + i) * (1 - exponential_of(-load<V>(step + i)));  // the sigmoid of softplus's argument
      store<V>(dstep + i, d);
      sum += d;
    }
    dbias[e] += sum_of<T>(sum);
  }
}

template <class T>
void gate(index_t channels, index_t n, index_t row, const T* y, const T* q, T* z) {
  using V = Vector<T>;
  for (index_t e = 0; e < channels; ++e, y += row, q += row, z += row) {
    for (index_t i = 0; i < n; i += lanes<T>) store<V>(z + i, load<V>(y + i) * silu(load<V>(q + i)));
  }
}

template <class T>
void gate_back(index_t channels, index_t n, index_t row, const T* y, const T* q, T* dz, T* dq) {
  using V = Vector<T>;
  for (index_t e = 0; e < channels; ++e, y += row, q += row, dz += row, dq += row) {
    for (index_t i = 0; i < n; i += lanes<T>) {
      const V d = load<V>(dz + i), x = load<V>(q + i);
      store<V>(dq + i, d * load<V>(y + i) * silu_slope(x));
      store<V>(dz + i, d * silu(x));
    }
  }
}

/// Where the states of one channel and of as many trials as a vector holds are saved at the start of a segment.
template <class T>
KINDRED_INLINE index_t saved_at(const Scan<T>& p, index_t segment, index_t e, index_t b0) {
  return ((segment * p.channels + e) * p.trials + b0) * scan_states;
}

/// The states of one channel and a vector of trials: H_n <- e^(D A_n) H_n + D s B_n.
template <class T>
void scan_channel(const Scan<T>& p, index_t e, index_t b0, T* y, T* saved, index_t first, index_t count, T* states) {
  using V = Vector<T>;
  const T* const rate = p.rate + e * scan_states;
  V h[scan_states] = {};
  for (index_t t = 0; t < p.steps; ++t) {
    if (t % scan_segment == 0) {
      T* const here = saved + saved_at(p, t / scan_segment, e, b0);
      for (index_t n = 0; n < scan_states; ++n) store<V>(here + n * lanes<T>, h[n]);
    }
    const index_t i = t * p.trials + b0;
    const V step = load<V>(p.step + e * p.row + i), s = load<V>(p.s + e * p.row + i);
    const V enters = step * s;
    V leaves = p.skip[e] * s;
#pragma GCC unroll 16
    for (index_t n = 0; n < scan_states; ++n) {
      const V a = exponential_of(step * rate[n]);
      h[n] = a * h[n] + enters * load<V>(p.b + n * p.row + i);
      leaves += load<V>(p.c + n * p.row + i) * h[n];
    }
    store<V>(y + e * p.row + i, leaves);
    if (states != nullptr && t >= first && t < first + count) {
      for (int l = 0; l < lanes<T>; ++l) {
        T* const out = states + (((t - first) * p.trials + b0 + l) * p.channels + e) * scan_states;
        for (index_t n = 0; n < scan_states; ++n) out[n] = h[n][l];
      }
    }
  }
}

template <class T>
void scan(const Scan<T>& p, T* y, T* saved, index_t first, index_t count, T* states) {
  for (index_t b0 = 0; b0 < p.trials; b0 += lanes<T>) {
    for (index_t e = 0; e < p.channels; ++e) scan_channel(p, e, b0, y, saved, first, count, states);
  }
}

/// One channel, a vector of trials, steps t0 to t1 - 1: forward again from the saved states, keeping every step's
/// factors and states, then back in time. `g` holds the gradient of the states, `drate` sums that of the rates.
template <class T>
void scan_back_segment(const Scan<T>& p, const ScanGradient<T>& d, index_t e, index_t b0, index_t t0, index_t t1,
                       const T* saved, T* g_memory, T* drate_memory) {
  using V = Vector<T>;
  constexpr index_t width = lanes<T>, block = scan_states * width;
  const T* const rate = p.rate + e * scan_states;
  T* const factor = d.scratch;
  T* const state = d.scratch + (scan_segment + 1) * block;
  {
    V h[scan_states];
#pragma GCC unroll 16
    for (index_t n = 0; n < scan_states; ++n) {
      h[n] = load<V>(saved + n * width);
      store<V>(state + n * width, h[n]);
    }
    for (index_t t = t0; t < t1; ++t) {
      const index_t i = t * p.trials + b0, at = (t - t0) * block;
      const V step = load<V>(p.step + e * p.row + i);
      const V enters = step * load<V>(p.s + e * p.row + i);
#pragma GCC unroll 16
      for (index_t n = 0; n < scan_states; ++n) {
        const V a = exponential_of(step * rate[n]);
        h[n] = a * h[n] + enters * load<V>(p.b + n * p.row + i);
        store<V>(factor + at + n * width, a);
        store<V>(state + at + block + n * width, h[n]);
      }
    }
  }
  V g[scan_states], dskip{};
#pragma GCC unroll 16
  for (index_t n = 0; n < scan_states; ++n) g[n] = load<V>(g_memory + n * width);
  for (index_t t = t1 - 1; t >= t0; --t) {
    const index_t i = t * p.trials + b0, at = (t - t0) * block;
    const V step = load<V>(p.step + e * p.row + i), s = load<V>(p.s + e * p.row + i), y = load<V>(d.y + e * p.row + i);
    const V enters = step * s;
    V through_rate{}, through_b{};
#pragma GCC unroll 16
    for (index_t n = 0; n < scan_states; ++n) {
      T* const db = d.b + n * p.row + i;
      T* const dc = d.c + n * p.row + i;
      T* const drate = drate_memory + n * width;
      g[n] += y * load<V>(p.c + n * p.row + i);
      store<V>(dc, load<V>(dc) + y * load<V>(state + at + block + n * width));
      store<V>(db, load<V>(db) + g[n] * enters);
      through_b += g[n] * load<V>(p.b + n * p.row + i);
      g[n] *= load<V>(factor + at + n * width);
      const V q = g[n] * load<V>(state + at + n * width);
      through_rate += rate[n] * q;
      store<V>(drate, load<V>(drate) + step * q);
    }
    dskip += y * s;
    store<V>(d.step + e * p.row + i, through_rate + through_b * s);
    store<V>(d.s + e * p.row + i, y * p.skip[e] + through_b * step);
  }
#pragma GCC unroll 16
  for (index_t n = 0; n < scan_states; ++n) store<V>(g_memory + n * width, g[n]);
  d.skip[e] += sum_of<T>(dskip);
}

/// Segment by segment, so that what the channels share of one stays near.
template <class T>
void scan_back(const Scan<T>& p, const T* saved, const ScanGradient<T>& d) {
  constexpr index_t block = scan_states * lanes<T>;
  T* const g = d.scratch + 2 * (scan_segment + 1) * block;
  T* const drate = g + p.channels * block;
  for (index_t b0 = 0; b0 < p.trials; b0 += lanes<T>) {
    for (index_t i = 0; i < 2 * p.channels * block; ++i) g[i] = 0;
    for (index_t segment = (p.steps - 1) / scan_segment; segment >= 0; --segment) {
      const index_t t0 = segment * scan_segment, end = t0 + scan_segment, t1 = end < p.steps ? end : p.steps;
      for (index_t e = 0; e < p.channels; ++e) {
        scan_back_segment(p, d, e, b0, t0, t1, saved + saved_at(p, segment, e, b0), g + e * block, drate + e * block);
      }
    }
    for (index_t i = 0; i < p.channels * scan_states; ++i) {
      d.rate[i] += sum_of<T>(load<Vector<T>>(drate + i * lanes<T>));
    }
  }
}

}  // namespace KINDRED_TARGET
}  // namespace kindred::train

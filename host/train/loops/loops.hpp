#pragma once
/// The loops over many numbers, compiled once for every instruction set and chosen when first used.
#include <kindred/train.hpp>

namespace kindred::train {

/// A Mamba block's scan: `channels` x 16 states a trial, driven through `steps` steps. A quantity q of a channel at
/// step t and trial b lies at q[channel * row + t * trials + b]; `trials` is a multiple of `scan_trials`.
template <class T>
struct Scan {
  index_t channels, steps, trials, row;
  const T* rate;  ///< channels x 16: A = -exp(A_log)
  const T* skip;  ///< channels
  const T* step;  ///< channels rows: step sizes
  const T* s;     ///< channels rows: what enters
  const T* b;     ///< 16 rows: how it enters the states
  const T* c;     ///< 16 rows: how the states leave
};
template <class T>
struct ScanGradient {
  const T* y;  ///< channels rows: of what leaves
  T* step;     ///< channels rows, set
  T* s;        ///< channels rows, set
  T* b;        ///< 16 rows, added to
  T* c;        ///< 16 rows, added to
  T* rate;     ///< channels x 16, added to
  T* skip;     ///< channels, added to
  T* scratch;  ///< scan_scratch(channels) numbers
};
inline constexpr index_t scan_states = 16;
inline constexpr index_t scan_trials = 16;   ///< `trials` is a multiple of it
inline constexpr index_t scan_segment = 32;  ///< steps whose states and factors are kept at once, on the way back

/// States at the start of every segment.
[[nodiscard]] constexpr index_t scan_saved(index_t channels, index_t steps, index_t trials) {
  return (steps + scan_segment - 1) / scan_segment * channels * scan_states * trials;
}
[[nodiscard]] constexpr index_t scan_scratch(index_t channels) {
  return (2 * (scan_segment + 1) + 2 * channels) * scan_states * scan_trials;
}

template <class T>
struct Loops {
  /// a = phi(z), after = decay before + (1 - decay) a; rows x n, `before` and `after` with leading dimension ld.
  void (*rnn_forward)(Activation phi, index_t rows, index_t n, index_t ld, T decay, const T* z, const T* before,
                      T* after, T* a);
  /// delta = (1 - decay) carry phi'(z), carry = decay carry; phi' from a = phi(z). Count numbers.
  void (*rnn_backward)(Activation phi, index_t count, T decay, const T* a, T* carry, T* delta);
  /// Of classes rows of n outputs each: rows become softmax probabilities; `log_sum` the logarithm of the sum of exp,
  /// both relative to nothing: loss of label k is log_sum - output k. Outputs are replaced.
  void (*softmax)(index_t classes, index_t n, index_t row, T* outputs, T* log_sum);
  /// u_k = g_k v_k inverse, inverse = 1 / sqrt(mean over k of v_k^2 + 1e-5). d rows of n numbers.
  void (*norm_forward)(index_t d, index_t n, index_t row, const T* v, const T* g, T* u, T* inverse);
  /// Adds to dv and dg what du gives.
  void (*norm_backward)(index_t d, index_t n, index_t row, const T* v, const T* g, const T* inverse, const T* du, T* dv,
                        T* dg);
  /// c_t = bias + sum over j < 4 of taps_j a_(t-3+j), s = silu(c), channel by channel; steps of `trials` numbers.
  void (*convolve)(index_t channels, index_t steps, index_t trials, index_t row, const T* taps, const T* bias,
                   const T* a, T* c, T* s);
  /// ds becomes dc; da is set, dtaps and dbias are added to.
  void (*convolve_back)(index_t channels, index_t steps, index_t trials, index_t row, const T* taps, const T* a,
                        const T* c, T* ds, T* da, T* dtaps, T* dbias);
  /// step = softplus(step + bias), channel by channel.
  void (*step_forward)(index_t channels, index_t n, index_t row, const T* bias, T* step);
  /// dstep becomes the gradient of softplus's argument; dbias is added to.
  void (*step_backward)(index_t channels, index_t n, index_t row, const T* step, T* dstep, T* dbias);
  /// z = y silu(q).
  void (*gate)(index_t channels, index_t n, index_t row, const T* y, const T* q, T* z);
  /// dz becomes dy; dq is set.
  void (*gate_back)(index_t channels, index_t n, index_t row, const T* y, const T* q, T* dz, T* dq);
  /// Sets y (channels rows) and `saved`. With `states`, also the states: [(t - first) * trials + b][channel][16] for
  /// count steps.
  void (*scan)(const Scan<T>& scan, T* y, T* saved, index_t first, index_t count, T* states);
  void (*scan_back)(const Scan<T>& scan, const T* saved, const ScanGradient<T>& gradient);
};

/// Those of the best instruction set that this processor has, or that KINDRED_CPU_TARGET allows.
template <class T>
[[nodiscard]] const Loops<T>& loops();

}  // namespace kindred::train

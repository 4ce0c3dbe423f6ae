#pragma once
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Row panel of the delay embedding of one trial, converted to float64.
///
///     H[s, j C + c] = x[first + s + (d - 1 - j) tau, c],   s = 0 .. rows - 1,  j = 0 .. d - 1,  c = 0 .. C - 1
///
/// Item: one row of one panel segment; a launch covers `rows` rows.
/// in   x: steps x C, element (t, c) at x[t * time_stride + c * channel_stride], type T
/// out  panel: rows x (d C), row-major, leading dimension ld >= d C; padding is not touched
/// Preconditions: first + rows + (d - 1) tau <= steps.
/// Cost a row: no flops, d C (sizeof(T) read + 8 written) bytes; no scratch. Exact.
/// Source: arXiv 2306.10168, section 2 (Hankel matrix, newest first).
template <class T>
struct DelayEmbedding {
  struct Params {
    const T* x;
    index_t time_stride, channel_stride;
    index_t first, channels, delays, interval;
    double* panel;
    index_t ld;
  };

  static Scratch scratch(const Params&) { return {}; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t row) {
    double* out = p.panel + row * p.ld;
    for (index_t j = 0; j < p.delays; ++j) {
      const T* in = p.x + (p.first + row + (p.delays - 1 - j) * p.interval) * p.time_stride;
      ex.for_each(p.channels,
                  [=](index_t c) { out[j * p.channels + c] = static_cast<double>(in[c * p.channel_stride]); });
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET

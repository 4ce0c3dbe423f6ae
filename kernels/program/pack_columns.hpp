#pragma once
#include "kernels/exec/executor.hpp"
#include "kernels/prim/panels.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// Rows of one trial, centred and scaled, into columns of a matrix in panels.
///
///     P[row + t, column + c] = (x[t, c] - mean[c]) scale,     t = 0 .. steps - 1,  c = 0 .. C - 1
///
/// Item: `chunk` consecutive steps.
/// in   x: steps x C, element (t, c) at x[t * time_stride + c * channel_stride]; mean: C, float64
/// out  panels: the rows and columns above; nothing else is touched
/// Preconditions: row + steps <= panels.rows; scale is a power of two, so that the product is exact.
/// Cost an item: 2 chunk C flops, chunk C (sizeof(In) + sizeof(Out)) bytes; no scratch.
/// Accuracy: one rounding for the difference, one more where Out is float.
template <class In, class Out>
struct PackColumns {
  static constexpr index_t chunk = 64;

  struct Params {
    const In* x;
    index_t time_stride, channel_stride, steps, channels;
    const double* mean;
    double scale;
    Panels<Out> panels;
    index_t row, column;
  };

  static Scratch scratch(const Params&) { return {}; }
  static index_t items(const Params& p) { return (p.steps + chunk - 1) / chunk; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const index_t end = (item + 1) * chunk < p.steps ? (item + 1) * chunk : p.steps;
    for (index_t c = 0; c < p.channels;) {
      // The part of the row that lies in one panel.
      const index_t room = p.panels.width - (p.column + c) % p.panels.width;
      const index_t n = room < p.channels - c ? room : p.channels - c;
      const double* mean = p.mean + c;
      const double scale = p.scale;
      Out* out = p.panels.at(p.row + item * chunk, p.column + c);
      for (index_t t = item * chunk; t < end; ++t, out += p.panels.width) {
        const In* in = p.x + t * p.time_stride + c * p.channel_stride;
        if (p.channel_stride == 1) {
          ex.for_each(n, [=](index_t i) { out[i] = static_cast<Out>((static_cast<double>(in[i]) - mean[i]) * scale); });
        } else {
          const index_t stride = p.channel_stride;
          ex.for_each(n, [=](index_t i) {
            out[i] = static_cast<Out>((static_cast<double>(in[i * stride]) - mean[i]) * scale);
          });
        }
      }
      c += n;
    }
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET

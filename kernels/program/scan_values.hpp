#pragma once
#include "kernels/exec/executor.hpp"

#include <limits>

namespace kindred::kernels::inline KINDRED_TARGET {

/// Largest magnitudes of recordings in device memory, and the channels that change.
///
///     largest = max |x[t, c]|, infinite where a value is not finite;    varies[c] = [ any x[t, c] != first[c] ]
///
/// Item: one tile, some consecutive steps of one trial with all its C channels.
/// in   tile.x: element (t, c) at t time_stride + c channel_stride; tile.first: the values that channel c is compared
///      with, first_stride apart
/// out  largest[item]; tile.varies: C bytes, 0 or 1
/// Preconditions: steps C < 2^31. Cost of an element: sizeof(T) bytes, twice that in a channel which does not change;
/// no scratch. Exact.
template <class T>
struct ScanValues {
  struct Tile {
    const T* x;
    index_t time_stride, channel_stride;
    index_t steps, channels;
    const T* first;
    index_t first_stride;
    unsigned char* varies;
  };

  struct Params {
    const Tile* tiles;
    double* largest;
    index_t elements;  ///< steps C of the largest tile
  };

  static Scratch scratch(const Params&) { return {}; }
  static index_t width(const Params& p) { return p.elements; }

  template <class Exec>
  KINDRED_FN static void run(Exec& ex, const Params& p, index_t item) {
    const Tile tile = p.tiles[item];
    const auto channels = static_cast<unsigned>(tile.channels);
    const double largest = ex.reduce(tile.steps * tile.channels, 0.0, Max{}, [=](index_t i) {
      const unsigned e = static_cast<unsigned>(i), t = e / channels, c = e % channels;
      const T value = tile.x[t * tile.time_stride + c * tile.channel_stride];
      const T magnitude = value < 0 ? -value : value;
      return magnitude <= std::numeric_limits<T>::max() ? static_cast<double>(magnitude)
                                                        : std::numeric_limits<double>::infinity();
    });
    ex.once([&] { p.largest[item] = largest; });
    ex.for_each(tile.channels, [=](index_t c) {
      const T first = tile.first[c * tile.first_stride];
      const T* x = tile.x + c * tile.channel_stride;
      index_t t = 0;
      while (t < tile.steps && x[t * tile.time_stride] == first) ++t;
      tile.varies[c] = t < tile.steps ? 1 : 0;
    });
  }
};

}  // namespace kindred::kernels::inline KINDRED_TARGET

#pragma once
/// The discrete Fourier transform of segments of L samples along time, as products with two matrices, one of cosines
/// and one of sines: L is chosen for the work at hand, a few times what correlations reach, so that a fast transform
/// would save little, and products of matrices run at full speed on every device.
#include "host/backend/backend.hpp"

#include <algorithm>

#include <span>
#include <vector>

namespace kindred::host {

/// Frequencies first .. first + count - 1 of a transform.
struct Band {
  index_t first, count;
};

/// f(band) for `count` frequencies, at most `most` at once.
template <class Function>
void for_each_band(index_t count, index_t most, Function&& f) {
  for (index_t first = 0; first < count; first += most) f(Band{first, std::min(most, count - first)});
}

/// Frequencies are w = 2 pi f / L, f = 0 .. L / 2; parts are 0, of the cosine, and 1, of the sine. A real x of L
/// samples is
///
///     x[t] = sum over f of g (X_c cos w t + X_s sin w t),   X_c = sum over t of x[t] cos w t,   X_s likewise,
///
/// with the weight g = 1 / L for f = 0 and f = L / 2, else 2 / L.
class Fourier {
 public:
  Fourier(Backend& backend, index_t length);

  [[nodiscard]] static index_t frequencies(index_t length) { return length / 2 + 1; }
  [[nodiscard]] static index_t elements(index_t length) { return 2 * frequencies(length) * length; }

  [[nodiscard]] index_t frequencies() const { return frequencies(length_); }
  /// cos w t or sin w t: a row a frequency of the band, a column a time 0 .. times - 1.
  [[nodiscard]] MatrixBatch<const double> waves(const Band& band, index_t part, index_t times) const;
  [[nodiscard]] MatrixBatch<const double> waves(index_t part, index_t times) const {
    return waves({0, frequencies()}, part, times);
  }
  /// g cos w t or g sin w t, for any t >= 0.
  [[nodiscard]] double weighted(index_t frequency, index_t part, index_t t) const;

 private:
  index_t length_;
  std::vector<double> wave_[2];  ///< over one period
  Buffer<double> waves_;
};

}  // namespace kindred::host

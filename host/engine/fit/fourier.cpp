#include "host/engine/fit/fourier.hpp"

#include <cmath>
#include <numbers>

namespace kindred::host {

Fourier::Fourier(Backend& backend, index_t length) : length_(length) {
  for (index_t k = 0; k < length; ++k) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length);
    wave_[0].push_back(std::cos(angle));
    wave_[1].push_back(std::sin(angle));
  }
  std::vector<double> all;
  all.reserve(at(elements(length)));
  for (const auto& wave : wave_) {
    for (index_t f = 0; f < frequencies(); ++f) {
      for (index_t t = 0; t < length; ++t) all.push_back(wave[at(f * t % length)]);
    }
  }
  waves_ = Buffer<double>(backend, std::span<const double>(all));
}

MatrixBatch<const double> Fourier::waves(const Band& band, index_t part, index_t times) const {
  return {waves_.data() + (part * frequencies() + band.first) * length_, band.count, times, length_, 0};
}

double Fourier::weighted(index_t frequency, index_t part, index_t t) const {
  const double weight = (frequency == 0 || 2 * frequency == length_ ? 1.0 : 2.0) / static_cast<double>(length_);
  return weight * wave_[part][at(frequency * t % length_)];
}

}  // namespace kindred::host

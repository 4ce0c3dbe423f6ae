#include <kindred/simulate.hpp>

#include <cmath>

namespace kindred::simulate {
namespace {

std::uint64_t rotate_left(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

/// One step of SplitMix64 (Steele, Lea, Flood, doi 10.1145/2714064.2660195).
std::uint64_t split_mix(std::uint64_t& x) {
  x += 0x9e3779b97f4a7c15u;
  std::uint64_t z = x;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/// One step of xoshiro256++.
std::uint64_t advance(std::uint64_t (&state)[4]) {
  const std::uint64_t result = rotate_left(state[0] + state[3], 23) + state[0];
  const std::uint64_t t = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = rotate_left(state[3], 45);
  return result;
}

double unit(std::uint64_t (&state)[4]) { return static_cast<double>(advance(state) >> 11) * 0x1p-53; }

}  // namespace

Random::Random(std::uint64_t seed) : Random(seed, 0) {}

Random::Random(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t mixed = stream;
  std::uint64_t x = seed ^ (stream == 0 ? 0 : split_mix(mixed));
  for (auto& word : state_) word = split_mix(x);
}

std::uint64_t Random::bits() { return advance(state_); }

double Random::uniform() { return unit(state_); }

double Random::normal() {
  // v / u is normal for (u, v) uniform in {0 < u <= exp(-v^2 / 4 u^2)}. Two quadratic curves, q, enclose the boundary
  // so tightly that the logarithm is needed for 1 % of the draws, and only to decide: its last bit does not reach the
  // value.
  for (;;) {
    const double u = 1.0 - unit(state_);
    const double v = 1.7156 * (unit(state_) - 0.5);
    const double x = u - 0.449871;
    const double y = std::fabs(v) + 0.386595;
    const double q = x * x + y * (0.19600 * y - 0.25472 * x);
    if (q < 0.27597) return v / u;
    if (q <= 0.27846 && v * v <= -4.0 * u * u * std::log(u)) return v / u;
  }
}

index_t Random::below(index_t n) {
  const auto range = static_cast<std::uint64_t>(n);
  const std::uint64_t reject = (0 - range) % range;  // 2^64 mod n: the draws below it would favour small results
  for (;;) {
    const std::uint64_t x = bits();
    if (x >= reject) return static_cast<index_t>(x % range);
  }
}

}  // namespace kindred::simulate

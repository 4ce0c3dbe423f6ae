#pragma once
/// Counter-based random numbers: a pure function of (key, counter), the same on every thread, device and run.
#include "kernels/exec/executor.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014, doi 10.1145/2660193.2660195): a bijection of 64-bit words.
KINDRED_FN constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// 64 random bits for (key, counter).
KINDRED_FN constexpr std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter) {
  return mix(key + mix(counter * 0x9e3779b97f4a7c15u + 0x9e3779b97f4a7c15u));
}

/// Uniform in [0, 1), 53 bits.
KINDRED_FN constexpr double random_unit(std::uint64_t key, std::uint64_t counter) {
  return static_cast<double>(random_bits(key, counter) >> 11) * 0x1p-53;
}

/// Uniform in {0, ..., n - 1}, n >= 1, n < 2^32 (bias below n / 2^32).
KINDRED_FN constexpr index_t random_below(std::uint64_t key, std::uint64_t counter, index_t n) {
  return static_cast<index_t>(((random_bits(key, counter) >> 32) * static_cast<std::uint64_t>(n)) >> 32);
}

}  // namespace kindred::kernels::inline KINDRED_TARGET

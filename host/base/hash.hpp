#pragma once
/// Hashes of values, by which equal systems are recognised and ordered. They are not for keeping secrets. Stored
/// digests and the order in which two systems are compared depend on them, so changing one changes results in their
/// last bits.
#include <kindred/types.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

namespace kindred::host {

/// FNV-1a, 64 bits, of bytes as they lie in memory: the digests that a store keeps.
class ByteHash {
 public:
  void add(const void* data, std::size_t bytes) {
    const auto* next = static_cast<const unsigned char*>(data);
    for (std::size_t k = 0; k < bytes; ++k) hash_ = (hash_ ^ next[k]) * 0x100000001b3;
  }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

/// Hash of rows of numbers in their order, at the speed of memory: four independent lanes. 0 and -0 are equal.
class RowHash {
 public:
  void add(const double* x, index_t n) {
    index_t i = 0;
    for (; i + lanes <= n; i += lanes) {
      for (index_t l = 0; l < lanes; ++l) mix(lane_[l], x[i + l]);
    }
    for (index_t l = 0; i < n; ++i, ++l) mix(lane_[l], x[i]);
  }
  [[nodiscard]] std::uint64_t value() const {
    std::uint64_t h = 0;
    for (const std::uint64_t lane : lane_) {
      h = (h ^ lane) * 0xbf58476d1ce4e5b9u;
      h ^= h >> 32;
    }
    return h;
  }

 private:
  static constexpr index_t lanes = 4;
  static void mix(std::uint64_t& h, double x) {
    h = (h ^ std::bit_cast<std::uint64_t>(x + 0.0)) * 0x9e3779b97f4a7c15u;
    h ^= h >> 29;
  }
  std::uint64_t lane_[lanes] = {1, 2, 3, 4};
};

}  // namespace kindred::host

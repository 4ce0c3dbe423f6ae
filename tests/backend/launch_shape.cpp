#include "kernels/exec/launch_shape.hpp"

#include <catch2/catch.hpp>

using namespace kindred;
using namespace kindred::kernels;

namespace {

constexpr std::size_t kib = 1024;

// CUDA C++ programming guide, technical specifications per compute capability: 9.0, 8.0, 12.0.
constexpr DeviceLimits h100{132, 2048, 32, 65536, 228 * kib, 227 * kib, 1 * kib};
constexpr DeviceLimits a100{108, 2048, 32, 65536, 164 * kib, 163 * kib, 1 * kib};
constexpr DeviceLimits rtx{170, 1536, 24, 65536, 100 * kib, 99 * kib, 1 * kib};

}  // namespace

TEST_CASE("threads of a block follow the widest phase", "[launch_shape]") {
  CHECK(block_threads(0) == 32);
  CHECK(block_threads(20 * 24) == 32);   // r = 20: one warp
  CHECK(block_threads(513) == 64);       // 512 elements are a warp's
  CHECK(block_threads(50 * 56) == 192);  // 14 x 13 tiles of 4 x 4 = 182
  CHECK(block_threads(100 * 104) == 256);
}

TEST_CASE("residency is the tightest of four limits", "[launch_shape]") {
  CHECK(resident_blocks(h100, 32, 0, 32) == 32);        // blocks
  CHECK(resident_blocks(rtx, 256, 0, 32) == 6);         // threads: 1536 / 256
  CHECK(resident_blocks(h100, 256, 0, 128) == 2);       // registers: 65536 / (128 x 256)
  CHECK(resident_blocks(h100, 64, 75 * kib, 32) == 3);  // shared: 228 / 76
  CHECK(resident_blocks(a100, 64, 75 * kib, 32) == 2);  // 164 / 76
  CHECK(resident_blocks(h100, 32, 300 * kib, 32) == 0);
  CHECK(resident_blocks(h100, 32, 0, 33) == 32);  // 33 registers round up to 40
}

TEST_CASE("scratch is shared whole up to the limit, else it is split", "[launch_shape]") {
  const auto shape = [](const DeviceLimits& device, std::size_t scratch, index_t count, std::size_t arena) {
    return launch_shape({scratch, 2500, 64}, device, count, arena);
  };
  const LaunchShape fits = shape(h100, 223 * kib, 1000000, 0);
  CHECK(fits.shared == 227 * kib);  // the reductions of several warps take 4 KiB
  CHECK(fits.arena == 0);
  CHECK(fits.blocks == 132);

  const LaunchShape split = shape(h100, 223 * kib + 1, 1000000, std::size_t{1} << 30);
  CHECK(split.shared == 227 * kib);
  CHECK(split.arena == 223 * kib + 1);
  CHECK(split.blocks == 132);

  CHECK(shape(h100, 300 * kib, 1000000, 3000 * kib).blocks == 10);  // what the arena has room for
  CHECK(shape(h100, 300 * kib, 1000000, 0).blocks == 1);            // one block always runs
  CHECK(shape(h100, 300 * kib, 7, std::size_t{1} << 30).blocks == 7);
  CHECK(shape(rtx, 300 * kib, 1000, std::size_t{1} << 30).shared == 99 * kib);
}

TEST_CASE("small blocks leave room for one another", "[launch_shape]") {
  CHECK(block_shared_limit(h100, 256) == 227 * kib);
  CHECK(block_shared_limit(h100, 128) == 227 * kib);
  CHECK(block_shared_limit(h100, 64) == 113 * kib);  // two blocks: 228 / 2 - 1
  CHECK(block_shared_limit(h100, 32) == 56 * kib);   // four
  CHECK(block_shared_limit(rtx, 32) == 24 * kib);
  const LaunchShape shape = launch_shape({125 * kib, 20 * 24, 128}, h100, 1000000, std::size_t{1} << 30);
  CHECK(shape.shared == 56 * kib);
  CHECK(shape.arena == 125 * kib);
  CHECK(shape.blocks == 4U * 132U);
}

TEST_CASE("one warp reduces by shuffles and takes no shared memory for it", "[launch_shape]") {
  const LaunchShape shape = launch_shape({6 * kib, 400, 32}, h100, 1000000, 0);
  CHECK(shape.threads == 32);
  CHECK(shape.shared == 6 * kib);
  CHECK(shape.blocks == 32U * 132U);
  CHECK(launch_shape({0, 400, 32}, h100, 5, 0).blocks == 5);
  CHECK(launch_shape({0, 0, 32}, h100, 1, 0).shared == 0);
}

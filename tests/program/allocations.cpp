// No pair allocates. About the CPU: a device's driver allocates as it likes.
#include "host/engine/operators/pavf_scorer.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>
#include <span>
#include <vector>

namespace {

std::atomic<long> allocations{0};

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* p = std::malloc(bytes > 0 ? bytes : 1)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes > 0 ? bytes : 1);
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace kindred;

namespace {

Operator gaussian(index_t r, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  Operator o;
  o.size = r;
  o.values.resize(static_cast<std::size_t>(r * r));
  for (double& v : o.values) v = normal(engine);
  return o;
}

}  // namespace

TEST_CASE("pairs are aligned without allocation", "[pavf]") {
  const index_t r = 6, count = 12;
  const auto backend = host::make_cpu_backend(1, 0);
  std::vector<Operator> operators;
  for (index_t k = 0; k < count; ++k) operators.push_back(gaussian(r, 20 + static_cast<unsigned>(k)));
  Dsa config;
  config.effort = Effort::fast;
  const auto stage = host::make_pavf_scorer(*backend, operators, {}, config, {});
  std::vector<host::PairIndex> pairs;
  for (std::int32_t i = 0; i < count; ++i) {
    for (std::int32_t j = i + 1; j < count; ++j) pairs.push_back({i, j});
  }
  std::vector<PairResult> results(pairs.size());
  const auto spent = [&](std::size_t n) {
    const long before = allocations;
    stage->run(std::span(pairs).first(n), std::span(results).first(n));
    return allocations - before;
  };
  const long few = spent(2), many = spent(66);
  INFO(few << " allocations for 2 pairs, " << many << " for 66");
  CHECK(many - few <= 12);  // lists of a tile, doubled five times each
}

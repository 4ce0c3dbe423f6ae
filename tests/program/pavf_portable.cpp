// The pair program without LIBXSMM: the portable products give the same results to rounding; and no pair allocates.
#undef KINDRED_HAVE_LIBXSMM
#undef KINDRED_TARGET
#define KINDRED_TARGET portable
#include "kernels/exec/cpu.hpp"
#include "kernels/program/pavf.hpp"

#include "host/engine/pavf_prepare.hpp"
#include "host/engine/pavf_stage.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>
#include <random>
#include <vector>

namespace {

std::atomic<long> allocations{0};

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* p = std::malloc(bytes > 0 ? bytes : 1)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace kindred;

namespace {

std::vector<double> gaussian(index_t count, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  std::vector<double> x(static_cast<std::size_t>(count));
  for (double& v : x) v = normal(engine);
  return x;
}

Operator as_operator(const std::vector<double>& values, index_t r) {
  Operator o;
  o.size = r;
  o.values = values;
  return o;
}

/// Prepared operators of one size, contiguous in precision T.
template <class T>
struct Prepared {
  std::vector<T> operators, normal_parts, pencils;

  explicit Prepared(const std::vector<host::PavfSystem>& systems) {
    for (const auto& s : systems) {
      operators.insert(operators.end(), s.op.begin(), s.op.end());
      normal_parts.insert(normal_parts.end(), s.normal_part.begin(), s.normal_part.end());
      pencils.insert(pencils.end(), s.pencils.begin(), s.pencils.end());
    }
  }
};

/// Systems 0 and 1 by the program compiled in this file, with proof; `slots` as in PavfLevel. `c`, if not null: C.
template <class T>
kernels::PavfOutcome portable(const std::vector<host::PavfSystem>& systems, index_t r, index_t kicks = 0,
                              index_t slots = 1, std::vector<double>* c = nullptr) {
  const Prepared<T> search(systems);
  const Prepared<double> fine(systems);
  std::vector<kernels::PavfFacts> facts;
  for (const auto& s : systems) facts.push_back({s.key, s.paired});
  const kernels::PavfPair pair{0, 1};
  kernels::PavfOutcome outcome{};
  typename kernels::Pavf<T>::Params p{};
  p.r = r;
  p.facts = facts.data();
  p.operators = search.operators.data();
  p.normal_parts = search.normal_parts.data();
  p.pencils = search.pencils.data();
  p.operators64 = fine.operators.data();
  p.normal_parts64 = fine.normal_parts.data();
  p.pairs = &pair;
  p.outcomes = &outcome;
  p.level.pencils = 3;
  p.level.starts = 3;
  p.level.draws = 2;
  p.level.kicks = kicks;
  p.level.hits = 3 + kicks;
  p.level.planes = 2;
  p.level.decrement = 1e-4;
  p.level.stop = 1e-4;
  p.level.same = 2e-3;
  p.level.slots = slots;
  p.polish = p.certify = true;
  if (c != nullptr) {
    c->resize(static_cast<std::size_t>(kernels::pavf_padded(r) * kernels::pavf_padded(r)));
    p.alignments = c->data();
  }
  const kernels::Scratch need = kernels::Pavf<T>::scratch(p);
  std::vector<std::byte> memory(need.bytes + 64);
  void* arena = memory.data();
  std::size_t space = memory.size();
  std::align(64, need.bytes, arena, space);
  kernels::CpuExec ex(static_cast<std::byte*>(arena), need.bytes);
  kernels::Pavf<T>::run(ex, p, 0);
  return outcome;
}

}  // namespace

TEST_CASE("portable products are the products", "[pavf][portable]") {
  std::vector<std::byte> memory(64);
  kernels::CpuExec ex(memory.data(), 0);
  for (const index_t r : {1, 3, 4, 8, 17, 33}) {
    const index_t ld = kernels::pavf_padded(r);
    const auto a = gaussian(r * ld, 1), b = gaussian(r * ld, 2), start = gaussian(r * ld, 3);
    for (const bool accumulate : {false, true}) {
      auto c = start;
      ex.multiply(ex.product<double>(r, ld, r, ld, ld, ld, accumulate), a.data(), b.data(), c.data());
      for (index_t i = 0; i < r; ++i) {
        for (index_t j = 0; j < ld; ++j) {
          const auto at = static_cast<std::size_t>(i * ld + j);
          long double sum = accumulate ? start[at] : 0.0, scale = 1;
          for (index_t l = 0; l < r; ++l) {
            const long double x = a[static_cast<std::size_t>(i * ld + l)], y = b[static_cast<std::size_t>(l * ld + j)];
            sum += x * y;
            scale += std::abs(x * y);
          }
          // r + 1 roundings, each of a partial sum below `scale`
          const auto bound = static_cast<double>(static_cast<long double>(r + 1) * 1.2e-16L * scale);
          REQUIRE(std::abs(c[at] - static_cast<double>(sum)) <= bound);
        }
      }
    }
  }
}

TEST_CASE("halves of symmetric and skew products are the products", "[pavf][portable]") {
  std::vector<std::byte> memory(64);
  kernels::CpuExec ex(memory.data(), 0);
  for (const index_t r : {3, 24, 25, 48, 50, 201}) {  // one strip; two and more, ends of all lengths; more rows a strip
    const index_t ld = kernels::pavf_padded(r);
    const auto at = [ld](index_t i, index_t j) { return static_cast<std::size_t>(i * ld + j); };
    std::vector<double> s(static_cast<std::size_t>(ld * ld), 0.0), z = s, out = s;
    std::mt19937 engine(4);
    std::uniform_int_distribution<int> small(-3, 3);  // whole numbers: no product below rounds
    for (index_t i = 0; i < r; ++i) {
      for (index_t j = 0; j < i; ++j) {
        s[at(i, j)] = small(engine);
        s[at(j, i)] = -s[at(i, j)];
      }
    }
    const auto half = ex.symmetric_product<double>(r, ld);
    const auto check = [&](const std::vector<double>& x, const std::vector<double>& y) {
      for (index_t i = 0; i < ld; ++i) {
        for (index_t j = 0; j < ld; ++j) {
          double sum = 0;
          for (index_t l = 0; l < r; ++l) sum += x[at(i, l)] * y[at(l, j)];
          REQUIRE(out[at(i, j)] == sum);  // padding too: zero
        }
      }
    };
    INFO("r = " << r);
    ex.multiply(half, s.data(), s.data(), out.data(), 1.0);
    check(s, s);
    z = out;
    ex.multiply(half, s.data(), z.data(), out.data(), -1.0);
    check(s, z);
  }
}

TEST_CASE("the search on portable products finds the minimum of the library", "[pavf][portable]") {
  for (const index_t r : {3, 8, 21}) {
    const auto a = gaussian(r * r, 10);
    auto b = a;
    const auto noise = gaussian(r * r, 11);
    for (std::size_t k = 0; k < b.size(); ++k) b[k] += 0.02 * noise[k];
    const auto backend = host::make_cpu_backend(1, 0);
    const std::vector<const double*> both{a.data(), b.data()};
    const auto systems = host::pavf_prepare(*backend, both, r);
    const auto distance = [&](double energy) {  // A = mean I + norm A0, the larger scale of the two the unit
      const double sa = systems[0].scale, sb = systems[1].scale, mean = sa * systems[0].mean - sb * systems[1].mean;
      const double x = sa * systems[0].norm, y = sb * systems[1].norm;
      return std::sqrt(static_cast<double>(r) * mean * mean + (x - y) * (x - y) + 2 * x * y * energy);
    };
    Dsa config;
    config.score = DsaScore::euclidean;
    config.normalize = false;
    config.certify = true;
    const std::vector<Operator> rows{as_operator(a, r), as_operator(b, r)};
    const auto stage = host::make_pavf_stage(*backend, rows, {}, config, {});
    const host::PairIndex pair{0, 1};
    PairResult library;
    stage->run({&pair, 1}, {&library, 1});
    INFO("r = " << r);
    // one minimum, polished in float64 until the energy stands still
    CHECK(distance(portable<float>(systems, r).energy) == Approx(library.distance).epsilon(1e-9));
    CHECK(distance(portable<double>(systems, r).energy) == Approx(library.distance).epsilon(1e-9));
  }
}

TEST_CASE("kept rotations change no bit of a search", "[pavf][portable]") {
  for (const index_t r : {4, 11}) {
    const auto a = gaussian(r * r, 12), b = gaussian(r * r, 13);
    const auto backend = host::make_cpu_backend(1, 0);
    const std::vector<const double*> both{a.data(), b.data()};
    const auto systems = host::pavf_prepare(*backend, both, r);
    std::vector<double> at_once, kept;
    const kernels::PavfOutcome one = portable<float>(systems, r, 9, 1, &at_once);
    REQUIRE(one.refinements > 6);
    for (const index_t slots : {2, 7, 128}) {  // full in every refinement, in some, in none
      const kernels::PavfOutcome other = portable<float>(systems, r, 9, slots, &kept);
      INFO("r = " << r << ", " << slots << " slots");
      CHECK(other.energy == one.energy);
      CHECK(other.iterations == one.iterations);
      CHECK(kept == at_once);
      CHECK(other.products < one.products);
    }
  }
}

TEST_CASE("pairs are aligned without allocation", "[pavf]") {
  const index_t r = 6, count = 12;
  const auto backend = host::make_cpu_backend(1, 0);
  std::vector<Operator> operators;
  for (index_t k = 0; k < count; ++k)
    operators.push_back(as_operator(gaussian(r * r, 20 + static_cast<unsigned>(k)), r));
  Dsa config;
  config.effort = Effort::fast;
  const auto stage = host::make_pavf_stage(*backend, operators, {}, config, {});
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

// Rotations that a refinement keeps until its C is asked for.
#include "kernels/program/pavf.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/pavf_pair.hpp"

#include <catch2/catch.hpp>

using namespace kindred;

TEST_CASE("pavf: kept rotations change no bit of a search", "[pavf][devices]") {
  for (const index_t r : test::sizes({.cpu = {4, 11}, .gpu = {4}})) {
    const test::Matrix a = test::gaussian(r, 12), b = test::gaussian(r, 13);
    const auto backend = test::make_backend();
    const auto systems = host::pavf_prepare(*backend, std::vector<const double*>{a.data(), b.data()}, r);
    const test::PavfPair<float> pair(*backend, systems, r);
    const auto search = [&](index_t slots) {
      backend->launch<kernels::Pavf<float>>(pair.params(9, slots), 1);
      return pair.outcome();
    };
    const kernels::PavfOutcome one = search(1);
    const std::vector<double> at_once = pair.alignment();
    REQUIRE(one.refinements > 6);
    // full in every refinement, in some, in none
    for (const index_t slots : test::sizes({.cpu = {2, 7, 128}, .gpu = {7, 128}})) {
      const kernels::PavfOutcome other = search(slots);
      INFO("r = " << r << ", " << slots << " slots");
      CHECK(other.energy == one.energy);
      CHECK(other.iterations == one.iterations);
      CHECK(pair.alignment() == at_once);
      CHECK(other.products < one.products);
    }
  }
}

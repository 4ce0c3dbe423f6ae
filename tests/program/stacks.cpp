// The phases of the executors for members of a stack, against those for one array.
#include "tests/support/devices.hpp"
#include "tests/support/steps.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace kindred;

TEMPLATE_TEST_CASE("what a member of a stack gets depends on no other", "[program][devices]", float, double) {
  using T = TestType;
  using Step = test::StackStep<T>;
  const auto backend = test::make_backend();
  std::mt19937_64 engine(5);
  std::normal_distribution<T> normal;
  for (const index_t r : test::sizes({.cpu = {1, 5, 10, 33, 50}, .gpu = {5, 10, 33}})) {
    const index_t ld = kernels::pavf_padded(r), stack = Step::arrays * ld * ld;
    std::vector<T> a(static_cast<std::size_t>(stack), T(0)), b = a;
    for (index_t i = 0; i < stack; ++i) {
      if (i % ld >= r || i / ld % ld >= r) continue;
      a[static_cast<std::size_t>(i)] = normal(engine);
      b[static_cast<std::size_t>(i)] = normal(engine);
    }
    const auto left = test::to_device(*backend, a), right = test::to_device(*backend, b);
    for (const std::vector<index_t>& members : {std::vector<index_t>{}, {3}, {0, 1}, {0, 2, 4}, {0, 1, 2, 3, 4}}) {
      const T untouched = T(-7);
      const auto out = test::to_device(*backend, std::vector<T>(static_cast<std::size_t>(10 * stack), untouched));
      const auto sums = test::to_device(*backend, std::vector<T>(4 * Step::arrays, untouched));
      const auto list = test::to_device(*backend, members.empty() ? std::vector<index_t>{0} : members);
      test::run_steps<Step>(
          *backend, {r, list.data(), std::ssize(members), left.data(), right.data(), out.data(), sums.data()}, 2);
      const std::vector<T> found = test::fetch(out), totals = test::fetch(sums);
      INFO("r = " << r << ", " << members.size() << " members");
      CHECK(std::equal(found.begin(), found.begin() + 5 * stack, found.begin() + 5 * stack));
      CHECK(std::equal(totals.begin(), totals.begin() + 2 * Step::arrays, totals.begin() + 2 * Step::arrays));
      for (index_t k = 0; k < Step::arrays; ++k) {
        const bool member = std::find(members.begin(), members.end(), k) != members.end();
        const auto at = static_cast<std::size_t>(k * ld * ld);
        CHECK((found[at] != untouched) == member);  // the first entry of A B
        // r^2 terms of order one, summed in any order: each addition rounds a total below 4 r^2 or so
        T total = 0;
        for (index_t i = 0; i < ld * ld; ++i) total += a[at + static_cast<std::size_t>(i)];
        const T expected = member ? total : untouched, bound = T(4 * r * r * r * r) * std::numeric_limits<T>::epsilon();
        CHECK(std::abs(totals[static_cast<std::size_t>(2 * k)] - expected) <= bound);
      }
    }
  }
}

// The products of the device's executor.
#include "tests/support/products.hpp"
#include "tests/support/devices.hpp"
#include "tests/support/steps.hpp"

using namespace kindred;

TEMPLATE_TEST_CASE("products of a block are the products", "[program][devices]", float, double) {
  using T = TestType;
  const auto backend = test::make_backend();
  test::check_products<T>(
      test::either(300, 36), [&](index_t m, index_t n, index_t k, bool accumulate, const std::vector<T>& a,
                                 const std::vector<T>& b, std::vector<T>& c) {
        const auto x = test::to_device(*backend, a), y = test::to_device(*backend, b), z = test::to_device(*backend, c);
        test::run_steps<test::ProductStep<T>>(*backend, {m, n, k, accumulate, x.data(), y.data(), z.data()}, 1);
        c = test::fetch(z);
      });
}

TEST_CASE("symmetric and skew products of a block are the products", "[program][devices]") {
  const auto backend = test::make_backend();
  test::check_symmetric_products<double>(
      test::either(201, 50), [&](index_t r, index_t ld, double sign, const std::vector<double>& a,
                                 const std::vector<double>& b, std::vector<double>& c) {
        const auto x = test::to_device(*backend, a), y = test::to_device(*backend, b), z = test::to_device(*backend, c);
        test::run_steps<test::SymmetricProductStep>(*backend, {r, ld, sign, x.data(), y.data(), z.data()}, 1);
        c = test::fetch(z);
      });
}

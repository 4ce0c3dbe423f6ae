#include "tests/program/vector_products.hpp"
#include "tests/support/products.hpp"

using namespace kindred;

TEMPLATE_TEST_CASE("products in vectors of 512 bits are the products", "[program]", float, double) {
  using T = TestType;
  if (!test::avx512_products()) {
    WARN("skipped: no AVX-512 here");
    return;
  }
  test::check_products<T>(300, [](index_t m, index_t n, index_t k, bool accumulate, const std::vector<T>& a,
                                  const std::vector<T>& b, std::vector<T>& c) {
    const index_t lda = kernels::pavf_padded(k), ld = kernels::pavf_padded(n);
    test::avx512_multiply<T>(m, n, k, a.data(), lda, b.data(), ld, accumulate, c.data(), ld);
  });
  test::check_symmetric_products<T>(
      201, [](index_t r, index_t ld, T sign, const std::vector<T>& a, const std::vector<T>& b, std::vector<T>& c) {
        test::avx512_multiply_symmetric<T>(r, a.data(), b.data(), c.data(), ld, sign);
      });
}

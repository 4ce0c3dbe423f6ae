#include "tests/support/devices.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace kindred;
using host::GemmBatch;
using host::Op;

namespace {

/// Values in [-1, 1] without pattern.
template <class T>
std::vector<T> values(index_t n, int salt) {
  std::vector<T> v(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = static_cast<T>(std::sin(1.7 * double(i) + salt));
  return v;
}

}  // namespace

TEMPLATE_TEST_CASE("large products of the chosen BLAS kernels are right", "[backend][devices]", float, double) {
  using T = TestType;
  auto backend = test::make_backend(0, 1);
  struct Size {
    index_t m, n, k;
  };
  for (const auto [m, n, k] :
       {Size{1, 1, 1}, Size{7, 31, 65}, Size{33, 20, 1000}, Size{128, 257, 511}, Size{300, 200, 3}}) {
    for (const Op op_a : {Op::none, Op::transpose}) {
      for (const Op op_b : {Op::none, Op::transpose}) {
        const index_t lda = (op_a == Op::none ? k : m) + 3, ldb = (op_b == Op::none ? n : k) + 1, ldc = n + 2;
        const auto a = values<T>((op_a == Op::none ? m : k) * lda, 1),
                   b = values<T>((op_b == Op::none ? k : n) * ldb, 2);
        const auto a_there = test::to_device(*backend, a), b_there = test::to_device(*backend, b);
        const auto c_there = test::to_device(*backend, std::vector<T>(static_cast<std::size_t>(m * ldc), T(-7)));
        backend->gemm(GemmBatch<T>{.op_a = op_a,
                                   .op_b = op_b,
                                   .m = m,
                                   .n = n,
                                   .k = k,
                                   .alpha = 1,
                                   .a = a_there.data(),
                                   .lda = lda,
                                   .stride_a = 0,
                                   .b = b_there.data(),
                                   .ldb = ldb,
                                   .stride_b = 0,
                                   .beta = 0,
                                   .c = c_there.data(),
                                   .ldc = ldc,
                                   .stride_c = 0,
                                   .batch = 1});
        const std::vector<T> c = test::fetch(c_there);
        // A sum of k products below 1, in any order: k^2 eps / 2 at worst, plus the rounding of each product.
        const double tol = double(k) * double(k + 2) * std::numeric_limits<T>::epsilon();
        double err = 0;
        for (index_t i = 0; i < m; ++i) {
          for (index_t j = 0; j < ldc; ++j) {
            long double sum = 0;
            for (index_t l = 0; l < k && j < n; ++l) {
              const auto x = a[static_cast<std::size_t>(op_a == Op::none ? i * lda + l : l * lda + i)];
              const auto y = b[static_cast<std::size_t>(op_b == Op::none ? l * ldb + j : j * ldb + l)];
              sum += static_cast<long double>(x) * y;
            }
            if (j >= n) sum = -7;
            const double e = std::abs(static_cast<double>(c[static_cast<std::size_t>(i * ldc + j)] - sum));
            if (!(e <= err)) err = e;
          }
        }
        CAPTURE(m, n, k, err, tol);
        REQUIRE(err <= tol);
      }
    }
  }
}

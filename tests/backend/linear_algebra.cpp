/// The seam's linear algebra against long double sums and reconstruction.
#include "tests/support/devices.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace kindred;
using host::GemmBatch;
using host::Op;

namespace {

constexpr double eps = std::numeric_limits<double>::epsilon();

/// Values in [-1, 1] without pattern.
template <class T>
std::vector<T> values(index_t n, int salt) {
  std::vector<T> v(static_cast<std::size_t>(n));
  for (index_t i = 0; i < n; ++i) v[static_cast<std::size_t>(i)] = static_cast<T>(std::sin(1.7 * double(i) + salt));
  return v;
}

/// Largest |x - y|, NaN if one is NaN.
class Error {
 public:
  void add(long double x, long double y) {
    const auto e = static_cast<double>(std::abs(x - y));
    if (!(e <= largest_)) largest_ = e;
  }
  [[nodiscard]] double largest() const { return largest_; }

 private:
  double largest_ = 0;
};

/// Row-major view with bounds as in the caller's head.
template <class T>
struct View {
  const T* data;
  index_t ld;
  const T& operator()(index_t i, index_t j) const { return data[i * ld + j]; }
};

}  // namespace

TEMPLATE_TEST_CASE("products of a batch", "[backend][devices]", float, double) {
  using T = TestType;
  auto backend = test::make_backend();
  struct Size {
    index_t m, n, k, batch;
  };
  for (const auto [m, n, k, batch] : {Size{1, 1, 1, 1}, Size{7, 31, 2, 3}, Size{33, 20, 65, 2}, Size{2, 7, 0, 1}}) {
    for (const Op op_a : {Op::none, Op::transpose}) {
      for (const Op op_b : {Op::none, Op::transpose}) {
        const index_t rows_a = op_a == Op::none ? m : k, rows_b = op_b == Op::none ? k : n;
        const index_t lda = (op_a == Op::none ? k : m) + 3, ldb = (op_b == Op::none ? n : k) + 1, ldc = n + 2;
        const index_t stride_a = rows_a * lda + 5, stride_b = rows_b * ldb + 7, stride_c = m * ldc;
        const auto a = values<T>(batch * stride_a, 1), b = values<T>(batch * stride_b, 2);
        const auto before = values<T>(batch * stride_c, 3);
        const auto da = test::to_device(*backend, a), db = test::to_device(*backend, b);
        const auto dc = test::to_device(*backend, before);
        backend->gemm(GemmBatch<T>{op_a, op_b, m, n, k, 2, da.data(), lda, stride_a, db.data(), ldb, stride_b, 1,
                                   dc.data(), ldc, stride_c, batch});
        const auto c = test::fetch(dc);
        Error error;
        for (index_t e = 0; e < batch; ++e) {
          const View<T> x{a.data() + e * stride_a, lda}, y{b.data() + e * stride_b, ldb};
          const View<T> old{before.data() + e * stride_c, ldc}, out{c.data() + e * stride_c, ldc};
          for (index_t i = 0; i < m; ++i) {
            for (index_t j = 0; j < ldc; ++j) {
              long double sum = 0;
              for (index_t l = 0; l < k && j < n; ++l) {
                sum += static_cast<long double>(op_a == Op::none ? x(i, l) : x(l, i)) *
                       (op_b == Op::none ? y(l, j) : y(j, l));
              }
              error.add(out(i, j), old(i, j) + 2 * sum);  // padding (j >= n) keeps its value
            }
          }
        }
        // k + 1 terms of at most 2, in any order, each rounded.
        const double tol = 2 * double(k + 1) * double(k + 3) * double(std::numeric_limits<T>::epsilon());
        CAPTURE(m, n, k, batch, error.largest(), tol);
        REQUIRE(error.largest() <= tol);
      }
    }
  }
}

TEST_CASE("Gram matrices of a batch are symmetric to the bit", "[backend][devices]") {
  auto backend = test::make_backend();
  for (const index_t batch : {1, 3}) {
    for (const index_t n : {1, 2, 31, 33}) {
      const index_t m = 40, lda = n + 1, ldg = n + 3, stride_a = m * lda + 2, stride_g = n * ldg + 1;
      const auto a = values<double>(batch * stride_a, 4), before = values<double>(batch * stride_g, 5);
      const auto da = test::to_device(*backend, a), dg = test::to_device(*backend, before);
      for (const double beta : {0.0, 1.0}) {
        backend->gram({da.data(), m, n, lda, stride_a}, beta, {dg.data(), n, n, ldg, stride_g}, batch);
      }
      const auto g = test::fetch(dg);
      Error error;
      bool symmetric = true;
      for (index_t b = 0; b < batch; ++b) {
        const View<double> x{a.data() + b * stride_a, lda}, y{g.data() + b * stride_g, ldg};
        for (index_t i = 0; i < n; ++i) {
          for (index_t j = 0; j < n; ++j) {
            long double sum = 0;
            for (index_t l = 0; l < m; ++l) sum += static_cast<long double>(x(l, i)) * x(l, j);
            error.add(y(i, j), 2 * sum);  // once with beta 0, once added to it
            symmetric = symmetric && y(i, j) == y(j, i);
          }
        }
      }
      const double tol = 2 * double(m) * double(m + 2) * eps;
      CAPTURE(batch, n, error.largest(), tol);
      REQUIRE(error.largest() <= tol);
      REQUIRE(symmetric);
    }
  }
}

TEST_CASE("eigenvectors of a batch are rows that reconstruct", "[backend][devices]") {
  auto backend = test::make_backend();
  for (const index_t padding : {0, 5}) {
    for (const index_t n : {1, 2, 7, 32}) {
      const index_t batch = 3, stride_v = n * n + padding, stride_w = n + padding;
      auto a = values<double>(batch * stride_v, 6);
      for (index_t b = 0; b < batch; ++b) {
        for (index_t i = 0; i < n; ++i) {
          for (index_t j = 0; j < i; ++j) {
            a[std::size_t(b * stride_v + i * n + j)] = a[std::size_t(b * stride_v + j * n + i)];
          }
        }
      }
      const auto dv = test::to_device(*backend, a);
      const host::Buffer<double> dw(*backend, batch * stride_w);
      backend->eigh({dv.data(), n, n, n, stride_v}, dw.data(), stride_w, batch, n);
      const auto v = test::fetch(dv), w = test::fetch(dw);
      Error error;
      for (index_t b = 0; b < batch; ++b) {
        const View<double> x{a.data() + b * stride_v, n}, rows{v.data() + b * stride_v, n};
        const double* value = w.data() + b * stride_w;
        REQUIRE(std::is_sorted(value, value + n));
        for (index_t i = 0; i < n; ++i) {
          for (index_t j = 0; j < n; ++j) {
            long double sum = 0;
            for (index_t l = 0; l < n; ++l) sum += static_cast<long double>(value[l]) * rows(l, i) * rows(l, j);
            error.add(sum, x(i, j));
          }
        }
      }
      const double tol = 20 * double(n) * double(n) * eps;  // backward error of a stable method, ||A|| <= n
      CAPTURE(n, padding, error.largest(), tol);
      REQUIRE(error.largest() <= tol);
    }
  }
}

TEST_CASE("the leading eigenvectors of a batch, and all eigenvalues", "[backend][devices]") {
  auto backend = test::make_backend();
  const index_t n = 260, batch = 2, stride_v = n * n + 3, stride_w = n + 1;
  // A = P diag(values) P, P = I - 2 u u^T / u^T u: eigenvalues 1 .. n, of which the second's three largest are one.
  std::vector<double> a(static_cast<std::size_t>(batch * stride_v)), values_of(static_cast<std::size_t>(batch * n));
  const auto u = values<double>(batch * n, 10);
  for (index_t b = 0; b < batch; ++b) {
    const double* x = u.data() + b * n;
    double* known = values_of.data() + b * n;
    for (index_t i = 0; i < n; ++i) known[i] = double(b == 1 && i >= n - 3 ? n : i + 1);
    long double square = 0, weighted = 0;
    for (index_t i = 0; i < n; ++i) {
      square += static_cast<long double>(x[i]) * x[i];
      weighted += static_cast<long double>(x[i]) * x[i] * known[i];
    }
    for (index_t i = 0; i < n; ++i) {
      for (index_t j = 0; j < n; ++j) {
        const long double xx = static_cast<long double>(x[i]) * x[j];
        a[std::size_t(b * stride_v + i * n + j)] = double(
            (i == j ? known[i] : 0) - 2 * xx * (known[i] + known[j]) / square + 4 * xx * weighted / (square * square));
      }
    }
  }
  for (const index_t leading : {1, 20, 65, 66}) {  // at most a quarter, and more
    const auto dv = test::to_device(*backend, a);
    const host::Buffer<double> dw(*backend, batch * stride_w);
    backend->eigh({dv.data(), n, n, n, stride_v}, dw.data(), stride_w, batch, leading);
    const auto v = test::fetch(dv), w = test::fetch(dw);
    Error spectrum, residual, orthonormal;
    for (index_t b = 0; b < batch; ++b) {
      const View<double> x{a.data() + b * stride_v, n}, rows{v.data() + b * stride_v, n};
      const double *value = w.data() + b * stride_w, *known = values_of.data() + b * n;
      for (index_t i = 0; i < n; ++i) spectrum.add(value[i], known[i]);
      for (index_t i = n - leading; i < n; ++i) {
        for (index_t j = 0; j < n; ++j) {
          long double product = 0, dot = 0;
          for (index_t l = 0; l < n; ++l) {
            product += static_cast<long double>(x(j, l)) * rows(i, l);
            dot += static_cast<long double>(rows(i, l)) * rows(j, l);
          }
          residual.add(product, static_cast<long double>(value[i]) * rows(i, j));
          if (j >= n - leading) orthonormal.add(dot, i == j ? 1 : 0);
        }
      }
    }
    // Backward errors are a few n eps ||A||, ||A|| = n; vectors are orthonormal to a few n eps.
    CAPTURE(leading, spectrum.largest(), residual.largest(), orthonormal.largest());
    REQUIRE(spectrum.largest() <= 10 * double(n) * double(n) * eps);
    REQUIRE(residual.largest() <= 10 * double(n) * double(n) * eps);
    REQUIRE(orthonormal.largest() <= 10 * double(n) * eps);
  }
}

TEST_CASE("R of a batch has the Gram matrix of A, also in place", "[backend][devices]") {
  auto backend = test::make_backend();
  for (const bool in_place : {false, true}) {
    for (const index_t n : {1, 7, 31}) {
      const index_t m = 45, batch = 2, lda = n + 2, stride_a = m * lda + 3;
      const index_t ldr = in_place ? lda : n + 1, stride_r = in_place ? stride_a : n * ldr;
      const auto a = values<double>(batch * stride_a, 7);
      const auto da = test::to_device(*backend, a);
      const host::Buffer<double> own(*backend, batch * stride_r);
      const host::Buffer<double>& dr = in_place ? da : own;
      backend->qr_r({da.data(), m, n, lda, stride_a}, {dr.data(), n, n, ldr, stride_r}, batch);
      const auto r = test::fetch(dr);
      Error error;
      for (index_t b = 0; b < batch; ++b) {
        const View<double> x{a.data() + b * stride_a, lda}, y{r.data() + b * stride_r, ldr};
        for (index_t i = 0; i < n; ++i) {
          for (index_t j = 0; j < n; ++j) {
            long double gram_a = 0, gram_r = 0;
            for (index_t l = 0; l < m; ++l) gram_a += static_cast<long double>(x(l, i)) * x(l, j);
            for (index_t l = 0; l < n; ++l) gram_r += static_cast<long double>(y(l, i)) * y(l, j);
            error.add(gram_r, gram_a);
            if (j < i) REQUIRE(y(i, j) == 0);
          }
        }
      }
      const double tol = 20 * double(m) * double(n) * eps;  // ||A||_F^2 <= m n times the backward error
      CAPTURE(in_place, n, error.largest(), tol);
      REQUIRE(error.largest() <= tol);
    }
  }
}

TEST_CASE("singular values and right vectors of a batch", "[backend][devices]") {
  auto backend = test::make_backend();
  struct Size {
    index_t m, n;
  };
  for (const auto [m, n] : {Size{1, 1}, Size{7, 7}, Size{33, 7}, Size{7, 33}, Size{31, 32}}) {
    const index_t k = std::min(m, n), batch = 2, lda = n + 1, ldvt = n + 2;
    const index_t stride_a = m * lda + 1, stride_s = k + 1, stride_vt = k * ldvt;
    auto a = values<double>(batch * stride_a, 8);
    if (k > 1) {  // the second matrix is of rank k - 1: its last column (or row) repeats the first
      double* second = a.data() + stride_a;
      for (index_t i = 0; i < m; ++i) second[i * lda + n - 1] = second[i * lda];
      for (index_t j = 0; j < n; ++j) second[(m - 1) * lda + j] = second[j];
    }
    const auto da = test::to_device(*backend, a);
    const host::Buffer<double> ds(*backend, batch * stride_s), dvt(*backend, batch * stride_vt);
    backend->svd({da.data(), m, n, lda, stride_a}, ds.data(), stride_s,
                 {dvt.data(), std::min(m, n), n, ldvt, stride_vt}, batch);
    const auto s = test::fetch(ds), vt = test::fetch(dvt);
    Error orthonormal, gram;
    for (index_t b = 0; b < batch; ++b) {
      const View<double> x{a.data() + b * stride_a, lda}, v{vt.data() + b * stride_vt, ldvt};
      const double* sigma = s.data() + b * stride_s;
      REQUIRE(std::is_sorted(sigma, sigma + k, std::greater<>()));
      REQUIRE(sigma[k - 1] >= 0);
      for (index_t i = 0; i < k; ++i) {
        for (index_t j = 0; j < k; ++j) {
          long double sum = 0;
          for (index_t l = 0; l < n; ++l) sum += static_cast<long double>(v(i, l)) * v(j, l);
          orthonormal.add(sum, i == j ? 1 : 0);
        }
      }
      for (index_t i = 0; i < n; ++i) {  // A^T A = V S^2 V^T
        for (index_t j = 0; j < n; ++j) {
          long double left = 0, right = 0;
          for (index_t l = 0; l < m; ++l) left += static_cast<long double>(x(l, i)) * x(l, j);
          for (index_t l = 0; l < k; ++l) right += static_cast<long double>(sigma[l]) * sigma[l] * v(l, i) * v(l, j);
          gram.add(right, left);
        }
      }
    }
    CAPTURE(m, n, orthonormal.largest(), gram.largest());
    REQUIRE(orthonormal.largest() <= 20 * double(n) * eps);
    REQUIRE(gram.largest() <= 20 * double(m * n) * double(k) * eps);  // ||A||_F^2 <= m n
  }
}

TEST_CASE("copies of any length come back as they were", "[backend][devices]") {
  auto backend = test::make_backend();
  for (const index_t n : {0, 1, 1023, 1300000}) {  // the last spans three staging buffers
    const auto out = values<double>(n, 9);
    const auto device = test::to_device(*backend, out);
    REQUIRE(test::fetch(device) == out);
  }
}

TEMPLATE_TEST_CASE("a column product's entry depends on its two columns alone", "[backend][devices]", float, double) {
  using T = TestType;
  auto backend = test::make_backend();
  const index_t unit = backend->column_plan(sizeof(T)).panel_width, rows = 267;  // sums of three chunks
  // Columns in panels of w: column j is element j % w of the rows of panel j / w.
  const auto packed = [&](index_t first, index_t columns) {
    const index_t w = unit;
    std::vector<T> out(static_cast<std::size_t>(rows * columns));
    for (index_t j = 0; j < columns; ++j) {
      for (index_t t = 0; t < rows; ++t) {
        out[static_cast<std::size_t>((j / w) * rows * w + t * w + j % w)] =
            static_cast<T>(std::sin(1.7 * double(t) + 0.3 * double(t) * double(first + j)));
      }
    }
    return out;
  };
  const auto product = [&](index_t first_a, index_t columns_a, index_t first_b, index_t columns_b) {
    const auto a = test::to_device(*backend, packed(first_a, columns_a)),
               b = test::to_device(*backend, packed(first_b, columns_b));
    const host::Buffer<T> c(*backend, columns_a * columns_b);
    backend->column_product(host::ColumnProduct<T>{.a = {a.data(), rows, unit},
                                                   .b = {b.data(), rows, unit},
                                                   .a_columns = columns_a,
                                                   .b_columns = columns_b,
                                                   .c = c.data(),
                                                   .ldc = columns_b});
    return test::fetch(c);
  };
  const index_t m = 2 * unit, n = 3 * unit;
  const std::vector<T> c = product(0, m, 5, n), turned = product(5, n, 0, m), part = product(0, unit, 5 + unit, unit);
  Error error;
  bool symmetric = true, same = true;
  for (index_t i = 0; i < m; ++i) {
    for (index_t j = 0; j < n; ++j) {
      const T got = c[static_cast<std::size_t>(i * n + j)];
      long double sum = 0;
      for (index_t t = 0; t < rows; ++t) {
        const auto time = double(t);
        sum += static_cast<long double>(static_cast<T>(std::sin(1.7 * time + 0.3 * time * double(i)))) *
               static_cast<T>(std::sin(1.7 * time + 0.3 * time * double(5 + j)));
      }
      error.add(got, sum);
      symmetric = symmetric && got == turned[static_cast<std::size_t>(j * m + i)];
      if (i < unit && j >= unit && j < 2 * unit) {
        same = same && got == part[static_cast<std::size_t>(i * unit + j - unit)];
      }
    }
  }
  CHECK(error.largest() <= double(rows * rows) * double(std::numeric_limits<T>::epsilon()));  // |entries| <= 1
  CHECK(symmetric);
  CHECK(same);
}

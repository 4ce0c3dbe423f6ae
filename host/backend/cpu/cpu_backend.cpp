/// The CPU backend: OpenMP over the batch and over blocks of large products, OpenBLAS and LAPACK serial inside.
#include "host/backend/backend.hpp"
#include "host/backend/cpu/cpu_info.hpp"
#include "host/backend/cpu/cpu_levels.hpp"
#include "host/backend/cpu/lapack_memory.hpp"
#include "host/backend/openblas.hpp"
#include "host/base/build_id.hpp"
#include "host/base/index.hpp"
#include "host/base/memory.hpp"
#include "kernels/program/cross_product.hpp"

#include <kindred/error.hpp>

#include <cblas.h>
#include <lapacke.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace kindred::host {
namespace {

#ifdef KINDRED_HAVE_LIBXSMM
constexpr const char* small_products = ", LIBXSMM";
#else
constexpr const char* small_products = "";
#endif

/// Rows or columns of a product that are one thread's work; fixed, so that results do not depend on the threads.
constexpr index_t block_lines = 512;

/// Columns of either operand of a column product that are one thread's work.
constexpr index_t group_columns = 768;

/// A thread's scratch for block programs; grows, never shrinks.
struct Arena {
  std::byte* data = nullptr;
  std::size_t bytes = 0;
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&& o) noexcept : data(std::exchange(o.data, nullptr)), bytes(std::exchange(o.bytes, 0)) {}
  Arena& operator=(Arena&&) = delete;
  ~Arena() { std::free(data); }
  void reserve(std::size_t n) {
    if (n <= bytes) return;
    std::free(std::exchange(data, nullptr));
    bytes = 0;
    data = static_cast<std::byte*>(aligned_memory(n));
    bytes = n;
  }
};

CBLAS_TRANSPOSE cblas_op(Op op) { return op == Op::none ? CblasNoTrans : CblasTrans; }
int narrow(index_t n) { return static_cast<int>(n); }

void check_lapack(lapack_int info, const char* routine) {
  if (info != 0) {
    throw Error(ErrorCode::invalid_data,
                std::string("LAPACK ") + routine + " failed (info = " + std::to_string(info) + ")");
  }
}

/// An iteration that does not converge marks its item; anything else is an error of the call.
void converged_or_nan(lapack_int info, const char* routine, double* values, index_t n) {
  if (info > 0) std::fill_n(values, n, std::numeric_limits<double>::quiet_NaN());
  if (info < 0) check_lapack(info, routine);
}

/// R of the row-major A = Q R: blocks of rows, transposed into a panel that the cache holds, join the triangle one by
/// one, each by a blocked recursive QR (Elmroth and Gustavson, doi 10.1147/rd.444.0605).
void r_factor(index_t m, index_t n, const double* a, index_t lda, double* r, index_t ldr) {
  const index_t block = std::min(m, 4 * n), narrow_panel = std::min(n, std::clamp<index_t>(n / 16, 8, 32));
  std::vector<double> triangle(at(n * n), 0.0), rows(at(block * n)), reflectors(at(2 * narrow_panel * n));
  for (index_t first = 0; first < m; first += block) {
    const index_t count = std::min(block, m - first);
    constexpr index_t tile = 8;
    for (index_t i0 = 0; i0 < count; i0 += tile) {
      const index_t i1 = std::min(i0 + tile, count);
      for (index_t j = 0; j < n; ++j) {
        for (index_t i = i0; i < i1; ++i) {
          rows[at(j * block + i)] = a[(first + i) * lda + j];
        }
      }
    }
    check_lapack(LAPACKE_dtpqrt_work(LAPACK_COL_MAJOR, narrow(count), narrow(n), 0, narrow(narrow_panel),
                                     triangle.data(), narrow(n), rows.data(), narrow(block), reflectors.data(),
                                     narrow(narrow_panel), reflectors.data() + narrow_panel * n),
                 "dtpqrt");
  }
  for (index_t i = 0; i < n; ++i) {
    for (index_t j = 0; j < n; ++j) r[i * ldr + j] = j < i ? 0.0 : triangle[at(j * n + i)];
  }
}

/// Below this size, or with more than a quarter of the eigenvectors asked for, all are found: that takes as long.
constexpr index_t partial_size = 256;

/// Eigenvalues of a symmetric matrix, ascending, and in its last rows the eigenvectors of the `leading` largest:
/// reduction to a tridiagonal matrix, whose vectors follow one by one (MRRR: Dhillon and Parlett,
/// doi 10.1016/j.laa.2003.12.028). Half the work of finding all.
lapack_int leading_eigenpairs(index_t size, index_t leading, double* a, double* values) {
  const lapack_int n = narrow(size), r = narrow(leading);
  const auto count = at(size);
  std::vector<double> diagonal(count), beside(count), reflectors(count), same_values(count),
      vectors(count * at(leading));
  std::vector<lapack_int> support(2 * at(leading));
  check_lapack(LAPACKE_dsytrd(LAPACK_COL_MAJOR, 'U', n, a, n, diagonal.data(), beside.data(), reflectors.data()),
               "dsytrd");
  std::copy(diagonal.begin(), diagonal.end(), values);
  std::vector<double> rest = beside;
  lapack_int info = LAPACKE_dsterf(n, values, rest.data());
  lapack_int found = 0;
  lapack_logical careful = 1;
  if (info == 0) {
    info = LAPACKE_dstemr(LAPACK_COL_MAJOR, 'V', 'I', n, diagonal.data(), beside.data(), 0, 0, n - r + 1, n, &found,
                          same_values.data(), vectors.data(), n, r, support.data(), &careful);
  }
  if (info != 0) return info;
  // What dormtr asks for does not count the block factors of dormql, which then applies reflectors one by one.
  constexpr index_t block = 64;
  std::vector<double> work(at(block * (leading + block + 1)));
  check_lapack(LAPACKE_dormtr_work(LAPACK_COL_MAJOR, 'L', 'U', 'N', n, r, a, n, reflectors.data(), vectors.data(), n,
                                   work.data(), narrow(std::ssize(work))),
               "dormtr");
  std::copy(vectors.begin(), vectors.end(), a + (size - leading) * size);
  return 0;
}

class SharedFeed final : public Feed {
 public:
  [[nodiscard]] const void* put(const void* host, std::size_t) override { return host; }
};

class CpuBackend final : public Backend {
 public:
  CpuBackend(int threads, std::size_t budget)
      : threads_(threads > 0 ? threads : omp_get_max_threads()),
        budget_(budget > 0 ? budget : free_memory() / 4),
        arenas_(at(threads_)) {}

  [[nodiscard]] DeviceInfo info() const override {
    const kernels::CpuTable& programs = cpu_table();
    const std::string target = programs.target;
    return {
        "cpu", cpu_model(), target + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads"),
        target + ", OpenBLAS " + openblas_get_corename() + small_products + ", kernels " + build_id(programs.entries)};
  }
  [[nodiscard]] index_t parallelism() const override { return threads_; }
  [[nodiscard]] std::size_t memory_budget() const override { return budget_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override { return aligned_memory(bytes); }
  void release(void* p) noexcept override { std::free(p); }
  void upload(void* device, const void* host, std::size_t bytes) override { copy(device, host, bytes); }
  void download(void* host, const void* device, std::size_t bytes) override { copy(host, device, bytes); }
  [[nodiscard]] std::unique_ptr<Feed> make_feed() override { return std::make_unique<SharedFeed>(); }
  [[nodiscard]] std::size_t uploaded_bytes() const override { return 0; }
  [[nodiscard]] bool shares_host_memory() const override { return true; }
  [[nodiscard]] bool is_device_memory(const void*) const override { return false; }
  void synchronize() override {}

  void gemm(const GemmBatch<double>& g) override { product(g, cblas_dgemm); }
  void gemm(const GemmBatch<float>& g) override { product(g, cblas_sgemm); }
  [[nodiscard]] ColumnPlan column_plan(std::size_t element_bytes) const override {
    // Several groups of panels an operand, so that a product has work for all threads.
    const auto groups = static_cast<index_t>(std::ceil(std::sqrt(threads_)));
    const index_t width = element_bytes == sizeof(float) ? kernels::panel_width<float> : kernels::panel_width<double>;
    return {width, group_columns * groups};
  }
  void column_product(const ColumnProduct<double>& g) override { cross_product(g); }
  void column_product(const ColumnProduct<float>& g) override { cross_product(g); }
  void gram(const MatrixBatch<const double>& x, double beta, const MatrixBatch<double>& y, index_t batch) override {
    const auto [a, m, n, lda, stride_a] = x;
    double* const g = y.data;
    const index_t ldg = y.ld, stride_g = y.stride;
    // The upper triangle in blocks of columns, mirrored: block (p, q), p <= q, is A_p^T A_q.
    const index_t blocks = blocks_of(n);
    over_items(batch * blocks * blocks, [=](index_t item) {
      const index_t b = item / (blocks * blocks), p = item / blocks % blocks, q = item % blocks;
      if (p > q) return;
      const index_t i0 = p * block_lines, j0 = q * block_lines;
      const index_t rows = std::min(block_lines, n - i0), columns = std::min(block_lines, n - j0);
      const double* in = a + b * stride_a;
      double* out = g + b * stride_g;
      double* c = out + i0 * ldg + j0;
      if (p == q) {
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, narrow(rows), narrow(m), 1.0, in + i0, narrow(lda), beta, c,
                    narrow(ldg));
      } else {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, narrow(rows), narrow(columns), narrow(m), 1.0, in + i0,
                    narrow(lda), in + j0, narrow(lda), beta, c, narrow(ldg));
      }
      for (index_t i = 0; i < rows; ++i) {
        for (index_t j = p == q ? i + 1 : 0; j < columns; ++j) out[(j0 + j) * ldg + i0 + i] = c[i * ldg + j];
      }
    });
  }
  void eigh(const MatrixBatch<double>& x, double* w, index_t stride_w, index_t batch, index_t leading) override {
    const index_t n = x.columns;
    const bool partial = n >= partial_size && 4 * leading <= n;
    over_items(batch, [=](index_t b) {
      // Column-major eigenvectors of a symmetric matrix are the rows of the row-major array.
      LapackMemory vectors(x[b]), values({w + b * stride_w, 1, n, n});
      if (partial) {
        converged_or_nan(leading_eigenpairs(n, leading, vectors.data(), values.data()), "dstemr", values.data(), n);
        return;
      }
      const lapack_int info =
          LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', narrow(n), vectors.data(), narrow(n), values.data());
      converged_or_nan(info, "dsyevd", values.data(), n);
    });
  }
  void qr_r(const MatrixBatch<double>& x, const MatrixBatch<double>& y, index_t batch) override {
    const auto [a, m, n, lda, stride_a] = x;
    double* const r = y.data;
    const index_t ldr = y.ld, stride_r = y.stride;
    over_items(batch, [=](index_t b) { r_factor(m, n, a + b * stride_a, lda, r + b * stride_r, ldr); });
  }
  void svd(const MatrixBatch<double>& x, double* s, index_t stride_s, const MatrixBatch<double>& y,
           index_t batch) override {
    const index_t m = x.rows, n = x.columns;
    over_items(batch, [=](index_t b) {
      // The row-major array read by columns is A^T = V S U^T: LAPACK's left vectors are the rows of vt.
      const index_t k = std::min(m, n);
      std::vector<double> u(at(m * k));
      LapackMemory a(x[b]), values({s + b * stride_s, 1, k, k}), vt({y[b].data, k, n, y.ld});
      const lapack_int info =
          LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', narrow(n), narrow(m), a.data(), narrow(x.ld), values.data(), vt.data(),
                         narrow(y.ld), u.data(), narrow(std::max<index_t>(k, 1)));
      converged_or_nan(info, "dgesdd", values.data(), k);
    });
  }
  void order(const double* keys, index_t rows, index_t columns, index_t count, index_t* places) override {
    struct Entry {
      double key;
      index_t place;
      bool operator<(const Entry& other) const { return key != other.key ? key < other.key : place < other.place; }
    };
    over_items(rows, [=](index_t row) {
      std::vector<Entry> entries(at(columns));
      for (index_t j = 0; j < columns; ++j) entries[at(j)] = {keys[row * columns + j], j};
      const auto end = entries.begin() + count;
      if (count < columns) std::nth_element(entries.begin(), end, entries.end());
      std::sort(entries.begin(), end);
      for (index_t s = 0; s < count; ++s) places[row * count + s] = entries[at(s)].place;
    });
  }

 protected:
  void launch_program(std::size_t program, const void* params, std::size_t, index_t count) override {
    const kernels::CpuEntry& entry = cpu_table().entries[program];
    const std::size_t bytes = entry.scratch_bytes(params);
    const int threads = static_cast<int>(std::min<index_t>(threads_, count));
    for (int t = 0; t < threads; ++t) arenas_[at(t)].reserve(bytes);
    parallel_for(count, threads,
                 [&](index_t item) { entry.run(params, item, arenas_[at(omp_get_thread_num())].data, bytes); });
  }

 private:
  template <class T>
  void cross_product(const ColumnProduct<T>& g) {
    using Program = kernels::CrossProduct<T>;
    const index_t w = kernels::panel_width<T>;
    const typename Program::Params params{g.a, g.b,  g.a_columns / w, g.b_columns / w, group_columns / w, g.a_panels,
                                          g.c, g.ldc};
    launch<Program>(params, Program::items(params));
  }

  static void copy(void* to, const void* from, std::size_t bytes) {
    if (bytes > 0 && to != from) std::memcpy(to, from, bytes);
  }

  static index_t blocks_of(index_t lines) { return (lines + block_lines - 1) / block_lines; }

  /// C in blocks of rows.
  template <class T, class Gemm>
  void product(const GemmBatch<T>& g, Gemm* routine) {
    const index_t blocks = blocks_of(g.m);
    over_items(g.batch * blocks, [&](index_t item) {
      const index_t b = item / blocks, row = item % blocks * block_lines;
      const T* a = g.a + b * g.stride_a + row * (g.op_a == Op::none ? g.lda : 1);
      routine(CblasRowMajor, cblas_op(g.op_a), cblas_op(g.op_b), narrow(std::min(block_lines, g.m - row)), narrow(g.n),
              narrow(g.k), g.alpha, a, narrow(g.lda), g.b + b * g.stride_b, narrow(g.ldb), g.beta,
              g.c + b * g.stride_c + row * g.ldc, narrow(g.ldc));
    });
  }

  /// f(0 .. count - 1), in parallel; the bits of a result depend neither on the number of threads nor on what else is
  /// in the batch.
  template <class F>
  void over_items(index_t count, F&& f) {
    parallel_for(count, threads_, f);
  }

  int threads_;
  std::size_t budget_;
  std::vector<Arena> arenas_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads, std::size_t memory_budget) {
  if (threads < 0) {
    throw Error(ErrorCode::invalid_argument,
                "Device::cpu is given " + std::to_string(threads) + " threads, expected 0 or more");
  }
  choose_openblas_kernels();
  reserve_openblas_memory(threads > 0 ? threads : omp_get_max_threads());
  return std::make_unique<CpuBackend>(threads, memory_budget);
}

}  // namespace kindred::host

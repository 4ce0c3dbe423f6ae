#pragma once
/// The seam between the engine, written once, and a device: memory, batched dense linear algebra, and the launch of a
/// block program over a batch. All matrices are row-major float64 unless said otherwise, in device memory.
#include "host/base/index.hpp"
#include "host/base/interface.hpp"
#include "host/base/matrix_view.hpp"
#include "host/base/parallel.hpp"
#include "kernels/prim/panels.hpp"
#include "kernels/programs.hpp"

#include <kindred/device.hpp>
#include <kindred/types.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace kindred::host {

enum class Op { none, transpose };

/// C_b = alpha op(A_b) op(B_b) + beta C_b for b = 0 .. batch - 1; op(A) is m x k; strides in elements.
template <class T>
struct GemmBatch {
  Op op_a = Op::none, op_b = Op::none;
  index_t m = 0, n = 0, k = 0;
  T alpha = 1;
  const T* a = nullptr;
  index_t lda = 0, stride_a = 0;
  const T* b = nullptr;
  index_t ldb = 0, stride_b = 0;
  T beta = 0;
  T* c = nullptr;
  index_t ldc = 0, stride_c = 0;
  index_t batch = 1;
};

/// A batch of matrices as a factor of a product: as they are, or transposed.
template <class T>
struct Operand {
  MatrixBatch<const T> matrices;
  Op op = Op::none;

  Operand(const MatrixBatch<const T>& m, Op o = Op::none)
      : matrices(m), op(o) {}                        // NOLINT(google-explicit-constructor)
  Operand(const MatrixBatch<T>& m) : matrices(m) {}  // NOLINT(google-explicit-constructor)
};

[[nodiscard]] inline Operand<double> t(const MatrixBatch<const double>& m) { return {m, Op::transpose}; }

/// C = A^T B of two column stacks in panels (kernels/prim/panels.hpp), C row-major a_columns x b_columns; both
/// counts are multiples of the panel width.
template <class T>
struct ColumnProduct {
  kernels::Panels<const T> a, b;
  index_t a_columns = 0, b_columns = 0;
  /// Null, or for each panel of B the number of leading panels of A that are asked for; the rest of C may hold
  /// anything.
  const index_t* a_panels = nullptr;
  T* c = nullptr;
  index_t ldc = 0;
};

/// How a backend likes the operands of a ColumnProduct.
struct ColumnPlan {
  index_t panel_width;  ///< columns of a panel
  index_t columns;      ///< of one operand, about: enough to reach full speed
};

/// Carries a sequence of arrays to the device while it works on earlier ones.
class Feed : public Interface {
 public:
  /// Returns where the device can read the array until the next call: a copy in device memory, 64-byte aligned, or the
  /// array itself where memory is shared.
  [[nodiscard]] virtual const void* put(const void* host, std::size_t bytes) = 0;
};

class Backend : public Interface {
 public:
  [[nodiscard]] virtual DeviceInfo info() const = 0;
  /// Items worth handing over at once to keep the device busy.
  [[nodiscard]] virtual index_t parallelism() const = 0;
  /// Bytes the engine may hold at once.
  [[nodiscard]] virtual std::size_t memory_budget() const = 0;

  /// Uninitialised device memory, 64-byte aligned; throws Error{out_of_memory}.
  [[nodiscard]] virtual void* allocate(std::size_t bytes) = 0;
  virtual void release(void* p) noexcept = 0;
  /// Stream-ordered copies; `host` may be reused when upload returns; download returns with the data there.
  virtual void upload(void* device, const void* host, std::size_t bytes) = 0;
  virtual void download(void* host, const void* device, std::size_t bytes) = 0;
  /// A feed of this backend, which outlives it.
  [[nodiscard]] virtual std::unique_ptr<Feed> make_feed() = 0;
  /// Bytes that went from the host to the device so far.
  [[nodiscard]] virtual std::size_t uploaded_bytes() const = 0;
  /// True where device memory is host memory, so that views need no upload.
  [[nodiscard]] virtual bool shares_host_memory() const = 0;
  /// True where `p` is memory of a device of its own that programs of this backend read in place.
  [[nodiscard]] virtual bool is_device_memory(const void* p) const = 0;
  /// Waits until all that was asked for is done; throws Error{device} if something failed.
  virtual void synchronize() = 0;

  /// Runs program P on items 0 .. count - 1.
  template <class P>
  void launch(const typename P::Params& params, index_t count) {
    static_assert(std::is_trivially_copyable_v<typename P::Params>);
    if (count > 0) launch_program(kernels::Programs::index_of<P>(), &params, sizeof params, count);
  }

  virtual void gemm(const GemmBatch<double>& g) = 0;
  virtual void gemm(const GemmBatch<float>& g) = 0;
  /// The plan for operands of `element_bytes` bytes.
  [[nodiscard]] virtual ColumnPlan column_plan(std::size_t element_bytes) const = 0;
  /// The large product behind comparisons of representations. An entry's bits depend on its two columns alone, and
  /// C[i, j] of (A, B) has the bits of C[j, i] of (B, A).
  virtual void column_product(const ColumnProduct<double>& g) = 0;
  virtual void column_product(const ColumnProduct<float>& g) = 0;
  /// C_b = alpha A_b B_b + beta C_b for b = 0 .. count - 1.
  void gemm(double alpha, const Operand<double>& a, const Operand<double>& b, double beta, const MatrixBatch<double>& c,
            index_t count = 1) {
    const auto& [x, op_a] = a;
    const auto& [y, op_b] = b;
    gemm(GemmBatch<double>{op_a, op_b, c.rows, c.columns, op_a == Op::none ? x.columns : x.rows, alpha, x.data, x.ld,
                           x.stride, y.data, y.ld, y.stride, beta, c.data, c.ld, c.stride, count});
  }
  /// G_b = A_b^T A_b + beta G_b: A_b is m x n, both triangles of G_b (n x n) are written.
  virtual void gram(const MatrixBatch<const double>& a, double beta, const MatrixBatch<double>& g, index_t count) = 0;
  /// Symmetric eigenproblems in place: V_b (n x n without gaps between its rows) holds the matrix, then its
  /// eigenvectors: row i belongs to w_b[i], ascending, w_b = w + b stride_w. Of them the `leading` last are asked for,
  /// 1 to n; the other rows may hold anything. An item whose iteration does not converge gets NaN in w.
  virtual void eigh(const MatrixBatch<double>& v, double* w, index_t stride_w, index_t count, index_t leading) = 0;
  /// R factors (n x n, upper, zero below) of A_b (m x n, m >= n, destroyed) = Q_b R_b. R_b may be the leading rows of
  /// A_b.
  virtual void qr_r(const MatrixBatch<double>& a, const MatrixBatch<double>& r, index_t count) = 0;
  /// Singular values (descending) and right singular vectors (rows of vt) of A_b (m x n, destroyed), k = min(m, n):
  /// s_b = s + b stride_s: k values, vt_b: k x n. An item whose iteration does not converge gets NaN in s.
  virtual void svd(const MatrixBatch<double>& a, double* s, index_t stride_s, const MatrixBatch<double>& vt,
                   index_t count) = 0;
  /// The `count` smallest keys of each row of `keys` (rows x columns, no NaN, -0 as 0): places[r count + s] is the
  /// column of the one that is s-th in ascending order, equal keys in the order of their columns. With count = columns
  /// this sorts. Needs memory for three copies of the keys, or of so many rows as fit in an eighth of the budget.
  virtual void order(const double* keys, index_t rows, index_t columns, index_t count, index_t* places) = 0;

 protected:
  virtual void launch_program(std::size_t program, const void* params, std::size_t bytes, index_t count) = 0;
};

/// parallel_for on the host's threads: those of a backend that shares host memory, else all.
template <class F>
void for_each_on_host(const Backend& backend, index_t count, F&& f) {
  parallel_for(count, backend.shares_host_memory() ? backend.parallelism() : all_threads(), f);
}

/// Owned device memory.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(Backend& backend, index_t n)
      : backend_(&backend), data_(static_cast<T*>(backend.allocate(at(n) * sizeof(T)))), size_(n) {}
  Buffer(Backend& backend, std::span<const T> values) : Buffer(backend, static_cast<index_t>(values.size())) {
    backend.upload(data_, values.data(), values.size_bytes());
  }
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Buffer() {
    if (data_ != nullptr) backend_->release(data_);
  }

  [[nodiscard]] T* data() const { return data_; }
  [[nodiscard]] index_t size() const { return size_; }
  void download(std::span<T> out) const { backend_->download(out.data(), data_, out.size_bytes()); }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  Backend* backend_ = nullptr;
  T* data_ = nullptr;
  index_t size_ = 0;
};

/// The memory of a buffer, which is made anew if it has room for fewer than n elements.
template <class T>
[[nodiscard]] T* grown(Backend& backend, Buffer<T>& buffer, index_t n) {
  if (buffer.size() < n) buffer = Buffer<T>(backend, n);
  return buffer.data();
}

/// `threads` as in Device::cpu; `memory_budget` 0: a quarter of free memory.
[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(int threads, std::size_t memory_budget);
/// Throws Error{device} with the reason when the device is not usable; `ordinal` and `stream` as in Device::cuda.
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend(int ordinal, std::size_t memory_budget,
                                                         std::optional<void*> stream = {});

}  // namespace kindred::host

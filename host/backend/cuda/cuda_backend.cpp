/// The CUDA backend: one stream of work, its own or the caller's, in which everything is ordered, and one of copies for
/// feeds; cuBLAS and cuSOLVER for the linear algebra of whole matrices, the block programs through their table of
/// kernels.
#include "host/backend/backend.hpp"
#include "host/backend/cuda/devices.hpp"
#include "host/backend/cuda/memory.hpp"
#include "host/backend/cuda/order_rows.hpp"
#include "host/base/index.hpp"
#include "kernels/launch/cuda_table.hpp"
#include "kernels/program/cross_product.hpp"
#include "kernels/program/mark_failed.hpp"
#include "kernels/program/symmetrize.hpp"
#include "kernels/program/upper_triangle.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kindred::host {
namespace {

using cuda::check;

cublasOperation_t cublas_op(Op op) { return op == Op::none ? CUBLAS_OP_N : CUBLAS_OP_T; }

int narrow(index_t n) {
  if (n > std::numeric_limits<int>::max()) {
    throw Error(ErrorCode::invalid_argument,
                "a matrix dimension is " + std::to_string(n) + "; cuBLAS takes at most 2147483647");
  }
  return static_cast<int>(n);
}
int leading(index_t n) { return std::max(narrow(n), 1); }

int attribute(cudaDeviceAttr which, int ordinal) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, ordinal), "cudaDeviceGetAttribute");
  return value;
}

kernels::DeviceLimits limits_of(int ordinal) {
  const auto bytes = [=](cudaDeviceAttr which) { return static_cast<std::size_t>(attribute(which, ordinal)); };
  return {.multiprocessors = attribute(cudaDevAttrMultiProcessorCount, ordinal),
          .threads = attribute(cudaDevAttrMaxThreadsPerMultiProcessor, ordinal),
          .blocks = attribute(cudaDevAttrMaxBlocksPerMultiprocessor, ordinal),
          .registers = attribute(cudaDevAttrMaxRegistersPerMultiprocessor, ordinal),
          .shared = bytes(cudaDevAttrMaxSharedMemoryPerMultiprocessor),
          .shared_per_block = bytes(cudaDevAttrMaxSharedMemoryPerBlockOptin),
          .shared_reserved = bytes(cudaDevAttrReservedSharedMemoryPerBlock)};
}

/// Owns a handle that a C library gives and takes back.
template <class Handle, auto create, auto destroy>
class Owned {
 public:
  explicit Owned(const char* call) { check(create(&handle_), call); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { (void)destroy(handle_); }
  [[nodiscard]] Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
};

cudaError_t create_stream(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking); }

using OwnedStream = Owned<cudaStream_t, &create_stream, &cudaStreamDestroy>;

/// All that an engine holds on its device; made and destroyed with the device current.
struct Resources {
  Resources(int ordinal, std::optional<void*> given)
      : own(given ? std::nullopt : std::optional<OwnedStream>(std::in_place, "cudaStreamCreateWithFlags")),
        stream(given ? static_cast<cudaStream_t>(*given) : own->get()),
        pool(ordinal, stream),
        staging(stream),
        feed_staging(copies.get()) {
    check(cublasSetStream(blas.get(), stream), "cublasSetStream");
    check(cusolverDnSetStream(solver.get(), stream), "cusolverDnSetStream");
  }

  std::optional<OwnedStream> own;
  cudaStream_t stream;  ///< of all work
  OwnedStream copies{"cudaStreamCreateWithFlags"};
  cuda::MemoryPool pool;
  cuda::Staging staging;
  cuda::Staging feed_staging;
  Owned<cublasHandle_t, &cublasCreate, &cublasDestroy> blas{"cublasCreate"};
  Owned<cusolverDnHandle_t, &cusolverDnCreate, &cusolverDnDestroy> solver{"cusolverDnCreate"};
  Owned<cusolverDnParams_t, &cusolverDnCreateParams, &cusolverDnDestroyParams> parameters{"cusolverDnCreateParams"};
};

constexpr index_t syrk_width = 1024;  ///< columns from which a Gram matrix is a call of its own

class CudaBackend final : public Backend {
 public:
  CudaBackend(int ordinal, std::size_t budget, std::optional<void*> stream)
      : ordinal_(ordinal),
        limits_(limits_of(ordinal)),
        held_(std::make_unique<Resources>(ordinal, stream)),
        budget_(budget) {
    if (budget_ == 0) {
      std::size_t free = 0, total = 0;
      check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
      budget_ = free / 4;
    }
  }
  ~CudaBackend() override {
    try {
      cuda::DeviceScope scope(ordinal_);
      (void)cudaStreamSynchronize(stream());
      arena_ = {};
      queue_ = {};
      held_.reset();
    } catch (const Error&) {
      // The device is lost, and its memory with it.
    }
  }

  [[nodiscard]] DeviceInfo info() const override { return cuda::device_info(ordinal_); }
  [[nodiscard]] index_t parallelism() const override { return index_t{limits_.multiprocessors} * limits_.blocks; }
  [[nodiscard]] std::size_t memory_budget() const override { return budget_; }

  [[nodiscard]] void* allocate(std::size_t bytes) override {
    cuda::DeviceScope scope(ordinal_);
    return held_->pool.allocate(bytes);
  }
  void release(void* p) noexcept override { held_->pool.release(p); }
  void upload(void* device, const void* host, std::size_t bytes) override {
    cuda::DeviceScope scope(ordinal_);
    held_->staging.upload(device, host, bytes);
  }
  void download(void* host, const void* device, std::size_t bytes) override {
    cuda::DeviceScope scope(ordinal_);
    held_->staging.download(host, device, bytes);
  }
  [[nodiscard]] std::unique_ptr<Feed> make_feed() override {
    cuda::DeviceScope scope(ordinal_);
    return std::make_unique<cuda::CopyFeed>(ordinal_, held_->pool, stream(), held_->feed_staging, held_->copies.get());
  }
  [[nodiscard]] std::size_t uploaded_bytes() const override {
    return held_->staging.uploaded_bytes() + held_->feed_staging.uploaded_bytes();
  }
  [[nodiscard]] bool shares_host_memory() const override { return false; }
  [[nodiscard]] bool is_device_memory(const void* p) const override {
    cudaPointerAttributes known{};
    check(cudaPointerGetAttributes(&known, p), "cudaPointerGetAttributes");
    return known.type == cudaMemoryTypeManaged || (known.type == cudaMemoryTypeDevice && known.device == ordinal_);
  }
  void synchronize() override { check(cudaStreamSynchronize(stream()), "cudaStreamSynchronize"); }

  void gemm(const GemmBatch<double>& g) override {
    product(g, &cublasDgemmStridedBatched, "cublasDgemmStridedBatched");
  }
  void gemm(const GemmBatch<float>& g) override { product(g, &cublasSgemmStridedBatched, "cublasSgemmStridedBatched"); }

  [[nodiscard]] ColumnPlan column_plan(std::size_t) const override { return {kernels::device_panel_width, 2048}; }
  void column_product(const ColumnProduct<double>& g) override { cross_product(g); }
  void column_product(const ColumnProduct<float>& g) override { cross_product(g); }

  void gram(const MatrixBatch<const double>& x, double beta, const MatrixBatch<double>& y, index_t batch) override {
    const auto [a, m, n, lda, stride_a] = x;
    const auto [g, side, other_side, ldg, stride_g] = y;
    if (n == 0 || batch == 0) return;
    cuda::DeviceScope scope(ordinal_);
    // The routine follows from n alone, so that an item has the same bits in any batch: half the flops where one item
    // fills the device, else all items at once.
    if (n >= syrk_width) {
      const double one = 1;
      for (index_t b = 0; b < batch; ++b) {  // a row-major upper triangle is a column-major lower one
        check(cublasDsyrk(blas(), CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, narrow(n), narrow(m), &one, a + b * stride_a,
                          leading(lda), &beta, g + b * stride_g, leading(ldg)),
              "cublasDsyrk");
      }
    } else {
      Backend::gemm(1.0, t(x), x, beta, y, batch);
    }
    launch<kernels::Symmetrize<double>>({n, g, ldg, stride_g}, n * batch);
  }

  /// All eigenvectors, whatever is asked for: the routine that takes a batch knows no other way.
  void eigh(const MatrixBatch<double>& x, double* w, index_t stride_w, index_t batch, index_t) override {
    double* const v = x.data;
    const index_t n = x.columns, stride_v = x.stride;
    if (n == 0 || batch == 0) return;
    cuda::DeviceScope scope(ordinal_);
    // One call takes matrices that lie end to end; others go one by one.
    const index_t together = batch == 1 || (stride_v == n * n && stride_w == n) ? batch : 1;
    std::size_t device_bytes = 0, host_bytes = 0;
    check(cusolverDnXsyevBatched_bufferSize(solver(), parameters(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_UPPER, n,
                                            CUDA_R_64F, v, n, CUDA_R_64F, w, CUDA_R_64F, &device_bytes, &host_bytes,
                                            together),
          "cusolverDnXsyevBatched_bufferSize");
    Workspace work(*this, device_bytes, host_bytes);
    Buffer<int> info(*this, batch);
    for (index_t b = 0; b < batch; b += together) {
      // Column-major eigenvectors of a symmetric matrix are the rows of the row-major array.
      check(cusolverDnXsyevBatched(solver(), parameters(), CUSOLVER_EIG_MODE_VECTOR, CUBLAS_FILL_MODE_UPPER, n,
                                   CUDA_R_64F, v + b * stride_v, n, CUDA_R_64F, w + b * stride_w, CUDA_R_64F,
                                   work.device.data(), device_bytes, work.host.data(), host_bytes, info.data() + b,
                                   together),
            "cusolverDnXsyevBatched");
    }
    launch<kernels::MarkFailed<double>>({n, info.data(), w, stride_w}, batch);
  }

  void qr_r(const MatrixBatch<double>& x, const MatrixBatch<double>& y, index_t batch) override {
    const auto [a, m, n, lda, stride_a] = x;
    double* const r = y.data;
    const index_t ldr = y.ld, stride_r = y.stride;
    if (n == 0 || batch == 0) return;
    cuda::DeviceScope scope(ordinal_);
    const double one = 1, zero = 0;
    Buffer<double> columns(*this, m * n), tau(*this, n);
    Buffer<int> info(*this, 1);  // only ever reports a wrong argument, which the status does too
    std::size_t device_bytes = 0, host_bytes = 0;
    check(cusolverDnXgeqrf_bufferSize(solver(), parameters(), m, n, CUDA_R_64F, columns.data(), m, CUDA_R_64F,
                                      tau.data(), CUDA_R_64F, &device_bytes, &host_bytes),
          "cusolverDnXgeqrf_bufferSize");
    Workspace work(*this, device_bytes, host_bytes);
    for (index_t b = 0; b < batch; ++b) {
      check(cublasDgeam(blas(), CUBLAS_OP_T, CUBLAS_OP_N, narrow(m), narrow(n), &one, a + b * stride_a, leading(lda),
                        &zero, columns.data(), leading(m), columns.data(), leading(m)),
            "cublasDgeam");
      check(cusolverDnXgeqrf(solver(), parameters(), m, n, CUDA_R_64F, columns.data(), m, CUDA_R_64F, tau.data(),
                             CUDA_R_64F, work.device.data(), device_bytes, work.host.data(), host_bytes, info.data()),
            "cusolverDnXgeqrf");
      launch<kernels::UpperTriangle<double>>({n, columns.data(), m, r + b * stride_r, ldr}, n);
    }
  }

  void svd(const MatrixBatch<double>& x, double* s, index_t stride_s, const MatrixBatch<double>& y,
           index_t batch) override {
    const auto [a, m, n, lda, stride_a] = x;
    double* const vt = y.data;
    const index_t ldvt = y.ld, stride_vt = y.stride;
    if (m == 0 || n == 0 || batch == 0) return;
    cuda::DeviceScope scope(ordinal_);
    if (m > n) {  // the triangle has the same singular values and right vectors
      const MatrixBatch<double> triangle = x.block(0, 0, n, n);
      qr_r(x, triangle, batch);
      svd(triangle, s, stride_s, y, batch);
      return;
    }
    // The array read by columns is A^T = V S U^T (n x m, n >= m): its left vectors are the rows of vt.
    std::size_t device_bytes = 0, host_bytes = 0;
    check(
        cusolverDnXgesvd_bufferSize(solver(), parameters(), 'S', 'N', n, m, CUDA_R_64F, a, n, CUDA_R_64F, s, CUDA_R_64F,
                                    vt, n, CUDA_R_64F, nullptr, m, CUDA_R_64F, &device_bytes, &host_bytes),
        "cusolverDnXgesvd_bufferSize");
    Workspace work(*this, device_bytes, host_bytes);
    Buffer<int> info(*this, batch);
    // Every item is solved at the same alignment, and so by the same arithmetic.
    const Buffer<double> in(*this, m * n), out(*this, m * n), values(*this, m);
    for (index_t b = 0; b < batch; ++b) {
      copy_rows(in.data(), n, a + b * stride_a, lda, m, n);
      check(cusolverDnXgesvd(solver(), parameters(), 'S', 'N', n, m, CUDA_R_64F, in.data(), n, CUDA_R_64F,
                             values.data(), CUDA_R_64F, out.data(), n, CUDA_R_64F, nullptr, m, CUDA_R_64F,
                             work.device.data(), device_bytes, work.host.data(), host_bytes, info.data() + b),
            "cusolverDnXgesvd");
      copy_rows(vt + b * stride_vt, ldvt, out.data(), n, m, n);
      copy_rows(s + b * stride_s, m, values.data(), m, 1, m);
    }
    launch<kernels::MarkFailed<double>>({m, info.data(), s, stride_s}, batch);
  }

  void order(const double* keys, index_t rows, index_t columns, index_t count, index_t* places) override {
    cuda::DeviceScope scope(ordinal_);
    cuda::order_rows(*this, keys, rows, columns, count, places, stream());
  }

 protected:
  void launch_program(std::size_t program, const void* params, std::size_t, index_t count) override {
    cuda::DeviceScope scope(ordinal_);
    const kernels::CudaEntry& entry = kernels::cuda_entries()[program];
    const void* kernel = entry.all_shared;
    kernels::LaunchShape shape = shape_for(entry, kernel, params, count);
    if (shape.arena > 0) {
      kernel = entry.split;
      shape = shape_for(entry, kernel, params, count);
      const auto bytes = static_cast<index_t>(shape.blocks * shape.arena);
      if (arena_.size() < bytes) {
        arena_ = {};
        arena_ = Buffer<std::byte>(*this, bytes);
      }
    }
    if (queue_.size() == 0) queue_ = Buffer<unsigned long long>(*this, 1);
    check(cudaMemsetAsync(queue_.data(), 0, sizeof(unsigned long long), stream()), "cudaMemsetAsync");
    kernels::CudaLaunch launch{count, queue_.data(), shape.shared, arena_.data(), shape.arena};
    void* arguments[] = {const_cast<void*>(params), &launch};
    check(cudaLaunchKernel(kernel, dim3(shape.blocks), dim3(static_cast<unsigned>(shape.threads)), arguments,
                           shape.shared, stream()),
          "cudaLaunchKernel");
  }

 private:
  /// What a cuSOLVER call asks for.
  struct Workspace {
    Workspace(CudaBackend& backend, std::size_t device_bytes, std::size_t host_bytes)
        : device(backend, static_cast<index_t>(device_bytes)), host(host_bytes) {}
    Buffer<std::byte> device;
    std::vector<std::byte> host;
  };

  [[nodiscard]] cudaStream_t stream() const { return held_->stream; }
  [[nodiscard]] cublasHandle_t blas() const { return held_->blas.get(); }
  [[nodiscard]] cusolverDnHandle_t solver() const { return held_->solver.get(); }
  [[nodiscard]] cusolverDnParams_t parameters() const { return held_->parameters.get(); }

  /// Row-major device memory to device memory.
  void copy_rows(double* to, index_t ld_to, const double* from, index_t ld_from, index_t rows, index_t columns) {
    const auto bytes = [](index_t n) { return at(n) * sizeof(double); };
    check(cudaMemcpy2DAsync(to, bytes(ld_to), from, bytes(ld_from), bytes(columns), at(rows), cudaMemcpyDeviceToDevice,
                            stream()),
          "cudaMemcpy2DAsync");
  }

  /// By the project's own program: a library's products round differently with their shape, and so with the systems
  /// that happen to share a stack.
  template <class T>
  void cross_product(const ColumnProduct<T>& g) {
    using Program = kernels::CrossProduct<T>;
    const index_t w = kernels::device_panel_width;
    const typename Program::Params params{g.a, g.b, g.a_columns / w, g.b_columns / w, 1, g.a_panels, g.c, g.ldc};
    launch<Program>(params, Program::items(params));
  }

  /// A row-major product is the column-major product of the swapped operands.
  template <class T, class F>
  void product(const GemmBatch<T>& g, F cublas_gemm, const char* call) {
    if (g.m == 0 || g.n == 0 || g.batch == 0) return;
    cuda::DeviceScope scope(ordinal_);
    check(cublas_gemm(blas(), cublas_op(g.op_b), cublas_op(g.op_a), narrow(g.n), narrow(g.m), narrow(g.k), &g.alpha,
                      g.b, leading(g.ldb), g.stride_b, g.a, leading(g.lda), g.stride_a, &g.beta, g.c, leading(g.ldc),
                      g.stride_c, narrow(g.batch)),
          call);
  }

  /// Registers and static shared memory of a kernel, which is allowed all dynamic shared memory at its first use.
  const cudaFuncAttributes& attributes(const void* kernel) {
    const auto [it, is_new] = attributes_.try_emplace(kernel);
    if (is_new) {
      check(cudaFuncGetAttributes(&it->second, kernel), "cudaFuncGetAttributes");
      check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                 static_cast<int>(limits_.shared_per_block - it->second.sharedSizeBytes)),
            "cudaFuncSetAttribute");
    }
    return it->second;
  }

  kernels::LaunchShape shape_for(const kernels::CudaEntry& entry, const void* kernel, const void* params,
                                 index_t count) {
    const cudaFuncAttributes& known = attributes(kernel);
    kernels::DeviceLimits limits = limits_;
    limits.shared_per_block -= known.sharedSizeBytes;
    limits.shared_reserved += known.sharedSizeBytes;
    kernels::ProgramNeeds needs = entry.needs(params);
    needs.registers = known.numRegs;
    return launch_shape(needs, limits, count, budget_ / 2);
  }

  int ordinal_;
  kernels::DeviceLimits limits_;
  std::unique_ptr<Resources> held_;
  std::size_t budget_;
  std::unordered_map<const void*, cudaFuncAttributes> attributes_;
  Buffer<std::byte> arena_;
  Buffer<unsigned long long> queue_;
};

}  // namespace

std::unique_ptr<Backend> cuda::make_backend(int ordinal, std::size_t memory_budget, std::optional<void*> stream) {
  cuda::DeviceScope scope(ordinal);
  return std::make_unique<CudaBackend>(ordinal, memory_budget, stream);
}

}  // namespace kindred::host

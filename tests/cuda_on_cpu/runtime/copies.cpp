// Copies between memories, memset, and copies from and to symbols.
#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace ccpu {

/// Checks a copy of n bytes against the direction that the program states.
static cudaError_t check_copy(void* d, const void* s, size_t n, cudaMemcpyKind k) {
  if (!n) return cudaSuccess;
  if (!d || !s) return complain(cudaErrorInvalidValue, "copy from or to a null pointer");
  if ((unsigned)k > 4) return complain(cudaErrorInvalidMemcpyDirection, "copy: no such direction");
  struct End {
    const void* p;
    bool device;
    const char* name;
  } ends[2] = {{d, k == cudaMemcpyHostToDevice || k == cudaMemcpyDeviceToDevice, "destination"},
               {s, k == cudaMemcpyDeviceToHost || k == cudaMemcpyDeviceToDevice, "source"}};
  for (auto& e : ends) {
    Range r;
    bool known = find_range((u64)e.p, &r);
    if (known && (u64)e.p + n > r.hi)
      return complain(cudaErrorInvalidValue, "copy of %zu bytes: the %s is %s", n, e.name, describe((u64)e.p).c_str());
    if (!known && is_known(e.p))
      return complain(cudaErrorInvalidValue, "copy: the %s is %s", e.name, describe((u64)e.p).c_str());
    if (k == cudaMemcpyDefault) continue;
    if (e.device && !known) return complain(cudaErrorInvalidValue, "copy: the %s is not device memory", e.name);
    if (!e.device && known && (r.kind == DEVICE || r.kind == MODULE))
      return complain(cudaErrorInvalidValue, "copy: the %s is device memory, not host memory", e.name);
  }
  return cudaSuccess;
}

static bool pageable(const void* p) {
  Range r;
  return !find_range((u64)p, &r);
}

/// A rectangle of bytes to copy.
struct Box {
  void* d;
  size_t dpitch, dslice;
  const void* s;
  size_t spitch, sslice, width, height, depth;
  size_t extent(size_t pitch, size_t slice) const {
    return width && height && depth ? (depth - 1) * slice + (height - 1) * pitch + width : 0;
  }
  void run() const {
    u8* dd = (u8*)readable(d);
    const u8* ss = (const u8*)readable(s);
    for (size_t z = 0; z < depth; z++)
      for (size_t y = 0; y < height; y++) memmove(dd + z * dslice + y * dpitch, ss + z * sslice + y * spitch, width);
  }
};

static cudaError_t copy_box(Box b, cudaMemcpyKind k, cudaStream_t stream, bool async) {
  size_t dn = b.extent(b.dpitch, b.dslice), sn = b.extent(b.spitch, b.sslice);
  if (!dn) return cudaSuccess;
  if ((b.height > 1 || b.depth > 1) && (b.width > b.dpitch || b.width > b.spitch))
    return complain(cudaErrorInvalidPitchValue, "copy: the pitch is smaller than the width");
  if (cudaError_t e = check_copy(b.d, b.s, std::min(dn, sn), k)) return e;
  if (dn != sn) {
    if (cudaError_t e = check_copy(b.d, b.d, dn, cudaMemcpyDefault)) return e;
    if (cudaError_t e = check_copy((void*)b.s, b.s, sn, cudaMemcpyDefault)) return e;
  }
  if (!async) {
    if (cudaError_t e = synchronize_for_copy()) return e;
    b.run();
    return cudaSuccess;
  }
  bool capturing = is_capturing(stream);
  if (options().async == 1 && !capturing && pageable(b.s)) {
    // The real runtime stages a copy from pageable memory before it returns.
    auto staged = std::make_shared<std::vector<u8>>((const u8*)b.s, (const u8*)b.s + sn);
    b.s = staged->data();
    return submit(stream, [b, staged] {
      b.run();
      return 0;
    });
  }
  if (cudaError_t e = submit(stream, [b] {
        b.run();
        return 0;
      }))
    return e;
  // ... and waits for a copy to pageable memory.
  if (options().async == 1 && !capturing && pageable(b.d)) return drain_stream(stream);
  return cudaSuccess;
}

static cudaError_t copy(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t st, bool async) {
  return copy_box({d, n, n, s, n, n, n, 1, 1}, k, st, async);
}

static cudaError_t fill(void* d, size_t pitch, int v, size_t w, size_t h, size_t depth, cudaStream_t st) {
  if (!w || !h || !depth) return cudaSuccess;
  if (h > 1 && pitch < w) return complain(cudaErrorInvalidValue, "memset: pitch smaller than width");
  size_t n = pitch * (h * depth - 1) + w;
  if (!is_device_accessible(d, n))
    return complain(cudaErrorInvalidValue, "memset of %zu bytes: the destination is %s", n, describe((u64)d).c_str());
  return submit(st, [=] {
    for (size_t y = 0; y < h * depth; y++) memset((u8*)readable(d) + y * pitch, v, w);
    return 0;
  });
}

}  // namespace ccpu

using namespace ccpu;

API cudaError_t cudaMemcpy(void* d, const void* s, size_t n, cudaMemcpyKind k) {
  return copy(d, s, n, k, nullptr, false);
}
API cudaError_t cudaMemcpyAsync(void* d, const void* s, size_t n, cudaMemcpyKind k, cudaStream_t st) {
  return copy(d, s, n, k, st, true);
}
API cudaError_t cudaMemcpyPeer(void* d, int, const void* s, int, size_t n) {
  return copy(d, s, n, cudaMemcpyDeviceToDevice, nullptr, false);
}
API cudaError_t cudaMemcpyPeerAsync(void* d, int, const void* s, int, size_t n, cudaStream_t st) {
  return copy(d, s, n, cudaMemcpyDeviceToDevice, st, true);
}
API cudaError_t cudaMemcpy2D(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h, cudaMemcpyKind k) {
  return copy_box({d, dp, 0, s, sp, 0, w, h, 1}, k, nullptr, false);
}
API cudaError_t cudaMemcpy2DAsync(void* d, size_t dp, const void* s, size_t sp, size_t w, size_t h, cudaMemcpyKind k,
                                  cudaStream_t st) {
  return copy_box({d, dp, 0, s, sp, 0, w, h, 1}, k, st, true);
}
static cudaError_t copy3d(const cudaMemcpy3DParms* p, cudaStream_t st, bool async) {
  if (!p || p->srcArray || p->dstArray || !p->srcPtr.ptr || !p->dstPtr.ptr)
    return complain(cudaErrorNotSupported, "cudaMemcpy3D with arrays is not supported");
  auto at = [](const cudaPitchedPtr& q, const cudaPos& o) {
    return (u8*)q.ptr + (o.z * q.ysize + o.y) * q.pitch + o.x;
  };
  return copy_box(
      {at(p->dstPtr, p->dstPos), p->dstPtr.pitch, p->dstPtr.pitch * p->dstPtr.ysize, at(p->srcPtr, p->srcPos),
       p->srcPtr.pitch, p->srcPtr.pitch * p->srcPtr.ysize, p->extent.width, p->extent.height, p->extent.depth},
      p->kind, st, async);
}
API cudaError_t cudaMemcpy3D(const cudaMemcpy3DParms* p) { return copy3d(p, nullptr, false); }
API cudaError_t cudaMemcpy3DAsync(const cudaMemcpy3DParms* p, cudaStream_t st) { return copy3d(p, st, true); }

API cudaError_t cudaMemset(void* d, int v, size_t n) { return fill(d, n, v, n, 1, 1, nullptr); }
API cudaError_t cudaMemsetAsync(void* d, int v, size_t n, cudaStream_t s) { return fill(d, n, v, n, 1, 1, s); }
API cudaError_t cudaMemset2D(void* d, size_t p, int v, size_t w, size_t h) { return fill(d, p, v, w, h, 1, nullptr); }
API cudaError_t cudaMemset2DAsync(void* d, size_t p, int v, size_t w, size_t h, cudaStream_t s) {
  return fill(d, p, v, w, h, 1, s);
}
API cudaError_t cudaMemset3D(cudaPitchedPtr p, int v, cudaExtent e) {
  if (e.height != p.ysize) return complain(cudaErrorNotSupported, "cudaMemset3D of part of the height");
  return fill(p.ptr, p.pitch, v, e.width, e.height, e.depth, nullptr);
}
API cudaError_t cudaMemset3DAsync(cudaPitchedPtr p, int v, cudaExtent e, cudaStream_t s) {
  if (e.height != p.ysize) return complain(cudaErrorNotSupported, "cudaMemset3D of part of the height");
  return fill(p.ptr, p.pitch, v, e.width, e.height, e.depth, s);
}

static cudaError_t symbol_copy(const void* sym, void* host, size_t n, size_t off, cudaMemcpyKind k, bool to,
                               cudaStream_t st, bool async) {
  void* p = nullptr;
  size_t size = 0;
  if (cudaError_t e = cudaGetSymbolAddress(&p, sym)) return e;
  if (cudaError_t e = cudaGetSymbolSize(&size, sym)) return e;
  if (off + n > size) return complain(cudaErrorInvalidValue, "copy past the end of a symbol");
  u8* q = (u8*)p + off;
  return to ? copy(q, host, n, k, st, async) : copy(host, q, n, k, st, async);
}
API cudaError_t cudaMemcpyToSymbol(const void* sym, const void* s, size_t n, size_t o, cudaMemcpyKind k) {
  return symbol_copy(sym, (void*)s, n, o, k, true, nullptr, false);
}
API cudaError_t cudaMemcpyToSymbolAsync(const void* sym, const void* s, size_t n, size_t o, cudaMemcpyKind k,
                                        cudaStream_t st) {
  return symbol_copy(sym, (void*)s, n, o, k, true, st, true);
}
API cudaError_t cudaMemcpyFromSymbol(void* d, const void* sym, size_t n, size_t o, cudaMemcpyKind k) {
  return symbol_copy(sym, d, n, o, k, false, nullptr, false);
}
API cudaError_t cudaMemcpyFromSymbolAsync(void* d, const void* sym, size_t n, size_t o, cudaMemcpyKind k,
                                          cudaStream_t st) {
  return symbol_copy(sym, d, n, o, k, false, st, true);
}

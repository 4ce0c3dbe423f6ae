// Device memory: the arena and its two mappings, allocation, pools.
//
// Device allocations live in one memory file that is mapped twice. The program sees addresses of the
// first mapping, which nobody can read (unless CUDA_ON_CPU_GUARD=0); kernels, copies and the library
// stand-ins use the second. Host code that dereferences a device pointer therefore faults, and the
// fault handler says so. Managed and pinned memory is ordinary memory.
#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

namespace ccpu {
namespace {

const u64 ALIGN = 512, REDZONE = 512;

struct Allocation {
  u64 size;
  int kind;
  void* block;  // what to free() for host-side kinds
  u64 serial;
  const char* what;
};

struct Memory {
  std::mutex mutex;
  std::map<u64, Allocation> all;
  u64 base = 0, size = 0, cursor = 0, used = 0, serial = 0;
  s64 delta = 0;
};

Memory& mem() {
  static Memory* m = [] {
    auto* x = new Memory;
    for (u64 size = std::max<u64>(options().memory, 1 << 20) * 4 + (1ull << 30);; size /= 2) {
      int f = memfd_create("cuda-on-cpu", MFD_CLOEXEC);
      if (f < 0 || ftruncate(f, (off_t)size) < 0) {
        say("cannot create the memory file of the device");
        abort();
      }
      int host = options().guard ? PROT_NONE : PROT_READ | PROT_WRITE;
      void* a = mmap(nullptr, size, host, MAP_SHARED | MAP_NORESERVE, f, 0);
      void* b = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, f, 0);
      close(f);
      if (a != MAP_FAILED && b != MAP_FAILED) {
        x->base = x->cursor = (u64)a;
        x->size = size;
        x->delta = (s64)((u64)b - (u64)a);
        break;
      }
      if (size < (1 << 22)) {
        say("cannot map the memory of the device");
        abort();
      }
    }
    install_fault_handler();
    return x;
  }();
  return *m;
}

u64 round_up(u64 n, u64 a) { return (n + a - 1) / a * a; }

/// A gap of `need` bytes in [from, to) of the arena, or 0.
u64 find_gap(Memory& m, u64 from, u64 to, u64 need) {
  auto it = m.all.upper_bound(from);
  u64 p = from;
  if (it != m.all.begin()) {
    auto q = std::prev(it);
    if (q->first >= m.base && q->first < m.base + m.size)
      p = std::max(p, round_up(q->first + q->second.size + REDZONE, ALIGN));
  }
  for (; it != m.all.end() && it->first < to; ++it) {
    if (it->first >= p + need) return p;
    p = std::max(p, round_up(it->first + it->second.size + REDZONE, ALIGN));
  }
  return p + need <= to ? p : 0;
}

bool in_arena(Memory& m, u64 a) { return a - m.base < m.size; }

std::map<u64, Allocation>::iterator lookup(Memory& m, u64 a) {
  auto it = m.all.upper_bound(a);
  if (it == m.all.begin()) return m.all.end();
  --it;
  return a < it->first + std::max<u64>(it->second.size, 1) ? it : m.all.end();
}

const char* kind_name(int kind) {
  static const char* names[] = {"", "device", "module", "managed", "pinned", "registered"};
  return names[kind];
}

}  // namespace

u64 arena_base() { return mem().base; }
u64 arena_size() { return mem().size; }

bool find_range(u64 a, Range* r) {
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  auto it = lookup(m, a);
  if (it == m.all.end()) return false;
  *r = {it->first, it->first + it->second.size, in_arena(m, a) ? m.delta : 0, it->second.kind};
  return true;
}

void* readable(const void* p) {
  Memory& m = mem();
  return (void*)((u64)p + (in_arena(m, (u64)p) ? m.delta : 0));
}

bool is_known(const void* p) {
  Range r;
  return find_range((u64)p, &r) || in_arena(mem(), (u64)p);
}

bool is_device_accessible(const void* p, size_t n) {
  Range r;
  return find_range((u64)p, &r) && (u64)p + n <= r.hi;
}

std::string describe(u64 a) {
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  char s[240];
  auto it = lookup(m, a);
  if (it != m.all.end()) {
    snprintf(s, sizeof s, "%llu bytes into a %s allocation of %llu bytes (number %llu)",
             (unsigned long long)(a - it->first), kind_name(it->second.kind), (unsigned long long)it->second.size,
             (unsigned long long)it->second.serial);
    return s;
  }
  if (!in_arena(m, a)) {
    if (a < 4096) return "a null pointer";
    return "not device memory (a host pointer?)";
  }
  it = m.all.upper_bound(a);
  if (it != m.all.begin()) {
    --it;
    u64 past = a - (it->first + it->second.size);
    snprintf(s, sizeof s, "%llu bytes past the end of a %s allocation of %llu bytes (number %llu)",
             (unsigned long long)past, kind_name(it->second.kind), (unsigned long long)it->second.size,
             (unsigned long long)it->second.serial);
    if (past < (1 << 16)) return s;
  }
  return "device memory that is not allocated (freed?)";
}

void* device_alloc(size_t bytes, Kind kind, const char* what) {
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  Allocation a{bytes, kind, nullptr, ++m.serial, what};
  u64 p;
  if (kind == DEVICE || kind == MODULE) {
    if (kind == DEVICE && (bytes > options().memory || m.used + bytes > options().memory)) return nullptr;
    u64 need = round_up(bytes + REDZONE, ALIGN);
    p = find_gap(m, m.cursor, m.base + m.size, need);
    if (!p) p = find_gap(m, m.base, m.cursor, need);
    if (!p) return nullptr;
    m.cursor = p + need;
    if (kind == DEVICE) m.used += bytes;
    memset((void*)(p + m.delta), 0xff, std::min<u64>(bytes, 256 << 20));
  } else {
    void* q = nullptr;
    if (posix_memalign(&q, 4096, round_up(bytes, ALIGN) + REDZONE)) return nullptr;
    memset(q, 0xff, std::min<u64>(bytes, 256 << 20));
    memset((u8*)q + bytes, 0xa5, REDZONE);
    a.block = q;
    p = (u64)q;
  }
  m.all[p] = a;
  return (void*)p;
}

namespace {

cudaError_t release(void* p, bool host, const char* who) {
  if (!p) return cudaSuccess;
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  auto it = m.all.find((u64)p);
  if (it == m.all.end() || it->second.kind == MODULE || it->second.kind == REGISTERED ||
      (it->second.kind == PINNED) != host) {
    say("%s: %p was not allocated by a matching call (freed twice?)", who, p);
    return cudaErrorInvalidValue;
  }
  Allocation a = it->second;
  if (a.block) {
    u8* end = (u8*)a.block + a.size;
    for (u64 i = 0; i < REDZONE; i++)
      if (end[i] != 0xa5) {
        say("FAULT: host code wrote %llu bytes past the end of a %s allocation of %llu bytes", (unsigned long long)i,
            kind_name(a.kind), (unsigned long long)a.size);
        abort();
      }
    memset(a.block, 0xee, std::min<u64>(a.size, 1 << 20));
    free(a.block);
  } else {
    m.used -= a.size;
    u64 lo = round_up((u64)p, 4096), hi = ((u64)p + a.size) / 4096 * 4096;
    if (hi > lo + (1 << 16)) madvise((void*)(lo + m.delta), hi - lo, MADV_REMOVE);
  }
  m.all.erase(it);
  return cudaSuccess;
}

}  // namespace

int report_leaks() {
  if (!options().leaks) return 0;
  Memory& m = mem();
  u64 n = 0, bytes = 0;
  for (auto& x : m.all) {
    int k = x.second.kind;
    if (k == MODULE || k == REGISTERED) continue;
    n++, bytes += x.second.size;
    if (n <= 20)
      say("LEAK: %s, allocation number %llu of %llu bytes was never freed", x.second.what,
          (unsigned long long)x.second.serial, (unsigned long long)x.second.size);
  }
  if (n)
    say("LEAK: %llu allocations, %llu bytes", (unsigned long long)n, (unsigned long long)bytes);
  else
    say("no leaks");
  return n > 0;
}

void free_everything() {
  Memory& m = mem();
  std::vector<std::pair<u64, int>> v;
  for (auto& x : m.all)
    if (x.second.kind == DEVICE || x.second.kind == MANAGED) v.push_back({x.first, 0});
  for (auto& x : v) release((void*)x.first, false, "cudaDeviceReset");
}

static cudaError_t allocate(void** p, size_t n, Kind kind, const char* what) {
  if (!p) return record(cudaErrorInvalidValue);
  *p = nullptr;
  if (cudaError_t e = sticky_error()) return e;
  if (!n) return cudaSuccess;
  *p = device_alloc(n, kind, what);
  return *p ? cudaSuccess : record(cudaErrorMemoryAllocation);
}

}  // namespace ccpu

using namespace ccpu;

API cudaError_t cudaMalloc(void** p, size_t n) { return allocate(p, n, DEVICE, "cudaMalloc"); }
API cudaError_t cudaMallocAsync(void** p, size_t n, cudaStream_t s) {
  if (cudaError_t e = check_stream(s)) return e;
  return allocate(p, n, DEVICE, "cudaMallocAsync");
}
API cudaError_t cudaMallocFromPoolAsync(void** p, size_t n, cudaMemPool_t, cudaStream_t s) {
  return cudaMallocAsync(p, n, s);
}
API cudaError_t cudaMallocManaged(void** p, size_t n, unsigned) {
  if (!n) return record(cudaErrorInvalidValue);
  return allocate(p, n, MANAGED, "cudaMallocManaged");
}
API cudaError_t cudaMallocHost(void** p, size_t n) { return allocate(p, n, PINNED, "cudaMallocHost"); }
API cudaError_t cudaHostAlloc(void** p, size_t n, unsigned) { return allocate(p, n, PINNED, "cudaHostAlloc"); }
API cudaError_t cudaMallocPitch(void** p, size_t* pitch, size_t w, size_t h) {
  *pitch = (w + 511) / 512 * 512;
  return cudaMalloc(p, *pitch * h);
}
API cudaError_t cudaMalloc3D(cudaPitchedPtr* p, cudaExtent e) {
  p->xsize = e.width;
  p->ysize = e.height;
  return cudaMallocPitch(&p->ptr, &p->pitch, e.width, e.height * e.depth);
}
API cudaError_t cudaFree(void* p) {
  if (!p) return cudaSuccess;
  if (cudaError_t e = drain_all()) return e;
  return record(release(p, false, "cudaFree"));
}
API cudaError_t cudaFreeAsync(void* p, cudaStream_t s) {
  if (!p) return record(cudaErrorInvalidValue);
  return submit(s, [p] { return (int)release(p, false, "cudaFreeAsync"); });
}
API cudaError_t cudaFreeHost(void* p) {
  if (cudaError_t e = drain_all()) return e;
  return record(release(p, true, "cudaFreeHost"));
}
API cudaError_t cudaHostRegister(void* p, size_t n, unsigned) {
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  if (!p || !n) return record(cudaErrorInvalidValue);
  if (lookup(m, (u64)p) != m.all.end()) return record(cudaErrorHostMemoryAlreadyRegistered);
  m.all[(u64)p] = {n, REGISTERED, nullptr, ++m.serial, "cudaHostRegister"};
  return cudaSuccess;
}
API cudaError_t cudaHostUnregister(void* p) {
  Memory& m = mem();
  std::lock_guard<std::mutex> g(m.mutex);
  auto it = m.all.find((u64)p);
  if (it == m.all.end() || it->second.kind != REGISTERED) return record(cudaErrorHostMemoryNotRegistered);
  m.all.erase(it);
  return cudaSuccess;
}
API cudaError_t cudaHostGetDevicePointer(void** d, void* h, unsigned) {
  *d = h;
  return is_known(h) ? cudaSuccess : record(cudaErrorInvalidValue);
}
API cudaError_t cudaHostGetFlags(unsigned* f, void*) {
  *f = 0;
  return cudaSuccess;
}
API cudaError_t cudaMemGetInfo(size_t* f, size_t* t) {
  if (cudaError_t e = sticky_error()) return e;
  Memory& m = mem();
  if (f) *f = options().memory - m.used;
  if (t) *t = options().memory;
  return cudaSuccess;
}
API cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* a, const void* p) {
  memset(a, 0, sizeof *a);
  Range r;
  if (!find_range((u64)p, &r)) {
    a->type = cudaMemoryTypeUnregistered;
    a->device = -2;
    a->hostPointer = (void*)p;
    return cudaSuccess;
  }
  bool host = r.kind >= MANAGED;
  a->type = r.kind == MANAGED ? cudaMemoryTypeManaged : host ? cudaMemoryTypeHost : cudaMemoryTypeDevice;
  a->devicePointer = (void*)p;
  a->hostPointer = host ? (void*)p : nullptr;
  return cudaSuccess;
}

// Memory pools: one pool that never holds anything back.
struct CUmemPoolHandle_st {
  uint64_t threshold = 0;
};
static CUmemPoolHandle_st default_pool;
API cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* p, int) {
  *p = (cudaMemPool_t)&default_pool;
  return cudaSuccess;
}
API cudaError_t cudaDeviceGetMemPool(cudaMemPool_t* p, int d) { return cudaDeviceGetDefaultMemPool(p, d); }
API cudaError_t cudaDeviceSetMemPool(int, cudaMemPool_t) { return cudaSuccess; }
API cudaError_t cudaMemPoolCreate(cudaMemPool_t* p, const cudaMemPoolProps*) {
  *p = (cudaMemPool_t) new CUmemPoolHandle_st;
  return cudaSuccess;
}
API cudaError_t cudaMemPoolDestroy(cudaMemPool_t) { return cudaSuccess; }
API cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, size_t) { return cudaSuccess; }
API cudaError_t cudaMemPoolSetAccess(cudaMemPool_t, const cudaMemAccessDesc*, size_t) { return cudaSuccess; }
API cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t p, cudaMemPoolAttr a, void* v) {
  if (a == cudaMemPoolAttrReleaseThreshold) ((CUmemPoolHandle_st*)p)->threshold = *(uint64_t*)v;
  return cudaSuccess;
}
API cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t p, cudaMemPoolAttr a, void* v) {
  switch (a) {
    case cudaMemPoolAttrReleaseThreshold:
      *(uint64_t*)v = ((CUmemPoolHandle_st*)p)->threshold;
      break;
    case cudaMemPoolAttrReservedMemCurrent:
    case cudaMemPoolAttrReservedMemHigh:
    case cudaMemPoolAttrUsedMemCurrent:
    case cudaMemPoolAttrUsedMemHigh:
      *(uint64_t*)v = mem().used;
      break;
    default:
      *(int*)v = 1;
  }
  return cudaSuccess;
}
API cudaError_t cudaMemAdvise(const void*, size_t, cudaMemoryAdvise, cudaMemLocation) { return cudaSuccess; }
API cudaError_t cudaMemPrefetchAsync(const void*, size_t, cudaMemLocation, unsigned, cudaStream_t s) {
  return check_stream(s);
}

// What a translated CUDA kernel sees.
//
// translator/ptx2cpp.py turns each kernel of a PTX module into one C++ file that includes this header. A CUDA thread is
// a Ctx; registers are local variables; loads, stores, barriers and warp operations are members of Ctx. Everything hot
// is inline here, everything else is in runtime/ (the stand-in libcudart), so that most kernels compile in a second.
//
// Addresses. Shared memory addresses are offsets from 0, as in PTX. Global addresses are the pointers
// that the host program holds; device allocations live in an arena that is mapped twice, and only the
// second mapping (address + gdelta) can be read, so that host code that dereferences a device pointer
// faults. Every access is checked against the allocation it falls into.
//
// Build with -DCCPU_RACE=1 for the variant that records every access for race detection.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef unsigned __int128 u128;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#ifndef CCPU_RACE
#define CCPU_RACE 0
#endif

/// Reinterprets the bits of b as an A.
template <class A, class B>
static inline A bc(B b) {
  static_assert(sizeof(A) == sizeof(B), "bc: sizes differ");
  A a;
  memcpy(&a, &b, sizeof a);
  return a;
}

enum { GLOBAL, SHARED, LOCAL, GENERIC };   // state spaces
enum { ACC_READ, ACC_WRITE, ACC_ATOMIC };  // kinds of access
enum { OP_add, OP_min, OP_max, OP_and, OP_or, OP_xor, OP_exch, OP_inc, OP_dec };

struct Ctx;
typedef void (*KFn)(Ctx&, u8*);

/// A module variable that a kernel uses; the loader stores its address in *slot.
struct GlobalRef {
  const char* name;
  u64* slot;
};

/// What a translated kernel tells the loader about itself.
struct KernelDesc {
  const char* name;
  KFn fn;
  int param_bytes, nparam;
  const int* param_layout;  // offset and size of each parameter
  int fibers;               // 0: no synchronisation, threads may run one after the other as plain calls
  u32 static_shared;        // bytes
  u32 local_bytes;          // local memory of all functions it can call
  u32 max_threads;          // from __launch_bounds__, 0 if none
  u32 uses_dynamic;         // has an extern __shared__ array
  int nglobals;
  const GlobalRef* globals;
};

/// The part of a running block that special registers read.
struct BlockInfo {
  u32 bdx, bdy, bdz, bx, by, bz, gdx, gdy, gdz;
  u32 nthreads, nwarps, dyn, dynoff, shsize;
  u64 grid_barrier;  // device address of the grid barrier of a cooperative launch
};

/// A meeting of the lanes named in mask: each brings two values, all can read them.
struct Meeting {
  u32 mask, arrived, readers;
  u64 v[32][2];
  bool done;
};

/// One CUDA thread.
struct Ctx {
  u32 tx, ty, tz, lane, warp, tid;
  BlockInfo* b;
  u8* sh;
  u32 shsize;
  u32 bep;            // barriers passed so far
  u64 glo, ghi;       // bounds of the allocation that was hit last
  s64 gdelta;         // its offset to readable memory
  u64 stklo, stklen;  // this thread's stack, which is its local memory
  u64 n;              // spin counter
  void* pending_cp;   // cp.async operations not yet waited for

  [[noreturn]] void fail(const char* message, u64 address = 0);
  [[noreturn]] void exit_thread();
  void yield_();
  /// Lets other threads run now and then in a loop that polls memory.
  void spin() {
    if ((++n & 15) == 0) yield_();
  }
  u32 clk() { return u32(clk64()); }
  u64 clk64();
  void align_check(u64 a, u32 bytes) {
    if (a & (bytes - 1)) fail("misaligned vector access", a);
  }

  void find_range(u64 a, u32 n, int access, bool generic);
  void race_shared(u64 off, u32 n, int access, const void* value);
  void race_global(u64 a, u32 n, int access, const void* value, const u8* p);
  void fence();
  u8* host(u64 a, u64 n, int access = ACC_READ);  // any address to readable memory, checked

  template <int SP, class T, int ACC>
  inline u8* ptr(u64 a, const void* value = nullptr) {
    if (__builtin_expect((a & (sizeof(T) - 1)) != 0, 0)) fail("misaligned access", a);
    if (SP == LOCAL) return (u8*)a;
    if (SP == SHARED) {
      if (__builtin_expect(a + sizeof(T) > shsize, 0)) {
        u64 o = a - (u64)sh;
        if (o + sizeof(T) > shsize || o > shsize)
          fail(ACC == ACC_READ ? "shared load out of bounds" : "shared store out of bounds", a);
        a = o;
      }
      if (CCPU_RACE) race_shared(a, sizeof(T), ACC, value);
      return sh + a;
    }
    if (SP == GENERIC) {
      u64 o = a - (u64)sh;
      if (o < shsize) return ptr<SHARED, T, ACC>(o, value);
      if (a - stklo < stklen) return (u8*)a;
    }
    if (__builtin_expect(a < glo || a + sizeof(T) > ghi, 0)) find_range(a, sizeof(T), ACC, SP == GENERIC);
    u8* p = (u8*)(a + gdelta);
    if (CCPU_RACE) race_global(a, sizeof(T), ACC, value, p);
    return p;
  }
  template <int SP, class T>
  inline T ld(u64 a) {
    T v;
    memcpy(&v, ptr<SP, T, ACC_READ>(a), sizeof v);
    return v;
  }
  /// Volatile or ordered load: no race by itself in global memory, and other threads get a turn.
  template <int SP, class T>
  inline T ldv(u64 a) {
    spin();
    T v = *(volatile T*)ptr < SP, T, SP == SHARED ? ACC_READ : ACC_ATOMIC > (a);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return v;
  }
  template <int SP, class T, class V>
  inline void st(u64 a, V v0) {
    T v = bc<T>(v0);
    memcpy(ptr<SP, T, ACC_WRITE>(a, &v), &v, sizeof v);
  }
  template <int SP, class T, class V>
  inline void stv(u64 a, V v0) {
    T v = bc<T>(v0);
    u8 *p = ptr < SP, T, SP == SHARED ? ACC_WRITE : ACC_ATOMIC > (a, &v);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    *(volatile T*)p = v;
  }
  template <class T>
  static T apply(int op, T o, T v) {
    switch (op) {
      case OP_add:
        return o + v;
      case OP_min:
        return v < o ? v : o;
      case OP_max:
        return o < v ? v : o;
      case OP_exch:
        return v;
    }
    if constexpr (std::is_integral<T>::value) switch (op) {
        case OP_and:
          return o & v;
        case OP_or:
          return o | v;
        case OP_xor:
          return o ^ v;
        case OP_inc:
          return o >= v ? 0 : o + 1;
        case OP_dec:
          return (o == 0 || o > v) ? v : o - 1;
      }
    __builtin_trap();
  }
  template <int SP, class T>
  T atom(int op, u64 a, T v) {
    typedef typename std::conditional<sizeof(T) == 8, u64, u32>::type I;
    I* p = (I*)ptr<SP, T, ACC_ATOMIC>(a);
    I seen = __atomic_load_n(p, __ATOMIC_SEQ_CST), next;
    T old;
    do {
      old = bc<T>(seen);
      next = bc<I>(apply(op, old, v));
    } while (!__atomic_compare_exchange_n(p, &seen, next, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
    return old;
  }
  template <int SP, class T>
  T cas(u64 a, T expected, T v) {
    spin();
    T* p = (T*)ptr<SP, T, ACC_ATOMIC>(a);
    __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return expected;
  }
  /// Atomic on 16-bit halves: `conv` to float, add, `back`.
  template <int SP, class F>
  u32 atom_half2(u64 a, F f) {
    u32* p = (u32*)ptr<SP, u32, ACC_ATOMIC>(a);
    u32 seen = __atomic_load_n(p, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(p, &seen, f(seen), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    return seen;
  }
  template <int SP, class F>
  u16 atom_half(u64 a, F f) {
    u16* p = (u16*)ptr<SP, u16, ACC_ATOMIC>(a);
    u16 seen = __atomic_load_n(p, __ATOMIC_SEQ_CST);
    while (!__atomic_compare_exchange_n(p, &seen, f(seen), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
    return seen;
  }
  u64 shared_to_generic(u64 o) { return (u64)sh + o; }
  u64 generic_to_shared(u64 p) { return p - (u64)sh; }
  template <int SP>
  bool isspace(u64 p) {
    bool s = p - (u64)sh < shsize, l = !s && p - stklo < stklen;
    return SP == SHARED ? s : SP == LOCAL ? l : (!s && !l);
  }

  // Barriers of the block.
  void bar(u32 id, u32 nthr, u32 site) { bar_red(id, nthr, false, 0, site); }
  u32 bar_red(u32 id, u32 nthr, bool p, int what, u32 site);  // what: 0 count, 1 all, 2 any
  void bar_arrive(u32 id, u32 nthr);

  // Warp operations.
  Meeting* meet(u32 mask, u64 v0, u64 v1 = 0);
  void leave(Meeting*);
  void syncwarp(u32 mask) { leave(meet(mask, 0)); }
  u32 shfl(int mode, u32 v, u32 b, u32 c, u32 mask, bool* valid);
  u32 vote(int kind, bool p, u32 mask);
  u32 redux_int(int kind, u32 v, u32 mask, bool is_signed);
  float redux_f32(int kind, float v, u32 mask);
  u32 match(bool all, u64 v, u32 mask, bool* p);

  // Matrix operations; operands in the register order of the PTX manual.
  void mma(const char* shape, const char* ta, const char* tc, const u32* a, const u32* b, const u32* cin, u32* d);
  void mma_f64(int m, int k, const double* a, const double* b, const double* cin, double* d);
  void wmma_load(char frag, int m, int n, int k, bool row, int elem, u64 a, u64 ld, bool shared, void* out, int nelem);
  void wmma_store(int m, int n, bool row, int elem, u64 a, u64 ld, bool shared, const void* in, int nelem);
  void wmma_mma(int m, int n, int k, char ta, char tc, char td, const void* a, int na, const void* bb, int nb,
                const void* cc, int nc, void* d, int nd);
  void ldmatrix(u64 a, int num, bool trans, u32* out);

  // Asynchronous copies and mbarriers.
  void cp_async(u64 shared, u64 global, u32 n, u32 src_bytes);
  void cp_async_commit();
  void cp_async_wait(int keep);
  void cp_bulk(u64 dst, bool dst_shared, u64 src, bool src_shared, u32 n, u64 mbar, bool has_mbar);
  void mbar_init(u64 a, u32 count);
  u64 mbar_arrive(u64 a, u32 count, s64 expect_tx, bool arrive);
  bool mbar_test(u64 a, u64 state, bool parity, bool waiting);
};

// Device library calls that nvcc leaves open.
void dev_vprintf(Ctx& c, u8* ret, u8* format, u8* args);
void dev_malloc(Ctx& c, u8* ret, u8* bytes);
void dev_free(Ctx& c, u8* p);
void dev___assertfail(Ctx& c, u8* msg, u8* file, u8* line, u8* func, u8* charsize);

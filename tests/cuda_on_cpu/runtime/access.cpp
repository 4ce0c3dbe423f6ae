// Memory as a kernel sees it: faults, bounds, fences, and giving way in loops that poll.
#include "tests/cuda_on_cpu/runtime/block.hpp"

#include <sched.h>

#include <ctime>

using namespace ccpu;

void Ctx::fail(const char* m, u64 a) {
  Block& bl = B(*this);
  int code = strstr(m, "bounds") ? 700 : strstr(m, "misaligned") ? 716 : strstr(m, "assert") ? 710 : 719;
  std::string where = strncmp(m, "global", 6) == 0 ? ", which is " + describe(a) : std::string();
  if (strncmp(m, "shared", 6) == 0) where = ", of " + std::to_string(shsize) + " bytes of shared memory";
  say("FAULT: %s: address 0x%llx%s, in %s", m, (unsigned long long)a, where.c_str(), position(bl, *this).c_str());
  stop(bl, code);
}

void Ctx::find_range(u64 a, u32 n, int access, bool generic) {
  Block& bl = B(*this);
  for (auto& r : bl.cache)
    if (a >= r.lo && a + n <= r.hi) {
      glo = r.lo, ghi = r.hi, gdelta = r.delta;
      return;
    }
  u64 p = (u64)bl.launch->info.params;
  Range r;
  if (generic && a - p < (u64)bl.launch->info.kernel->param_bytes) {
    r = {p, p + (u64)bl.launch->info.kernel->param_bytes, 0, 0};
  } else if (!ccpu::find_range(a, &r) || a + n > r.hi) {
    if (options().check_bounds)
      fail(access == ACC_READ ? "global load out of bounds" : "global store out of bounds", a);
    r = {a, a + n, (s64)((u64)readable((void*)a) - a), 0};
  }
  bl.cache[bl.cache_next++ & 7] = r;
  glo = r.lo, ghi = r.hi, gdelta = r.delta;
}

u8* Ctx::host(u64 a, u64 n, int access) {
  u64 o = a - (u64)sh;
  if (o < shsize) {
    if (o + n > shsize) fail("shared access out of bounds", o);
    return (u8*)a;
  }
  if (a - stklo < stklen) return (u8*)a;
  if (a < glo || a + n > ghi) find_range(a, (u32)n, access, true);
  return (u8*)(a + gdelta);
}

u64 Ctx::clk64() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void Ctx::fence() {
  if (options().race) B(*this).fences++;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void Ctx::yield_() {
  Block& bl = B(*this);
  if ((n & 1023) == 0) sched_yield();
  if (!bl.direct) to_scheduler(bl, bl.f[bl.cur]);
}

void Ctx::exit_thread() {
  Block& bl = B(*this);
  Fiber& f = bl.f[bl.cur];
  finish(bl, f);
  to_scheduler(bl, f);
  abort();
}

// Race detection: remembers the last accesses to every byte of shared and every word of global memory.
#include "tests/cuda_on_cpu/runtime/block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <unordered_map>

using namespace ccpu;

static void report_race(Ctx& c, const char* what, const char* space, u64 a, u32 n, const std::string& other) {
  if (race_count++ >= 20) return;
  say("RACE: %s, %s memory at %s0x%llx (%u bytes), %s against %s", what, space, space[0] == 's' ? "offset " : "",
      (unsigned long long)a, n, position(B(c), c).c_str(), other.c_str());
}

static const char* race_name(int before, int now) {
  if (before == ACC_WRITE) return now == ACC_READ ? "read after write" : "write after write";
  if (before == ACC_READ) return "write after read";
  return now == ACC_READ ? "read after atomic" : "write after atomic";
}

static std::string thread_name(u32 tid) { return tid == MANY ? "several threads" : "thread " + std::to_string(tid); }

/// Is access x by another thread, with nothing between it and the current thread's access?
static bool unordered(const Ctx& c, const Access& x, u32 warp_epoch) {
  if (x.tid == NONE || x.bep != c.bep) return false;
  if (x.tid == MANY) return true;
  return x.tid != c.tid && !((x.tid >> 5) == c.warp && x.we != warp_epoch);
}

static void remember(const Ctx& c, Access& x, int kind, u32 we) {
  if (kind != ACC_WRITE && x.tid != NONE && x.bep == c.bep && x.tid != c.tid) {
    bool ordered = x.tid != MANY && (x.tid >> 5) == c.warp && x.we != we;
    x.tid = ordered ? c.tid : MANY;
  } else {
    x.tid = c.tid;
  }
  x.bep = c.bep;
  x.we = we;
}

void Ctx::race_shared(u64 off, u32 bytes, int access, const void* value) {
  Block& bl = B(*this);
  if (bl.launch->info.cooperative) return;  // its blocks run at the same time
  u32 we = bl.direct ? 0 : bl.w[warp].epoch;
  bool same = access == ACC_WRITE && value && memcmp(bl.sh + off, value, bytes) == 0;
  bool hit = false;
  int before = 0;
  u32 other = 0;
  for (u32 i = 0; i < bytes; i++) {
    Shadow& s = bl.shadow[off + i];
    Access* x[3] = {&s.r, &s.w, &s.a};
    for (int k = 0; k < 3; k++) {
      bool conflict = access == ACC_READ ? k != ACC_READ : access == ACC_ATOMIC ? k != ACC_ATOMIC : true;
      if (!conflict || (same && k == ACC_WRITE) || !unordered(*this, *x[k], we)) continue;
      hit = true, before = k, other = x[k]->tid;
    }
    remember(*this, *x[access], access, we);
  }
  if (hit) report_race(*this, race_name(before, access), "shared", off, bytes, thread_name(other));
}

static GlobalShadow& global_shadow(u64 a) {
  static GlobalShadow* arena =
      (GlobalShadow*)mmap(nullptr, (arena_size() / 4 + 1) * sizeof(GlobalShadow), PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  u64 o = a - arena_base();
  if (o < arena_size() && (void*)arena != MAP_FAILED) return arena[o / 4];
  static std::unordered_map<u64, GlobalShadow> rest;  // race detection runs one block at a time
  return rest[a / 4];
}

void Ctx::race_global(u64 a, u32 bytes, int access, const void* value, const u8* p) {
  Block& bl = B(*this);
  if (bl.launch->info.cooperative) return;
  u32 we = bl.direct ? 0 : bl.w[warp].epoch;
  bool same = access == ACC_WRITE && value && memcmp(p, value, bytes) == 0, hit = false;
  int before = 0;
  u32 other = 0, other_block = 0;
  for (u64 w = a / 4; w <= (a + bytes - 1) / 4; w++) {
    GlobalShadow& s = global_shadow(w * 4);
    if (s.launch != bl.launch->id) {
      s = GlobalShadow();
      s.launch = bl.launch->id;
    }
    u64 lo = std::max(a, w * 4), hi = std::min(a + bytes, w * 4 + 4);
    u8 mask = u8(((1u << (hi - lo)) - 1) << (lo - w * 4));
    for (int k = 0; k < 3; k++) {
      bool conflict = access == ACC_READ ? k != ACC_READ : access == ACC_ATOMIC ? k != ACC_ATOMIC : true;
      if (!conflict || (same && k == ACC_WRITE) || !(s.mask[k] & mask)) continue;
      if (s.last[k].tid == NONE) continue;
      // Another block that executed a fence after its access is taken to have passed it on by a
      // flag or ticket; this check does not follow which.
      u32 blk = s.block[k];
      bool fenced = blk < bl.launch->fences.size() && bl.launch->fences[blk] > s.fences[k];
      bool race = blk != bl.block_id ? !fenced : unordered(*this, s.last[k], we);
      if (race) hit = true, before = k, other = s.last[k].tid, other_block = s.block[k];
    }
    Access& x = s.last[access];
    if (s.block[access] != bl.block_id || x.tid == NONE) {
      if (x.tid == NONE || access == ACC_WRITE) x = Access(), s.mask[access] = 0;
      s.block[access] = bl.block_id;
      x.tid = NONE;
    }
    remember(*this, x, access, we);
    s.mask[access] |= mask;
    s.fences[access] = bl.fences;
  }
  if (hit)
    report_race(*this, race_name(before, access), "global", a, bytes,
                "block " + std::to_string(other_block) + " " + thread_name(other));
}

// Asynchronous copies and mbarriers.
#include "tests/cuda_on_cpu/runtime/block.hpp"

using namespace ccpu;

namespace {
struct Copy {
  u64 shared, global;
  u32 n, src;
};
struct CopyQueue {
  std::vector<std::vector<Copy>> groups{1};  // the last one is open
};
}  // namespace

void ccpu::flush_copies(Ctx& c, size_t keep) {
  auto* q = (CopyQueue*)c.pending_cp;
  if (!q) return;
  while (q->groups.size() > keep + (keep ? 1 : 0) && !q->groups.empty()) {
    auto g = q->groups.front();
    q->groups.erase(q->groups.begin());
    for (Copy& x : g)
      for (u32 i = 0; i < x.n; i++) c.st<SHARED, u8>(x.shared + i, i < x.src ? c.ld<GLOBAL, u8>(x.global + i) : u8(0));
  }
  if (q->groups.empty()) {
    delete q;
    c.pending_cp = nullptr;
  }
}

void Ctx::cp_async(u64 s, u64 g, u32 bytes, u32 src) {
  if (s % bytes || g % bytes) fail("misaligned cp.async", s % bytes ? s : g);
  if (!pending_cp) pending_cp = new CopyQueue;
  ((CopyQueue*)pending_cp)->groups.back().push_back({s, g, bytes, src});
}

void Ctx::cp_async_commit() {
  if (!pending_cp) pending_cp = new CopyQueue;
  ((CopyQueue*)pending_cp)->groups.emplace_back();
}

void Ctx::cp_async_wait(int keep) {
  auto* q = (CopyQueue*)pending_cp;
  if (!q) return;
  // The open group is not committed and stays.
  auto open = q->groups.back();
  q->groups.pop_back();
  std::vector<std::vector<Copy>> kept;
  while (keep-- > 0 && !q->groups.empty()) {
    kept.insert(kept.begin(), q->groups.back());
    q->groups.pop_back();
  }
  if (q->groups.empty()) {
    delete q;
    pending_cp = nullptr;
  } else {
    flush_copies(*this, 0);
  }
  if (kept.empty() && open.empty()) return;
  if (!pending_cp) pending_cp = new CopyQueue;
  q = (CopyQueue*)pending_cp;
  q->groups = kept;
  q->groups.push_back(open);
}

// An mbarrier is 8 bytes of shared memory: phase parity, expected and pending arrivals, and bytes
// still to come. Bulk copies are carried out at once.
namespace {
struct Mbar {
  u64 phase : 1, expected : 15, pending : 16;
  s64 tx : 32;
};
static_assert(sizeof(Mbar) == 8, "an mbarrier object has 64 bits");
void mbar_step(Mbar& m) {
  if (m.pending == 0 && m.tx == 0) {
    m.phase ^= 1;
    m.pending = m.expected;
  }
}
}  // namespace

void Ctx::mbar_init(u64 a, u32 count) {
  Mbar m;
  m.phase = 0;
  m.expected = m.pending = count;
  m.tx = 0;
  memcpy(ptr<SHARED, u64, ACC_ATOMIC>(a), &m, 8);
}

u64 Ctx::mbar_arrive(u64 a, u32 count, s64 tx, bool arrive) {
  Mbar* m = (Mbar*)ptr<SHARED, u64, ACC_ATOMIC>(a);
  Mbar before = *m;
  m->tx += tx;
  if (arrive) {
    if (m->pending < count) fail("more arrivals at an mbarrier than it expects", a);
    m->pending -= count;
  }
  mbar_step(*m);
  return bc<u64>(before);
}

bool Ctx::mbar_test(u64 a, u64 state, bool parity, bool waiting) {
  Mbar* m = (Mbar*)ptr<SHARED, u64, ACC_ATOMIC>(a);
  u32 phase = parity ? u32(state & 1) : u32(bc<Mbar>(state).phase);
  if (m->phase == phase && waiting) yield_();
  return m->phase != phase;
}

void Ctx::cp_bulk(u64 dst, bool dst_shared, u64 src, bool src_shared, u32 bytes, u64 mbar, bool has) {
  if ((dst | src | bytes) & 15) fail("misaligned cp.async.bulk", (dst & 15) ? dst : src);
  u8* d = host(dst_shared ? shared_to_generic(dst) : dst, bytes, ACC_WRITE);
  u8* s = host(src_shared ? shared_to_generic(src) : src, bytes);
  memmove(d, s, bytes);
  if (has) mbar_arrive(mbar, 0, -(s64)bytes, false);
}

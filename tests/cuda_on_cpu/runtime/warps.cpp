// Barriers of a block and operations of a warp.
#include "tests/cuda_on_cpu/runtime/block.hpp"

using namespace ccpu;

u32 Ctx::bar_red(u32 id, u32 nthr, bool p, int what, u32 site) {
  Block& bl = B(*this);
  if (id > 15) fail("barrier number above 15", id);
  Barrier& q = bl.bars[id];
  Fiber& f = bl.f[bl.cur];
  if (!q.arrived) q.site = site;
  if (q.site != site && id == 0 && !nthr && options().check_barriers)
    fail("divergent barrier: threads of one block wait at different __syncthreads()");
  q.need = nthr;
  q.arrived++;
  q.acc[0] += p;
  q.acc[1] &= p;
  q.acc[2] |= p;
  f.state = AT_BARRIER;
  f.bar_id = id;
  u32 g = q.generation;
  try_barrier(bl, id);
  if (q.generation == g) to_scheduler(bl, f);
  bep++;
  return q.result[what];
}

void Ctx::bar_arrive(u32 id, u32 nthr) {
  Block& bl = B(*this);
  if (id > 15) fail("barrier number above 15", id);
  bl.bars[id].need = nthr;
  bl.bars[id].arrived++;
  try_barrier(bl, id);
}

Meeting* Ctx::meet(u32 mask, u64 v0, u64 v1) {
  Block& bl = B(*this);
  Warp& w = bl.w[warp];
  mask &= w.members;
  if (!(mask >> lane & 1)) fail("warp operation: the calling lane is not in its mask", mask);
  Meeting* m = nullptr;
  for (Meeting* x : w.active)
    if (x->mask == mask && !(x->arrived >> lane & 1)) {
      m = x;
      break;
    }
  if (!m) {
    if (w.pool.empty()) {
      m = new Meeting;
    } else {
      m = w.pool.back();
      w.pool.pop_back();
    }
    m->mask = mask;
    m->arrived = 0;
    m->done = false;
    w.active.push_back(m);
  }
  m->arrived |= 1u << lane;
  m->v[lane][0] = v0;
  m->v[lane][1] = v1;
  Fiber& f = bl.f[bl.cur];
  f.state = AT_WARP_OP;
  f.meeting = m;
  try_meeting(bl, w, m, warp);
  if (!m->done) to_scheduler(bl, f);
  f.state = READY;
  return m;
}

void Ctx::leave(Meeting* m) {
  if (--m->readers == 0) B(*this).w[warp].pool.push_back(m);
}

u32 Ctx::shfl(int mode, u32 v, u32 bb, u32 cc, u32 mask, bool* valid) {
  Meeting* m = meet(mask, v);
  u32 seg = (cc >> 8) & 31, clamp = cc & 31, bv = bb & 31;
  u32 hi = (lane & seg) | (clamp & ~seg), lo = lane & seg;
  s32 j;
  bool p;
  switch (mode) {
    case 0:
      j = (s32)lane - (s32)bv, p = j >= (s32)hi;
      break;
    case 1:
      j = lane + bv, p = j <= (s32)hi;
      break;
    case 2:
      j = lane ^ bv, p = j <= (s32)hi;
      break;
    default:
      j = lo | (bv & ~seg), p = j <= (s32)hi;
  }
  if (!p) j = lane;
  *valid = p;
  if (p && !(m->arrived >> j & 1)) fail("shuffle reads a lane that has exited or is not in the mask", j);
  u32 o = (u32)m->v[j][0];
  leave(m);
  return o;
}

u32 Ctx::vote(int kind, bool p, u32 mask) {
  Meeting* m = meet(mask, p);
  u32 here = m->arrived & mask, ballot = 0;
  for (int i = 0; i < 32; i++)
    if (here >> i & 1 && m->v[i][0]) ballot |= 1u << i;
  leave(m);
  switch (kind) {
    case 0:
      return ballot == here;
    case 1:
      return ballot != 0;
    case 2:
      return ballot == 0 || ballot == here;
    default:
      return ballot;
  }
}

u32 Ctx::redux_int(int kind, u32 v, u32 mask, bool is_signed) {
  Meeting* m = meet(mask, v);
  u32 here = m->arrived & mask, acc = 0;
  bool first = true;
  for (int i = 0; i < 32; i++) {
    if (!(here >> i & 1)) continue;
    u32 x = (u32)m->v[i][0];
    bool less = is_signed ? (s32)x < (s32)acc : x < acc;
    if (first)
      acc = x;
    else if (kind == 0)
      acc += x;
    else if (kind == 1)
      acc = less ? x : acc;
    else if (kind == 2)
      acc = less ? acc : x;
    else if (kind == 3)
      acc &= x;
    else if (kind == 4)
      acc |= x;
    else
      acc ^= x;
    first = false;
  }
  leave(m);
  return acc;
}

float Ctx::redux_f32(int kind, float v, u32 mask) {
  Meeting* m = meet(mask, bc<u32>(v));
  u32 here = m->arrived & mask;
  bool first = true, nan = kind >= 10;
  float acc = 0;
  for (int i = 0; i < 32; i++) {
    if (!(here >> i & 1)) continue;
    float x = bc<float>((u32)m->v[i][0]);
    if (first)
      acc = x;
    else if (nan && (x != x || acc != acc))
      acc = NAN;
    else
      acc = kind % 10 == 1 ? std::fmin(acc, x) : std::fmax(acc, x);
    first = false;
  }
  leave(m);
  return acc;
}

u32 Ctx::match(bool all, u64 v, u32 mask, bool* p) {
  Meeting* m = meet(mask, v);
  u32 here = m->arrived & mask, same = 0;
  for (int i = 0; i < 32; i++)
    if (here >> i & 1 && m->v[i][0] == v) same |= 1u << i;
  leave(m);
  *p = same == here;
  return all ? (same == here ? same : 0) : same;
}

// Runs kernels: blocks one after another (or several at a time on --jobs threads), each CUDA thread of a
// block as a fiber that gives way only at barriers, warp operations and polling loops.
#include "tests/cuda_on_cpu/runtime/block.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <mutex>
#include <thread>

// Saves the callee-saved registers and the stack pointer in *save and continues at `to`.
extern "C" void ccpu_switch(void** save, void* to);
asm(R"(.text
.p2align 4
.globl ccpu_switch
.hidden ccpu_switch
.type ccpu_switch,@function
ccpu_switch:
 pushq %rbp
 pushq %rbx
 pushq %r12
 pushq %r13
 pushq %r14
 pushq %r15
 movq %rsp,(%rdi)
 movq %rsi,%rsp
 popq %r15
 popq %r14
 popq %r13
 popq %r12
 popq %rbx
 popq %rbp
 ret
)");

namespace ccpu {

thread_local Block* current = nullptr;
std::atomic<u64> race_count{0};

std::string position(const Block& b, const Ctx& c) {
  char s[200];
  snprintf(s, sizeof s, " block (%u,%u,%u) thread (%u,%u,%u)", b.bx, b.by, b.bz, c.tx, c.ty, c.tz);
  return "kernel " + demangle(b.launch->info.kernel->name) + s;
}

[[noreturn]] void stop(Block& b, int code) {
  fflush(stdout);
  if (!options().fault_is_error) abort();
  b.launch->fault = code;
  if (b.direct) throw DirectFault();
  Fiber& f = b.f[b.cur];
  ccpu_switch(&f.sp, b.sched);
  abort();
}

void to_scheduler(Block& b, Fiber& f) { ccpu_switch(&f.sp, b.sched); }

void try_barrier(Block& b, u32 id) {
  Barrier& q = b.bars[id];
  u32 need = q.need ? q.need : b.alive;
  if (!q.arrived || q.arrived < need) return;
  q.arrived = 0;
  q.generation++;
  for (int k = 0; k < 3; k++) q.result[k] = q.acc[k];
  q.acc[0] = 0, q.acc[1] = 1, q.acc[2] = 0;
  for (auto& f : b.f)
    if (f.state == AT_BARRIER && f.bar_id == id) f.state = READY;
}

void try_meeting(Block& b, Warp& w, Meeting* m, u32 warp) {
  if (m->done || ((m->arrived | w.exited) & m->mask) != m->mask) return;
  m->done = true;
  w.epoch++;
  m->readers = __builtin_popcount(m->arrived);
  w.active.erase(std::find(w.active.begin(), w.active.end(), m));
  u32 end = std::min(warp * 32 + 32, b.nthreads);
  for (u32 i = warp * 32; i < end; i++)
    if (b.f[i].state == AT_WARP_OP && b.f[i].meeting == m) b.f[i].state = READY;
}

void finish(Block& b, Fiber& f) {
  Ctx& c = f.c;
  if (c.pending_cp) flush_copies(c, 0);
  f.state = DONE;
  b.alive--;
  Warp& w = b.w[c.warp];
  w.exited |= 1u << c.lane;
  auto active = w.active;
  for (Meeting* m : active) try_meeting(b, w, m, c.warp);
  for (u32 i = 0; i < 16; i++)
    if (b.bars[i].arrived && !b.bars[i].need) try_barrier(b, i);
}

namespace {

std::atomic<u32> launch_count{0};

void fiber_main() {
  Block& b = *current;
  Fiber& f = b.f[b.cur];
  b.launch->info.kernel->fn(f.c, b.launch->info.params);
  finish(b, f);
  to_scheduler(b, f);
  abort();
}

void report_deadlock(Block& b) {
  std::string s;
  int shown = 0, done = 0;
  for (u32 i = 0; i < b.nthreads; i++) {
    Fiber& f = b.f[i];
    done += f.state == DONE;
    if (f.state == DONE || shown++ >= 12) continue;
    char t[120];
    if (f.state == AT_BARRIER)
      snprintf(t, sizeof t, " [thread %u at barrier %u]", i, f.bar_id);
    else
      snprintf(t, sizeof t, " [thread %u at a warp operation with mask %08x, arrived %08x]", i, f.meeting->mask,
               f.meeting->arrived);
    s += t;
  }
  say("FAULT: deadlock (divergent barrier or warp operation) in kernel %s block (%u,%u,%u):%s, "
      "%d of %u threads have exited",
      demangle(b.launch->info.kernel->name).c_str(), b.bx, b.by, b.bz, s.c_str(), done, b.nthreads);
  fflush(stdout);
  if (!options().fault_is_error) abort();
  b.launch->fault = 702;
}

void prepare_stacks(Block& b, const KernelDesc* k) {
  const size_t page = 4096;
  size_t size = options().stack;
  if (!size) size = std::max<size_t>(65536, 32768 + 2 * (size_t)k->local_bytes);
  size = (size + page - 1) / page * page + page;
  if (b.stack_count >= b.nthreads && b.stack_size >= size) return;
  if (b.stacks) munmap(b.stacks, b.stack_bytes);
  b.stack_size = size;
  b.stack_count = b.nthreads;
  b.stack_bytes = size * b.nthreads;
  void* p = mmap(nullptr, b.stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    say("cannot reserve %zu bytes of stacks for the threads of a block", b.stack_bytes);
    abort();
  }
  b.stacks = (u8*)p;
  for (u32 i = 0; i < b.nthreads; i++) mprotect(b.stacks + size * i, page, PROT_NONE);
}

void order_threads(Block& b) {
  b.order.resize(b.nthreads);
  for (u32 i = 0; i < b.nthreads; i++) b.order[i] = options().order == 1 ? b.nthreads - 1 - i : i;
}

void shuffle(std::vector<u32>& v, u64& seed) {
  for (size_t i = v.size() - 1; i > 0; i--) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    std::swap(v[i], v[(seed >> 33) % (i + 1)]);
  }
}

void run_block(Block& b) {
  current = &b;
  const KernelDesc* k = b.launch->info.kernel;
  memset(b.sh, 0xff, b.shsize);  // a pattern (NaN) that shows the use of what was never written
  if (options().race) b.shadow.assign(b.shsize, Shadow());
  b.fences = 0;
  for (u32 i = 0; i < b.nthreads; i++) {
    Ctx& c = b.f[i].c;
    c = Ctx();
    c.tid = i;
    c.tx = i % b.bdx;
    c.ty = i / b.bdx % b.bdy;
    c.tz = i / (b.bdx * b.bdy);
    c.lane = i & 31;
    c.warp = i >> 5;
    c.b = &b;
    c.sh = b.sh;
    c.shsize = b.shsize;
    c.glo = 1;
    c.ghi = 0;
  }
  order_threads(b);
  u64 seed = options().seed * 7919 + b.block_id * 104729 + 17;
  if (!k->fibers) {
    b.direct = true;
    char here;
    if (options().order == 2) shuffle(b.order, seed);
    for (u32 i : b.order) {
      b.cur = i;
      Ctx& c = b.f[i].c;
      c.stklen = 1 << 20;
      c.stklo = (u64)&here - c.stklen;
      try {
        k->fn(c, b.launch->info.params);
      } catch (DirectFault&) {
        break;
      }
      if (c.pending_cp) flush_copies(c, 0);
    }
    current = nullptr;
    return;
  }
  b.direct = false;
  b.w.resize(b.nwarps);
  for (u32 i = 0; i < b.nwarps; i++) {
    Warp& w = b.w[i];
    for (Meeting* m : w.active) w.pool.push_back(m);
    w.active.clear();
    w.exited = w.epoch = 0;
    u32 m = std::min(32u, b.nthreads - i * 32);
    w.members = m == 32 ? ~0u : (1u << m) - 1;
  }
  for (auto& q : b.bars) q = Barrier();
  b.alive = b.nthreads;
  prepare_stacks(b, k);
  for (u32 i = 0; i < b.nthreads; i++) {
    Fiber& f = b.f[i];
    u8* bottom = b.stacks + b.stack_size * i + 4096;
    u64 top = (u64)(b.stacks + b.stack_size * (i + 1)) - (i % 61) * 64;  // spread over cache sets
    f.c.stklo = (u64)bottom;
    f.c.stklen = b.stack_size - 4096;
    void** s = (void**)(top & ~15ull);
    *--s = nullptr;
    *--s = (void*)fiber_main;
    for (int r = 0; r < 6; r++) *--s = nullptr;
    f.sp = s;
    f.state = READY;
  }
  while (b.alive > 0) {
    bool progress = false;
    if (options().order == 2) shuffle(b.order, seed);
    for (u32 i : b.order) {
      Fiber& f = b.f[i];
      if (f.state != READY) continue;
      progress = true;
      b.cur = i;
      ccpu_switch(&b.sched, f.sp);
      if (b.launch->fault) break;
    }
    if (!progress) report_deadlock(b);
    if (b.launch->fault) break;
  }
  current = nullptr;
}

void setup(Block& b, Launch& l) {
  const LaunchInfo& n = l.info;
  for (auto& r : b.cache) r = {1, 0, 0, 0};
  b.launch = &l;
  b.bdx = n.block[0], b.bdy = n.block[1], b.bdz = n.block[2];
  b.gdx = n.grid[0], b.gdy = n.grid[1], b.gdz = n.grid[2];
  b.nthreads = b.bdx * b.bdy * b.bdz;
  b.nwarps = (b.nthreads + 31) / 32;
  b.dyn = n.dyn;
  b.dynoff = (n.kernel->static_shared + 15) / 16 * 16;
  b.shsize = b.dynoff + n.dyn;
  if (b.shared_memory.size() < b.shsize + 1024) b.shared_memory.resize(b.shsize + 1024);
  b.sh = (u8*)(((u64)b.shared_memory.data() + 1023) / 1024 * 1024);
  b.f.resize(b.nthreads);
}

void place(Block& b, u64 i) {
  b.block_id = (u32)i;
  b.bx = i % b.gdx;
  b.by = i / b.gdx % b.gdy;
  b.bz = i / ((u64)b.gdx * b.gdy);
}

void work(Launch& l, u64 nblocks) {
  static thread_local Block b;
  setup(b, l);
  for (;;) {
    u64 i = l.next++;
    if (i >= nblocks || l.fault) break;
    place(b, i);
    run_block(b);
    if (options().race) {
      l.fences.resize(std::max<size_t>(l.fences.size(), i + 1));
      l.fences[i] = b.fences;
    }
  }
}

}  // namespace

u64 races_found() { return race_count; }

int run_kernel(const LaunchInfo& info) {
  static std::mutex one_at_a_time;
  std::lock_guard<std::mutex> guard(one_at_a_time);
  Launch l;
  l.info = info;
  l.id = ++launch_count;
  u64 n = (u64)info.grid[0] * info.grid[1] * info.grid[2];
  if (info.cooperative && n > 1) {
    // All blocks must be able to wait for one another: a system thread each.
    static u64 barrier = (u64)device_alloc(64, MODULE, "the grid barrier");
    memset(readable((void*)barrier), 0, 64);
    std::vector<std::thread> t;
    for (u64 i = 0; i < n; i++)
      t.emplace_back([&, i] {
        Block b;
        setup(b, l);
        b.grid_barrier = barrier;
        place(b, i);
        run_block(b);
      });
    for (auto& x : t) x.join();
    return l.fault;
  }
  int jobs = options().race ? 1 : (int)std::min<u64>(options().jobs, n);
  if (jobs <= 1) {
    work(l, n);
  } else {
    std::vector<std::thread> t;
    for (int i = 0; i < jobs; i++) t.emplace_back([&] { work(l, n); });
    for (auto& x : t) x.join();
  }
  return l.fault;
}

std::string current_kernel_position(u64 address) {
  Block* b = current;
  if (!b || b->cur >= b->f.size()) return "";
  Ctx& c = b->f[b->cur].c;
  std::string s = position(*b, c);
  if (!b->direct && address - (c.stklo - 4096) < 4096)
    s += ": its stack overflowed (recursion or large local arrays; set CUDA_ON_CPU_STACK)";
  return s;
}

}  // namespace ccpu

// Library functions that kernels call: printf, malloc, free, assert.
#include "tests/cuda_on_cpu/runtime/block.hpp"

using namespace ccpu;

template <class T>
static T arg(const u8* p) {
  T v;
  memcpy(&v, p, sizeof v);
  return v;
}

void dev_vprintf(Ctx& c, u8* ret, u8* format, u8* args) {
  const char* s = (const char*)c.host(arg<u64>(format), 1);
  u64 list = arg<u64>(args);
  std::string out;
  size_t off = 0;
  std::vector<char> buf(1100);
  while (*s) {
    if (*s != '%') {
      out += *s++;
      continue;
    }
    const char* start = s++;
    bool wide = false;
    while (*s && strchr("-+ #0123456789.", *s)) s++;
    while (*s && strchr("lhzjt", *s)) wide = wide || *s != 'h', s++;
    char conv = *s ? *s++ : '%';
    std::string f(start, s);
    if (conv == '%') {
      out += '%';
      continue;
    }
    auto next = [&](size_t n) {
      off = (off + n - 1) / n * n;
      u64 v = 0;
      memcpy(&v, c.host(list + off, n), n);
      off += n;
      return v;
    };
    if (strchr("fFeEgGaA", conv))
      snprintf(buf.data(), buf.size(), f.c_str(), bc<double>(next(8)));
    else if (conv == 's')
      snprintf(buf.data(), buf.size(), f.c_str(), (char*)c.host(next(8), 1));
    else if (wide || conv == 'p')
      snprintf(buf.data(), buf.size(), f.c_str(), next(8));
    else
      snprintf(buf.data(), buf.size(), f.c_str(), (u32)next(4));
    out += buf.data();
  }
  fputs(out.c_str(), stdout);
  s32 r = 0;
  memcpy(ret, &r, 4);
}

void dev_malloc(Ctx&, u8* ret, u8* bytes) {
  u64 p = (u64)device_alloc(arg<u64>(bytes), DEVICE, "malloc in a kernel");
  memcpy(ret, &p, 8);
}

extern "C" int cudaFree(void*);
void dev_free(Ctx&, u8* p) {
  if (arg<u64>(p)) cudaFree((void*)arg<u64>(p));
}

void dev___assertfail(Ctx& c, u8* msg, u8* file, u8* line, u8*, u8*) {
  say("%s:%u: device assertion failed: %s", (char*)c.host(arg<u64>(file), 1), arg<u32>(line),
      (char*)c.host(arg<u64>(msg), 1));
  c.fail("assert");
}

// Fat binaries: the PTX that nvcc put into a program.
#include "tests/cuda_on_cpu/runtime/module.hpp"

#include <dlfcn.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace ccpu {
namespace {

/// LZ4 block format, for fat binaries compressed for speed.
std::string lz4(const u8* p, const u8* end, size_t size) {
  std::string out;
  auto length = [&](size_t n) {
    if (n == 15)
      while (p < end) {
        u8 x = *p++;
        n += x;
        if (x != 255) break;
      }
    return n;
  };
  while (p < end && out.size() < size) {
    u8 token = *p++;
    size_t n = length(token >> 4);
    out.append((const char*)p, n);
    p += n;
    if (p >= end || out.size() >= size) break;
    size_t back = p[0] | p[1] << 8;
    p += 2;
    n = length(token & 15) + 4;
    if (!back || back > out.size()) break;
    for (size_t i = 0; i < n; i++) out += out[out.size() - back];
  }
  return out;
}

}  // namespace

// A header of 16 bytes, then entries with a header each.
void read_fatbin(Module* m, const u8* p) {
  u16 header;
  u64 total;
  memcpy(&header, p + 6, 2);
  memcpy(&total, p + 8, 8);
  const u8 *q = p + header, *end = q + total;
  while (q < end) {
    u16 kind;
    u32 entry_header, packed, arch;
    u64 size, f, unpacked;
    memcpy(&kind, q, 2);
    memcpy(&entry_header, q + 4, 4);
    memcpy(&size, q + 8, 8);
    memcpy(&packed, q + 0x10, 4);
    memcpy(&arch, q + 0x1c, 4);
    memcpy(&f, q + 0x28, 8);
    memcpy(&unpacked, q + 0x38, 8);
    // Compressed: zstd or LZ4, see unpack().
    if (kind == 1)
      m->ptx.push_back(
          {(int)arch, std::string((const char*)q + entry_header, f & 0xa000 ? packed : size), f, unpacked});
    q += entry_header + size;
  }
}

// Relocatable device code: the linked image is machine code only, but the program file keeps the PTX
// of every object file in section __nv_relfatbin. All of it together is the module.
void read_relocatable(Module* m, const void* address) {
  Dl_info info;
  if (!dladdr(address, &info)) return;
  std::string path = info.dli_fname;
  char self[4096];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n > 0 && path.find('/') == std::string::npos) path.assign(self, (size_t)n);
  std::ifstream f(path, std::ios::binary);
  std::string s((std::istreambuf_iterator<char>(f)), {});
  if (s.size() < 64 || s.compare(0, 4, "\177ELF")) return;
  auto at = [&](u64 o, int len) {
    u64 v = 0;
    if (o + (u64)len <= s.size()) memcpy(&v, &s[o], (size_t)len);
    return v;
  };
  u64 table = at(40, 8), entry = at(58, 2), count = at(60, 2), names = at(62, 2);
  u64 strings = at(table + names * entry + 24, 8);
  for (u64 i = 0; i < count; i++) {
    u64 h = table + i * entry;
    const std::string name(&s[strings + at(h, 4)]);
    if (name != "__nv_relfatbin") continue;
    u64 off = at(h + 24, 8), size = at(h + 32, 8);
    for (u64 o = off; o + 16 <= off + size;) {
      if (at(o, 4) != 0xba55ed50) {
        o += 8;
        continue;
      }
      read_fatbin(m, (const u8*)&s[o]);
      o += (at(o + 6, 2) + at(o + 8, 8) + 7) / 8 * 8;
    }
  }
}

std::string unpack(const Module& m) {
  std::string text;
  for (const PackedPtx& p : m.ptx) {
    if (p.arch != m.arch) continue;
    std::string t = p.data;
    if (p.flags & 0x8000) {
      t.resize(p.unpacked_size);
      size_t r = ZSTD_decompress(&t[0], t.size(), p.data.data(), p.data.size());
      if (ZSTD_isError(r)) {
        say("cannot unpack the PTX of a fat binary: %s", ZSTD_getErrorName(r));
        abort();
      }
    } else if (p.flags & 0x2000) {
      const u8* data = (const u8*)p.data.data();
      t = lz4(data, data + p.data.size(), p.unpacked_size);
    }
    text += t.c_str();
  }
  return text;
}

}  // namespace ccpu

// Modules and their variables: registration by the code that nvcc generates, loading, symbols.
#include "tests/cuda_on_cpu/runtime/module.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <mutex>
#include <sstream>

namespace ccpu {
namespace {

std::recursive_mutex mutex;

template <class T>
T& registry() {
  static T* t = new T;
  return *t;
}
struct Functions : std::map<const void*, Function> {};
struct Symbols : std::map<const void*, std::pair<Module*, std::string>> {};

/// Address of a module variable; allocates and fills it at first use.
void* variable(Module* m, const std::string& name) {
  std::lock_guard<std::recursive_mutex> g(mutex);
  auto known = m->addresses.find(name);
  if (known != m->addresses.end()) return known->second;
  auto it = m->globals.find(name);
  if (it == m->globals.end()) return nullptr;
  GlobalEntry& e = it->second;
  Kind kind = MODULE;
  void** managed = nullptr;
  u64 size = e.size;
  for (auto& v : m->variables)
    if (v.name == name) {
      if (v.managed) kind = MANAGED, managed = v.managed;
      size = std::max(size, v.size);
    }
  void* p = device_alloc(size, kind, "a __managed__ variable");
  m->addresses[name] = p;
  u8* q = (u8*)readable(p);
  memset(q, 0, size);
  if (e.data != "-")
    for (size_t i = 0; 2 * i + 1 < e.data.size(); i++) q[i] = (u8)strtoul(e.data.substr(2 * i, 2).c_str(), nullptr, 16);
  std::istringstream list(e.relocations);
  std::string r;
  while (e.relocations != "-" && std::getline(list, r, ',')) {
    size_t a = r.find(':'), b = r.rfind(':');
    void* target = variable(m, r.substr(a + 1, b - a - 1));
    if (!target) {
      say("the variable %s holds the address of %s, which is not supported (a function or virtual table?)",
          name.c_str(), r.substr(a + 1, b - a - 1).c_str());
      continue;
    }
    u64 v = (u64)target + strtoull(r.c_str() + b + 1, nullptr, 10);
    memcpy(q + strtoull(r.c_str(), nullptr, 10), &v, 8);
  }
  if (managed) *managed = p;
  return p;
}

}  // namespace

bool load(Module* m) {
  std::lock_guard<std::recursive_mutex> g(mutex);
  if (m->loaded) return m->usable;
  m->loaded = true;
  std::string have;
  for (const PackedPtx& p : m->ptx) {
    if (p.arch <= options().arch) m->arch = std::max(m->arch, p.arch);
    have += " compute_" + std::to_string(p.arch);
  }
  if (m->arch) return m->usable = translate(m);
  if (m->ptx.empty())
    say("%s has no PTX, only machine code: build it with PTX, for example -arch=compute_75", m->file.c_str());
  else
    say("no PTX for compute capability %d.%d in %s (it has%s): set CUDA_ON_CPU_ARCH", options().arch / 10,
        options().arch % 10, m->file.c_str(), have.c_str());
  return false;
}

const KernelDesc* kernel_of(Function& f) {
  std::lock_guard<std::recursive_mutex> g(mutex);
  if (f.kernel) return f.kernel;
  if (!load(f.module)) return nullptr;
  auto it = f.module->kernels.find(f.name);
  if (it == f.module->kernels.end()) {
    say("kernel %s is not in the PTX of its module", demangle(f.name.c_str()).c_str());
    return nullptr;
  }
  if (!it->second.broken.empty()) {
    say("kernel %s cannot be run:%s", demangle(f.name.c_str()).c_str(), it->second.broken.c_str());
    return nullptr;
  }
  if (options().prebuild) compile_all(*f.module);
  const KernelDesc* k = load_kernel(*f.module, f.name);
  if (!k) return nullptr;
  for (int i = 0; i < k->nglobals; i++) *k->globals[i].slot = (u64)variable(f.module, k->globals[i].name);
  // Variables that the host knows exist as soon as the module runs.
  for (auto& v : f.module->variables) variable(f.module, v.name);
  return f.kernel = k;
}

Function* find_function(const void* f) {
  std::lock_guard<std::recursive_mutex> g(mutex);
  auto it = registry<Functions>().find(f);
  return it == registry<Functions>().end() ? nullptr : &it->second;
}

void report_profile() {
  if (!options().profile) return;
  for (auto& f : registry<Functions>())
    if (f.second.launches)
      say("%8llu launches %10.3f ms  %s", (unsigned long long)f.second.launches, (double)f.second.ns * 1e-6,
          demangle(f.second.name.c_str()).c_str());
}

}  // namespace ccpu

using namespace ccpu;

// ---- registration, called by code that nvcc generates ----
API void** __cudaRegisterFatBinary(void* p) {
  struct Wrapper {
    int magic, version;
    const u8* data;
    void* filename_or_list;
  };
  auto* w = (Wrapper*)p;
  auto* m = new Module;
  Dl_info info;
  m->file = dladdr(p, &info) && info.dli_fname ? info.dli_fname : "the program";
  read_fatbin(m, w->data);
  if (m->ptx.empty()) read_relocatable(m, p);
  return (void**)m;
}
API void __cudaRegisterFatBinaryEnd(void**) {}
API void __cudaUnregisterFatBinary(void**) {}
API char __cudaInitModule(void** h) {  // before host code touches a __managed__ variable
  auto* m = (Module*)h;
  for (auto& v : m->variables)
    if (v.managed && !*v.managed && load(m)) variable(m, v.name);
  return 1;
}
API void __cudaRegisterFunction(void** h, const char* host, char*, const char* name, int, uint3*, uint3*, dim3*, dim3*,
                                int*) {
  Function f;
  f.module = (Module*)h;
  f.name = name;
  registry<Functions>()[host] = f;
}
API void __cudaRegisterVar(void** h, char* host, char*, const char* name, int, size_t size, int, int) {
  auto* m = (Module*)h;
  registry<Symbols>()[host] = {m, name};
  m->variables.push_back({name, size, nullptr});
}
API void __cudaRegisterManagedVar(void** h, void** host, char*, const char* name, int, size_t size, int, int) {
  auto* m = (Module*)h;
  registry<Symbols>()[host] = {m, name};
  m->variables.push_back({name, size, host});
}

// ---- symbols ----
API cudaError_t cudaGetSymbolAddress(void** p, const void* s) {
  auto it = registry<Symbols>().find(s);
  if (it == registry<Symbols>().end()) return record(cudaErrorInvalidSymbol);
  if (!load(it->second.first)) return record(cudaErrorNoKernelImageForDevice);
  *p = variable(it->second.first, it->second.second);
  return *p ? cudaSuccess : record(cudaErrorInvalidSymbol);
}
API cudaError_t cudaGetSymbolSize(size_t* n, const void* s) {
  auto it = registry<Symbols>().find(s);
  if (it == registry<Symbols>().end()) return record(cudaErrorInvalidSymbol);
  for (auto& v : it->second.first->variables)
    if (v.name == it->second.second) *n = v.size;
  return cudaSuccess;
}

// The environment variables CUDA_ON_CPU_*, and messages.
#include "tests/cuda_on_cpu/runtime/common.hpp"

#include <cxxabi.h>
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdarg>
#include <cstdlib>

namespace ccpu {

void say(const char* format, ...) {
  va_list a;
  va_start(a, format);
  char s[4096];
  vsnprintf(s, sizeof s, format, a);
  va_end(a);
  fprintf(stderr, "cuda-on-cpu: %s\n", s);
}

std::string demangle(const char* name) {
  int status;
  char* s = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string r = status == 0 ? s : name;
  free(s);
  if (r.size() > 300) r = r.substr(0, 300) + "...";
  return r;
}

static std::string text(const char* name, const std::string& fallback = "") {
  const char* v = getenv((std::string("CUDA_ON_CPU_") + name).c_str());
  return v && *v ? v : fallback;
}
static long number(const char* name, long fallback) {
  std::string s = text(name);
  return s.empty() ? fallback : strtol(s.c_str(), nullptr, 0);
}
/// A number of bytes with an optional suffix K, M or G.
static u64 bytes(const char* name, u64 fallback) {
  std::string s = text(name);
  if (s.empty()) return fallback;
  char* end;
  double v = strtod(s.c_str(), &end);
  int shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' || *end == 'm' ? 20 : *end == 'G' || *end == 'g' ? 30 : 0;
  return (u64)(v * (double)(1ull << shift));
}

/// Makes a folder with those above it; false if nothing can be written there.
static bool make_folder(const std::string& path) {
  for (size_t i = 1; i <= path.size(); i++)
    if (i == path.size() || path[i] == '/') mkdir(path.substr(0, i).c_str(), 0777);
  return access(path.c_str(), W_OK) == 0;
}
/// Where compiled kernels are kept: a folder that outlives the build folder, or else the folder of these libraries.
static std::string cache_folder() {
  const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  std::string user = xdg && *xdg ? xdg : home && *home ? std::string(home) + "/.cache" : "";
  std::string folder = text("CACHE", user.empty() ? "" : user + "/kindred/cuda-on-cpu");
  if (!folder.empty() && make_folder(folder)) return folder;
  Dl_info here;
  dladdr((void*)&options, &here);
  std::string library = here.dli_fname;
  std::string beside = library.substr(0, library.rfind('/')) + "/kernels";
  if (!make_folder(beside)) say("compiled kernels can be kept neither in %s nor in %s", folder.c_str(), beside.c_str());
  return beside;
}

const Options& options() {
  static const Options* o = [] {
    auto* x = new Options;
    x->verbose = number("VERBOSE", 0);
    x->race = number("RACE", 0);
    x->guard = number("GUARD", 1);
    x->profile = number("PROFILE", 0);
    x->check_bounds = number("BOUNDS", 1);
    x->check_barriers = number("BARRIERS", 1);
    x->prebuild = number("PREBUILD", 0);
    x->fault_is_error = text("FAULT", "abort") == "error";
    x->async = (int)number("ASYNC", 0);
    std::string order = text("ORDER", "forward");
    x->order = order == "reverse" ? 1 : order == "random" ? 2 : 0;
    x->seed = (u64)number("SEED", 1);
    x->jobs = (int)std::max(1l, number("JOBS", 1));
    std::string leaks = text("LEAKS", "0");
    x->leaks = leaks == "error" ? 2 : leaks == "0" ? 0 : 1;
    std::string arch = text("ARCH", "9.0");
    x->arch = (int)(strtod(arch.c_str(), nullptr) * (arch.find('.') == std::string::npos ? 1 : 10) + 0.5);
    x->sm_count = (int)number("SMS", 132);
    int optin = x->arch >= 120                   ? 101376
                : x->arch >= 90                  ? 232448
                : x->arch == 80 || x->arch == 87 ? 166912
                : x->arch >= 86                  ? 101376
                : x->arch >= 75                  ? 65536
                                                 : 98304;
    x->shared_optin = (int)bytes("SHARED", (u64)optin);
    x->memory = bytes("MEMORY", 8ull << 30);
    x->stack = bytes("STACK", 0);
    x->cxx = text("CXX", "g++");
    x->cxxflags = text("CXXFLAGS", "-O1");
    x->home = text("HOME", CUDA_ON_CPU_SOURCE);
    x->cache = cache_folder();
    return x;
  }();
  return *o;
}

}  // namespace ccpu

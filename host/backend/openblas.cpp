#include "host/backend/openblas.hpp"

#include <cblas.h>

#include <cstdlib>
#include <mutex>
#include <string_view>

// The entry points by which a multi-architecture OpenBLAS chooses when it is loaded; absent from other builds.
extern "C" {
__attribute__((weak)) void gotoblas_dynamic_quit();
__attribute__((weak)) void gotoblas_dynamic_init();
}

namespace kindred::host {
namespace {

constexpr const char* variable = "OPENBLAS_CORETYPE";

/// Name of the best kernels that the processor's instruction sets allow; null: those OpenBLAS falls back to.
const char* best_core() {
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  if (avx512) return "SkylakeX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
  return nullptr;
}

void choose() {
  if (gotoblas_dynamic_quit == nullptr || gotoblas_dynamic_init == nullptr) return;
  if (std::getenv(variable) != nullptr || std::string_view(openblas_get_corename()) != "Prescott") return;
  const char* core = best_core();
  if (core == nullptr || setenv(variable, core, 0) != 0) return;
  gotoblas_dynamic_quit();
  gotoblas_dynamic_init();
  unsetenv(variable);
}

}  // namespace

void choose_openblas_kernels() {
  static std::once_flag chosen;
  std::call_once(chosen, choose);
}

}  // namespace kindred::host

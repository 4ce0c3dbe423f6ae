#include "host/backend/openblas.hpp"

#include "host/base/cpu_features.hpp"

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
  if (x86_64_level() == 4) return "SkylakeX";
  if (x86_64_level() == 3) return "Haswell";
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

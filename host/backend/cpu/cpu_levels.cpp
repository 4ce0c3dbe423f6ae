#include "host/backend/cpu/cpu_levels.hpp"

#include "host/base/cpu_features.hpp"
#if defined(KINDRED_MODULES)
#include "host/backend/modules.hpp"
#endif

#include <kindred/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <string>

#if !defined(__x86_64__)

namespace kindred::kernels::inline KINDRED_TARGET {
const CpuTable& target_table();
}

namespace kindred::host {
const kernels::CpuTable& cpu_table() { return kernels::target_table(); }
}  // namespace kindred::host

#else

// clang-format off
namespace kindred::kernels {
namespace x86_64_v2 { const CpuTable& target_table(); }
namespace x86_64_v3 { const CpuTable& target_table(); }
namespace x86_64_v4 { const CpuTable& target_table(); }
}  // namespace kindred::kernels
// clang-format on

namespace kindred::host {
namespace {

std::string name_of(int level) { return "x86_64_v" + std::to_string(level); }

/// Null where this installation does not have the level.
const kernels::CpuTable* programs_of(int level) {
#if defined(KINDRED_MODULES)
  const auto file = find_module(name_of(level));
  if (file.empty()) return nullptr;
  const Module module = load_module(file);
  if (module.interface == nullptr) {
    throw Error(ErrorCode::device, "the block programs of this processor cannot be loaded: " + module.problem);
  }
  return static_cast<const kernels::CpuTable*>(module.interface);
#else
#if defined(KINDRED_HAVE_X86_64_v2)
  if (level == 2) return &kernels::x86_64_v2::target_table();
#endif
#if defined(KINDRED_HAVE_X86_64_v3)
  if (level == 3) return &kernels::x86_64_v3::target_table();
#endif
#if defined(KINDRED_HAVE_X86_64_v4)
  if (level == 4) return &kernels::x86_64_v4::target_table();
#endif
  return nullptr;
#endif
}

/// The highest level that is asked for: the processor's, or what the environment lowers it to.
int highest() {
  const char* wish = std::getenv("KINDRED_CPU_TARGET");
  const int processor = x86_64_level();
  if (wish == nullptr || *wish == '\0') return processor;
  for (int level = 2; level <= 4; ++level) {
    if (wish == name_of(level)) return std::min(level, processor);
  }
  throw Error(ErrorCode::invalid_argument, std::string("the environment variable KINDRED_CPU_TARGET is '") + wish +
                                               "', expected x86_64_v2, x86_64_v3 or x86_64_v4");
}

const kernels::CpuTable& choose() {
  const int best = highest();
  for (int level = best; level >= 2; --level) {
    if (const kernels::CpuTable* table = programs_of(level)) return *table;
  }
  std::string where;
#if defined(KINDRED_MODULES)
  for (const auto& folder : module_folders()) where += (where.empty() ? " in " : ", ") + folder.string();
#endif
  throw Error(ErrorCode::device, "this installation of kindred has block programs for no processor up to " +
                                     name_of(best) + where + "; build it with KINDRED_CPU_LEVELS=v" +
                                     std::to_string(best));
}

}  // namespace

const kernels::CpuTable& cpu_table() {
  static const kernels::CpuTable& chosen = choose();
  return chosen;
}

}  // namespace kindred::host

#endif

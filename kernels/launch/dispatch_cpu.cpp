/// Chooses the target of the block programs once, at first use.
#include "kernels/launch/launch_cpu.hpp"

#include <kindred/error.hpp>

#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace kindred::kernels {

#if defined(KINDRED_X86_TARGETS)
#define KINDRED_LEVEL(name)       \
  namespace name {                \
  const CpuTable& target_table(); \
  }
#ifdef KINDRED_HAVE_X86_64_v2
KINDRED_LEVEL(x86_64_v2)
#endif
#ifdef KINDRED_HAVE_X86_64_v3
KINDRED_LEVEL(x86_64_v3)
#endif
#ifdef KINDRED_HAVE_X86_64_v4
KINDRED_LEVEL(x86_64_v4)
#endif

namespace {

struct Level {
  std::string_view name;
  bool runs;  ///< on this processor
  const CpuTable& (*table)();
};

/// The levels that this build has, the lowest first.
std::span<const Level> levels() {
  [[maybe_unused]] const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  [[maybe_unused]] const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                                   __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                                   __builtin_cpu_supports("avx512cd");
  static const Level all[] = {
#ifdef KINDRED_HAVE_X86_64_v2
      {"x86_64_v2", true, &x86_64_v2::target_table},
#endif
#ifdef KINDRED_HAVE_X86_64_v3
      {"x86_64_v3", v3, &x86_64_v3::target_table},
#endif
#ifdef KINDRED_HAVE_X86_64_v4
      {"x86_64_v4", v4, &x86_64_v4::target_table},
#endif
  };
  return all;
}

/// The highest that runs here and is not above `cap` (empty: no cap).
const CpuTable& choose(std::string_view cap) {
  const CpuTable& (*best)() = nullptr;
  std::string built;
  for (const Level& level : levels()) {
    if (level.runs && (best == nullptr || cap.empty() || level.name <= cap)) best = level.table;
    built.append(built.empty() ? "" : ", ").append(level.name);
  }
  if (best == nullptr) {
    throw Error(ErrorCode::device,
                "this build of kindred is for processors of level " + built +
                    ", which this one is not; build it with KINDRED_CPU_LEVELS=v2 or on this machine");
  }
  return best();
}

}  // namespace

const CpuTable& cpu_table() {
  static const CpuTable& chosen = []() -> const CpuTable& {
    // KINDRED_CPU_TARGET lowers the choice, for tests and for reproducing another machine's bits.
    const char* wish = std::getenv("KINDRED_CPU_TARGET");
    return choose(wish != nullptr ? wish : "");
  }();
  return chosen;
}
#else
inline namespace generic {
const CpuTable& target_table();
}

const CpuTable& cpu_table() { return target_table(); }
#endif

}  // namespace kindred::kernels

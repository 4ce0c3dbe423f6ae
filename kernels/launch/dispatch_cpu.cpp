/// Chooses the target of the block programs once, at first use.
#include "kernels/launch/launch_cpu.hpp"

#include <cstdlib>
#include <string_view>

namespace kindred::kernels {

#if defined(KINDRED_X86_TARGETS)
namespace x86_64_v2 {
const CpuTable& target_table();
}
namespace x86_64_v3 {
const CpuTable& target_table();
}
namespace x86_64_v4 {
const CpuTable& target_table();
}

const CpuTable& cpu_table() {
  static const CpuTable& chosen = []() -> const CpuTable& {
    // KINDRED_CPU_TARGET lowers the choice, for tests and for reproducing another machine's bits.
    const char* wish = std::getenv("KINDRED_CPU_TARGET");
    const std::string_view cap = wish ? wish : "";
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const bool v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                    __builtin_cpu_supports("avx512cd");
    if (cap == "x86_64_v2") return x86_64_v2::target_table();
    if (v4 && cap != "x86_64_v3") return x86_64_v4::target_table();
    if (v3) return x86_64_v3::target_table();
    return x86_64_v2::target_table();
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

#pragma once

namespace kindred::host {

/// The x86-64 level of this processor, as far as kindred tells them apart: 4 (AVX-512 F, DQ, BW, VL and CD), 3 (AVX2
/// and FMA), else 2; 0 on other architectures.
[[nodiscard]] inline int x86_64_level() {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 2;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512cd");
  return avx512 ? 4 : 3;
#else
  return 0;
#endif
}

}  // namespace kindred::host

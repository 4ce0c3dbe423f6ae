#pragma once
#include "kernels/launch/cpu_table.hpp"

namespace kindred::host {

/// The block programs of the best level that this processor runs and this installation has, chosen once. The
/// environment variable KINDRED_CPU_TARGET (x86_64_v2, x86_64_v3, x86_64_v4) lowers the choice, for tests and for
/// another machine's bits. Throws Error{device} where there is none.
[[nodiscard]] const kernels::CpuTable& cpu_table();

}  // namespace kindred::host

/// A level of the CPU as a module.
#include "kernels/launch/cpu_table.hpp"
#include "kernels/launch/module.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {
const CpuTable& target_table();
}

KINDRED_MODULE(&kindred::kernels::KINDRED_TARGET::target_table())

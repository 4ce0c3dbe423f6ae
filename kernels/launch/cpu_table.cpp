/// The table of one level; compiled once per level with KINDRED_TARGET set.
#include "kernels/launch/cpu_table.hpp"

#include "kernels/programs.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

template <class P>
CpuEntry cpu_entry();  // kernels/launch/instances

namespace {

template <class... P>
const CpuEntry* entries(ProgramList<P...>) {
  static const CpuEntry table[] = {cpu_entry<P>()...};
  return table;
}

#define KINDRED_STRING_(x) #x
#define KINDRED_STRING(x) KINDRED_STRING_(x)

}  // namespace

const CpuTable& target_table() {
  static const CpuTable table{KINDRED_STRING(KINDRED_TARGET), entries(Programs{})};
  return table;
}

}  // namespace kindred::kernels::inline KINDRED_TARGET

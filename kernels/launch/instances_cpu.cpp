/// All block programs for one target; compiled once per target with KINDRED_TARGET set.
#include "kernels/exec/cpu.hpp"
#include "kernels/launch/launch_cpu.hpp"
#include "kernels/programs.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

namespace {

template <class P>
std::size_t scratch_bytes(const void* params) {
  return P::scratch(*static_cast<const typename P::Params*>(params)).bytes;
}

template <class P>
void run(const void* params, index_t item, std::byte* arena, std::size_t bytes) {
  CpuExec ex(arena, bytes);
  P::run(ex, *static_cast<const typename P::Params*>(params), item);
}

template <class... P>
const CpuEntry* entries(ProgramList<P...>) {
  static constexpr CpuEntry table[] = {{&scratch_bytes<P>, &run<P>}...};
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

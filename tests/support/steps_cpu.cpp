#include "kernels/exec/cpu.hpp"
#include "tests/support/steps.hpp"

#include <memory>
#include <vector>

namespace kindred::test {

template <class P>
void run_steps(host::Backend&, const typename P::Params& params, index_t count) {
  const std::size_t bytes = P::scratch(params).bytes;
  std::vector<std::byte> memory(bytes + kernels::scratch_alignment);
  void* arena = memory.data();
  std::size_t space = memory.size();
  std::align(kernels::scratch_alignment, bytes, arena, space);
  for (index_t item = 0; item < count; ++item) {
    kernels::CpuExec ex(static_cast<std::byte*>(arena), bytes);
    P::run(ex, params, item);
  }
}

#define KINDRED_RUN_STEPS(...) template void run_steps<__VA_ARGS__>(host::Backend&, const __VA_ARGS__::Params&, index_t)
KINDRED_TEST_STEPS(KINDRED_RUN_STEPS);

}  // namespace kindred::test

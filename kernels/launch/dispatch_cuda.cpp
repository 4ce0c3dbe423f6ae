/// The table of CUDA kernels, in the order of the program list.
#include "kernels/launch/launch_cuda.hpp"
#include "kernels/programs.hpp"

namespace kindred::kernels {
inline namespace KINDRED_TARGET {

/// Defined in kernels/launch/instances_cuda; weak, so that a program without an instance is an empty entry, which a test
/// reports and a launch refuses.
template <class P>
[[gnu::weak]] CudaEntry cuda_entry();

namespace {

template <class... P>
std::span<const CudaEntry> entries(ProgramList<P...>) {
  static const CudaEntry table[] = {(&cuda_entry<P> != nullptr ? cuda_entry<P>() : CudaEntry{})...};
  return table;
}

}  // namespace
}  // namespace KINDRED_TARGET

std::span<const CudaEntry> cuda_entries() { return entries(Programs{}); }

}  // namespace kindred::kernels

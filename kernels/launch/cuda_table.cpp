#include "kernels/launch/cuda_table.hpp"

#include "kernels/programs.hpp"

namespace kindred::kernels {
inline namespace KINDRED_TARGET {

template <class P>
CudaEntry cuda_entry();  // kernels/launch/instances

namespace {

template <class... P>
std::span<const CudaEntry> entries(ProgramList<P...>) {
  static const CudaEntry table[] = {cuda_entry<P>()...};
  return table;
}

}  // namespace
}  // namespace KINDRED_TARGET

std::span<const CudaEntry> cuda_entries() { return entries(Programs{}); }

}  // namespace kindred::kernels

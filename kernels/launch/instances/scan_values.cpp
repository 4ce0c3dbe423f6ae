#include "kernels/launch/instance.hpp"
#include "kernels/program/neighbour_keys.hpp"
#include "kernels/program/scan_values.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(NeighbourKeys)
KINDRED_INSTANCE(ScanValues<float>)
KINDRED_INSTANCE(ScanValues<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/instance.hpp"
#include "kernels/program/block_norm.hpp"
#include "kernels/program/cross_product.hpp"
#include "kernels/program/distance_bounds.hpp"
#include "kernels/program/nuclear_norm.hpp"
#include "kernels/program/pack_columns.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(PackColumns<float, float>)
KINDRED_INSTANCE(PackColumns<float, double>)
KINDRED_INSTANCE(PackColumns<double, float>)
KINDRED_INSTANCE(PackColumns<double, double>)
KINDRED_INSTANCE(CrossProduct<float>)
KINDRED_INSTANCE(CrossProduct<double>)
KINDRED_INSTANCE(DistanceBounds)
KINDRED_INSTANCE(BlockNorm<float>)
KINDRED_INSTANCE(BlockNorm<double>)
KINDRED_INSTANCE(NuclearNorm<float>)
KINDRED_INSTANCE(NuclearNorm<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/instance.hpp"
#include "kernels/program/pavf_matching.hpp"
#include "kernels/program/spectral.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(SpectralDistance)
KINDRED_INSTANCE(PavfMatching)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/instance.hpp"
#include "kernels/program/pavf_basis.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(PavfBasis)

}  // namespace kindred::kernels::inline KINDRED_TARGET

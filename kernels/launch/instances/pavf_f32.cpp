#include "kernels/launch/instance.hpp"
#include "kernels/program/pavf.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(Pavf<float>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/instance.hpp"
#include "kernels/program/mark_failed.hpp"
#include "kernels/program/symmetrize.hpp"
#include "kernels/program/upper_triangle.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

KINDRED_INSTANCE(MarkFailed<double>)
KINDRED_INSTANCE(Symmetrize<double>)
KINDRED_INSTANCE(UpperTriangle<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

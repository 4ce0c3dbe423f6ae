#include "kernels/launch/instance.hpp"
#include "kernels/program/pavf.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

#ifndef __CUDACC__
// Its steps in float64 are those that pavf_f64.cpp compiles.
extern template double PavfRefine<CpuExec, double>::run(const PavfRefineOptions&);
extern template double PavfWorkspace<CpuExec, double>::orthonormalize(double*);
extern template double PavfCertificate<CpuExec>::gap();
#endif

KINDRED_INSTANCE(Pavf<float>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

#include "kernels/launch/instance.hpp"
#include "kernels/program/pavf.hpp"

namespace kindred::kernels::inline KINDRED_TARGET {

#ifndef __CUDACC__
template double PavfRefine<CpuExec, double>::run(const PavfRefineOptions&);
template double PavfWorkspace<CpuExec, double>::orthonormalize(double*);
template double PavfCertificate<CpuExec>::gap();
#endif

KINDRED_INSTANCE(Pavf<double>)

}  // namespace kindred::kernels::inline KINDRED_TARGET

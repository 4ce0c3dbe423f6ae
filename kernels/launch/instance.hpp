#pragma once
/// KINDRED_INSTANCE(Program) instantiates a block program for what the file is compiled for: a level of the CPU or
/// CUDA. Every file of kernels/launch/instances is one program or a few that belong together, so that they compile side
/// by side; a program of the list that no file names fails at link time.
#ifdef __CUDACC__
#include "kernels/launch/launch_cuda.cuh"
#else
#include "kernels/launch/launch_cpu.hpp"
#endif

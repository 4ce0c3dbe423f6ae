#pragma once

namespace kindred::host {

/// Gives OpenBLAS the kernels this processor can run where OpenBLAS itself does not know the processor.
///
/// OpenBLAS picks its kernels by a list of processor models. A model younger than the list gets the SSE3 kernels of
/// 2004 (the core "Prescott"), 5 to 10 times slower than the AVX-512 ones it could run: release 0.3.21 does so on
/// processors of 2023. Where that happened, and the user has not chosen by OPENBLAS_CORETYPE, the choice is made again
/// from the instruction sets that are there. Once a process; a build of OpenBLAS with one fixed set of kernels is left
/// as it is. No other thread may be inside the BLAS during the first call.
void choose_openblas_kernels();

/// Under a limit of the process's memory (ulimit -v), takes the buffers that OpenBLAS needs in `threads` threads,
/// before anything else is allocated: where there is no memory for one, OpenBLAS tries again for ever. Throws
/// Error{out_of_memory} if they cannot be had. Without a limit nothing is done.
void reserve_openblas_memory(int threads);

}  // namespace kindred::host

// What the CUDA runtime API files share: errors, streams, symbols.
#pragma once

#include "tests/cuda_on_cpu/runtime/common.hpp"

#include <cuda_runtime_api.h>

#define API extern "C" __attribute__((visibility("default")))

namespace ccpu {

/// Stores e as the last error of this thread and returns it.
cudaError_t record(cudaError_t e);
/// record() with a message for the user.
cudaError_t complain(cudaError_t e, const char* format, ...) __attribute__((format(printf, 2, 3)));
/// The error of an earlier kernel fault, which every later call returns.
cudaError_t sticky_error();
void set_sticky_error(cudaError_t e);

/// Puts an operation into a stream: runs it now, or later in asynchronous mode, or records it.
cudaError_t submit(cudaStream_t s, std::function<int()> operation);
cudaError_t check_stream(cudaStream_t s);
cudaError_t drain_stream(cudaStream_t s);
cudaError_t drain_all();
/// What a blocking copy waits for: the default stream and all streams that synchronise with it.
cudaError_t synchronize_for_copy();
bool is_capturing(cudaStream_t s);

int report_leaks();  // 1 if there are any
void report_profile();
void free_everything();

}  // namespace ccpu

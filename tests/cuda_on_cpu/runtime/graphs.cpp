// Stream capture and graphs: the recorded operations are run again in the order of recording.
#include "tests/cuda_on_cpu/runtime/stream.hpp"

using namespace ccpu;

API cudaError_t cudaStreamBeginCapture(cudaStream_t handle, cudaStreamCaptureMode) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  if (s == &default_stream) return complain(cudaErrorStreamCaptureUnsupported, "the default stream cannot be captured");
  if (s->capture) return record(cudaErrorIllegalState);
  drain(s, s->submitted);
  s->capture = new CUgraph_st;
  s->capture_origin = true;
  s->capture_broken = false;
  return cudaSuccess;
}
API cudaError_t cudaStreamEndCapture(cudaStream_t handle, cudaGraph_t* graph) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  if (!s->capture || !s->capture_origin) return record(cudaErrorIllegalState);
  CUgraph_st* c = s->capture;
  bool broken = false;
  for (auto* x : streams())
    if (x->capture == c) {
      broken = broken || x->capture_broken;
      x->capture = nullptr;
      x->capture_origin = false;
    }
  if (graph) *graph = broken ? nullptr : c;
  return broken ? record(cudaErrorStreamCaptureInvalidated) : cudaSuccess;
}
API cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  *status = !s->capture         ? cudaStreamCaptureStatusNone
            : s->capture_broken ? cudaStreamCaptureStatusInvalidated
                                : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}
API cudaError_t cudaThreadExchangeStreamCaptureMode(cudaStreamCaptureMode*) { return cudaSuccess; }
API cudaError_t cudaGraphCreate(cudaGraph_t* graph, unsigned) {
  *graph = new CUgraph_st;
  return cudaSuccess;
}
API cudaError_t cudaGraphInstantiate(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long) {
  if (!exec || !graph) return record(cudaErrorInvalidValue);
  *exec = new CUgraphExec_st{graph->operations};
  return cudaSuccess;
}
API cudaError_t cudaGraphInstantiateWithFlags(cudaGraphExec_t* exec, cudaGraph_t graph, unsigned long long f) {
  return cudaGraphInstantiate(exec, graph, f);
}
API cudaError_t cudaGraphExecUpdate(cudaGraphExec_t exec, cudaGraph_t graph, cudaGraphExecUpdateResultInfo* r) {
  if (!exec || !graph) return record(cudaErrorInvalidValue);
  if (r) memset(r, 0, sizeof *r);
  exec->operations = graph->operations;
  return cudaSuccess;
}
API cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t s) { return check_stream(s); }
API cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t s) {
  if (!exec) return record(cudaErrorInvalidValue);
  auto operations = exec->operations;
  return submit(s, [operations] {
    for (auto& op : operations)
      if (int e = op()) return e;
    return 0;
  });
}
API cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* n) {
  if (nodes) return complain(cudaErrorNotSupported, "cudaGraphGetNodes: only the number of nodes is known");
  *n = graph->operations.size();
  return cudaSuccess;
}
API cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec) {
  delete exec;
  return cudaSuccess;
}
API cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

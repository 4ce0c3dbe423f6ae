// Streams, events, host functions.
//
// Normally every operation runs when it is submitted. With CUDA_ON_CPU_ASYNC=1 operations stay in
// their streams until a call that synchronises needs them, so that a missing synchronisation shows as
// a wrong result; order between streams follows events and the rules of the legacy default stream.
#include "tests/cuda_on_cpu/runtime/stream.hpp"

#include <chrono>
#include <memory>

namespace ccpu {

std::recursive_mutex stream_mutex;
CUstream_st default_stream;

std::set<CUstream_st*>& streams() {
  static auto* s = new std::set<CUstream_st*>;
  return *s;
}

CUstream_st* get(cudaStream_t s) {
  if ((u64)s <= 2) return &default_stream;
  return streams().count(s) ? s : nullptr;
}

void drain(CUstream_st* s, u64 upto) {
  while (s->done < upto && !s->queue.empty()) {
    auto e = std::move(s->queue.front());
    s->queue.pop_front();
    s->done++;
    for (auto& d : e.after) drain(d.stream, d.upto);
    int error = e.run();
    if (error) set_sticky_error((cudaError_t)error);
  }
}

namespace {

std::set<CUevent_st*>& events() {
  static auto* s = new std::set<CUevent_st*>;
  return *s;
}

u64 now() {
  return (u64)std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

cudaError_t refuse_capture(CUstream_st* s) {
  s->capture_broken = true;
  return complain(cudaErrorStreamCaptureUnsupported,
                  "a call that synchronises is not allowed while a stream is captured");
}

bool any_capture() {
  for (auto* s : streams())
    if (s->capture) return true;
  return false;
}

}  // namespace

cudaError_t check_stream(cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = sticky_error()) return e;
  return get(s) ? cudaSuccess : complain(cudaErrorInvalidResourceHandle, "invalid or destroyed stream");
}

bool is_capturing(cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  auto* st = get(s);
  return st && st->capture;
}

cudaError_t submit(cudaStream_t handle, Operation op) {
  std::unique_lock<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  if (s->capture) {
    s->capture->operations.push_back(std::move(op));
    return cudaSuccess;
  }
  if (!options().async) {
    g.unlock();
    int error = op();
    if (error) set_sticky_error((cudaError_t)error);
    return cudaSuccess;
  }
  CUstream_st::Entry e{std::move(op), std::move(s->waits)};
  s->waits.clear();
  if (s == &default_stream) {
    for (auto* x : streams())
      if (!(x->flags & cudaStreamNonBlocking)) e.after.push_back({x, x->submitted});
  } else if (!(s->flags & cudaStreamNonBlocking)) {
    e.after.push_back({&default_stream, default_stream.submitted});
  }
  s->queue.push_back(std::move(e));
  s->submitted++;
  return cudaSuccess;
}

cudaError_t drain_stream(cudaStream_t handle) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  if (s->capture) return refuse_capture(s);
  drain(s, s->submitted);
  for (auto& d : s->waits) drain(d.stream, d.upto);
  return sticky_error();
}

cudaError_t drain_all() {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  for (auto* s : streams())
    if (s->capture) return refuse_capture(s);
  drain(&default_stream, default_stream.submitted);
  for (auto* s : streams()) drain(s, s->submitted);
  return sticky_error();
}

cudaError_t synchronize_for_copy() {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (any_capture()) {
    for (auto* s : streams())
      if (s->capture && !(s->flags & cudaStreamNonBlocking)) {
        s->capture_broken = true;
        return complain(cudaErrorStreamCaptureImplicit,
                        "a blocking copy would synchronise with a stream that is being captured");
      }
  }
  drain(&default_stream, default_stream.submitted);
  for (auto* s : streams())
    if (!(s->flags & cudaStreamNonBlocking)) drain(s, s->submitted);
  return sticky_error();
}

}  // namespace ccpu

using namespace ccpu;

// ---- for the library stand-ins ----
/// Submits a library call to its stream; `argument` is destroyed when it can no longer run (again).
API int cuda_on_cpu_submit(cudaStream_t s, void (*run)(void*), void* argument, void (*destroy)(void*)) {
  std::shared_ptr<void> owner(argument, destroy);
  return (int)submit(s, [run, owner] {
    run(owner.get());
    return 0;
  });
}
API int cuda_on_cpu_drain(cudaStream_t s) { return (int)drain_stream(s); }
API void* cuda_on_cpu_readable(const void* p) { return readable(p); }
/// 0 host memory, 1 device-accessible and n bytes fit, 2 device memory but too small or freed.
API int cuda_on_cpu_classify(const void* p, size_t n) {
  if (is_device_accessible(p, n)) return 1;
  return is_known(p) ? 2 : 0;
}
API const char* cuda_on_cpu_describe(const void* p) {
  static thread_local std::string s;
  s = describe((u64)p);
  return s.c_str();
}

// ---- streams ----
API cudaError_t cudaStreamCreateWithPriority(cudaStream_t* s, unsigned flags, int priority) {
  if (!s || flags > 1) return record(cudaErrorInvalidValue);
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  auto* x = new CUstream_st;
  x->flags = flags;
  x->priority = priority;
  streams().insert(x);
  *s = x;
  return cudaSuccess;
}
API cudaError_t cudaStreamCreateWithFlags(cudaStream_t* s, unsigned flags) {
  return cudaStreamCreateWithPriority(s, flags, 0);
}
API cudaError_t cudaStreamCreate(cudaStream_t* s) { return cudaStreamCreateWithPriority(s, 0, 0); }
API cudaError_t cudaStreamDestroy(cudaStream_t s) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if ((u64)s <= 2) return record(cudaErrorInvalidResourceHandle);
  if (cudaError_t e = check_stream(s)) return e;
  drain(s, s->submitted);
  streams().erase(s);  // the object stays: events may refer to it
  return cudaSuccess;
}
API cudaError_t cudaStreamSynchronize(cudaStream_t s) { return drain_stream(s); }
API cudaError_t cudaDeviceSynchronize() { return drain_all(); }
API cudaError_t cudaThreadSynchronize() { return drain_all(); }
API cudaError_t cudaStreamQuery(cudaStream_t handle) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t e = check_stream(handle)) return e;
  CUstream_st* s = get(handle);
  if (s->capture) return refuse_capture(s);
  if (s->queue.empty()) return cudaSuccess;
  drain(s, s->done + 1);  // a program that polls gets on
  return cudaErrorNotReady;
}
API cudaError_t cudaStreamGetFlags(cudaStream_t s, unsigned* f) {
  if (cudaError_t e = check_stream(s)) return e;
  *f = get(s)->flags;
  return cudaSuccess;
}
API cudaError_t cudaStreamGetPriority(cudaStream_t s, int* p) {
  if (cudaError_t e = check_stream(s)) return e;
  *p = get(s)->priority;
  return cudaSuccess;
}
API cudaError_t cudaStreamGetId(cudaStream_t s, unsigned long long* id) {
  if (cudaError_t e = check_stream(s)) return e;
  *id = (unsigned long long)get(s);
  return cudaSuccess;
}
API cudaError_t cudaStreamGetDevice(cudaStream_t s, int* d) {
  *d = 0;
  return check_stream(s);
}
API cudaError_t cudaStreamAttachMemAsync(cudaStream_t s, void*, size_t, unsigned) { return check_stream(s); }
API cudaError_t cudaStreamSetAttribute(cudaStream_t s, cudaLaunchAttributeID, const cudaLaunchAttributeValue*) {
  return check_stream(s);
}
API cudaError_t cudaDeviceGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = -5;
  return cudaSuccess;
}
API cudaError_t cudaLaunchHostFunc(cudaStream_t s, cudaHostFn_t f, void* data) {
  return submit(s, [=] {
    f(data);
    return 0;
  });
}
API cudaError_t cudaStreamAddCallback(cudaStream_t s, cudaStreamCallback_t f, void* data, unsigned) {
  return submit(s, [=] {
    f(s, cudaSuccess, data);
    return 0;
  });
}

// ---- events ----
API cudaError_t cudaEventCreateWithFlags(cudaEvent_t* e, unsigned flags) {
  if (!e) return record(cudaErrorInvalidValue);
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  *e = new CUevent_st;
  (*e)->flags = flags;
  events().insert(*e);
  return cudaSuccess;
}
API cudaError_t cudaEventCreate(cudaEvent_t* e) { return cudaEventCreateWithFlags(e, 0); }
static cudaError_t check_event(cudaEvent_t e) {
  if (cudaError_t s = sticky_error()) return s;
  return events().count(e) ? cudaSuccess : complain(cudaErrorInvalidResourceHandle, "invalid or destroyed event");
}
API cudaError_t cudaEventDestroy(cudaEvent_t e) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(e)) return s;
  events().erase(e);  // the object stays: queued operations may refer to it
  return cudaSuccess;
}
API cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t handle) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(e)) return s;
  if (cudaError_t s = check_stream(handle)) return s;
  CUstream_st* s = get(handle);
  e->capture = s->capture;
  if (s->capture) return cudaSuccess;
  e->recorded = true;
  e->time = 0;
  e->stream = s;
  cudaError_t r = submit(handle, [e] {
    e->time = now();
    return 0;
  });
  e->position = s->submitted;
  return r;
}
API cudaError_t cudaEventRecordWithFlags(cudaEvent_t e, cudaStream_t s, unsigned) { return cudaEventRecord(e, s); }
API cudaError_t cudaEventSynchronize(cudaEvent_t e) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(e)) return s;
  if (e->recorded) drain(e->stream, e->position);
  return sticky_error();
}
API cudaError_t cudaEventQuery(cudaEvent_t e) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(e)) return s;
  if (!e->recorded || e->stream->done >= e->position) return cudaSuccess;
  drain(e->stream, e->stream->done + 1);
  return cudaErrorNotReady;
}
API cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t a, cudaEvent_t b) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(a)) return s;
  if (cudaError_t s = check_event(b)) return s;
  if (!a->recorded || !b->recorded || ((a->flags | b->flags) & cudaEventDisableTiming))
    return complain(cudaErrorInvalidResourceHandle, "cudaEventElapsedTime: event not recorded or without timing");
  if (!a->time || !b->time) return cudaErrorNotReady;
  *ms = (float)((double)((s64)b->time - (s64)a->time) * 1e-6);
  return cudaSuccess;
}
API cudaError_t cudaStreamWaitEvent(cudaStream_t handle, cudaEvent_t e, unsigned) {
  std::lock_guard<std::recursive_mutex> g(stream_mutex);
  if (cudaError_t s = check_event(e)) return s;
  if (cudaError_t s = check_stream(handle)) return s;
  CUstream_st* s = get(handle);
  if (e->capture)
    s->capture = e->capture;  // joins the capture
  else if (e->recorded && options().async)
    s->waits.push_back({e->stream, e->position});
  return cudaSuccess;
}

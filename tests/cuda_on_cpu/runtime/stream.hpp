// Streams, events and graphs as they are kept.
#pragma once

#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <vector>

typedef std::function<int()> Operation;

struct CUgraph_st {
  std::vector<Operation> operations;
};
struct CUgraphExec_st {
  std::vector<Operation> operations;
};

struct CUstream_st {
  struct Dependency {
    CUstream_st* stream;
    u64 upto;
  };
  struct Entry {
    Operation run;
    std::vector<Dependency> after;
  };
  unsigned flags = 0;
  int priority = 0;
  std::deque<Entry> queue;
  u64 submitted = 0, done = 0;
  std::vector<Dependency> waits;  // for the next operation
  CUgraph_st* capture = nullptr;
  bool capture_origin = false, capture_broken = false;
};

struct CUevent_st {
  unsigned flags = 0;
  bool recorded = false;
  CUstream_st* stream = nullptr;
  u64 position = 0;
  u64 time = 0;
  CUgraph_st* capture = nullptr;
};

namespace ccpu {

extern std::recursive_mutex stream_mutex;  // guards all of these
extern CUstream_st default_stream;
std::set<CUstream_st*>& streams();
/// The stream of a handle, or null for an invalid one.
CUstream_st* get(cudaStream_t s);
/// Runs the operations of a stream up to number `upto`, after those that they depend on.
void drain(CUstream_st* s, u64 upto);

}  // namespace ccpu

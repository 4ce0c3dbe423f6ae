#pragma once
#include <kindred/types.hpp>

#include <functional>

namespace kindred {

/// State of a long call: `done` of `total` items of `stage` ("fit", "prepare", "pairs", "folds").
struct ProgressEvent {
  const char* stage;
  index_t done;
  index_t total;
};

/// Called from the thread that called the Engine; returning false cancels (Error{cancelled}).
using Progress = std::function<bool(const ProgressEvent&)>;

}  // namespace kindred

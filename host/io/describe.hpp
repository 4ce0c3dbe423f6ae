#pragma once
/// How an array was understood.
#include "host/io/collection.hpp"

#include <kindred/io.hpp>

#include <string>

namespace kindred::io {

/// Fills in what the array's header says under `layout`. Throws what loading the array would.
void describe_array(ArrayInfo& info, const ArrayRef& ref, Layout layout);

/// One array of a system; what is wrong with it is its `problem`.
[[nodiscard]] ArrayInfo describe_array(const ArrayRef& ref, const SystemRef& system, const std::string& name);

}  // namespace kindred::io

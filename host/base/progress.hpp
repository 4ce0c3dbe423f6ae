#pragma once
#include <kindred/progress.hpp>

namespace kindred::host {

/// Calls the caller's progress callback, if there is one; throws Error{cancelled} when it asks to stop.
void tell_progress(const Progress& progress, const char* stage, index_t done, index_t total);

}  // namespace kindred::host

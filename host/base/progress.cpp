#include "host/base/progress.hpp"

#include "host/base/text.hpp"

namespace kindred::host {

void tell_progress(const Progress& progress, const char* stage, index_t done, index_t total) {
  if (progress && !progress({stage, done, total})) {
    fail(ErrorCode::cancelled, "cancelled after ", done, " of ", total, " items of stage '", stage, "'");
  }
}

}  // namespace kindred::host

#include "host/engine/fit/estimators/regressions.hpp"

namespace kindred::host {

Estimate principal_components(const Whitened& w, double ridge) {
  DenseMatrix x = w.now_next;
  if (!regress(w, w.now_now, ridge, x)) return {.failure = singular_equations};
  return finish(x, w.now_now, w.now_next, w.next_next);
}

}  // namespace kindred::host

#pragma once
/// One pair of operators with its change of basis.
#include "host/backend/backend.hpp"

#include <kindred/dmd.hpp>
#include <kindred/metrics.hpp>
#include <kindred/results.hpp>

#include <vector>

namespace kindred::host {

/// One pair with its minimiser: distance = ||A - C B C^T||_F up to the configured scale.
struct PavfAlignment {
  PairResult result;
  std::vector<double> transform;  ///< C, r x r row-major, r the larger size
  std::vector<double> aligned;    ///< C B C^T, of B as given (embedded where it is smaller)
};

/// Throws as make_pavf_scorer does.
[[nodiscard]] PavfAlignment pavf_align(Backend& backend, const Operator& a, const Operator& b, const Dsa& config);

}  // namespace kindred::host

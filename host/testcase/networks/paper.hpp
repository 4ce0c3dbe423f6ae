#pragma once
#include <string>

namespace kindred::testcase {

/// A group's distance to the master as it is stored with the notebooks of arXiv 2410.24070: the mean over its
/// combinations of hyper-parameters. NaN where there is none.
[[nodiscard]] double paper_distance(bool mamba, const std::string& metric, const std::string& group);

}  // namespace kindred::testcase

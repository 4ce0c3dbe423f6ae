#pragma once
#include <kindred/networks.hpp>

#include <string>
#include <vector>

namespace kindred::report {

/// The results as one HTML file without references to others: per view its table and pictures, per case its notes.
[[nodiscard]] std::string render(const std::vector<testcase::Result>& results,
                                 const std::vector<testcase::NetworkStudy>& studies = {});

}  // namespace kindred::report

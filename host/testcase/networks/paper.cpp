#include "host/testcase/networks/paper.hpp"

#include <cstddef>
#include <iterator>
#include <limits>

namespace kindred::testcase {
namespace {

constexpr const char* groups[] = {"untrained",  "master frozen", "basic", "anti",         "delay",
                                  "basic+anti", "basic+delay",   "full",  "full unfrozen"};

struct Row {
  bool mamba;
  const char* metric;
  double distance[std::size(groups)];
};
constexpr Row rows[] = {
    {false, "dsa", {0.607, 0.427, 0.300, 0.292, 0.357, 0.305, 0.367, 0.271, 0.306}},
    {false, "cka", {0.426, 0.419, 0.376, 0.369, 0.401, 0.390, 0.436, 0.403, 0.405}},
    {false, "procrustes", {0.444, 0.412, 0.392, 0.403, 0.395, 0.415, 0.417, 0.415, 0.417}},
    {true, "dsa", {0.462, 0.615, 0.385, 0.412, 0.447, 0.427, 0.462, 0.466, 0.451}},
    {true, "cka", {0.381, 0.339, 0.495, 0.466, 0.583, 0.562, 0.586, 0.638, 0.667}},
    {true, "procrustes", {0.416, 0.365, 0.499, 0.489, 0.548, 0.543, 0.546, 0.586, 0.598}},
};

}  // namespace

double paper_distance(bool mamba, const std::string& metric, const std::string& group) {
  for (const Row& row : rows) {
    if (row.mamba != mamba || row.metric != metric) continue;
    for (std::size_t g = 0; g < std::size(groups); ++g) {
      if (group == groups[g]) return row.distance[g];
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace kindred::testcase

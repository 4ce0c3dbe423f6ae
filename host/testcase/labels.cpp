#include <kindred/error.hpp>
#include <kindred/testcase.hpp>

#include <algorithm>
#include <map>

#include "host/statistics/elementary.hpp"

namespace kindred::testcase {

LabelAgreement label_agreement(const DistanceMatrix& distances, const std::vector<std::string>& labels) {
  std::map<std::string, int> number;
  std::vector<int> of;
  for (const auto& label : labels)
    of.push_back(number.try_emplace(label, static_cast<int>(number.size())).first->second);
  if (static_cast<index_t>(labels.size()) != distances.rows() || number.count("") > 0 || number.size() < 2) {
    throw Error(ErrorCode::invalid_argument,
                "agreement with labels needs a label for every system, and at least two different ones");
  }
  const auto values = distances.distances();
  return {statistics::nearest_neighbour_accuracy(values, of), statistics::silhouette(values, of)};
}

}  // namespace kindred::testcase

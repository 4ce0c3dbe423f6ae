#include "host/testcase/networks/layout.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::testcase {

NetworkLayout::NetworkLayout(index_t masters, bool learning) : groups_(network_groups(masters)), learning_(learning) {
  for (index_t g = 0; g < group_count(); ++g) {
    const auto& group = groups_[static_cast<std::size_t>(g)];
    if (group.master) masters_.push_back(g);
    if (group.trained) learners_.push_back(g);
  }
}

index_t NetworkLayout::size() const {
  return group_count() + (learning_ ? static_cast<index_t>(learners_.size()) * (learning_points - 1) : 0);
}

index_t NetworkLayout::at(index_t group, index_t point) const {
  if (point == learning_points - 1) return group;
  const auto place = std::find(learners_.begin(), learners_.end(), group) - learners_.begin();
  return group_count() + place * (learning_points - 1) + point;
}

std::vector<index_t> NetworkLayout::frozen(bool with_master_frozen) const {
  std::vector<index_t> out;
  for (index_t g = 0; g < group_count(); ++g) {
    if (std::isnan(groups_[static_cast<std::size_t>(g)].shared)) continue;
    if (g != master_frozen() || with_master_frozen) out.push_back(g);
  }
  return out;
}

std::size_t checkpoint_at(std::size_t checkpoints, index_t point) {
  const double share = static_cast<double>(point) / static_cast<double>(learning_points - 1);
  return static_cast<std::size_t>(std::lround(share * static_cast<double>(checkpoints - 1)));
}

bool usable(const NetworkSettings& settings, const NetworkGroup& group, const train::Network& network) {
  if (network.status == train::Status::diverged) return false;
  return !group.master || network.final_accuracy(network.phases.size() - 1) >= settings.least_master;
}

}  // namespace kindred::testcase

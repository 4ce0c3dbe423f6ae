#pragma once
/// Which system of a network case is what.
#include <kindred/networks.hpp>

#include <vector>

namespace kindred::testcase {

/// Shares of a training at which networks are compared: 0, 20, 40, 60, 80, 100 %.
inline constexpr index_t learning_points = 6;

/// The systems of one seed: every group's network as it ended, then every trained group's at the earlier shares of its
/// training on the composed task.
class NetworkLayout {
 public:
  explicit NetworkLayout(index_t masters, bool learning = true);

  [[nodiscard]] const std::vector<NetworkGroup>& groups() const { return groups_; }
  [[nodiscard]] index_t size() const;
  [[nodiscard]] index_t group_count() const { return static_cast<index_t>(groups_.size()); }
  /// The place of a group's network at a point of learning; the last point is the network as it ended, and the only one
  /// of a group that is not trained.
  [[nodiscard]] index_t at(index_t group, index_t point = learning_points - 1) const;
  [[nodiscard]] const std::vector<index_t>& masters() const { return masters_; }
  /// Groups with a place on the axis of shared parts, the frozen ones; with or without the master-frozen one.
  [[nodiscard]] std::vector<index_t> frozen(bool with_master_frozen) const;
  [[nodiscard]] index_t untrained() const { return 0; }
  [[nodiscard]] index_t master_frozen() const { return 1; }
  [[nodiscard]] index_t full() const { return 8; }
  [[nodiscard]] index_t full_unfrozen() const { return 9; }
  /// Groups that are trained on the composed task.
  [[nodiscard]] const std::vector<index_t>& learners() const { return learners_; }
  [[nodiscard]] bool learning() const { return learning_; }

 private:
  std::vector<NetworkGroup> groups_;
  std::vector<index_t> masters_, learners_;
  bool learning_;
};

/// Position of a checkpoint: round(k (M - 1) / 5) of M.
[[nodiscard]] std::size_t checkpoint_at(std::size_t checkpoints, index_t point);

/// Whether a network may be compared: it did not diverge, and a master has learned the task.
[[nodiscard]] bool usable(const NetworkSettings& settings, const NetworkGroup& group, const train::Network& network);

}  // namespace kindred::testcase

#pragma once
#include <kindred/results.hpp>

namespace kindred::test {

/// Takes results and forgets them.
class Nowhere final : public PairSink {
 public:
  void put(const Tile&, std::span<const PairResult>) override {}
};

}  // namespace kindred::test

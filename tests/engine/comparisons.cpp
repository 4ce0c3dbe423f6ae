/// Several metrics of one collection: the results of separate calls, from one fit.
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

using namespace kindred;

namespace {

std::vector<simulate::Recording> recordings(int count) {
  std::vector<simulate::Recording> out;
  for (int k = 0; k < count; ++k) {
    out.push_back(simulate::lorenz({.trials = 3, .steps = 60, .stream = static_cast<std::uint64_t>(k)}));
  }
  return out;
}

std::vector<TrajectorySet> views(const std::vector<simulate::Recording>& data) {
  std::vector<TrajectorySet> out;
  for (std::size_t k = 0; k < data.size(); ++k) {
    out.push_back(TrajectorySet::view("s" + std::to_string(k), data[k].values.data(), 3, 60, 3));
  }
  return out;
}

void require_equal(const DistanceMatrix& a, const DistanceMatrix& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.columns() == b.columns());
  for (index_t i = 0; i < a.rows(); ++i) {
    for (index_t j = 0; j < a.columns(); ++j) CHECK(a(i, j) == b(i, j));
  }
}

}  // namespace

TEST_CASE("metrics with equal fits share one, and give what separate calls give", "[comparisons]") {
  const auto data = recordings(4);
  const auto systems = views(data);
  Engine engine(test::device());
  const Dmd dmd{.delays = 5, .interval = 2, .rank = 6};
  const Metric dsa = Dsa{.dmd = dmd, .effort = Effort::fast}, spectral = Spectral{.dmd = dmd}, cka = Cka{};
  int fits = 0;
  const Progress count = [&fits](const ProgressEvent& e) {
    if (std::string(e.stage) == "fit" && e.done == 0) ++fits;
    return true;
  };

  Comparisons pairs(engine, systems);
  require_equal(pairs.compare(dsa, count), engine.pairwise(systems, dsa));
  require_equal(pairs.compare(spectral, count), engine.pairwise(systems, spectral));
  require_equal(pairs.compare(cka, count), engine.pairwise(systems, cka));
  CHECK(fits == 1);
  Dmd other = dmd;
  other.rank = 5;
  require_equal(pairs.compare(Spectral{.dmd = other}, count), engine.pairwise(systems, Spectral{.dmd = other}));
  CHECK(fits == 2);
  CHECK(pairs.fit(dmd, count).rows.size() == 4);
  CHECK(pairs.fit(dmd, count).columns.empty());
  CHECK(fits == 2);

  const std::span<const TrajectorySet> all(systems);
  Comparisons rectangle(engine, all.first(1), all.subspan(1));
  require_equal(rectangle.compare(dsa), engine.cross(all.first(1), all.subspan(1), dsa));
  require_equal(rectangle.compare(cka), engine.cross(all.first(1), all.subspan(1), cka));
  CHECK(rectangle.fit(dmd).rows.size() == 1);
  CHECK(rectangle.fit(dmd).columns.size() == 3);
}

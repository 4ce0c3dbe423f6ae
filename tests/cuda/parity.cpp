/// The two backends give the same answers.
#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace kindred;

namespace {

OperatorSet gaussians(int count, index_t size) {
  std::mt19937_64 generator(17);
  std::normal_distribution<double> normal;
  OperatorSet set;
  for (int k = 0; k < count; ++k) {
    Operator op;
    op.name = "g" + std::to_string(k);
    op.size = size;
    for (index_t i = 0; i < size * size; ++i) op.values.push_back(normal(generator) / std::sqrt(double(size)));
    set.push_back(op);
  }
  return set;
}

}  // namespace

TEST_CASE("CPU and CUDA agree on every distance, bound and status", "[cuda]") {
  Engine cpu(Device::cpu(1)), cuda(Device::cuda(0));
  // In float64 both backends stop at the same iterate. A search in float32 stops where the predicted decrease falls
  // below 1e-4 (fast) of the energy E = d^2 / 2, on one backend perhaps an iteration earlier: |dE| <= 1e-4 E, |dd| <=
  // 5e-5 d.
  const std::vector<Metric> metrics = {Dsa{.effort = Effort::fast, .precision = Precision::f64},
                                       Dsa{.score = DsaScore::euclidean, .effort = Effort::fast}, Spectral{}};
  for (const index_t size : {1, 3, 6}) {
    const OperatorSet set = gaussians(3, size);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const DistanceMatrix x = cpu.pairwise(set, metrics[m]), y = cuda.pairwise(set, metrics[m]);
      for (index_t i = 0; i < x.rows(); ++i) {
        for (index_t j = 0; j < i; ++j) {
          CAPTURE(size, m, i, j);
          CHECK(x.status(i, j) == y.status(i, j));
          CHECK(std::abs(x.lower_bound(i, j) - y.lower_bound(i, j)) <= 1e-9);
          CHECK(std::abs(x(i, j) - y(i, j)) <= (m == 1 ? 5e-5 * x(i, j) : 1e-9));
        }
      }
    }
  }
}

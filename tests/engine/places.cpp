/// The bits of a result do not depend on where its systems stand: in a batch, in a collection, in memory. Run once more
/// on kernels of OpenBLAS whose sums depend on alignment (CTest: place.Prescott, place.Nehalem).
#include "host/engine/operators/pavf_prepare.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <memory>

using namespace kindred;

namespace {

/// Whether two arrays hold the same bits; NaN is equal to itself.
bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) {
    return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
  });
}

std::vector<double> values(index_t count, std::uint64_t stream) {
  simulate::Random random(11, stream);
  std::vector<double> out(static_cast<std::size_t>(count));
  for (double& v : out) v = random.normal();
  return out;
}

/// A copy of the values that begins `offset` values after a multiple of 64 bytes.
class Placed {
 public:
  Placed(const std::vector<double>& from, std::size_t offset) : memory_(from.size() + 16) {
    void* p = memory_.data();
    std::size_t room = memory_.size() * sizeof(double);
    data_ = static_cast<double*>(std::align(64, from.size() * sizeof(double), p, room)) + offset;
    std::copy(from.begin(), from.end(), data_);
  }
  [[nodiscard]] double* data() { return data_; }

 private:
  std::vector<double> memory_;
  double* data_;
};

/// A recording in memory of its own, whose first value has the given offset.
TrajectorySet placed(const simulate::Recording& r, const std::string& name, std::size_t offset) {
  const auto memory = std::make_shared<Placed>(r.values, offset);
  TrajectorySet set = TrajectorySet::view(name, memory->data(), r.trials, r.steps, r.channels);
  set.storage = memory;
  return set;
}

}  // namespace

TEST_CASE("a matrix gives the same bits at every place of a batch", "[backend][place]") {
  const auto backend = host::make_cpu_backend(2, 0);
  constexpr index_t count = 4;
  for (const index_t n : {5, 8, 9, 13, 21, 33}) {
    const index_t m = 2 * n + 1;
    // For each routine: what it makes of one matrix (m x n, or its leading n rows made symmetric), all of it.
    struct Routine {
      const char* name;
      index_t results;  ///< values
      std::function<void(const host::MatrixBatch<double>& a, double* out, index_t stride)> run;
    };
    const std::vector<double> one = values(m * n, static_cast<std::uint64_t>(n));
    const auto square = [n](host::MatrixBatch<double> a) {
      a.rows = n;
      for (index_t b = 0; b < count; ++b) {
        for (index_t i = 0; i < n; ++i) {
          for (index_t j = 0; j < i; ++j) a[b](i, j) = a[b](j, i);
        }
      }
      return a;
    };
    const Routine routines[] = {
        {"eigh", n * n + n,
         [&](const host::MatrixBatch<double>& a, double* out, index_t stride) {
           const host::MatrixBatch<double> v = square(a);
           backend->eigh(v, out, stride, count, n);
           for (index_t b = 0; b < count; ++b) std::copy_n(v[b].data, n * n, out + b * stride + n);
         }},
        {"svd", n * n + n,
         [&](const host::MatrixBatch<double>& a, double* out, index_t stride) {
           backend->svd(a, out, stride, {out + n, n, n, n, stride}, count);
         }},
        {"qr_r", n * n,
         [&](const host::MatrixBatch<double>& a, double* out, index_t stride) {
           backend->qr_r(a, {out, n, n, n, stride}, count);
         }},
        {"gram", n * n,
         [&](const host::MatrixBatch<double>& a, double* out, index_t stride) {
           backend->gram(a, 0.0, {out, n, n, n, stride}, count);
         }},
        {"gemm", m * m,
         [&](const host::MatrixBatch<double>& a, double* out, index_t stride) {
           backend->gemm(1.0, a, host::t(a), 0.0, {out, m, m, m, stride}, count);
         }},
    };
    for (const Routine& routine : routines) {
      // Without gaps, so that matrices of odd size lie at even and at odd places; all of it at each offset.
      std::vector<double> many, expected;
      for (index_t b = 0; b < count; ++b) many.insert(many.end(), one.begin(), one.end());
      for (std::size_t offset = 0; offset < 8; ++offset) {
        Placed a(many, offset), out(std::vector<double>(static_cast<std::size_t>(count * routine.results)), offset);
        routine.run(host::packed(a.data(), m, n), out.data(), routine.results);
        for (index_t b = 0; b < count; ++b) {
          const double* first = out.data() + b * routine.results;
          const std::vector<double> result(first, first + routine.results);
          if (expected.empty()) expected = result;
          CAPTURE(routine.name, n, offset, b);
          REQUIRE(same_bits(result, expected));
        }
      }
    }
  }
}

TEST_CASE("an operator is prepared to the same bits wherever it lies", "[pavf][place]") {
  const auto backend = host::make_cpu_backend(2, 0);
  for (const index_t r : {3, 6, 9, 20, 33}) {
    const std::vector<double> a = values(r * r, static_cast<std::uint64_t>(r)), other = values(r * r, 1);
    std::vector<host::PavfSystem> all;
    for (std::size_t offset = 0; offset < 8; ++offset) {
      Placed here(a, offset), there(other, 0);
      // alone, and in the midst of others
      for (const auto& operators : {std::vector<const double*>{here.data()},
                                    std::vector<const double*>{there.data(), there.data(), here.data()}}) {
        all.push_back(host::pavf_prepare(*backend, operators, r).back());
      }
    }
    for (const host::PavfSystem& s : all) {
      CHECK(s.key == all[0].key);
      CHECK(s.paired == all[0].paired);
      CHECK(same_bits({s.scale, s.mean, s.norm}, {all[0].scale, all[0].mean, all[0].norm}));
      for (const auto part : {&host::PavfSystem::basis, &host::PavfSystem::op, &host::PavfSystem::normal_part,
                              &host::PavfSystem::pencils, &host::PavfSystem::invariants}) {
        CHECK(same_bits(s.*part, all[0].*part));
      }
    }
  }
}

TEST_CASE("a pair of operators has the bits of the pair turned round, at other places", "[pavf][spectral][place]") {
  for (const index_t r : {5, 13}) {
    OperatorSet rows = test::gaussians(6, r);
    rows[3] = test::as_operator(test::Matrix::Identity(r, r) + 0.1 * test::gaussian(r, 50));
    rows[5] = test::as_operator(test::gaussian(r, 51).triangularView<Eigen::Upper>().toDenseMatrix());
    const OperatorSet columns(rows.rbegin(), rows.rend());
    const index_t n = std::ssize(rows);
    Dsa proven;
    proven.effort = Effort::fast;
    proven.certify = true;
    for (const Metric& metric : {Metric(proven), Metric(Spectral{})}) {
      Engine engine(Device::cpu(2));
      const DistanceMatrix one = engine.cross(rows, columns, metric), turned = engine.cross(columns, rows, metric);
      const DistanceMatrix all = engine.pairwise(rows, metric);
      for (index_t i = 0; i < n; ++i) {
        for (index_t j = 0; j < n; ++j) {
          const PairResult &x = one.at(i, j), &y = turned.at(j, i), &z = all.at(i, n - 1 - j);
          CAPTURE(r, i, j);
          CHECK(same_bits({x.distance, x.lower_bound}, {y.distance, y.lower_bound}));
          if (i != n - 1 - j) CHECK(same_bits({x.distance, x.lower_bound}, {z.distance, z.lower_bound}));
        }
      }
    }
  }
}

TEST_CASE("a recording gives the same bits at every place of a collection and of memory", "[fit][engine][place]") {
  const index_t count = 4, channels = 5;
  std::vector<simulate::Recording> recordings;
  for (index_t k = 0; k < count; ++k) {
    recordings.push_back(test::signals(3, 41, channels, static_cast<std::uint64_t>(k)));
  }
  // in this order at the start of a line of the cache; then in the other order, at each offset
  const auto collection = [&](std::size_t offset, bool reversed) {
    std::vector<TrajectorySet> systems;
    for (index_t k = 0; k < count; ++k) {
      const index_t which = reversed ? count - 1 - k : k;
      systems.push_back(placed(recordings[static_cast<std::size_t>(which)], "s" + std::to_string(which), offset));
    }
    return systems;
  };
  Engine engine(Device::cpu(2));
  const std::vector<TrajectorySet> plain = collection(0, false);
  for (const std::size_t offset : {0, 1, 2, 5}) {
    const std::vector<TrajectorySet> moved = collection(offset, true);
    for (const Dmd& dmd : {Dmd{.delays = 3, .rank = 9}, Dmd{.delays = 1, .rank = 5}, Dmd{.delays = 7, .rank = 0},
                           Dmd{.delays = 20, .rank = 7}}) {
      const OperatorSet one = engine.fit(plain, dmd), other = engine.fit(moved, dmd);
      for (index_t k = 0; k < count; ++k) {
        const Operator &x = one[static_cast<std::size_t>(k)], &y = other[static_cast<std::size_t>(count - 1 - k)];
        CAPTURE(offset, dmd.delays, dmd.rank, k);
        CHECK(same_bits(x.values, y.values));
        CHECK(same_bits({x.facts.sigma_ratio, x.facts.residual}, {y.facts.sigma_ratio, y.facts.residual}));
      }
    }
    Dsa dsa{.dmd = {.delays = 3, .rank = 9}};
    dsa.effort = Effort::fast;
    for (const Metric& metric :
         {Metric(dsa), Metric(Cka{}), Metric(Procrustes{}), Metric(Shape{.alpha = 0.5}), Metric(Cca{}), Metric(Rsa{}),
          Metric(LinearRegression{}), Metric(LinearRegression{.folds = 3})}) {
      const DistanceMatrix one = engine.pairwise(plain, metric), other = engine.pairwise(moved, metric);
      for (index_t i = 0; i < count; ++i) {
        for (index_t j = 0; j < count; ++j) {
          CAPTURE(offset, metric.index(), i, j);
          CHECK(same_bits({one(i, j)}, {other(count - 1 - i, count - 1 - j)}));
        }
      }
    }
  }
}

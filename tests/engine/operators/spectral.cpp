#include "host/engine/operators/spectral_scorer.hpp"
#include "tests/oracle/assignment.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <random>

using namespace kindred;

namespace {

/// Operator of block-diagonal form with the given spectrum (conjugate pairs as 2 x 2 blocks), mixed by a random
/// permutation similarity: its eigenvalues are known without an eigensolver.
struct Known {
  Operator op;
  oracle::Spectrum spectrum;
};

Known known(const std::vector<double>& reals, const std::vector<std::complex<double>>& pairs, std::mt19937_64& random) {
  const std::size_t r = reals.size() + 2 * pairs.size();
  std::vector<std::size_t> place(r);
  std::iota(place.begin(), place.end(), std::size_t{0});
  std::shuffle(place.begin(), place.end(), random);
  Known out;
  out.op.size = static_cast<index_t>(r);
  out.op.values.assign(r * r, 0.0);
  const auto set = [&](std::size_t i, std::size_t j, double v) { out.op.values[place[i] * r + place[j]] = v; };
  std::size_t k = 0;
  for (const double x : reals) {
    set(k, k, x);
    ++k;
    out.spectrum.emplace_back(x);
  }
  for (const auto& z : pairs) {
    set(k, k, z.real());
    set(k + 1, k + 1, z.real());
    set(k, k + 1, z.imag());
    set(k + 1, k, -z.imag());
    k += 2;
    out.spectrum.emplace_back(z.real(), z.imag());
    out.spectrum.emplace_back(z.real(), -z.imag());
  }
  return out;
}

Known random_known(std::size_t reals, std::size_t pairs, std::mt19937_64& random, double scale = 1) {
  std::normal_distribution<double> normal;
  std::vector<double> x;
  std::vector<std::complex<double>> z;
  for (std::size_t i = 0; i < reals; ++i) x.push_back(scale * normal(random));
  for (std::size_t i = 0; i < pairs; ++i) z.emplace_back(scale * normal(random), scale * std::abs(normal(random)));
  return known(x, z, random);
}

std::vector<PairResult> score(host::Backend& backend, const std::vector<Operator>& operators,
                              const std::vector<host::PairIndex>& pairs, SpectralScore score = SpectralScore::squared) {
  const auto stage = host::make_spectral_scorer(backend, operators, {}, Spectral{.score = score}, {});
  std::vector<PairResult> out(pairs.size());
  stage->run(pairs, out);
  return out;
}

void pad(oracle::Spectrum& s, std::size_t r) { s.resize(r, 0); }

}  // namespace

TEST_CASE("two rotations by different angles", "[spectral][devices]") {
  const auto backend = test::make_backend();
  // Spectra {+-i} and {1, 1}: every match costs |i - 1|^2 = 2, so W2^2 = (2 + 2) / 2.
  std::mt19937_64 random(1);
  const auto a = known({}, {{0, 1}}, random), b = known({1, 1}, {}, random);
  const auto got = score(*backend, {a.op, b.op}, {{0, 1}, {0, 0}});
  CHECK(got[0].distance == 2);
  CHECK(got[0].lower_bound == 2);
  CHECK(got[0].status == PairStatus::exact);
  CHECK(got[1].distance == 0);
}

TEST_CASE("the folded transport is the best assignment of all eigenvalues", "[spectral][devices]") {
  const auto backend = test::make_backend();
  const int trials = test::either(400, 8);
  std::mt19937_64 random(2);
  const auto count = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  for (int trial = 0; trial < trials; ++trial) {
    // Small spectra by permutations, larger ones by the Hungarian method; sizes may differ, kinds are mixed, and a
    // coarse grid makes repeated eigenvalues and ties.
    const bool small = trial % 4 != 0;
    const std::size_t ra = 1 + count(small ? 5 : 40), rb = trial % 3 == 0 ? 1 + count(small ? 5 : 40) : ra;
    const std::size_t pa = trial % 5 == 0 ? 0 : count(ra / 2), pb = trial % 7 == 0 ? rb / 2 : count(rb / 2);
    auto a = random_known(ra - 2 * pa, pa, random), b = random_known(rb - 2 * pb, pb, random);
    if (trial % 6 == 1) {
      const auto coarse = [](Known& k) {
        for (double& v : k.op.values) v = std::round(v);
        for (auto& z : k.spectrum) z = {std::round(z.real()), std::round(z.imag())};
      };
      coarse(a);
      coarse(b);
    }
    const std::size_t r = std::max(ra, rb);
    pad(a.spectrum, r);
    pad(b.spectrum, r);
    const auto cost = oracle::squared_distances(a.spectrum, b.spectrum);
    const long double least = small ? oracle::least_by_permutations(cost) : oracle::least_by_hungarian(cost);
    const double expected = static_cast<double>(least / static_cast<long double>(r));
    const auto got = score(*backend, {a.op, b.op}, {{0, 1}, {1, 0}});
    INFO("trial " << trial << " r " << ra << ", " << rb << " pairs " << pa << ", " << pb);
    // r terms >= 0, each good to 4 eps, and eigenvalues of a permuted block-diagonal matrix to a few eps of its norm.
    CHECK(std::abs(got[0].distance - expected) <= 1e-14 * (1 + expected));
    CHECK(got[0].distance == got[1].distance);
  }
}

TEST_CASE("both ways of the assignment oracle agree", "[spectral][oracle]") {
  std::mt19937_64 random(3);
  for (std::size_t n = 0; n <= 7; ++n) {
    const auto a = random_known(n, 0, random), b = random_known(n % 2, n / 2, random);
    const auto cost = oracle::squared_distances(a.spectrum, b.spectrum);
    CHECK(std::abs(oracle::least_by_permutations(cost) - oracle::least_by_hungarian(cost)) <= 1e-16L);
  }
}

TEST_CASE("spectral: a metric's properties, for every tile and number of threads", "[spectral][devices]") {
  std::mt19937_64 random(4);
  std::vector<Operator> operators;
  for (std::size_t k = 0; k < 9; ++k) operators.push_back(random_known(1 + k % 4, 3 + k % 2, random).op);
  std::vector<host::PairIndex> all;
  for (int i = 0; i < 9; ++i) {
    for (int j = 0; j < 9; ++j) all.push_back({i, j});
  }
  const auto backend = test::make_backend();
  const auto d = score(*backend, operators, all, SpectralScore::root);
  const auto threaded = score(*test::make_backend(0, 1), operators, all, SpectralScore::root);
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(d[10 * i].distance == 0);
    for (std::size_t j = 0; j < 9; ++j) {
      CHECK(d[9 * i + j].distance == d[9 * j + i].distance);
      CHECK(d[9 * i + j].distance == threaded[9 * i + j].distance);
      CHECK(d[9 * i + j].distance ==
            score(*backend, {operators[j], operators[i]}, {{1, 0}}, SpectralScore::root)[0].distance);
      // Operators of one size: W2 satisfies the triangle inequality to rounding.
      for (std::size_t k = 0; k < 9; ++k) {
        if (operators[i].size != operators[j].size || operators[j].size != operators[k].size) continue;
        CHECK(d[9 * i + j].distance <= d[9 * i + k].distance + d[9 * k + j].distance + 1e-13);
      }
    }
  }
}

TEST_CASE("an unusable operator fails its pairs and no others", "[spectral][devices]") {
  const auto backend = test::make_backend();
  std::mt19937_64 random(5);
  std::vector<Operator> operators;
  for (int k = 0; k < 3; ++k) operators.push_back(random_known(2, 2, random).op);
  const double good = score(*backend, operators, {{0, 2}})[0].distance;
  for (const double bad : {std::nan(""), HUGE_VAL, 1e200}) {
    operators[1].values[0] = bad;
    const auto got = score(*backend, operators, {{0, 1}, {0, 2}, {1, 1}});
    CHECK(got[0].status == PairStatus::failed);
    CHECK(std::isnan(got[0].distance));
    CHECK(got[1].distance == good);
    CHECK(got[1].status == PairStatus::exact);
    CHECK(got[2].status == PairStatus::failed);
  }
}

TEST_CASE("large and small entries", "[spectral][devices]") {
  const auto backend = test::make_backend();
  std::mt19937_64 random(6);
  const auto a = random_known(3, 2, random), b = random_known(1, 3, random);
  const double unit = score(*backend, {a.op, b.op}, {{0, 1}})[0].distance;
  for (const int exponent : {-490, 490}) {
    auto x = a.op, y = b.op;
    for (double& v : x.values) v = std::ldexp(v, exponent);
    for (double& v : y.values) v = std::ldexp(v, exponent);
    const double d = score(*backend, {x, y}, {{0, 1}})[0].distance;
    CHECK(std::abs(std::ldexp(d, -2 * exponent) - unit) <= 1e-13 * unit);
  }
}

TEST_CASE("eigenvalues of large residual are left out where that is asked for", "[spectral][prune][devices]") {
  std::mt19937_64 random(8);
  OperatorSet both;
  std::vector<OperatorSet> small(1);
  for (int i = 0; i < 2; ++i) {
    const double turn = 0.2 + 0.1 * i;
    Known all = known({0.5, -0.3}, {std::polar(0.9, turn), std::polar(0.4, 1 + turn)}, random);
    all.op.name = i == 0 ? "a" : "b";
    all.op.facts.spectrum = {{std::polar(0.9, turn), 0.01},    {std::polar(0.9, -turn), 0.01},    {0.5, 0.2},
                             {std::polar(0.4, 1 + turn), 0.9}, {std::polar(0.4, -1 - turn), 0.9}, {-0.3, 0.05}};
    both.push_back(all.op);
    small[0].push_back(known({-0.3}, {std::polar(0.9, turn)}, random).op);
    small[0].back().name = all.op.name;
  }
  Engine engine(test::device());
  const double left = engine.pairwise(both, Spectral{.prune = 0.1})(0, 1);
  // Eigenvalues by LAPACK of small blocks: a few eps.
  CHECK(std::abs(left - engine.pairwise(small[0], Spectral{})(0, 1)) <= 1e-14);
  CHECK(engine.pairwise(both, Spectral{.prune = 1})(0, 1) ==
        Approx(engine.pairwise(both, Spectral{})(0, 1)).epsilon(1e-12));
  CHECK(engine.nearest(both, Spectral{.prune = 0.1}, {.k = 1}).of[0][0].result.distance == Approx(left).epsilon(1e-12));
  const auto none = engine.pairwise(both, Spectral{.prune = 0.001});
  CHECK(none.status(0, 1) == PairStatus::failed);
  both[1].facts.spectrum.clear();
  CHECK_THROWS_WITH(engine.pairwise(both, Spectral{.prune = 0.1}),
                    Catch::Contains("operator 'b' comes without residuals"));
  CHECK_THROWS_WITH(engine.pairwise(both, Spectral{.prune = -1}), Catch::Contains("Spectral::prune is -1"));
}

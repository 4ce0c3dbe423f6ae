/// The fit on Lorenz recordings, whose singular values fall by ten orders, against an explicit Hankel matrix and its
/// SVD in long double: eigenvalues and singular values of the operator to 1e-8 wherever sigma_r / sigma_1 > 1e-5.
#include "host/engine/fit/fit.hpp"
#include "tests/oracle/dmd.hpp"
#include "tests/support/devices.hpp"

#include <kindred/kindred.hpp>

#include <lapacke.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <complex>

using namespace kindred;

namespace {

std::vector<oracle::Trial> trials_of(const simulate::Recording& x) {
  std::vector<oracle::Trial> trials;
  for (index_t k = 0; k < x.trials; ++k) {
    oracle::Trial trial;
    for (index_t t = 0; t < x.steps; ++t) trial.emplace_back(x.at(k, t), x.at(k, t) + x.channels);
    trials.push_back(trial);
  }
  return trials;
}

std::vector<std::complex<double>> eigenvalues(std::vector<double> a, index_t r) {
  const int n = static_cast<int>(r);
  std::vector<double> re(static_cast<std::size_t>(r)), im(static_cast<std::size_t>(r));
  REQUIRE(LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', n, a.data(), n, re.data(), im.data(), nullptr, n, nullptr, n) == 0);
  std::vector<std::complex<double>> out;
  for (std::size_t i = 0; i < re.size(); ++i) out.emplace_back(re[i], im[i]);
  return out;
}

/// Largest distance of an eigenvalue of `a` to the nearest of `b`, by the largest modulus of b.
double spectral_difference(const std::vector<std::complex<double>>& a, const std::vector<std::complex<double>>& b) {
  double worst = 0, scale = 0;
  for (const auto& z : b) scale = std::max(scale, std::abs(z));
  for (const auto& z : a) {
    double least = HUGE_VAL;
    for (const auto& w : b) least = std::min(least, std::abs(z - w));
    worst = std::max(worst, least);
  }
  return worst / scale;
}

void check(double rho, index_t trials, index_t steps, index_t delays, index_t interval, double smallest_ratio) {
  simulate::Lorenz parameters;
  parameters.rho = rho;
  parameters.trials = trials;
  parameters.steps = steps;
  const simulate::Recording x = simulate::lorenz(parameters);
  const auto d = static_cast<std::size_t>(delays), tau = static_cast<std::size_t>(interval);
  const auto sigma = oracle::left_svd(oracle::hankel(trials_of(x), d, tau)).first;
  // The largest rank whose last direction is above the ratio.
  const auto rank = static_cast<index_t>(
      std::count_if(sigma.begin(), sigma.end(), [&](auto s) { return s > smallest_ratio * sigma.front(); }));
  const auto expected = oracle::dmd(trials_of(x), d, tau, static_cast<std::size_t>(rank));
  const auto backend = test::make_backend();
  const std::vector<TrajectorySet> systems = {TrajectorySet::view("lorenz", x.values.data(), trials, steps, 3)};
  host::Recordings recordings(*backend, systems);
  const OperatorSet got = host::fit_operators(recordings, {.delays = delays, .interval = interval, .rank = rank}, {});

  oracle::Matrix a(static_cast<std::size_t>(rank), static_cast<std::size_t>(rank));
  std::copy(got[0].values.begin(), got[0].values.end(), a.values.begin());
  const std::vector<double> reference(expected.a.values.begin(), expected.a.values.end());
  const auto s = oracle::left_svd(a).first, t = oracle::left_svd(expected.a).first;
  double singular = 0;
  for (std::size_t i = 0; i < s.size(); ++i) {
    singular = std::max(singular, static_cast<double>(std::abs(s[i] - t[i]) / t.front()));
  }
  const double spectral = spectral_difference(eigenvalues(got[0].values, rank), eigenvalues(reference, rank));
  INFO("rho " << rho << " rank " << rank << " sigma ratio " << got[0].facts.sigma_ratio << " singular values "
              << singular << " eigenvalues " << spectral);
  CHECK(got[0].facts.sigma_ratio > smallest_ratio);
  CHECK(singular <= 1e-8);
  CHECK(spectral <= 1e-8);
}

}  // namespace

TEST_CASE("Lorenz: the orthogonal route down to sigma_r = 1e-5 sigma_1", "[engine][fit][devices]") {
  for (const double rho : test::on_cpu() ? std::vector{0.5, 10.0, 40.0} : std::vector{10.0}) {
    check(rho, 20, 200, 33, 6, 1e-5);
  }
}

TEST_CASE("Lorenz: the Gram route of a long recording, down to its limit", "[engine][fit][devices]") {
  check(28, 1, 1500, 5, 3, 1.1e-3);
}

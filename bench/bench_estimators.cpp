/// Bias of the eigenvalues that each regression finds under noise, as a table: three rotations of falling size seen by
/// 100 channels, 100 trials of 200 steps, white noise of 0.1, 1 and 5 % of the channels' size, 20 draws.
#include <kindred/kindred.hpp>

#include <cmath>
#include <complex>
#include <cstdio>
#include <string>
#include <vector>

using namespace kindred;

namespace {

using Complex = std::complex<double>;

constexpr index_t trials = 100, steps = 200, channels = 100, draws = 20, states = 6;
constexpr double sizes[] = {1, 0.1, 0.03}, frequencies[] = {0.2, 0.5, 1.1}, decay = 0.999;

Complex eigenvalue(std::size_t k) { return std::polar(decay, frequencies[k]); }

simulate::Recording recording(double noise, std::uint64_t seed) {
  simulate::Random random(seed);
  simulate::Recording x(trials, steps, channels);
  std::vector<double> mixing(static_cast<std::size_t>(states * channels));
  for (double& m : mixing) m = random.normal();
  double power = 0;
  for (const double size : sizes) power += size * size;
  for (index_t k = 0; k < trials; ++k) {
    Complex z[3];
    for (std::size_t i = 0; i < 3; ++i) z[i] = std::polar(sizes[i], random.uniform(0, 6.283185307179586));
    for (index_t t = 0; t < steps; ++t) {
      for (index_t c = 0; c < channels; ++c) {
        double value = noise * std::sqrt(power) * random.normal();
        for (std::size_t i = 0; i < 3; ++i) {
          value += mixing[2 * i * channels + c] * z[i].real() + mixing[(2 * i + 1) * channels + c] * z[i].imag();
        }
        x.at(k, t)[c] = value;
      }
      for (std::size_t i = 0; i < 3; ++i) z[i] *= eigenvalue(i);
    }
  }
  return x;
}

Complex nearest(const std::vector<Eigenvalue>& all, Complex to) {
  Complex best = all.front().value;
  for (const Eigenvalue& e : all) best = std::abs(e.value - to) < std::abs(best - to) ? e.value : best;
  return best;
}

}  // namespace

int main() {
  Engine engine(Device::cpu(1));
  std::printf(
      "| noise | `regression` | size 1 | size 0.1 | size 0.03 | spread of one fit |\n| --- | --- | --- | --- | --- | "
      "--- |\n");
  for (const double noise : {0.001, 0.01, 0.05}) {
    std::vector<std::vector<std::vector<Complex>>> errors(words<Regression>.size(),
                                                          std::vector<std::vector<Complex>>(3));
    for (index_t draw = 0; draw < draws; ++draw) {
      const simulate::Recording x = recording(noise, static_cast<std::uint64_t>(draw));
      const TrajectorySet set = TrajectorySet::view("x", x.values.data(), trials, steps, channels);
      std::vector<Dmd> dmds;
      for (const auto& known : words<Regression>) dmds.push_back({.rank = states, .regression = known.value});
      const OperatorSet got = engine.fit_each(std::vector<TrajectorySet>(dmds.size(), set), dmds);
      for (std::size_t e = 0; e < got.size(); ++e) {
        if (got[e].facts.status != FitStatus::ok) std::printf("%s\n", got[e].facts.detail.c_str());
        const auto found = eigenvalues(got[e]);
        for (std::size_t k = 0; k < 3; ++k) errors[e][k].push_back(nearest(found, eigenvalue(k)) - eigenvalue(k));
      }
    }
    for (std::size_t e = 0; e < errors.size(); ++e) {
      std::printf("| %g %% | `%s` |", 100 * noise, std::string(words<Regression>[e].word).c_str());
      double spread = 0;
      for (const auto& all : errors[e]) {
        Complex mean = 0;
        for (const Complex z : all) mean += z / static_cast<double>(draws);
        std::printf(" %.1e |", std::abs(mean));
        spread = 0;
        for (const Complex z : all) spread += std::norm(z - mean) / static_cast<double>(draws - 1);
      }
      std::printf(" %.1e |\n", std::sqrt(spread));
    }
  }
}

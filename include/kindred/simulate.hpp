#pragma once
#include <kindred/trajectories.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <string>
#include <vector>

/// Seeded generators of recordings whose dynamics are known. The same parameters and seed give the same numbers, to
/// the bit, on every machine: integer arithmetic, and floating-point +, -, *, /, sqrt without contraction.
namespace kindred::simulate {

/// Pseudo-random numbers: xoshiro256++ (Blackman and Vigna, doi 10.1145/3460772), its state filled from the seed by
/// SplitMix64.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  /// The generator of sub-stream `stream` of `seed`: independent draws for every system of one case.
  Random(std::uint64_t seed, std::uint64_t stream);

  [[nodiscard]] std::uint64_t bits();
  /// Uniform in [0, 1), a multiple of 2^-53.
  [[nodiscard]] double uniform();
  /// Uniform in [low, high).
  [[nodiscard]] double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Standard normal, by the ratio of uniforms (Leva, doi 10.1145/138351.138364).
  [[nodiscard]] double normal();
  /// Uniform in {0, ..., n - 1}, n >= 1, without bias.
  [[nodiscard]] index_t below(index_t n);

 private:
  std::uint64_t state_[4];
};

/// A generated recording: `trials` x `steps` x `channels`, C order, owned.
struct Recording {
  index_t trials = 0;
  index_t steps = 0;
  index_t channels = 0;
  std::vector<double> values;

  Recording() = default;
  /// All zero.
  Recording(index_t trial_count, index_t step_count, index_t channel_count);

  /// The state of trial k at step t: `channels` values.
  [[nodiscard]] double* at(index_t k, index_t t) { return values.data() + (k * steps + t) * channels; }
  [[nodiscard]] const double* at(index_t k, index_t t) const { return values.data() + (k * steps + t) * channels; }
};

/// A trajectory set that owns the recording: its memory lives as long as the set or a copy of it.
[[nodiscard]] TrajectorySet own(Recording recording, std::string name, std::string label = {});

/// Scales each trial to [0, 1] by its own minimum and maximum over steps and channels, x <- (x - min) / (max - min):
/// one shift and one factor a trial, so that its shape is kept. A constant trial becomes 0.
void scale_to_unit(Recording& recording);

/// The Lorenz system, x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z, by explicit Euler steps from starts
/// uniform in [0, 1)^3; step 0 is the start. The defaults are those of arXiv 2410.24070.
struct Lorenz {
  double rho = 28;
  double sigma = 10;
  double beta = 2.667;
  double step = 0.01;  ///< time between two steps
  index_t trials = 200;
  index_t steps = 200;
  bool scaled = true;  ///< scale_to_unit at the end
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;  ///< sub-stream of the seed; equal streams share their starts
};

/// trials x steps x 3. Throws invalid_argument for a size below 1, or a parameter that is not finite or makes the
/// integration overflow. Cost 9 flops a step and trial.
[[nodiscard]] Recording lorenz(const Lorenz& parameters);

}  // namespace kindred::simulate

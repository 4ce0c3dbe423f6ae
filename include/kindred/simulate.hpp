#pragma once
#include <kindred/export.hpp>
#include <kindred/trajectories.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Seeded generators of recordings whose dynamics are known. The same parameters and seed give the same numbers, to
/// the bit, on every machine: integer arithmetic, and floating-point +, -, *, /, sqrt without contraction.
namespace kindred::simulate {

/// Pseudo-random numbers: xoshiro256++ (Blackman and Vigna, doi 10.1145/3460772), its state filled from the seed by
/// SplitMix64.
class KINDRED_EXPORT Random {
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
struct KINDRED_EXPORT Recording {
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
[[nodiscard]] KINDRED_EXPORT TrajectorySet own(Recording recording, std::string name, std::string label = {});

/// Scales each trial to [0, 1] by its own minimum and maximum over steps and channels, x <- (x - min) / (max - min):
/// one shift and one factor a trial, so that its shape is kept. A constant trial becomes 0.
KINDRED_EXPORT void scale_to_unit(Recording& recording);

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
[[nodiscard]] KINDRED_EXPORT Recording lorenz(const Lorenz& parameters);

/// Straight lines: x(t) = x(0) + t (t - 1) / 2 * v, from rest with constant acceleration (arXiv 2410.24070), starts
/// uniform in [0, 1)^3, direction v uniform on the sphere, |v| = `acceleration`.
struct Line {
  double acceleration = 1e-4;
  index_t trials = 200;
  index_t steps = 200;
  bool scaled = true;  ///< scale_to_unit at the end
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};
/// trials x steps x 3. Throws invalid_argument as lorenz does.
[[nodiscard]] KINDRED_EXPORT Recording line(const Line& parameters);

/// Joins recordings of equal trial and channel count end to end, trial by trial: each part continues where the last one
/// ended, y(s + t) = y(s - 1) + x(t) - x(0). Keeps every `keep`-th step, beginning with the first; then scale_to_unit.
[[nodiscard]] KINDRED_EXPORT Recording join(std::span<const Recording* const> parts, index_t keep);

/// The recording with its trials in reverse order.
[[nodiscard]] KINDRED_EXPORT Recording reverse_trials(const Recording& recording);

/// The recording with the steps of each trial in reverse order.
[[nodiscard]] KINDRED_EXPORT Recording reverse_time(const Recording& recording);

/// sqrt(1 - level^2) x + level * e, e standard normal, one draw a value. 0 <= level <= 1.
[[nodiscard]] KINDRED_EXPORT Recording add_noise(const Recording& recording, double level, Random& random);

/// x(t) + level (y(t) - y(0)): the displacement of `other` from its start mixed in. Equal shapes, 0 <= level <= 1.
[[nodiscard]] KINDRED_EXPORT Recording mix(const Recording& recording, const Recording& other, double level);

/// The same states seen through a linear map: y(t) = M x(t), M `channels` x recording.channels, row-major.
[[nodiscard]] KINDRED_EXPORT Recording observe(const Recording& recording, std::span<const double> matrix,
                                               index_t channels);

/// The same states seen through x -> x + bend x^3 on each channel: smooth and invertible for bend >= 0.
[[nodiscard]] KINDRED_EXPORT Recording bend(const Recording& recording, double bend);

/// One channel of a recording.
[[nodiscard]] KINDRED_EXPORT Recording select_channel(const Recording& recording, index_t channel);

/// rows x columns with orthonormal columns (rows >= columns), row-major: uniform (Haar), by orthonormalising normal
/// draws.
[[nodiscard]] KINDRED_EXPORT std::vector<double> random_orthonormal(index_t rows, index_t columns, Random& random);

/// The van der Pol oscillator, x' = speed y, y' = speed (mu (1 - x^2) y - x), by fourth-order Runge-Kutta steps, starts
/// uniform in [-2, 2)^2: a limit cycle whose period falls as 1 / speed while its shape stays.
struct VanDerPol {
  double mu = 1;
  double speed = 1;
  double step = 0.1;
  index_t trials = 50;
  index_t steps = 200;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};
/// trials x steps x 2.
[[nodiscard]] KINDRED_EXPORT Recording van_der_pol(const VanDerPol& parameters);

/// A linear system z(t + 1) = blockdiag([a, -b; b, a]) z(t) seen through a basis B, x = B z, with normal starts: its
/// eigenvalues are a +- i b, one pair a mode. B = P diag(s) Q, P and Q random orthogonal, s evenly spaced from 1
/// to `condition`.
struct Linear {
  struct Mode {
    double real, imaginary;
  };
  std::vector<Mode> modes;
  double condition = 1;
  index_t trials = 50;
  index_t steps = 200;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};
/// trials x steps x 2 * modes.
[[nodiscard]] KINDRED_EXPORT Recording linear(const Linear& parameters);

/// Continuous attractors that integrate a random velocity v, an Ornstein-Uhlenbeck process of standard deviation
/// `drive` and correlation time 20 steps:
///   ring: x' = pull x (1 - r^2) - v y, y' = pull y (1 - r^2) + v x. Without v every point of the unit circle is at
///         rest.
///   line: x' = v - x^9, y' = -2 pull y. Without v every point of a segment is at rest, with soft ends near +-1.
/// Both attract at the rate 2 pull. Starts uniform in [-1, 1)^2.
struct ContinuousAttractor {
  enum class Shape { ring, line };
  Shape shape = Shape::ring;
  double pull = 2;
  double drive = 1;
  double step = 0.05;
  index_t trials = 50;
  index_t steps = 200;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};
/// trials x steps x 2.
[[nodiscard]] KINDRED_EXPORT Recording continuous_attractor(const ContinuousAttractor& parameters);

}  // namespace kindred::simulate

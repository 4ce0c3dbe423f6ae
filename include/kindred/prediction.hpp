#pragma once
/// How well operators predict recordings that they were not fitted to, and the choice of delays, interval and rank by
/// it.
#include <kindred/dmd.hpp>
#include <kindred/export.hpp>
#include <kindred/trajectories.hpp>

#include <array>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kindred {

/// What is kept from the fit, to be predicted.
struct HoldOut {
  enum class By {
    trials,  ///< the last trials of every system
    time,    ///< the end of every trial
  };
  By by = By::trials;
  double share = 0.2;  ///< of the trials or of each trial's steps, rounded up, in (0, 1)
};

/// The recording to fit and the recording to predict, each with its inputs, views on the same memory; nothing is in
/// both. A system that was cut at missing samples is not divided: its first part has failed (TrajectorySet::failure).
/// Throws Error{invalid_argument} for a share outside (0, 1), and Error{invalid_data} that names a system with inputs
/// of other lengths, a single trial (HoldOut::By::trials), or a trial too short to be divided.
[[nodiscard]] KINDRED_EXPORT std::pair<TrajectorySet, TrajectorySet> split(const TrajectorySet& system,
                                                                           const HoldOut& hold_out);

/// Predicted values z against recorded ones x, over the N scored values of all trials, steps and channels. NaN where
/// nothing is scored.
struct PredictionScore {
  index_t values = 0;                                     ///< N
  double mae = std::numeric_limits<double>::quiet_NaN();  ///< mean |x - z|
  double mse = mae;                                       ///< mean (x - z)^2
  double nmse = mae;                                      ///< mse over the variance of x about its mean (of all values)
  double mase = mae;         ///< mae over that of the prediction that nothing changes, x(t - steps_ahead)
  double r2 = mae;           ///< mean over channels of 1 - (sum of squared errors) / (sum of squares about the mean)
  double correlation = mae;  ///< mean over channels of Pearson's correlation of x and z
  double aic = mae;          ///< Akaike's criterion by value, ln(mse) + 2 (r^2 + r m + 1) / N, of rank r and m inputs
};

/// The prediction of one system.
struct Prediction {
  FitFacts facts;            ///< of the fit
  PredictionScore one_step;  ///< every step from the recorded past
  PredictionScore reseeded;  ///< as PredictOptions::reseed says, from predictions in between
  /// The nmse of `reseeded` in consecutive eighths of the scored steps: how much it varies. NaN of an empty one.
  std::array<double, 8> parts{};
  /// The reseeded predictions if they were asked for, a trial each, steps x channels; the first steps, for which there
  /// is no past, as they were recorded.
  std::vector<std::vector<double>> values;
};

struct PredictOptions {
  /// Row t of the embedding is predicted from the recorded row t - steps_ahead if t is a multiple of this or there is
  /// no prediction of that row, else from its prediction. 1: always from the record; 0: never again after the start.
  index_t reseed = 10;
  /// The first steps of each trial that are not scored, at least those that have no prediction: (delays - 1) interval +
  /// steps_ahead. For one score of several delays.
  index_t skip = 0;
  bool values = false;  ///< whether to return the predicted values
};

/// What a sweep tries: every combination.
struct SweepGrid {
  std::vector<index_t> delays = {1}, intervals = {1}, ranks;
};

/// One combination, over all systems. Infeasible (NaN): a system has too few columns, rows or transitions for it, or
/// could not be fitted, or the rank is above its numerical rank, where directions are rounding noise, or more than half
/// of each of its held-out trials would be without a prediction.
struct SweepPoint {
  index_t delays = 1, interval = 1, rank = 1;
  bool feasible = false;
  PredictionScore one_step, reseeded;  ///< means over the systems of each figure
  std::vector<double> errors;          ///< nmse of the reseeded predictions, eight parts a system
};

struct SweepResult {
  index_t skip = 0;                ///< steps of each held-out trial that no point scores
  std::vector<SweepPoint> points;  ///< intervals slowest, then delays, then ranks
  /// Systems that cannot be judged, by name with the reason: no delays and rank make an operator of them (all channels
  /// constant, a preparation that failed), or they were cut at missing samples. The points are over the others.
  std::vector<std::pair<std::string, std::string>> left_out;
};

/// Where the points of a sweep are kept, so that one that was stopped goes on from there.
class KINDRED_EXPORT SweepStore {
 public:
  virtual ~SweepStore() = default;
  /// Called first: what the points belong to (build, device, recordings, parameters, and the steps that are scored).
  /// Throws Error{invalid_argument} if there are points of another sweep.
  virtual void begin(const std::string& identity) = 0;
  /// Fills a point that is kept; false: it is not.
  [[nodiscard]] virtual bool find(SweepPoint& point) const = 0;
  /// Takes the points of one delays and interval.
  virtual void keep(std::span<const SweepPoint> points) = 0;
};

/// In a text file: the identity, then a line a point. A last line that was not finished is left out.
class KINDRED_EXPORT SweepJournal final : public SweepStore {
 public:
  /// Reads the file if it exists. Throws Error{io} if it cannot be read, or is not such a file.
  explicit SweepJournal(std::filesystem::path path);
  void begin(const std::string& identity) override;
  [[nodiscard]] bool find(SweepPoint& point) const override;
  void keep(std::span<const SweepPoint> points) override;
  [[nodiscard]] std::size_t size() const { return points_.size(); }

 private:
  std::filesystem::path path_;
  std::string identity_;
  std::vector<SweepPoint> points_;
};

/// Where a sweep may start: delays from the correlation time and the period of the recordings, and the rank of a
/// threshold for noise. It looks at one signal, so that it is a starting point and no choice.
struct StartingPoint {
  index_t delays = 1;  ///< q*
  index_t rank = 1;    ///< r*
};

/// q* (fastDSA, arXiv 2511.22828) of recordings in host memory. Of each trial one signal of N samples, the mean of its
/// z-scored channels (at most 128, evenly taken), z-scored:
///     q_acf     ceil(2 tau), tau = 1 + 2 sum of the autocorrelation up to its first value <= 0, over at most
///               N / 4 lags
///     q_period  ceil(1 / f) of the largest value of the Hann-windowed periodogram, if that is 8 times the median or
///               more, the period 8 samples or more and N at least 3 periods; else 0
///     q_0       max(16 or, from 256 samples, 32; q_acf; q_period; ceil(2 N^(1/3))), at most (N + 1) / 2
///     q*        ceil(q_0 (1 + p^2)), p = r_0 / q_0, at most (N + 1) / 2
/// r_0 is the rank by svht (RankRule) of the q_0 x (N - q_0 + 1) Hankel matrix of the signal. The collection has the
/// least q* of all trials, r* is the largest rank there. Of a trial the first 4096 samples are looked at, of a system
/// at most 32 trials, evenly taken; trials below 8 samples, and those that do not change, are left out. Throws
/// Error{invalid_data} if none is left.
[[nodiscard]] KINDRED_EXPORT StartingPoint starting_point(std::span<const TrajectorySet> systems);

/// The tolerance of `recommend` unless another is given: 1 % of the variance.
inline constexpr double default_tolerance = 0.01;

/// The point that is recommended, and why.
struct Recommendation {
  std::size_t best = 0;                     ///< index of the point of least mean error
  std::size_t chosen = 0;                   ///< index of the point recommended
  double best_error = 0, chosen_error = 0;  ///< mean nmse
};

/// The smallest model that predicts about as well as the best: of the points whose errors exceed those of the point of
/// least mean error by no more than one standard error of the mean difference, over the parts of all systems, or by no
/// more than `tolerance`, that of the smallest rank, then of the shortest window, then of the fewest delays (the
/// one-standard-error rule, Breiman et al. 1984, with a least difference that counts). The tolerance is a share of the
/// recordings' variance: dynamics that are not linear have no finite rank, and recorded without noise they are
/// predicted better by every further direction, so that standard errors alone never stop before the largest rank. 0:
/// standard errors alone. Throws Error{invalid_argument} where no point is feasible, or for a tolerance below 0.
[[nodiscard]] KINDRED_EXPORT Recommendation recommend(const SweepResult& sweep, double tolerance = default_tolerance);

}  // namespace kindred

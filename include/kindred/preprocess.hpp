#pragma once
#include <kindred/types.hpp>

namespace kindred {

/// What is done about missing samples, the NaN among the values of a recording.
enum class Missing {
  error,        ///< they are refused; the message names the first
  drop,         ///< steps with one are left out: a trial is cut there into pieces, and no window spans a cut
  interpolate,  ///< gaps inside a trial of at most `largest_gap` steps are bridged, a channel at a time; others are cut
};

/// What stands for the samples of one bin.
enum class BinBy { mean, sum };

/// How the channels of a recording are centred and scaled; standard deviations are those of the population.
enum class Scaling {
  none,
  centre,        ///< each channel's mean, over all trials and steps, is subtracted
  zscore,        ///< and each channel is divided by its standard deviation; a constant channel becomes 0
  zscore_trial,  ///< the same of each channel of each trial
  unit_trial,    ///< each trial by its own least and largest value, (x - min) / (max - min); a constant trial becomes 0
};

/// Functions of the channels that take their place, so that an operator is linear in them and need not be in the
/// channels.
enum class Observables {
  none,
  fourier,     ///< random Fourier features: cosines and sines of random projections
  nystroem,    ///< similarity to landmarks by a Gaussian kernel: with them DMD is kernel DMD by Nystroem's method
  polynomial,  ///< all products of up to `degree` channels
};

/// What is done to recordings before they are compared, in the order of the fields; each works on what the ones before
/// it left. The defaults do nothing. x(t) is a channel of one trial, t = 0 .. T - 1; y is what the step makes of it,
/// and no step mixes trials but the average. Inputs of a system (TrajectorySet::inputs) go along from `nan` to
/// `trial_average`: they are cut, binned, filtered and averaged with the recording, and are not scaled, projected or
/// observed.
struct Preprocess {
  /// Missing samples. A gap of steps a .. b - 1 of a channel is bridged by the line
  /// y(t) = x(a-1) + (t - a + 1) / (b - a + 1) (x(b) - x(a-1)); gaps at the ends of a trial are not bridged but cut.
  Missing nan = Missing::error;
  index_t largest_gap = 0;  ///< steps of the longest gap that `interpolate` bridges; only with it, and then 1 or more
  /// Steps of a bin: y(j) = mean or sum of x(j h) .. x(j h + bin - 1), h = bin - bin_overlap, while the bin lies in the
  /// trial: 1 + floor((T - bin) / h) of them; 1: none. Pieces of a trial are binned from their own first steps.
  index_t bin = 1;
  BinBy bin_by = BinBy::mean;
  index_t bin_overlap = 0;  ///< steps that two neighbouring bins share, less than `bin`
  /// Standard deviation s of a Gaussian filter in samples (bins, if there are any); 0: none.
  /// y(t) = sum_j w(j) x(t - j) / sum_j w(j), w(j) = exp(-j^2 / (2 s^2)), over |j| <= 4 s for which t - j lies in the
  /// trial, so that a constant stays what it is up to the edges.
  double smooth = 0;
  bool causal = false;   ///< j >= 0 alone: y(t) depends on nothing after t
  index_t every = 1;     ///< of the samples 0, 1, 2, ... those at multiples of this are kept; 1: all
  index_t resample = 0;  ///< steps of every trial, by linear interpolation between its first and last; 0: as they are
  bool trial_average = false;  ///< the mean over trials, which must have equal steps, as one trial
  Scaling scaling = Scaling::none;
  /// Principal components kept, the leading ones of each system's centred channels; 0: the channels themselves.
  index_t components = 0;
  /// In place of a number: as many components as carry this share, 0 to 1, of the variance; 0: off. Directions whose
  /// variance is not above max(samples, channels) eps times the largest do not count.
  double variance = 0;
  /// The components are those of all systems together (stacked samples, one mean; equal channel counts).
  bool common_basis = false;
  /// Functions of each sample x (C channels):
  ///   fourier     sqrt(2 / D) [cos(w_k x), sin(w_k x)], k = 1 .. D / 2, D = `features`, w_k ~ N(0, I / s^2): their
  ///               inner products approach exp(-|x - y|^2 / (2 s^2)) (Rahimi and Recht 2007). s is `features_scale`
  ///               times the median distance between samples of the system (of 1000 that lie evenly among them, if it
  ///               has more). The draws follow from `features_seed` alone, the same for all systems of as many
  ///               channels.
  ///   nystroem    K(x, Z) K(Z, Z)^(-1/2), K(x, z) = exp(-|x - z|^2 / (2 s^2)), Z `features` samples of the system,
  ///               drawn without repetition by `features_seed` (all, if it has fewer); s as above. The inverse root
  ///               leaves out directions whose eigenvalue is not above 1e-8 of the largest (Williams and Seeger 2001)
  ///   polynomial  x_1, ..., x_C, x_1 x_1, x_1 x_2, ... of degrees 1 to `degree`: binom(C + degree, degree) - 1 columns
  /// A system whose median distance is 0, which is no scale for a kernel, has failed (TrajectorySet::failure).
  Observables observables = Observables::none;
  index_t features = 100;     ///< D, even; of nystroem any number up to 5000
  double features_scale = 1;  ///< above 0
  index_t features_seed = 0;
  bool features_state = false;  ///< the channels themselves stay, in front of the features
  index_t degree = 2;           ///< of the polynomials, 1 to 10

  bool operator==(const Preprocess&) const = default;
};

}  // namespace kindred

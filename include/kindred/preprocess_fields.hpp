#pragma once
/// The steps of the preparation of recordings, each described once, as metric_fields.hpp describes the metrics.
#include <kindred/export.hpp>
#include <kindred/metric_fields.hpp>
#include <kindred/preprocess.hpp>
#include <kindred/trajectories.hpp>

#include <string_view>

namespace kindred {

template <>
inline constexpr auto words<Missing> = std::to_array<Word<Missing>>({{"error", Missing::error},
                                                                     {"drop", Missing::drop},
                                                                     {"interpolate", Missing::interpolate}});
template <>
inline constexpr auto words<BinBy> = std::to_array<Word<BinBy>>({{"mean", BinBy::mean}, {"sum", BinBy::sum}});
template <>
inline constexpr auto words<Scaling> = std::to_array<Word<Scaling>>({{"none", Scaling::none},
                                                                     {"centre", Scaling::centre},
                                                                     {"zscore", Scaling::zscore},
                                                                     {"zscore-trial", Scaling::zscore_trial},
                                                                     {"unit-trial", Scaling::unit_trial}});

template <>
inline constexpr auto words<Observables> = std::to_array<Word<Observables>>(
    {{"none", Observables::none},
     {"fourier", Observables::fourier},
     {"nystroem", Observables::nystroem},
     {"polynomial", Observables::polynomial}});

template <>
struct Description<Preprocess> {
  static constexpr std::string_view type = "Preprocess";
  static constexpr auto fields = std::tuple{
      Field{"nan", &Preprocess::nan,
            "Missing samples (NaN): refused, left out with every window that touches one, or interpolated"},
      Field{"largest_gap", &Preprocess::largest_gap,
            "Steps of the longest gap that is interpolated; others are left out", 0},
      Field{"bin", &Preprocess::bin, "Steps of a bin (1: none)", 1},
      Field{"bin_by", &Preprocess::bin_by, "What stands for a bin"},
      Field{"bin_overlap", &Preprocess::bin_overlap, "Steps that neighbouring bins share", 0},
      Field{"smooth", &Preprocess::smooth, "Standard deviation of a Gaussian filter, in samples or bins (0: none)", 0},
      Field{"causal", &Preprocess::causal, "The filter takes nothing from later samples"},
      Field{"every", &Preprocess::every, "Keep the samples at multiples of this (1: all)", 1},
      Field{"resample", &Preprocess::resample, "Steps of every trial, by linear interpolation (0: as they are)", 0},
      Field{"trial_average", &Preprocess::trial_average, "The mean over trials in place of the trials"},
      Field{"scaling", &Preprocess::scaling, "Of each channel over all trials, or within each trial"},
      Field{"components", &Preprocess::components, "Principal components kept (0: the channels themselves)", 0},
      Field{"variance", &Preprocess::variance, "Share of the variance that the components kept carry (0: off)", 0, 1},
      Field{"common_basis", &Preprocess::common_basis, "The components of all systems together"},
      Field{"observables", &Preprocess::observables, "Functions of the channels in their place"},
      Field{"features", &Preprocess::features, "Random Fourier features, an even number, or landmarks of nystroem", 1},
      Field{"features_scale", &Preprocess::features_scale,
            "Width of their kernel, in median distances between samples (above 0)", 0},
      Field{"features_seed", &Preprocess::features_seed, "Seed of their random directions, or of the landmarks", 0},
      Field{"features_state", &Preprocess::features_state, "The channels stay beside the features"},
      Field{"degree", &Preprocess::degree, "Of the polynomials", 1, 10}};
};

/// Sets the field of that name to what the text says: a word, a number, "yes" or "no"; `components` also takes
/// "variance:0.99". Throws Error{invalid_argument} for an unknown field, and for a text that is no value of it.
KINDRED_EXPORT void set_field(Preprocess& steps, std::string_view name, std::string_view text);

/// The preparation of one system: `steps`, but for the fields that the system sets itself (TrajectorySet::preprocess).
[[nodiscard]] KINDRED_EXPORT Preprocess preprocess_of(const TrajectorySet& system, const Preprocess& steps);

}  // namespace kindred

#pragma once
#include <kindred/types.hpp>

namespace kindred {

/// How the channels of a recording are centred and scaled, over all its trials and steps.
enum class Scaling {
  none,
  centre,  ///< each channel's mean is subtracted
  zscore,  ///< and each channel is divided by its standard deviation (of the population); a constant channel becomes 0
};

/// What is done to recordings before they are compared, in this order. The defaults do nothing.
struct Preprocess {
  index_t resample = 0;  ///< steps of every trial, by linear interpolation between its first and last; 0: as recorded
  bool trial_average = false;  ///< the mean over trials, which must have equal steps, as one trial
  Scaling scaling = Scaling::none;
  /// Principal components kept, the leading ones of each system's centred channels; 0: the channels themselves.
  index_t components = 0;
  /// The components are those of all systems together (stacked samples, one mean; equal channel counts).
  bool common_basis = false;
};

}  // namespace kindred

#pragma once
/// Checks of what the caller hands in, done once, before any work. Every message names the system, the place and the
/// value found, and what was expected.
#include <kindred/dmd.hpp>
#include <kindred/trajectories.hpp>

#include <span>
#include <string>

namespace kindred::host {

/// "system 'a'", for messages.
[[nodiscard]] std::string called(const TrajectorySet& system);

/// The inputs of a system as a recording of their own, called "NAME (inputs)".
[[nodiscard]] TrajectorySet inputs_of(const TrajectorySet& system);

/// Throws Error{invalid_data} for a set without trials, a null, empty or channel-less trial, and trials of different
/// channel counts; the same for its inputs, if it has any, and for inputs of another number or length of trials. Does
/// not look at the values, which may lie on a device.
void check_shape(const TrajectorySet& system);

/// Throws Error{invalid_argument} for a system that sets steps of its own preparation: they have not been done.
void check_prepared(std::span<const TrajectorySet> systems);

/// Throws Error{invalid_data} for a system that was cut at missing samples, where samples of systems are matched.
void check_matched(std::span<const TrajectorySet> systems);

/// Throws Error{invalid_argument} for a fit that systems with inputs do not have.
void check_inputs(const TrajectorySet& system, const Dmd& dmd);

/// Throws Error{invalid_argument} for a parameter out of range.
void check_parameters(const Dmd& dmd);

}  // namespace kindred::host

#pragma once
/// Observables of recordings: functions of the channels that take their place (Preprocess::observables has the
/// equations).
#include "host/backend/backend.hpp"
#include "host/engine/recordings/samples.hpp"

namespace kindred::host {

/// Observables in place of the channels. Throws Error{invalid_data} naming the system if its polynomials had more than
/// 20,000 columns, and if the median distance between its samples is no scale for a kernel.
/// Cost: Fourier 2 m C D flops, D m cosines and sines and, for the median, 10^6 C flops; Nystroem 2 m D (C + D) flops,
/// D m exponentials, an eigenproblem of D and the median; polynomials a product each.
void observe(Backend& backend, Samples& samples, const TrajectorySet& set, const Preprocess& steps);

}  // namespace kindred::host

#pragma once
/// Any of the metrics: those of operators and those of recordings.
#include <kindred/operator_metrics.hpp>
#include <kindred/recording_metrics.hpp>

#include <variant>

namespace kindred {

/// Any metric; each converts implicitly.
using Metric = std::variant<Dsa, Spectral, Cka, Procrustes, Shape, Cca, Rsa, LinearRegression, Matching, NeighbourGraph,
                            DistanceCorrelation, InputDsa, SpectralGrassmann, StochasticShape>;

}  // namespace kindred

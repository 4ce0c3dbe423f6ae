#pragma once
#include <kindred/types.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace kindred::host {

/// The transport of least cost between n sources and m sinks, row-major n x m:
///
///     min sum_ij f_ij c_ij   with   sum_j f_ij = supply_i,  sum_i f_ij = demand_j,  f >= 0,
///
/// supplies and demands whole and above 0, of equal sums; all 1: an assignment. Exact but for rounding, some eps max
/// |c|: by successive shortest paths with node potentials, each the Dijkstra search of a dense graph (Jonker and
/// Volgenant 1987, doi 10.1007/BF02278710; Ahuja, Magnanti and Orlin 1993, section 9.7). Costs may be negative;
/// throws Error{invalid_data} where costs that are no numbers leave a sink without a way. Cost O(n m) a path, about
/// n / 4 paths of an assignment, n + m of other typical problems; 24 n m bytes with the costs. Equal input gives the
/// same plan, whichever of several best ones it is.
[[nodiscard]] std::vector<std::int64_t> transport_plan(std::span<const double> cost,
                                                       std::span<const std::int64_t> supply,
                                                       std::span<const std::int64_t> demand);

/// Masses of n points of equal weight against m: m / g each, g the greatest common divisor of both.
[[nodiscard]] std::vector<std::int64_t> equal_masses(index_t n, index_t m);

}  // namespace kindred::host

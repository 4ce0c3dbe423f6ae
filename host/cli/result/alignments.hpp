#pragma once
#include "host/cli/options/metric_options.hpp"

#include "host/io/atomic_file.hpp"

#include <kindred/engine.hpp>

#include <string>
#include <utility>
#include <vector>

namespace kindred::cli {

/// A pair of operators to align.
using OperatorPair = std::pair<const Operator*, const Operator*>;

/// The change of basis of every pair under one Dsa, for a .npz: "ROW|COLUMN", r x r, C with A nearest to C B C^T.
struct Alignments {
  std::vector<std::string> names;
  std::vector<Alignment> found;
};

/// The only dsa of the metrics. Throws invalid_argument if there is none, or are several.
[[nodiscard]] const Dsa& alignment_metric(const std::vector<MetricEntry>& metrics);

/// Searches each pair's alignment (again: distances are kept without it). Throws invalid_argument for more than a
/// thousand pairs, whose matrices nobody looks at.
[[nodiscard]] Alignments align(Engine& engine, const std::vector<OperatorPair>& pairs, const Dsa& metric);

void write_alignments(const Alignments& alignments, io::AtomicFile& file);

}  // namespace kindred::cli

#pragma once
#include "host/cli/report/cluster.hpp"
#include "host/cli/report/embedding.hpp"
#include "host/cli/report/groups.hpp"
#include "host/cli/report/matrix.hpp"

#include <optional>
#include <string>
#include <vector>

namespace kindred::report {

/// Names and groups of the systems of a picture.
struct Cast {
  std::vector<std::string> names;
  Groups groups;
};

/// Inline SVG of the matrix in the dendrogram's order, with the dendrogram above, a strip of group colours, names
/// (every k-th when they would touch), values where the cells are large enough, and the colour bar. `id` joins the
/// picture with the page's script.
[[nodiscard]] std::string heat_map(const Distances& distances, const Dendrogram& tree, const Cast& cast,
                                   const std::string& unit, const std::string& id);

/// The same of rows against columns, both in the order given and without a dendrogram. The groups of the two casts are
/// those of one list of labels. Colours span `range`, so that several maps compare, or what the grid has.
[[nodiscard]] std::string heat_map(const Grid& grid, const Cast& rows, const Cast& columns, const std::string& unit,
                                   const std::string& id, std::optional<Range> range = {});

/// Inline SVG of an embedding, both axes to the same scale; names beside the points where they fit.
[[nodiscard]] std::string scatter(const Embedding& embedding, const Cast& cast, const std::string& unit);

/// Inline SVG: how often each distance occurs; within and between groups apart when there are groups. A line through
/// all of it at the `noise_floor`, if there is one.
[[nodiscard]] std::string histogram(const Distances& distances, const Cast& cast, const std::string& unit,
                                    std::optional<double> noise_floor = {});

/// HTML list of the groups with their marks; empty without groups.
[[nodiscard]] std::string legend(const Groups& groups);

/// SVG of the mark of a group (-1: no group) centred at (x, y): a colour and, beyond the number of colours, a shape.
[[nodiscard]] std::string mark(index_t group, double x, double y, double radius);

}  // namespace kindred::report

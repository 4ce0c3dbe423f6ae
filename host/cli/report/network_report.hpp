#pragma once
#include "host/cli/report/page.hpp"

#include <kindred/networks.hpp>

namespace kindred::report {

/// The sections of a network case: claims, distances by group, over learning, against behaviour, between groups,
/// training, and the published handling; then the views.
void add_study(Page& page, const testcase::NetworkStudy& study);

}  // namespace kindred::report

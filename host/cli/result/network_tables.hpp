#pragma once
#include "host/cli/result/testcase_tables.hpp"

#include <kindred/networks.hpp>

#include <nlohmann/json.hpp>

#include <vector>

namespace kindred::cli {

/// The tables of a network case, the claims first.
[[nodiscard]] std::vector<Table> tabulate(const testcase::NetworkStudy& study);
[[nodiscard]] Table claims_table(const testcase::NetworkStudy& study);
[[nodiscard]] Table groups_table(const testcase::NetworkStudy& study, const std::string& setting);
[[nodiscard]] Table learning_table(const testcase::NetworkStudy& study, const std::string& setting);
[[nodiscard]] Table behaviour_table(const testcase::NetworkStudy& study, const std::string& setting);
[[nodiscard]] Table training_table(const testcase::NetworkStudy& study);
/// Mean distances by share of parts under every handling; empty without them.
[[nodiscard]] Table published_table(const testcase::NetworkStudy& study);

[[nodiscard]] nlohmann::ordered_json to_json(const testcase::NetworkStudy& study);

}  // namespace kindred::cli

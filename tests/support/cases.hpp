#pragma once
/// What tests of test cases share.
#include <kindred/testcase.hpp>

#include <set>
#include <utility>

namespace kindred::test {

/// The pairs of systems that a case compares under one setting, either way round.
inline std::set<std::pair<index_t, index_t>> compared_pairs(const testcase::Case& test, std::size_t setting) {
  std::set<std::pair<index_t, index_t>> out;
  for (const auto& block : test.settings[setting].blocks) {
    for (const index_t i : block.rows) {
      for (const index_t j : block.columns.empty() ? block.rows : block.columns) {
        out.insert({i, j});
        out.insert({j, i});
      }
    }
  }
  return out;
}

}  // namespace kindred::test

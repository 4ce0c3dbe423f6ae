#include <kindred/testcase.hpp>

#include <array>

namespace kindred::testcase {

std::span<const CaseEntry> registry() {
  static constexpr std::array all = {
      CaseEntry{"regimes", regimes},
      CaseEntry{"motifs", motifs},
      CaseEntry{"noise", noise},
      CaseEntry{"relations", relations},
      CaseEntry{"study", regimes_study, true},
      CaseEntry{"study", motifs_study, true},
  };
  return all;
}

}  // namespace kindred::testcase

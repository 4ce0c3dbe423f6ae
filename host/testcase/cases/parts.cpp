#include "host/testcase/cases/parts.hpp"

#include <numeric>
#include <utility>

namespace kindred::testcase {
namespace {

constexpr index_t paper_steps = 200;

/// Every choice of the study whose delays fit into the recordings and whose rank fits into the delays.
std::vector<Setting> study_settings(index_t systems) {
  std::vector<Setting> out;
  for (const index_t delays : {17, 33, 66}) {
    for (const index_t interval : {3, 6, 11}) {
      if ((delays - 1) * interval + 2 > paper_steps) continue;
      for (const index_t rank : {20, 50}) {
        out.push_back({{.delays = delays, .interval = interval, .rank = rank}, {{range(systems), {}}}});
      }
    }
  }
  return out;
}

}  // namespace

std::vector<index_t> range(index_t n) {
  std::vector<index_t> out(static_cast<std::size_t>(n));
  std::iota(out.begin(), out.end(), 0);
  return out;
}

std::vector<Comparison> all_pairs(const std::vector<int>& labels, const std::function<int(int, int)>& group_of) {
  std::vector<Comparison> out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = i + 1; j < labels.size(); ++j) {
      out.push_back({static_cast<index_t>(i), static_cast<index_t>(j), group_of(labels[i], labels[j]), 0});
    }
  }
  return out;
}

std::string describe(const Dmd& dmd) {
  return "delays " + std::to_string(dmd.delays) + ", interval " + std::to_string(dmd.interval) + ", rank " +
         text_of(dmd.rank);
}

std::vector<Known> from_paper(std::vector<double> dsa, std::vector<double> cka, std::vector<double> procrustes) {
  return {{"dsa", "paper", std::move(dsa)},
          {"cka", "paper", std::move(cka)},
          {"procrustes", "paper", std::move(procrustes)}};
}

std::string rho_name(double rho) {
  std::string text = std::to_string(rho);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return "rho " + text;
}

Case study_of(Case test, const std::string& title, index_t systems, View (*view)(std::size_t setting, const Dmd& dmd)) {
  test.name += "-study";
  test.title = title;
  test.settings = study_settings(systems);
  test.views.clear();
  test.notes.clear();
  test.one_table = true;
  for (std::size_t i = 0; i < test.settings.size(); ++i) test.views.push_back(view(i, test.settings[i].dmd));
  return test;
}

}  // namespace kindred::testcase

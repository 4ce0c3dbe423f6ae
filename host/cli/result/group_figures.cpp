#include "host/cli/result/group_figures.hpp"

#include "host/cli/report/markup.hpp"

#include <cmath>

namespace kindred::cli {
namespace {

using report::significant;
using statistics::GroupComparison;
using statistics::PermutationTest;
using statistics::WithInterval;

void add(std::vector<Fact>& facts, const std::string& name, const WithInterval& figure) {
  facts.push_back({{"statistics", name, "value"}, figure.value});
  facts.push_back({{"statistics", name, "low"}, figure.low});
  facts.push_back({{"statistics", name, "high"}, figure.high});
}

void add(std::vector<Fact>& facts, const std::string& name, const PermutationTest& test) {
  facts.push_back({{"statistics", name, "p"}, test.p});
  facts.push_back({{"statistics", name, "q"}, test.q});
  facts.push_back({{"statistics", name, "permutations"}, test.permutations});
  facts.push_back({{"statistics", name, "exact"}, test.exact});
}

}  // namespace

std::vector<Fact> facts_of(const GroupComparison& g) {
  std::vector<Fact> facts = {{{"statistics", "systems"}, g.systems},
                             {{"statistics", "groups"}, g.groups},
                             {{"statistics", "permanova", "pseudo_f"}, g.pseudo_f},
                             {{"statistics", "permanova", "r_squared"}, g.r_squared}};
  add(facts, "permanova", g.permanova);
  add(facts, "within", g.within);
  add(facts, "between", g.between);
  add(facts, "difference", g.difference);
  add(facts, "ratio", g.ratio);
  add(facts, "separation", g.separation);
  facts.push_back({{"statistics", "silhouette"}, g.silhouette});
  facts.push_back({{"statistics", "accuracy"}, g.accuracy});
  facts.push_back({{"statistics", "largest_group"}, g.largest_group});
  facts.push_back({{"statistics", "intervals_from"}, g.intervals_from});
  return facts;
}

std::string told(const PermutationTest& test, bool several) {
  if (std::isnan(test.p)) return "no test";
  std::string text = "p " + significant(test.p);
  if (several) text += ", q " + significant(test.q);
  return text + (test.exact ? " (all " : " (") + std::to_string(test.permutations) +
         (test.exact ? " relabellings)" : " random relabellings)");
}

std::string told(const WithInterval& figure) {
  std::string text = significant(figure.value);
  if (!std::isnan(figure.low)) text += " [" + significant(figure.low) + ", " + significant(figure.high) + "]";
  return text;
}

std::string lines_of(const GroupComparison& g, bool several) {
  return "  mean within groups " + told(g.within) + ", between groups " + told(g.between) + ", ratio " + told(g.ratio) +
         "\n  between against within: " + told(g.separation, several) + "\n  PERMANOVA: pseudo-F " +
         significant(g.pseudo_f) + ", R2 " + significant(g.r_squared) + ", " + told(g.permanova, several) +
         "\n  silhouette " + significant(g.silhouette) + ", label of the nearest right for " +
         significant(100 * g.accuracy) + " % (a constant guess: " + significant(100 * g.largest_group) + " %)\n";
}

}  // namespace kindred::cli

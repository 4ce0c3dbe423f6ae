#include "host/cli/report/cluster.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

namespace kindred::report {
namespace {

/// Merges in the order in which the chains find them, each side named by one of its leaves.
std::vector<Merge> chain_merges(const Distances& given) {
  const index_t n = given.n;
  std::vector<double> d = given.values;
  std::vector<index_t> size(at(n), 1);  // 0: merged into another
  std::vector<index_t> chain;
  std::vector<Merge> merges;
  const auto entry = [&d, n](index_t i, index_t j) -> double& { return d[at(i * n + j)]; };

  while (static_cast<index_t>(merges.size()) < n - 1) {
    if (chain.empty()) {
      const auto first = std::find_if(size.begin(), size.end(), [](index_t s) { return s > 0; });
      chain.push_back(first - size.begin());
    }
    // Follow nearest neighbours until two clusters are each other's; the previous link wins ties.
    index_t a = chain.back();
    index_t b = chain.size() > 1 ? chain[chain.size() - 2] : -1;
    double nearest = b >= 0 ? entry(a, b) : std::numeric_limits<double>::infinity();
    bool mutual = b >= 0;
    for (index_t j = 0; j < n; ++j) {
      if (j == a || size[at(j)] == 0) continue;
      if (b < 0 || entry(a, j) < nearest) {
        b = j;
        nearest = entry(a, j);
        mutual = false;
      }
    }
    if (!mutual) {
      chain.push_back(b);
      continue;
    }
    chain.resize(chain.size() - 2);
    if (a > b) std::swap(a, b);
    merges.push_back({a, b, nearest});
    // d(k, a + b) = (|a| d(k, a) + |b| d(k, b)) / (|a| + |b|); a stands for the union.
    const double wa = static_cast<double>(size[at(a)]);
    const double wb = static_cast<double>(size[at(b)]);
    for (index_t k = 0; k < n; ++k) {
      if (size[at(k)] == 0 || k == a || k == b) continue;
      entry(a, k) = entry(k, a) = (wa * entry(a, k) + wb * entry(b, k)) / (wa + wb);
    }
    size[at(a)] += size[at(b)];
    size[at(b)] = 0;
  }
  return merges;
}

/// Names the two sides of each merge by node instead of by leaf; `merges` by rising height.
void name_nodes(std::vector<Merge>& merges, index_t n) {
  std::vector<index_t> parent(at(n));
  std::iota(parent.begin(), parent.end(), 0);
  std::vector<index_t> node = parent;  // of the cluster whose root is this leaf
  const auto root = [&parent](index_t i) {
    while (parent[at(i)] != i) i = parent[at(i)] = parent[at(parent[at(i)])];
    return i;
  };
  for (std::size_t k = 0; k < merges.size(); ++k) {
    const index_t a = root(merges[k].left);
    const index_t b = root(merges[k].right);
    merges[k].left = node[at(a)];
    merges[k].right = node[at(b)];
    parent[at(b)] = a;
    node[at(a)] = n + static_cast<index_t>(k);
  }
}

/// Concatenates a and b, either reversed if that brings the closest ends together.
std::vector<index_t> join(std::vector<index_t> a, std::vector<index_t> b, const Distances& d) {
  const std::array<double, 4> meeting = {d(a.back(), b.front()), d(a.back(), b.back()), d(a.front(), b.front()),
                                         d(a.front(), b.back())};
  const auto best = std::min_element(meeting.begin(), meeting.end()) - meeting.begin();
  if (best >= 2) std::reverse(a.begin(), a.end());
  if (best == 1 || best == 3) std::reverse(b.begin(), b.end());
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

Dendrogram average_linkage(const Distances& distances) {
  const index_t n = distances.n;
  const Distances complete = without_gaps(distances);
  Dendrogram tree;
  tree.merges = chain_merges(complete);
  std::stable_sort(tree.merges.begin(), tree.merges.end(),
                   [](const Merge& a, const Merge& b) { return a.height < b.height; });
  name_nodes(tree.merges, n);

  std::vector<std::vector<index_t>> leaves(at(n) + tree.merges.size());
  for (index_t i = 0; i < n; ++i) leaves[at(i)] = {i};
  for (std::size_t k = 0; k < tree.merges.size(); ++k) {
    leaves[at(n) + k] =
        join(std::move(leaves[at(tree.merges[k].left)]), std::move(leaves[at(tree.merges[k].right)]), complete);
  }
  if (n > 0) tree.order = std::move(leaves.back());
  return tree;
}

}  // namespace kindred::report

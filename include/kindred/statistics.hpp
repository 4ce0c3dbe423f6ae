#pragma once
#include <kindred/export.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

/// What matrices of distances say of groups of systems and of each other: permutation tests, effect sizes, intervals,
/// coordinates. The same arguments give the same figures, to the bit, whatever the number of threads.
namespace kindred::statistics {

/// Distances between n systems under one metric.
struct Distances {
  std::string name;            ///< "dsa": in results and messages
  std::vector<double> values;  ///< n x n, row-major; NaN where a pair has none
};

struct Options {
  index_t permutations = 9999;  ///< all relabellings where there are at most so many, else so many random ones
  index_t resamples = 999;      ///< of the bootstrap; 0: no intervals
  double confidence = 0.95;     ///< of the intervals
  index_t neighbours = 1;       ///< that vote on a system's label
  std::uint64_t seed = 0;       ///< of the random relabellings and resamples
};

/// A permutation test. With all relabellings p is the share of those whose statistic is at least the observed one
/// (within a relative 1e-12, so that ties count); of m random ones that b reach it is (b + 1) / (m + 1).
struct PermutationTest {
  double p = std::numeric_limits<double>::quiet_NaN();
  double q = std::numeric_limits<double>::quiet_NaN();  ///< p after Benjamini and Hochberg (1995) over the matrices
  index_t permutations = 0;                             ///< relabellings that were evaluated
  bool exact = false;                                   ///< these were all there are
};

/// A figure with its bootstrap interval over systems, by percentiles; NaN where there is none.
struct WithInterval {
  double value = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

/// How far groups of systems are apart. With n systems in a groups of n_g, and sums over pairs i < j:
///   total   SS_T = sum of d_ij^2 / n
///   within  SS_W = sum over groups g of (sum over pairs within g of d_ij^2) / n_g
///   pseudo-F = ((SS_T - SS_W) / (a - 1)) / (SS_W / (n - a)),   R^2 = 1 - SS_W / SS_T
/// (PERMANOVA: Anderson 2001, doi 10.1111/j.1442-9993.2001.01070.pp.x, equations 1 to 4). It is infinite where all
/// distances within groups are 0, and NaN where all distances are. Both tests relabel the systems, whole rows and
/// columns: the distances of one system depend on each other, and are never treated as independent.
struct GroupComparison {
  std::string name;               ///< of the matrix
  index_t systems = 0;            ///< that count
  index_t groups = 0;             ///< a
  std::vector<index_t> left_out;  ///< systems without a label, or without a distance to another that counts
  double pseudo_f = 0;
  double r_squared = 0;          ///< share of SS_T between groups
  PermutationTest permanova;     ///< of the pseudo-F
  WithInterval within, between;  ///< mean distance over pairs of one group, and of two
  WithInterval difference;       ///< between - within
  WithInterval ratio;            ///< between / within
  PermutationTest separation;    ///< of the difference
  double silhouette = 0;         ///< mean over systems of (b - a) / max(a, b), in [-1, 1]
  double accuracy = 0;       ///< share of systems to which their nearest others, left out themselves, give their label
  double largest_group = 0;  ///< share of the systems in the largest group: what a constant guess gets right
  index_t intervals_from = 0;  ///< resamples behind the intervals: those that hold pairs of both kinds
};

/// Compares the groups that `labels` (one a system, empty for none) make, under each metric.
/// Silhouette: Rousseeuw 1987, doi 10.1016/0377-0427(87)90125-7; 0 for a system alone in its group. Accuracy: the label
/// with most votes among the Options::neighbours nearest other systems; of labels with equal votes the one whose
/// nearest member is nearest, of equal distances the earlier system. Intervals: systems are drawn with replacement
/// within each group; a pair of copies of one system is no pair. Values at (i, j) and (j, i) may differ by rounding,
/// 1e-6 of the largest value; their mean counts. A system whose own entry is NaN is left out, then, one by one, the
/// system with most NaN. Throws invalid_data if a matrix is no matrix of distances (not square, not symmetric, below 0,
/// infinite, not 0 on the diagonal), invalid_argument if labels are not as many as systems, make one group, or groups
/// of one system only, or an option is out of range. O(permutations n^2 / a + resamples n^2 + n^2 log n) a matrix.
[[nodiscard]] KINDRED_EXPORT std::vector<GroupComparison> compare_groups(std::span<const Distances> matrices,
                                                                         const std::vector<std::string>& labels,
                                                                         const Options& options = {});

/// Whether two metrics order the same pairs alike: the correlation of the entries above the diagonals, tested by
/// relabelling the systems of the second (Mantel 1967). One-sided: the alternative is a correlation above chance.
struct MatrixCorrelation {
  std::string first, second;      ///< the matrices' names
  index_t systems = 0;            ///< that count
  std::vector<index_t> left_out;  ///< systems without a distance to another that counts, in either matrix
  WithInterval pearson;           ///< NaN where one matrix has equal entries only
  WithInterval spearman;          ///< of ranks; ties share the mean of theirs
  PermutationTest pearson_test, spearman_test;
};

/// Mantel tests of every two matrices, in the order (0, 1), (0, 2), ..., (1, 2), ...; q is over these. Intervals:
/// systems are drawn with replacement. Throws as compare_groups, and if matrices differ in size or fewer than 3 systems
/// count. O((permutations + resamples) n^2 + n^2 log n) for two matrices.
[[nodiscard]] KINDRED_EXPORT std::vector<MatrixCorrelation> correlate(std::span<const Distances> matrices,
                                                                      const Options& options = {});

/// Points whose distances resemble those given.
struct Embedding {
  index_t dimensions = 0;
  std::vector<double> coordinates;  ///< n x dimensions, row-major; NaN for systems left out
  std::vector<double> eigenvalues;  ///< of the dimensions, falling; one below 0 has coordinates 0
  double stress = 0;                ///< sqrt(sum (d - |x_i - x_j|)^2 / sum d^2) over pairs; 0: they show it all
  std::vector<index_t> left_out;    ///< systems without a distance to another that counts
};

/// Classical multidimensional scaling (Torgerson 1952, doi 10.1007/BF02288916): the leading eigenvectors v of
/// -J D^2 J / 2, J = I - 1 1^T / n, times the roots of their eigenvalues. An axis points to where its largest
/// coordinate is positive. Throws as compare_groups, and unless 1 <= dimensions <= n. O(n^3).
[[nodiscard]] KINDRED_EXPORT Embedding classical_mds(const Distances& distances, index_t dimensions = 2);

}  // namespace kindred::statistics

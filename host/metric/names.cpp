#include "host/base/text.hpp"

#include <kindred/error.hpp>
#include <kindred/metric_names.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace kindred {
namespace {

struct Entry {
  MetricName name;
  Metric metric;
};

template <std::size_t N>
using Aliases = std::array<std::string_view, N>;

constexpr Aliases<1> dsa_aliases{"dsa-angular"};
constexpr Aliases<1> spectral_aliases{"wasserstein"};
constexpr Aliases<1> spectral_root_aliases{"wasserstein-root"};
constexpr Aliases<3> cka_aliases{"cka-angular", "cka-kernel=linear-hsic=gretton",
                                 "cka-kernel=linear-hsic=gretton-distance=angular"};
constexpr Aliases<1> cka_score_aliases{"cka-kernel=linear-hsic=gretton-score"};
constexpr Aliases<2> song_aliases{"cka-kernel=linear-hsic=song", "cka-kernel=linear-hsic=song-distance=angular"};
constexpr Aliases<1> song_score_aliases{"cka-kernel=linear-hsic=song-score"};
constexpr Aliases<3> procrustes_aliases{"procrustes-angular", "procrustes-distance=angular", "nbs-distance=angular"};
constexpr Aliases<1> procrustes_euclidean_aliases{"procrustes-distance=euclidean"};
constexpr Aliases<2> procrustes_squared_aliases{"procrustes-distance=squared_euclidean", "bures-distance=squared"};
constexpr Aliases<2> procrustes_score_aliases{"nbs-score", "nbs"};
constexpr Aliases<2> shape_aliases{"shape_metric", "shape_metric-distance=angular"};
constexpr Aliases<2> cca_aliases{"cca-distance=angular", "mean-cca"};
constexpr Aliases<1> cca_score_aliases{"mean_cca_corr"};
constexpr Aliases<1> cca_squared_score_aliases{"cca-squared_score"};
constexpr Aliases<2> svcca_aliases{"svcca-variance=99", "svcca-var99"};
constexpr Aliases<2> svcca95_aliases{"svcca-variance=95", "svcca-var95"};
constexpr Aliases<1> rsa_aliases{"rsa-rdm=correlation-compare=pearson"};
constexpr Aliases<1> rsa_spearman_aliases{"rsa-rdm=correlation-compare=spearman"};
constexpr Aliases<1> rsa_cosine_aliases{"rsa-rdm=correlation-compare=cosine"};
constexpr Aliases<1> rsa_euclidean_aliases{"rsa-rdm=squared_euclidean-compare=pearson"};
constexpr Aliases<1> rsa_euclidean_spearman_aliases{"rsa-rdm=squared_euclidean-compare=spearman"};
constexpr Aliases<1> rsa_euclidean_cosine_aliases{"rsa-rdm=squared_euclidean-compare=cosine"};
constexpr Aliases<2> regression_aliases{"linreg", "linear_regression"};
constexpr Aliases<2> regression_score_aliases{"linreg-r2", "linear_regression-r2"};
constexpr Aliases<1> regression_cv_score_aliases{"linreg-r2#5folds_cv"};

const std::vector<Entry>& registry() {
  using enum SimilarityScore;
  using P = ProcrustesScore;
  using C = RdmComparison;
  static const std::vector<Entry> entries = {
      {{"dsa", dsa_aliases, "dynamical similarity: alignment of DMD operators, angle in radians"}, Dsa{}},
      {{"dsa-euclidean", {}, "dynamical similarity, Frobenius distance in [0, 2]"}, Dsa{.score = DsaScore::euclidean}},
      {{"spectral", spectral_aliases, "squared 2-Wasserstein distance between DMD eigenvalues"}, Spectral{}},
      {{"spectral-root", spectral_root_aliases, "2-Wasserstein distance between DMD eigenvalues"},
       Spectral{.score = SpectralScore::root}},
      {{"cka", cka_aliases, "linear centred kernel alignment, angle in radians"}, Cka{}},
      {{"cka-score", cka_score_aliases, "the same as a similarity in [0, 1]"}, Cka{.score = similarity}},
      {{"cka-song", song_aliases, "linear CKA by the unbiased estimator, angle in radians"},
       Cka{.estimator = CkaEstimator::song}},
      {{"cka-song-score", song_score_aliases, "the same as a similarity"},
       Cka{.estimator = CkaEstimator::song, .score = similarity}},
      {{"cka-rbf", {}, "CKA with the RBF kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::rbf}},
      {{"cka-laplace", {}, "CKA with the Laplace kernel of the median distance, angle in radians"},
       Cka{.kernel = CkaKernel::laplace}},
      {{"procrustes", procrustes_aliases, "Procrustes analysis of the recordings, angle in radians"}, Procrustes{}},
      {{"procrustes-euclidean", procrustes_euclidean_aliases, "Procrustes distance of the recordings"},
       Procrustes{.score = P::euclidean}},
      {{"procrustes-squared", procrustes_squared_aliases, "its square"}, Procrustes{.score = P::squared}},
      {{"procrustes-score", procrustes_score_aliases, "Procrustes similarity in [0, 1] (normalized Bures similarity)"},
       Procrustes{.score = P::similarity}},
      {{"shape", shape_aliases, "Procrustes after partial whitening (alpha), angle in radians"}, Shape{}},
      {{"cca", cca_aliases, "mean canonical correlation, angle in radians"}, Cca{}},
      {{"cca-score", cca_score_aliases, "mean canonical correlation in [0, 1]"}, Cca{.score = similarity}},
      {{"cca-squared", {}, "mean squared canonical correlation, angle in radians"}, Cca{.squared = true}},
      {{"cca-squared-score", cca_squared_score_aliases, "mean squared canonical correlation in [0, 1]"},
       Cca{.squared = true, .score = similarity}},
      {{"svcca", svcca_aliases, "mean canonical correlation of the components with 99 % of the variance, angle"},
       Cca{.explained_variance = 0.99}},
      {{"svcca-95", svcca95_aliases, "the same with 95 % of the variance"}, Cca{.explained_variance = 0.95}},
      {{"rsa", rsa_aliases, "correlation RDMs compared by Pearson correlation, angle in radians"}, Rsa{}},
      {{"rsa-spearman", rsa_spearman_aliases, "correlation RDMs compared by rank correlation, angle"},
       Rsa{.comparison = C::spearman}},
      {{"rsa-cosine", rsa_cosine_aliases, "correlation RDMs compared by cosine, angle"}, Rsa{.comparison = C::cosine}},
      {{"rsa-euclidean", rsa_euclidean_aliases, "squared Euclidean RDMs compared by Pearson correlation, angle"},
       Rsa{.rdm = Rdm::squared_euclidean}},
      {{"rsa-euclidean-spearman", rsa_euclidean_spearman_aliases, "squared Euclidean RDMs compared by ranks, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::spearman}},
      {{"rsa-euclidean-cosine", rsa_euclidean_cosine_aliases, "squared Euclidean RDMs compared by cosine, angle"},
       Rsa{.rdm = Rdm::squared_euclidean, .comparison = C::cosine}},
      {{"linear-regression", regression_aliases, "1 - R^2 of linear regression, mean of both directions"},
       LinearRegression{}},
      {{"linear-regression-score", regression_score_aliases, "R^2 of linear regression, mean of both directions"},
       LinearRegression{.score = RegressionScore::similarity}},
      {{"linear-regression-cv", {}, "1 - R^2 of linear regression, cross-validated in 5 folds"},
       LinearRegression{.folds = 5}},
      {{"linear-regression-cv-score", regression_cv_score_aliases, "R^2 of linear regression, in 5 folds"},
       LinearRegression{.score = RegressionScore::similarity, .folds = 5}},
  };
  return entries;
}

}  // namespace

std::span<const MetricName> metric_names() {
  static const std::vector<MetricName> names = [] {
    std::vector<MetricName> out;
    for (const Entry& entry : registry()) out.push_back(entry.name);
    return out;
  }();
  return names;
}

Metric make_metric(std::string_view spelt) {
  std::string name(spelt);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string_view nearest;
  std::size_t best = std::string_view::npos;
  for (const auto& [known, metric] : registry()) {
    std::vector<std::string_view> all(known.aliases.begin(), known.aliases.end());
    all.insert(all.begin(), known.name);
    for (const std::string_view candidate : all) {
      if (candidate == name) return metric;
      const std::size_t distance = host::edit_distance(candidate, name);
      if (distance < best) {
        best = distance;
        nearest = candidate;
      }
    }
  }
  throw Error(ErrorCode::invalid_argument,
              "unknown metric '" + std::string(spelt) + "'; the nearest known name is '" + std::string(nearest) + "'");
}

}  // namespace kindred

#pragma once
/// Every field of every metric, described once: its name, its bounds if it is a number, and a line for people; if it is
/// an enumeration, metric_words.hpp has its words. Options, files, identities of comparisons and other languages read
/// it from here.
#include <kindred/export.hpp>
#include <kindred/metric_words.hpp>
#include <kindred/metrics.hpp>

#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace kindred {

/// One field of a struct M. A field's default is that of M{}.
template <class M, class T>
struct Field {
  std::string_view name;  ///< as in C++
  T M::*member;
  std::string_view meaning;  ///< one line for people
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};
template <class M, class T, class... Bounds>
Field(std::string_view, T M::*, std::string_view, Bounds...) -> Field<M, T>;

/// What a struct is called in C++, and its fields in the order in which people read them; of a metric also the name of
/// its default configuration.
template <class M>
struct Description;

template <>
struct Description<Dmd> {
  static constexpr std::string_view type = "Dmd";
  static constexpr auto fields = std::tuple{
      Field{"delays", &Dmd::delays, "Delays of the embedding (1: none)", 1},
      Field{"interval", &Dmd::interval, "Steps between delays", 1},
      Field{"rank", &Dmd::rank,
            "Rank of the operator (0: each system's numerical rank), or the rule that chooses it from singular values"},
      Field{"steps_ahead", &Dmd::steps_ahead, "Steps that the operator predicts", 1},
      Field{"ridge", &Dmd::ridge, "Ridge of the regression", 0},
      Field{"rank_excess", &Dmd::rank_excess, "When a rank exceeds the numerical rank: warn, clip or error"},
      Field{"rank_shared", &Dmd::rank_shared, "One rank for all systems, from those that the rule gives each"},
      Field{"regression", &Dmd::regression, "How the operator is estimated from the embedded data"},
      Field{"dt", &Dmd::dt, "Time between samples, for operators of continuous time (0: by the step)", 0}};
};

namespace meaning {  // what several metrics have
inline constexpr std::string_view score = "What is reported, as the metric allows",
                                  over_half_pi = "Angles between recordings as fractions of pi / 2",
                                  products = "Arithmetic of the products of recordings",
                                  centre =
                                      "Subtract the mean of each channel (cka: of each row and column of the kernels)",
                                  folds = "Folds of the cross-validation, 2 or more (0: none)",
                                  fold_by = "What a fold holds: blocks of samples, or trials",
                                  direction =
                                      "Whose direction counts where the two differ; one alone is for two collections";
}

template <>
struct Description<Dsa> {
  static constexpr std::string_view type = "Dsa", family = "dsa";
  static constexpr auto fields = std::tuple{
      Field{"dmd", &Dsa::dmd, "Delay embedding and operator"},
      Field{"score", &Dsa::score, meaning::score},
      Field{"precision", &Dsa::precision, "Arithmetic of the alignment search"},
      Field{"effort", &Dsa::effort, "How long to look for the minimum of a pair"},
      Field{"group", &Dsa::group, "Changes of basis; special-orthogonal leaves out reflections"},
      Field{"unit_norm", &Dsa::unit_norm, "Scale operators to unit norm before they are compared"},
      Field{"zero_pad", &Dsa::zero_pad, "Embed the smaller of two operators instead of refusing unequal ranks"},
      Field{"certify", &Dsa::certify, "Try to prove each minimum global"},
      Field{"seed", &Dsa::seed, "Seed of the search; the same seed gives the same bits", 0}};
};

template <>
struct Description<Spectral> {
  static constexpr std::string_view type = "Spectral", family = "spectral";
  static constexpr auto fields =
      std::tuple{Field{"dmd", &Spectral::dmd, "Delay embedding and operator"},
                 Field{"score", &Spectral::score, meaning::score},
                 Field{"measure", &Spectral::measure, "How two sets of eigenvalues are compared"},
                 Field{"mass", &Spectral::mass, "Spectra of unequal size: padded with zeros, or of the same mass"},
                 Field{"weights", &Spectral::weights,
                       "What eigenvalues weigh: the same, their modulus, or 1 / residual"},
                 Field{"order", &Spectral::order, "Order of the Wasserstein distance of spectra", 1, 2},
                 Field{"prune", &Spectral::prune, "Leave out eigenvalues with a residual above this (0: none)", 0}};
};

template <>
struct Description<Cka> {
  static constexpr std::string_view type = "Cka", family = "cka";
  static constexpr auto fields =
      std::tuple{Field{"score", &Cka::score, meaning::score},
                 Field{"estimator", &Cka::estimator,
                       "Estimator of the independence criterion: biased, unbiased, or without diagonals"},
                 Field{"kernel", &Cka::kernel, "Kernel of two samples: linear, or of their distance"},
                 Field{"bandwidth", &Cka::bandwidth, "Width of the rbf and laplace kernels, in median distances", 0},
                 Field{"centre", &Cka::centre, meaning::centre},
                 Field{"over_half_pi", &Cka::over_half_pi, meaning::over_half_pi},
                 Field{"precision", &Cka::precision, meaning::products}};
};

template <>
struct Description<Procrustes> {
  static constexpr std::string_view type = "Procrustes", family = "procrustes";
  static constexpr auto fields = std::tuple{Field{"score", &Procrustes::score, meaning::score},
                                            Field{"centre", &Procrustes::centre, meaning::centre},
                                            Field{"folds", &Procrustes::folds, meaning::folds, 0},
                                            Field{"fold_by", &Procrustes::fold_by, meaning::fold_by},
                                            Field{"over_half_pi", &Procrustes::over_half_pi, meaning::over_half_pi},
                                            Field{"precision", &Procrustes::precision, meaning::products}};
};

template <>
struct Description<Shape> {
  static constexpr std::string_view type = "Shape", family = "shape";
  static constexpr auto fields = std::tuple{
      Field{"score", &Shape::score, meaning::score},
      Field{"alpha", &Shape::alpha, "Whitening of shape: 1 none (procrustes), 0 full (canonical correlations)", 0, 1},
      Field{"preserve_variance", &Shape::preserve_variance,
            "Scale whitened recordings back to their own norm, as netrep does"},
      Field{"centre", &Shape::centre, meaning::centre},
      Field{"folds", &Shape::folds, meaning::folds, 0},
      Field{"fold_by", &Shape::fold_by, meaning::fold_by},
      Field{"over_half_pi", &Shape::over_half_pi, meaning::over_half_pi},
      Field{"precision", &Shape::precision, meaning::products}};
};

template <>
struct Description<Cca> {
  static constexpr std::string_view type = "Cca", family = "cca";
  static constexpr auto fields =
      std::tuple{Field{"score", &Cca::score, meaning::score},
                 Field{"weights", &Cca::weights,
                       "What canonical correlations weigh: the same, or the channels' projections (PWCCA)"},
                 Field{"direction", &Cca::direction, meaning::direction},
                 Field{"dimensions", &Cca::dimensions,
                       "Principal components of each recording at most (0: as the explained variance says)", 0},
                 Field{"squared", &Cca::squared, "Mean of the squared canonical correlations instead of their mean"},
                 Field{"explained_variance", &Cca::explained_variance,
                       "Share of the variance that the components compared must carry (1: all of them)", 0, 1},
                 Field{"over_half_pi", &Cca::over_half_pi, meaning::over_half_pi},
                 Field{"precision", &Cca::precision, meaning::products}};
};

template <>
struct Description<Rsa> {
  static constexpr std::string_view type = "Rsa", family = "rsa";
  static constexpr auto fields =
      std::tuple{Field{"score", &Rsa::score, meaning::score}, Field{"rdm", &Rsa::rdm, "Dissimilarity of two samples"},
                 Field{"comparison", &Rsa::comparison, "How two dissimilarity matrices are compared"},
                 Field{"over_half_pi", &Rsa::over_half_pi, meaning::over_half_pi}};
};

template <>
struct Description<LinearRegression> {
  static constexpr std::string_view type = "LinearRegression", family = "linear-regression";
  static constexpr auto fields =
      std::tuple{Field{"score", &LinearRegression::score, meaning::score},
                 Field{"direction", &LinearRegression::direction, meaning::direction},
                 Field{"penalty", &LinearRegression::penalty,
                       "Ridge penalty of linear-regression, in squared units of the data", 0},
                 Field{"pls_components", &LinearRegression::pls_components,
                       "Components of partial least squares (0: least squares, or ridge)", 0},
                 Field{"folds", &LinearRegression::folds, meaning::folds, 0},
                 Field{"fold_by", &LinearRegression::fold_by, meaning::fold_by},
                 Field{"precision", &LinearRegression::precision, meaning::products}};
};

template <>
struct Description<Matching> {
  static constexpr std::string_view type = "Matching", family = "permutation";
  static constexpr auto fields = std::tuple{Field{"score", &Matching::score, meaning::score},
                                            Field{"match", &Matching::match, "How channels are matched"},
                                            Field{"centre", &Matching::centre, meaning::centre},
                                            Field{"over_half_pi", &Matching::over_half_pi, meaning::over_half_pi},
                                            Field{"precision", &Matching::precision, meaning::products}};
};

template <>
struct Description<NeighbourGraph> {
  static constexpr std::string_view type = "NeighbourGraph", family = "mutual-knn";
  static constexpr auto fields =
      std::tuple{Field{"score", &NeighbourGraph::score, meaning::score},
                 Field{"overlap", &NeighbourGraph::overlap, "How the nearest samples of two recordings are compared"},
                 Field{"near", &NeighbourGraph::near, "By what the nearest samples are found"},
                 Field{"nearest_samples", &NeighbourGraph::nearest_samples, "Nearest samples of each", 1}};
};

template <>
struct Description<DistanceCorrelation> {
  static constexpr std::string_view type = "DistanceCorrelation", family = "distance-correlation";
  static constexpr auto fields =
      std::tuple{Field{"score", &DistanceCorrelation::score, meaning::score},
                 Field{"unbiased", &DistanceCorrelation::unbiased, "Bias-corrected squared distance correlation"},
                 Field{"over_half_pi", &DistanceCorrelation::over_half_pi, meaning::over_half_pi}};
};

template <>
struct Description<InputDsa> {
  static constexpr std::string_view type = "InputDsa", family = "input-joint";
  static constexpr auto fields = std::tuple{
      Field{"dmd", &InputDsa::dmd, "Delay embedding and operator"}, Field{"score", &InputDsa::score, meaning::score},
      Field{"compare", &InputDsa::compare, "Which matrices of operators with inputs are compared"},
      Field{"horizon", &InputDsa::horizon, "Powers of A that the joint comparison looks at (0: as many as states)", 0}};
};

template <>
struct Description<SpectralGrassmann> {
  static constexpr std::string_view type = "SpectralGrassmann", family = "sgot";
  static constexpr auto fields = std::tuple{
      Field{"dmd", &SpectralGrassmann::dmd, "Delay embedding and operator"},
      Field{"score", &SpectralGrassmann::score, meaning::score},
      Field{"eta", &SpectralGrassmann::eta, "Weight of eigenvalues in sgot; the rest is that of eigenspaces", 0, 1},
      Field{"subspace", &SpectralGrassmann::subspace, "Distance of two eigenspaces"},
      Field{"order", &SpectralGrassmann::order, "Order of the Wasserstein distance of spectra", 1, 2},
      Field{"exponent", &SpectralGrassmann::exponent, "Power of the distances that sgot adds", 1, 2}};
};

template <>
struct Description<StochasticShape> {
  static constexpr std::string_view type = "StochasticShape", family = "stochastic";
  static constexpr auto fields = std::tuple{
      Field{"form", &StochasticShape::form, "Normal distributions over trials, or samples of any"},
      Field{"score", &StochasticShape::score, meaning::score},
      Field{"alpha", &StochasticShape::alpha, "Weight of stochastic: 2 means alone, 0 covariances alone", 0, 2},
      Field{"centre", &StochasticShape::centre, meaning::centre},
      Field{"starts", &StochasticShape::starts, "Starts of the search of stochastic", 1},
      Field{"seed", &StochasticShape::seed, "Seed of the search; the same seed gives the same bits", 0}};
};

/// Calls visitor(field, value) for each field of `m`, a Dmd or one of the metrics; in place of a field that is a struct
/// itself (Dsa::dmd), for each of its fields.
template <class M, class V>
constexpr void visit_fields(M& m, V&& visitor) {
  std::apply(
      [&](const auto&... field) {
        const auto one = [&]<class Owner, class T>(const Field<Owner, T>& f) {
          if constexpr (std::is_same_v<T, Dmd>) {
            visit_fields(m.*f.member, visitor);
          } else {
            visitor(f, m.*f.member);
          }
        };
        (one(field), ...);
      },
      Description<std::remove_const_t<M>>::fields);
}

/// Sets the field of that name (of the metric or of its Dmd) to what the text says: a word, a number, "yes" or "no".
/// Throws Error{invalid_argument} for an unknown field, and for a text that is no value of it.
KINDRED_EXPORT void set_field(Metric& metric, std::string_view name, std::string_view text);
KINDRED_EXPORT void set_field(Dmd& dmd, std::string_view name, std::string_view text);

/// "dsa, delays 33, ..., effort standard, ..., seed 0": every field in words, so that two texts are equal if and only
/// if the metrics are. Without `fit`, the fields of the Dmd are left out: a comparison of given operators does not
/// depend on them.
[[nodiscard]] KINDRED_EXPORT std::string text_of(const Metric& metric, bool fit = true);

/// The fit that the metric's operators come from; null for a metric that compares recordings.
[[nodiscard]] KINDRED_EXPORT const Dmd* dmd_of(const Metric& metric);
/// Whether larger values mean more alike, so that they are no distances.
[[nodiscard]] KINDRED_EXPORT bool is_similarity(const Metric& metric);
/// What the metric's values are, for axes and headings: "radians".
[[nodiscard]] KINDRED_EXPORT std::string unit_of(const Metric& metric);

}  // namespace kindred

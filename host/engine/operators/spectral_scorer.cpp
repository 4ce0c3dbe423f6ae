#include "host/engine/operators/spectral_scorer.hpp"

#include "host/base/index.hpp"
#include "host/engine/operators/listed_operators.hpp"
#include "host/engine/pairs/pair_result.hpp"
#include "kernels/program/spectral.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace kindred::host {
namespace {

class SpectralScorer final : public ListedOperators {
 public:
  SpectralScorer(Backend& backend, std::span<const Operator> rows, std::span<const Operator> columns,
                 const Spectral& metric, const Progress& progress)
      : ListedOperators(backend, rows, columns), root_(metric.score == SpectralScore::root) {
    upload(folded_spectra(backend, operators_, progress));
  }

  void run(std::span<const PairIndex> pairs, std::span<PairResult> out) override {
    std::vector<std::int32_t> listed;
    std::vector<std::size_t> where;
    for (std::size_t k = 0; k < pairs.size(); ++k) {
      const auto [row, column] = ends(pairs[k]);
      const auto [i, j] = places_in_list({row, column}, closed_[row] && closed_[column], operators_.size());
      if (usable_[i] && usable_[j]) {
        listed.push_back(static_cast<std::int32_t>(i));
        listed.push_back(static_cast<std::int32_t>(j));
        where.push_back(k);
      } else {
        out[k] = failed();
      }
    }
    const auto count = static_cast<index_t>(where.size());
    if (count == 0) return;
    if (pairs_.size() < 2 * count) pairs_ = Buffer<std::int32_t>(backend_, 2 * count);
    if (distance_.size() < count) distance_ = Buffer<double>(backend_, count);
    backend_.upload(pairs_.data(), listed.data(), listed.size() * sizeof(std::int32_t));
    backend_.launch<kernels::SpectralDistance>({first_.data(), re_.data(), im_.data(), supply_.data(), size_.data(),
                                                pairs_.data(), distance_.data(), count, max_nodes_},
                                               kernels::SpectralDistance::items(count));
    std::vector<double> distance(where.size());
    backend_.download(distance.data(), distance_.data(), distance.size() * sizeof(double));
    for (std::size_t k = 0; k < where.size(); ++k) {
      out[where[k]] = exact(root_ ? std::sqrt(distance[k]) : distance[k]);
    }
  }

  [[nodiscard]] index_t preferred_tile() const override {
    return 64 * kernels::SpectralDistance::tile * backend_.parallelism();
  }

 private:
  void upload(const std::vector<FoldedSpectrum>& spectra) {
    std::vector<index_t> first{0}, size;
    std::vector<double> re, im;
    std::vector<std::int32_t> supply;
    index_t largest = 1;
    for (std::size_t k = 0; k < spectra.size(); ++k) {
      re.insert(re.end(), spectra[k].re.begin(), spectra[k].re.end());
      im.insert(im.end(), spectra[k].im.begin(), spectra[k].im.end());
      supply.insert(supply.end(), spectra[k].supply.begin(), spectra[k].supply.end());
      first.push_back(static_cast<index_t>(re.size()));
      size.push_back(spectra[k].size());
      closed_.push_back(spectra[k].closed);
      usable_.push_back(spectra[k].usable);
      largest = std::max(largest, size.back());
    }
    for (std::size_t k = 0; k < spectra.size(); ++k) {
      const auto nodes = static_cast<index_t>(spectra[k].re.size());
      max_nodes_ = std::max(max_nodes_, nodes + (largest - size[k] + 1) / 2);
    }
    first_ = Buffer<index_t>(backend_, std::span<const index_t>(first));
    size_ = Buffer<index_t>(backend_, std::span<const index_t>(size));
    re_ = Buffer<double>(backend_, std::span<const double>(re));
    im_ = Buffer<double>(backend_, std::span<const double>(im));
    supply_ = Buffer<std::int32_t>(backend_, std::span<const std::int32_t>(supply));
  }

  bool root_;
  index_t max_nodes_ = 1;
  std::vector<bool> closed_, usable_;
  Buffer<index_t> first_, size_;
  Buffer<double> re_, im_;
  Buffer<std::int32_t> supply_;
  Buffer<std::int32_t> pairs_;
  Buffer<double> distance_;
};

}  // namespace

bool is_padded_w2(const Spectral& metric) {
  return metric.measure == SpectralMeasure::transport && metric.mass == SpectralMass::pad &&
         metric.weights == SpectralWeights::uniform && metric.order == 2;
}

std::unique_ptr<OperatorScorer> make_spectral_scorer(Backend& backend, std::span<const Operator> rows,
                                                     std::span<const Operator> columns, const Spectral& metric,
                                                     const Progress& progress) {
  if (!is_padded_w2(metric)) return make_spectral_measure_scorer(backend, rows, columns, metric, progress);
  return std::make_unique<SpectralScorer>(backend, rows, columns, metric, progress);
}

}  // namespace kindred::host

#include "host/engine/operators/spectral_scorer.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/base/text.hpp"
#include "host/engine/operators/listed_operators.hpp"
#include "host/engine/pairs/pair_result.hpp"
#include "kernels/program/spectral.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

namespace kindred::host {
namespace {

constexpr double largest_eigenvalue = 1e150;  ///< its square is finite

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
      const auto [i, j] = ends(pairs[k]);
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
      size.push_back(operators_[k]->size);
      usable_.push_back(spectra[k].usable);
      largest = std::max(largest, operators_[k]->size);
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
  std::vector<bool> usable_;
  Buffer<index_t> first_, size_;
  Buffer<double> re_, im_;
  Buffer<std::int32_t> supply_;
  Buffer<std::int32_t> pairs_;
  Buffer<double> distance_;
};

}  // namespace

FoldedSpectrum folded_spectrum(const Operator& op) {
  FoldedSpectrum out;
  if (op.size == 0) return out;  // one that could not be fitted
  if (!std::all_of(op.values.begin(), op.values.end(), [](double v) { return std::isfinite(v); })) return out;
  const auto r = at(op.size);
  const int n = static_cast<int>(r);
  std::vector<double> a = op.values, wr(r), wi(r);
  // Eigenvalues of the transpose are the same: no reordering of the row-major array.
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', n, a.data(), n, wr.data(), wi.data(), nullptr, n, nullptr, n) != 0) {
    return out;
  }
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < r; ++k) {
    if (!(std::hypot(wr[k], wi[k]) <= largest_eigenvalue)) return out;
    if (wi[k] >= 0) order.push_back(k);
  }
  std::sort(order.begin(), order.end(),
            [&](std::size_t x, std::size_t y) { return wr[x] != wr[y] ? wr[x] < wr[y] : wi[x] < wi[y]; });
  for (const std::size_t k : order) {
    out.re.push_back(wr[k]);
    out.im.push_back(wi[k]);
    out.supply.push_back(wi[k] > 0 ? 2 : 1);
  }
  out.usable = true;
  return out;
}

OperatorSet pruned(std::span<const Operator> operators, double limit) {
  if (!(limit > 0)) fail(ErrorCode::invalid_argument, "Spectral::prune is ", limit, ", expected a number above 0");
  OperatorSet out;
  for (const Operator& op : operators) {
    const std::vector<Eigenvalue>& all = op.facts.spectrum;
    if (op.size > 0 && op.facts.status != FitStatus::failed && std::ssize(all) != op.size) {
      fail(ErrorCode::invalid_argument, "operator ", host::in_quotes(op.name),
           " comes without residuals of its eigenvalues, by which Spectral::prune chooses; compare the recordings: "
           "operators that were read come without");
    }
    std::vector<std::complex<double>> kept;
    for (const Eigenvalue& e : all) {
      if (e.residual <= limit) kept.push_back(e.value);
    }
    Operator& small = out.emplace_back();
    small.name = op.name;
    small.label = op.label;
    small.facts = op.facts;
    small.size = std::ssize(kept);
    small.values.assign(kept.size() * kept.size(), 0.0);
    for (std::size_t k = 0; k < kept.size(); ++k) {
      // The two of a pair have the same residual and are neighbours.
      small.values[k * kept.size() + k] = kept[k].real();
      if (kept[k].imag() == 0) continue;
      small.values[k * kept.size() + (kept[k].imag() > 0 ? k + 1 : k - 1)] = kept[k].imag();
    }
  }
  return out;
}

std::vector<FoldedSpectrum> folded_spectra(const Backend& backend, const std::vector<const Operator*>& operators,
                                           const Progress& progress) {
  const auto count = static_cast<index_t>(operators.size());
  std::vector<FoldedSpectrum> spectra(operators.size());
  constexpr index_t batch = 256;
  tell_progress(progress, "prepare", 0, count);
  for (index_t first = 0; first < count; first += batch) {
    const index_t end = std::min(count, first + batch);
    for_each_on_host(backend, end - first, [&](index_t i) {
      const auto k = at(first + i);
      spectra[k] = folded_spectrum(*operators[k]);
    });
    tell_progress(progress, "prepare", end, count);
  }
  return spectra;
}

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

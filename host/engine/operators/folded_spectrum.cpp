#include "host/engine/operators/folded_spectrum.hpp"

#include "host/base/index.hpp"
#include "host/base/progress.hpp"
#include "host/base/text.hpp"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace kindred {
namespace {

/// A system of these eigenvalues, of which nothing else is known.
Operator of_spectrum(std::vector<Eigenvalue> eigenvalues) {
  Operator out;
  out.size = std::ssize(eigenvalues);
  out.values.assign(host::at(out.size * out.size), std::numeric_limits<double>::quiet_NaN());
  out.facts.spectrum = std::move(eigenvalues);
  return out;
}

}  // namespace

Operator operator_with_spectrum(std::string name, std::span<const std::complex<double>> eigenvalues) {
  const auto refuse = [&name](const auto&... what) {
    host::fail(ErrorCode::invalid_data, "system ", host::in_quotes(name), ": ", what...);
  };
  if (eigenvalues.empty()) refuse("its spectrum is empty, expected one eigenvalue or more");
  std::vector<Eigenvalue> all;
  for (const std::complex<double>& value : eigenvalues) {
    if (!std::isfinite(value.real()) || !std::isfinite(value.imag())) {
      refuse("eigenvalue ", all.size(), " is ", value.real(), " + ", value.imag(), "i, expected finite numbers");
    }
    all.push_back({value});
  }
  Operator out = of_spectrum(std::move(all));
  out.name = std::move(name);
  out.facts.rank = out.size;
  return out;
}

bool has_spectrum_alone(const Operator& a) {
  return a.size > 0 && std::ssize(a.facts.spectrum) == a.size && std::isnan(a.values.front());
}

namespace host {
namespace {

constexpr double largest_eigenvalue = 1e150;  ///< its square is finite

/// A node of a folded spectrum, in canonical order.
struct SpectrumNode {
  double re, im, residual;
  std::int32_t supply = 1;

  [[nodiscard]] auto key() const { return std::tie(re, im, residual); }
};

bool same_keys(const std::vector<SpectrumNode>& a, const std::vector<SpectrumNode>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const SpectrumNode& x, const SpectrumNode& y) { return x.key() == y.key(); });
}

void sort_nodes(std::vector<SpectrumNode>& nodes) {
  std::sort(nodes.begin(), nodes.end(), [](const SpectrumNode& x, const SpectrumNode& y) { return x.key() < y.key(); });
}

FoldedSpectrum spectrum_of(std::vector<SpectrumNode> nodes, bool closed) {
  sort_nodes(nodes);
  FoldedSpectrum out;
  for (const SpectrumNode& node : nodes) {
    out.re.push_back(node.re);
    out.im.push_back(node.im);
    out.residual.push_back(node.residual);
    out.supply.push_back(node.supply);
  }
  out.closed = closed;
  out.usable = true;
  return out;
}

}  // namespace

FoldedSpectrum folded(std::span<const Eigenvalue> eigenvalues) {
  std::vector<SpectrumNode> real, upper, lower;  // the lower ones conjugated
  for (const Eigenvalue& one : eigenvalues) {
    const double re = one.value.real(), im = one.value.imag();
    if (!(std::hypot(re, im) <= largest_eigenvalue)) return {};
    auto& part = im > 0 ? upper : im < 0 ? lower : real;
    part.push_back(
        {re, std::abs(im), std::isnan(one.residual) ? std::numeric_limits<double>::infinity() : one.residual});
  }
  sort_nodes(upper);
  sort_nodes(lower);
  const bool closed = same_keys(upper, lower);
  for (SpectrumNode& node : upper) {
    node.supply = closed ? 2 : 1;
    real.push_back(node);
  }
  for (SpectrumNode& node : lower) {
    node.im = -node.im;
    if (!closed) real.push_back(node);
  }
  return spectrum_of(std::move(real), closed);
}

FoldedSpectrum unfolded(const FoldedSpectrum& spectrum) {
  if (!spectrum.usable) return spectrum;
  std::vector<SpectrumNode> nodes;
  for (std::size_t k = 0; k < spectrum.re.size(); ++k) {
    nodes.push_back({spectrum.re[k], spectrum.im[k], spectrum.residual[k]});
    if (spectrum.supply[k] == 2) nodes.push_back({spectrum.re[k], -spectrum.im[k], spectrum.residual[k]});
  }
  return spectrum_of(std::move(nodes), false);
}

FoldedSpectrum folded_spectrum(const Operator& op) {
  if (has_spectrum_alone(op)) return folded(op.facts.spectrum);
  if (op.size == 0) return {};  // one that could not be fitted
  if (!std::all_of(op.values.begin(), op.values.end(), [](double v) { return std::isfinite(v); })) return {};
  const auto r = at(op.size);
  const int n = static_cast<int>(r);
  std::vector<double> a = op.values, wr(r), wi(r);
  // Eigenvalues of the transpose are the same: no reordering of the row-major array.
  if (LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', n, a.data(), n, wr.data(), wi.data(), nullptr, n, nullptr, n) != 0) {
    return {};
  }
  std::vector<Eigenvalue> eigenvalues;
  for (std::size_t k = 0; k < r; ++k) eigenvalues.push_back({{wr[k], wi[k]}});
  return folded(eigenvalues);
}

std::vector<FoldedSpectrum> folded_spectra(const Backend& backend, const std::vector<const Operator*>& operators,
                                           const Progress& progress, FoldedSpectrum (*spectrum)(const Operator&)) {
  const auto count = static_cast<index_t>(operators.size());
  std::vector<FoldedSpectrum> spectra(operators.size());
  constexpr index_t batch = 256;
  tell_progress(progress, "prepare", 0, count);
  for (index_t first = 0; first < count; first += batch) {
    const index_t end = std::min(count, first + batch);
    for_each_on_host(backend, end - first, [&](index_t i) {
      const auto k = at(first + i);
      spectra[k] = spectrum(*operators[k]);
    });
    tell_progress(progress, "prepare", end, count);
  }
  if (std::all_of(spectra.begin(), spectra.end(), [](const FoldedSpectrum& s) { return s.closed; })) return spectra;
  spectra.reserve(2 * operators.size());
  for (std::size_t k = 0; k < operators.size(); ++k) spectra.push_back(unfolded(spectra[k]));
  return spectra;
}

bool has_residuals(const Operator& op) {
  const std::vector<Eigenvalue>& all = op.facts.spectrum;
  if (has_spectrum_alone(op)) {
    return std::any_of(all.begin(), all.end(), [](const Eigenvalue& e) { return !std::isnan(e.residual); });
  }
  return std::ssize(all) == op.size;
}

OperatorSet pruned(std::span<const Operator> operators, double limit) {
  if (!(limit > 0)) fail(ErrorCode::invalid_argument, "Spectral::prune is ", limit, ", expected a number above 0");
  OperatorSet out;
  for (const Operator& op : operators) {
    if (op.size > 0 && op.facts.status != FitStatus::failed && !has_residuals(op)) {
      fail(ErrorCode::invalid_argument, "operator ", in_quotes(op.name),
           " comes without residuals of its eigenvalues, by which Spectral::prune chooses; compare the recordings: "
           "operators that were read come without");
    }
    std::vector<Eigenvalue> kept;
    for (const Eigenvalue& e : op.facts.spectrum) {
      if (e.residual <= limit) kept.push_back(e);
    }
    Operator& small = out.emplace_back(of_spectrum(std::move(kept)));
    small.name = op.name;
    small.label = op.label;
    FitFacts facts = op.facts;
    facts.spectrum = std::move(small.facts.spectrum);
    small.facts = std::move(facts);
  }
  return out;
}

void require_matrices(std::span<const Operator> operators) {
  const auto found = std::find_if(operators.begin(), operators.end(), has_spectrum_alone);
  if (found == operators.end()) return;
  fail(ErrorCode::invalid_argument, "system ", in_quotes(found->name),
       " is given by its eigenvalues alone, and this metric compares operators; pass operators, or take spectral");
}

}  // namespace host
}  // namespace kindred

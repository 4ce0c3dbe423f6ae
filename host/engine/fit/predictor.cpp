#include "host/engine/fit/predictor.hpp"

#include "host/base/index.hpp"
#include "host/engine/fit/estimators/whitened.hpp"
#include "host/engine/recordings/checks.hpp"
#include "host/engine/recordings/rows.hpp"

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace kindred::host {
namespace {

/// The part of a model that depends on the rank.
struct Model {
  DenseMatrix lead;    ///< [F, B], r x (p + m)
  DenseMatrix step;    ///< [A, B], r x (r + m)
  DenseMatrix decode;  ///< L, C x r
};

/// a b^T, of which a (m x k) has rows `lda` apart.
DenseMatrix product_transposed(const double* a, index_t m, index_t lda, const DenseMatrix& b) {
  DenseMatrix out(m, b.rows());
  if (m == 0) return out;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(m), static_cast<int>(b.rows()),
              static_cast<int>(b.columns()), 1.0, a, static_cast<int>(lda), b.data(), static_cast<int>(b.columns()),
              0.0, out.data(), static_cast<int>(b.rows()));
  return out;
}

/// The scored steps of a recording, with what is predicted of them: rows of C values.
struct Scored {
  std::vector<const double*> recorded, before, predicted;  ///< `before`: steps_ahead earlier
};

double ratio(double value, double by) {
  return by > 0 ? value / by : value == 0 ? 0 : std::numeric_limits<double>::infinity();
}

/// Sums over the scored steps of one channel.
struct Channel {
  double x = 0, z = 0;            ///< means
  double xx = 0, zz = 0, xz = 0;  ///< about the means
  double squares = 0, absolute = 0, naive = 0;
  bool changes = false;  ///< x; the mean of equal values need not be equal to them
};

Channel sums_of(const Scored& s, index_t c) {
  Channel out;
  const auto n = static_cast<double>(s.recorded.size());
  for (std::size_t i = 0; i < s.recorded.size(); ++i) {
    out.x += s.recorded[i][c] / n;
    out.z += s.predicted[i][c] / n;
  }
  for (std::size_t i = 0; i < s.recorded.size(); ++i) {
    const double x = s.recorded[i][c], z = s.predicted[i][c];
    out.changes = out.changes || x != s.recorded[0][c];
    out.xx += (x - out.x) * (x - out.x);
    out.zz += (z - out.z) * (z - out.z);
    out.xz += (x - out.x) * (z - out.z);
    out.squares += (x - z) * (x - z);
    out.absolute += std::abs(x - z);
    out.naive += std::abs(x - s.before[i][c]);
  }
  return out;
}

/// The figures of a model with so many parameters, and the variance of all values about their mean.
PredictionScore score_of(const Scored& s, index_t channels, index_t parameters, double& variance) {
  PredictionScore out;
  const auto steps = static_cast<double>(s.recorded.size());
  out.values = static_cast<index_t>(s.recorded.size()) * channels;
  variance = 0;
  if (out.values == 0) return out;
  std::vector<Channel> all;
  double mean = 0;
  for (index_t c = 0; c < channels; ++c) {
    all.push_back(sums_of(s, c));
    mean += all.back().x / static_cast<double>(channels);
  }
  double squares = 0, absolute = 0, naive = 0, r2 = 0, correlation = 0, changing = 0;
  for (const Channel& c : all) {
    variance += (c.xx / steps + (c.x - mean) * (c.x - mean)) / static_cast<double>(channels);
    squares += c.squares;
    absolute += c.absolute;
    naive += c.naive;
    if (!c.changes) continue;
    changing += 1;
    r2 += 1 - c.squares / c.xx;
    correlation += c.zz > 0 ? c.xz / std::sqrt(c.xx * c.zz) : 0;
  }
  const auto n = static_cast<double>(out.values);
  out.mae = absolute / n;
  out.mse = squares / n;
  out.nmse = ratio(out.mse, variance);
  out.mase = ratio(absolute, naive);
  if (changing > 0) {
    out.r2 = r2 / changing;
    out.correlation = correlation / changing;
  }
  out.aic = std::log(out.mse) + 2 * static_cast<double>(parameters + 1) / n;
  return out;
}

/// Mean squared errors of consecutive parts of the scored steps, over the variance; NaN for a part without steps.
decltype(Prediction::parts) errors_by_part(const Scored& s, index_t channels, double variance) {
  decltype(Prediction::parts) out;
  out.fill(std::numeric_limits<double>::quiet_NaN());
  const std::size_t steps = s.recorded.size(), parts = out.size();
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t begin = steps * part / parts, end = steps * (part + 1) / parts;
    double squares = 0;
    for (std::size_t i = begin; i < end; ++i) {
      for (index_t c = 0; c < channels; ++c) {
        const double error = s.recorded[i][c] - s.predicted[i][c];
        squares += error * error;
      }
    }
    if (end > begin) out[part] = ratio(squares / static_cast<double>((end - begin) * at(channels)), variance);
  }
  return out;
}

}  // namespace

Predictor::Predictor(const Fitted& fit, const Embedding& embedding, const FitInputs& inputs, const Dmd& dmd,
                     const TrajectorySet& held_out)
    : fit_(fit),
      fit_inputs_(inputs),
      dmd_(dmd),
      channels_(embedding.channels),
      reach_((dmd.delays - 1) * dmd.interval) {
  dmd_.dt = 0;
  const index_t m = inputs.count();
  const std::vector<double> rows = dense_rows(held_out), acting = dense_rows(inputs_of(held_out));
  auto from = rows.begin(), input = acting.begin();
  index_t row = 0;
  for (index_t k = 0; k < held_out.trial_count(); ++k) {
    const index_t steps = held_out.steps(k);
    samples_.emplace_back(from, from + steps * channels_);
    from += steps * channels_;
    trials_.push_back({std::max<index_t>(steps - reach_, 0), row});
    inputs_.insert(inputs_.end(), input + std::min(steps, reach_) * m, input + steps * m);
    input += steps * m;
    row += trials_.back().rows;
  }
  const index_t p = fit.moments.rank, n = embedding.columns;
  t_ = whiten(fit.moments, p).t;
  const DenseMatrix encode = product(t_, fit.encoder, true);
  for (index_t i = 0; i < p; ++i) t_(i, i) = t_(i, i) != 0 ? t_(i, i) : 1;
  coordinates_ = DenseMatrix(row, p);
  for (std::size_t k = 0; k < trials_.size(); ++k) {
    if (trials_[k].rows == 0) continue;
    for (index_t j = 0; j < dmd.delays; ++j) {
      const double* block = samples_[k].data() + (dmd.delays - 1 - j) * dmd.interval * channels_;
      cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, static_cast<int>(trials_[k].rows), static_cast<int>(p),
                  static_cast<int>(channels_), 1.0, block, static_cast<int>(channels_), encode.data() + j * channels_,
                  static_cast<int>(n), j == 0 ? 0.0 : 1.0, coordinates_.row(trials_[k].first_row), static_cast<int>(p));
    }
  }
}

DenseMatrix Predictor::chains(const DenseMatrix& lead, const DenseMatrix& step, index_t reseed) const {
  const index_t ahead = dmd_.steps_ahead, m = fit_inputs_.count();
  // By the number of predictions since the record: rows and what they follow from.
  std::vector<std::vector<std::pair<index_t, index_t>>> by_depth;
  for (const Trial& trial : trials_) {
    std::vector<std::size_t> depth(at(trial.rows), 0);
    for (index_t t = ahead; t < trial.rows; ++t) {
      const bool seeded = (reseed > 0 && t % reseed == 0) || t - ahead < ahead;
      const std::size_t d = seeded ? 0 : depth[at(t - ahead)] + 1;
      depth[at(t)] = d;
      if (by_depth.size() <= d) by_depth.resize(d + 1);
      by_depth[d].emplace_back(trial.first_row + t, trial.first_row + t - ahead);
    }
  }
  DenseMatrix z(coordinates_.rows(), step.rows());
  for (std::size_t d = 0; d < by_depth.size(); ++d) {
    const DenseMatrix& from = d == 0 ? coordinates_ : z;
    const DenseMatrix& by = d == 0 ? lead : step;
    const auto& rows = by_depth[d];
    const index_t states = by.columns() - m;
    DenseMatrix gathered(std::ssize(rows), by.columns());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double* row = std::copy_n(from.row(rows[i].second), states, gathered.row(static_cast<index_t>(i)));
      std::copy_n(inputs_.data() + rows[i].second * m, m, row);
    }
    const DenseMatrix next = product_transposed(gathered.data(), gathered.rows(), gathered.columns(), by);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(next.row(static_cast<index_t>(i)), next.columns(), z.row(rows[i].first));
    }
  }
  return z;
}

void Predictor::run(index_t rank, const PredictOptions& options, Prediction& out) const {
  Estimate found = estimate(fit_.moments, fit_.sigma, rank, dmd_);
  if (!found.failure.empty()) {
    out.facts.status = FitStatus::failed;
    out.facts.detail = found.failure;
    return;
  }
  const index_t m = fit_inputs_.count();
  const std::vector<double> b = fit_inputs_.in_own_units(std::move(found.input_matrix));
  Model model;
  model.step = DenseMatrix(rank, rank + m);
  for (index_t i = 0; i < rank; ++i) {
    double* row = std::copy_n(found.values.data() + i * rank, rank, model.step.row(i));
    std::copy_n(b.data() + i * m, m, row);
  }
  // Of a regression with an F of its own there are no inputs.
  model.lead = found.lead.rows() > 0 ? std::move(found.lead) : model.step;
  // L = D T^-T of the leading directions.
  const index_t p = model.lead.columns() - m;
  DenseMatrix decode(channels_, p);
  for (index_t c = 0; c < channels_; ++c) std::copy_n(fit_.decoder.row(c), p, decode.row(c));
  cblas_dtrsm(CblasRowMajor, CblasRight, CblasUpper, CblasTrans, CblasNonUnit, static_cast<int>(channels_),
              static_cast<int>(p), 1.0, t_.data(), static_cast<int>(t_.columns()), decode.data(), static_cast<int>(p));
  model.decode = found.coordinates.rows() > 0 ? product(decode, found.coordinates) : std::move(decode);

  double variance = 0;
  const auto score = [&](const DenseMatrix& predicted, Scored& scored) {
    const index_t first = std::max(options.skip, reach_ + dmd_.steps_ahead);
    for (std::size_t k = 0; k < trials_.size(); ++k) {
      for (index_t t = first; t < trials_[k].rows + reach_; ++t) {
        scored.recorded.push_back(samples_[k].data() + t * channels_);
        scored.before.push_back(samples_[k].data() + (t - dmd_.steps_ahead) * channels_);
        scored.predicted.push_back(predicted.row(trials_[k].first_row + t - reach_));
      }
    }
    return score_of(scored, channels_, rank * (rank + m), variance);
  };
  const auto newest = [&](index_t reseed) {
    const DenseMatrix z = chains(model.lead, model.step, reseed);
    return product_transposed(z.data(), z.rows(), z.columns(), model.decode);
  };
  {
    Scored scored;
    const DenseMatrix predicted = newest(1);
    out.one_step = score(predicted, scored);
  }
  Scored scored;
  const DenseMatrix predicted = newest(options.reseed);
  out.reseeded = score(predicted, scored);
  out.parts = errors_by_part(scored, channels_, variance);
  if (!options.values) return;
  for (std::size_t k = 0; k < trials_.size(); ++k) {
    std::vector<double>& values = out.values.emplace_back(samples_[k]);
    for (index_t t = reach_ + dmd_.steps_ahead; t < trials_[k].rows + reach_; ++t) {
      std::copy_n(predicted.row(trials_[k].first_row + t - reach_), channels_, values.data() + t * channels_);
    }
  }
}

}  // namespace kindred::host

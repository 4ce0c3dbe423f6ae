#include "host/engine/fit/embedding_operator.hpp"

#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <numeric>

namespace kindred::host {
namespace {

/// Rows of a part: enough for products at full speed, few enough for what is made of them to stay in a cache.
constexpr index_t part_rows = 2048;

index_t reach(const Dmd& dmd) { return (dmd.delays - 1) * dmd.interval; }

index_t part_samples(index_t samples, const Dmd& dmd) { return std::min(samples, part_rows + reach(dmd)); }

/// All samples of a system, scaled, as float64: its embedding with one delay.
Buffer<double> samples_of(Backend& backend, const BatchMember& member, const Dmd& dmd) {
  Dmd plain = dmd;
  plain.delays = 1;
  Embedding whole = *member.embedding;
  whole.columns = whole.channels;
  for (index_t& rows : whole.trial_rows) rows += reach(dmd);
  whole.rows = std::accumulate(whole.trial_rows.begin(), whole.trial_rows.end(), index_t{0});
  const BatchMember sampled{member.system, &whole};
  EmbeddingPanels source(backend, {&sampled, 1}, plain);
  Buffer<double> out(backend, whole.rows * whole.channels);
  double* to = out.data();
  for (const Panel& panel : cut_into_panels(whole.trial_rows, part_rows, 0)) {
    const Panel* one[] = {&panel};
    index_t rows = 0;
    for (const Segment& segment : panel) rows += segment.rows;
    source.write_rows(one, rows, packed(to, rows, whole.channels));
    to += rows * whole.channels;
  }
  return out;
}

}  // namespace

EmbeddingOperator::EmbeddingOperator(Backend& backend, const BatchMember& member, const Dmd& dmd, index_t vectors)
    : backend_(backend),
      channels_(member.embedding->channels),
      delays_(dmd.delays),
      interval_(dmd.interval),
      vectors_(vectors),
      samples_(samples_of(backend, member, dmd)) {
  const auto& trial_rows = member.embedding->trial_rows;
  const index_t most = part_samples(samples_.size() / channels_, dmd), d = delays_;
  std::vector<index_t> fold, spread, by_vector;
  index_t first_sample = 0, row = 0;
  for (const index_t rows : trial_rows) {
    for (index_t first = 0; first < rows;) {
      const index_t sample = first_sample + first;
      if (parts_.empty() || sample + reach(dmd) >= parts_.back().first_sample + most) {
        parts_.push_back({sample, 0, row, 0, 0, std::ssize(spread)});
      }
      Part& part = parts_.back();
      const index_t taken = std::min(rows - first, part.first_sample + most - reach(dmd) - sample);
      // Sample by sample and delay by delay, the row of the part that it enters there; -1: none.
      for (index_t s = 0; s < taken + reach(dmd); ++s) {
        for (index_t j = 0; j < d; ++j) {
          const index_t in_segment = s - (d - 1 - j) * interval_;
          spread.push_back(in_segment >= 0 && in_segment < taken ? part.rows + in_segment : -1);
        }
      }
      part.samples = sample + taken + reach(dmd) - part.first_sample;
      part.rows += taken;
      first += taken;
      row += taken;
    }
    first_sample += rows + reach(dmd);
  }
  // Delay by delay and row by row, the sample of the part that enters it there: the inverse.
  for (const Part& part : parts_) {
    const auto at = static_cast<std::ptrdiff_t>(fold.size());
    fold.resize(fold.size() + static_cast<std::size_t>(d * part.rows));
    for (index_t k = 0; k < part.samples * d; ++k) {
      const index_t of_row = spread[part.spread + k];
      if (of_row >= 0) fold[at + k % d * part.rows + of_row] = k / d;
    }
  }
  index_t place = 0;
  for (Part& part : parts_) {
    part.fold = place;
    place += d * part.rows;
  }
  for (index_t q = 0; q < vectors; ++q) {
    for (index_t j = 0; j < d; ++j) by_vector.push_back(j * vectors + q);
  }
  fold_ = Buffer<index_t>(backend, std::span<const index_t>(fold));
  spread_ = Buffer<index_t>(backend, std::span<const index_t>(spread));
  by_vector_ = Buffer<index_t>(backend, std::span<const index_t>(by_vector));
  ones_ = Buffer<double>(backend, std::span<const double>(std::vector<double>(static_cast<std::size_t>(d), 1.0)));
  shifted_ = Buffer<double>(backend, most * d * vectors);
  gathered_ = Buffer<double>(backend, most * d * vectors);
  blocks_ = Buffer<double>(backend, d * vectors * channels_);
}

std::size_t EmbeddingOperator::bytes(index_t samples, index_t channels, const Dmd& dmd, index_t vectors) {
  const index_t d = dmd.delays;
  const index_t elements =
      samples * (channels + 2 * d) + 2 * part_samples(samples, dmd) * d * vectors + d * vectors * (channels + 1) + d;
  return static_cast<std::size_t>(elements) * sizeof(double);
}

void EmbeddingOperator::apply(const MatrixBatch<const double>& v, const MatrixBatch<double>& w) {
  const index_t b = vectors_, d = delays_;
  const MatrixBatch<const double> blocks = packed(v.data, b * d, channels_);
  using Gather = kernels::GatherRows;
  for (const Part& part : parts_) {
    const MatrixBatch<double> y = packed(shifted_.data(), part.samples, b * d);
    backend_.gemm(1.0, samples(part), t(blocks), 0.0, y);
    // Delay j takes every d-th column from the j-th on, (d - 1 - j) tau samples later; the sum is a product with ones.
    backend_.launch<Gather>({y.data, b * d, d, 1, fold_.data() + part.fold, gathered_.data(), part.rows, b},
                            Gather::items(d, part.rows));
    backend_.gemm(1.0, packed<const double>(ones_.data(), 1, d),
                  packed<const double>(gathered_.data(), d, part.rows * b), 0.0,
                  packed(w.data + part.first_row * b, 1, part.rows * b));
  }
}

void EmbeddingOperator::apply_transposed(const MatrixBatch<const double>& w, const MatrixBatch<double>& v) {
  const index_t b = vectors_, d = delays_;
  using Gather = kernels::GatherRows;
  for (std::size_t k = 0; k < parts_.size(); ++k) {
    const Part& part = parts_[k];
    const index_t lines = part.samples * d;
    backend_.launch<Gather>(
        {w.data + part.first_row * b, b, 1, 0, spread_.data() + part.spread, shifted_.data(), lines, b},
        Gather::items(1, lines));
    backend_.gemm(1.0, t(packed<const double>(shifted_.data(), part.samples, d * b)), samples(part), k == 0 ? 0.0 : 1.0,
                  packed(blocks_.data(), d * b, channels_));
  }
  backend_.launch<Gather>({blocks_.data(), channels_, 1, 0, by_vector_.data(), v.data, d * b, channels_},
                          Gather::items(1, d * b));
}

}  // namespace kindred::host

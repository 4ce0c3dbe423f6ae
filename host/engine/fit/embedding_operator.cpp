#include "host/engine/fit/embedding_operator.hpp"

#include "host/base/index.hpp"
#include "host/engine/fit/sample_panels.hpp"
#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace kindred::host {
namespace {

constexpr index_t band_elements = 1 << 22;    ///< values of V_c and V_s that are held at once
constexpr index_t samples_at_once = 1 << 20;  ///< values of the recording that are transformed at once

index_t reach(const Dmd& dmd) { return (dmd.delays - 1) * dmd.interval; }

index_t frequencies_at_once(const Segmentation& segments, index_t channels, index_t vectors) {
  return std::clamp<index_t>(band_elements / (4 * vectors * channels), 1, segments.frequencies());
}

index_t segments_at_once(const Segmentation& segments, index_t channels) {
  return std::clamp<index_t>(samples_at_once / (segments.length * channels), 1, segments.count);
}

}  // namespace

Segmentation plan_segments(const Embedding& embedding, const Dmd& dmd) {
  if (dmd.delays == 1) return {1, 1, embedding.rows};
  const index_t longest = *std::max_element(embedding.trial_rows.begin(), embedding.trial_rows.end());
  Segmentation best;
  double least = std::numeric_limits<double>::infinity();
  for_each_cut(longest, [&](index_t rows) {
    Segmentation cut{rows + reach(dmd), rows, 0};
    for (const index_t of_trial : embedding.trial_rows) cut.count += (of_trial + rows - 1) / rows;
    const double flops = EmbeddingOperator::flops(cut, embedding.channels, dmd, 1);
    if (flops < least) best = cut;
    least = std::min(least, flops);
  });
  return best;
}

EmbeddingOperator::EmbeddingOperator(Backend& backend, const BatchMember& member, const Dmd& dmd, index_t vectors)
    : backend_(backend),
      channels_(member.embedding->channels),
      delays_(dmd.delays),
      vectors_(vectors),
      rows_(member.embedding->rows),
      segments_(plan_segments(*member.embedding, dmd)) {
  if (delays_ == 1) {
    copy_recording(member, dmd);
    return;
  }
  const index_t f = segments_.frequencies(), s = segments_.count, d = delays_;
  fourier_.emplace(backend, segments_.length);
  std::vector<double> lags;
  for (const index_t of : {0, 1}) {  // X_c or X_s
    for (index_t k = 0; k < f; ++k) {
      for (const index_t to : {0, 1}) {  // Y_c or Y_s
        for (index_t j = 0; j < d; ++j) {
          const double value = fourier_->weighted(k, of == to ? 0 : 1, (d - 1 - j) * dmd.interval);
          lags.push_back(to > of ? -value : value);
        }
      }
    }
  }
  lags_ = Buffer<double>(backend, std::span<const double>(lags));
  spectrum_ = Buffer<double>(backend, f * s * 2 * channels_);
  transform_recording(member, dmd);
  place_rows(*member.embedding);
  turned_ = Buffer<double>(backend, frequencies_at_once(segments_, channels_, vectors) * 4 * vectors * channels_);
  image_ = Buffer<double>(backend, f * s * 2 * vectors);
  in_segments_ = Buffer<double>(backend, s * segments_.rows * vectors);
}

void EmbeddingOperator::copy_recording(const BatchMember& member, const Dmd& dmd) {
  spectrum_ = Buffer<double>(backend_, rows_ * channels_);
  EmbeddingPanels source(backend_, {&member, 1}, dmd);
  double* to = spectrum_.data();
  for (const Panel& panel : cut_into_panels(member.embedding->trial_rows, segments_at_once(segments_, channels_), 0)) {
    const Panel* one[] = {&panel};
    index_t rows = 0;
    for (const Segment& segment : panel) rows += segment.rows;
    source.write_rows(one, rows, packed(to, rows, channels_));
    to += rows * channels_;
  }
}

void EmbeddingOperator::transform_recording(const BatchMember& member, const Dmd& dmd) {
  const index_t c = channels_, s = segments_.count, length = segments_.length, at_once = segments_at_once(segments_, c);
  std::vector<Segment> segments = cut_into_segments(member.embedding->trial_rows, 0, segments_.rows);
  for (Segment& segment : segments) segment.rows += reach(dmd);
  SamplePanels source(backend_, {&member, 1}, dmd, at_once);
  const Buffer<double> buffer(backend_, at_once * length * c);
  const MatrixBatch<double> x = packed(buffer.data(), length, c);
  for (index_t first = 0; first < s; first += at_once) {
    const index_t count = std::min(at_once, s - first);
    std::vector<Segment> some(at(at_once));
    std::copy_n(segments.begin() + first, count, some.begin());
    source.write(some, x);
    for (const index_t part : {0, 1}) {
      const MatrixBatch<double> to{spectrum_.data() + (2 * first + part) * c, segments_.frequencies(), c, s * 2 * c,
                                   2 * c};
      backend_.gemm(1.0, fourier_->waves(part, length), x, 0.0, to, count);
    }
  }
}

void EmbeddingOperator::place_rows(const Embedding& embedding) {
  std::vector<index_t> from, to(at(segments_.count * segments_.rows), -1);
  index_t segment = 0;
  for (const index_t rows : embedding.trial_rows) {
    for (index_t i = 0; i < rows; ++i) {
      const index_t place = segment * segments_.rows + i;  // a trial's segments follow each other
      to[at(place)] = std::ssize(from);
      from.push_back(place);
    }
    segment += (rows + segments_.rows - 1) / segments_.rows;
  }
  from_segments_ = Buffer<index_t>(backend_, std::span<const index_t>(from));
  to_segments_ = Buffer<index_t>(backend_, std::span<const index_t>(to));
}

std::size_t EmbeddingOperator::bytes(const Segmentation& segments, index_t rows, index_t channels, const Dmd& dmd,
                                     index_t vectors) {
  if (dmd.delays == 1) return at(rows * channels) * sizeof(double);
  const index_t f = segments.frequencies(), s = segments.count, b = vectors, l = segments.length;
  const index_t at_once = segments_at_once(segments, channels);
  const index_t elements =
      Fourier::elements(l) + 2 * f * (s * channels + 2 * dmd.delays + s * b) + s * segments.rows * (b + 1) + rows +
      std::max(frequencies_at_once(segments, channels, b) * 4 * b * channels, at_once * l * channels);
  return at(elements) * sizeof(double);
}

double EmbeddingOperator::flops(const Segmentation& segments, index_t channels, const Dmd& dmd, index_t vectors) {
  const auto f = static_cast<double>(segments.frequencies()), s = static_cast<double>(segments.count);
  const auto c = static_cast<double>(channels), b = static_cast<double>(vectors);
  if (dmd.delays == 1) return 2 * s * c * b;
  return 4 * f * b * (s * (2 * c + static_cast<double>(segments.rows)) + 2 * static_cast<double>(dmd.delays) * c);
}

template <class Function>
void EmbeddingOperator::for_all_bands(Function&& f) {
  for_each_band(segments_.frequencies(), frequencies_at_once(segments_, channels_, vectors_), f);
}

MatrixBatch<const double> EmbeddingOperator::lags(const Band& band, index_t part) const {
  return {lags_.data() + 2 * (part * segments_.frequencies() + band.first) * delays_, 2 * band.count, delays_, delays_,
          0};
}

MatrixBatch<const double> EmbeddingOperator::spectrum(const Band& band) const {
  const index_t s = segments_.count;
  return packed<const double>(spectrum_.data() + band.first * s * 2 * channels_, s, 2 * channels_);
}

MatrixBatch<double> EmbeddingOperator::image(const Band& band) const {
  const index_t s = segments_.count;
  return packed(image_.data() + band.first * s * 2 * vectors_, s, 2 * vectors_);
}

MatrixBatch<double> EmbeddingOperator::image_of_segments(index_t part) const {
  return {image_.data() + part * vectors_, segments_.frequencies(), vectors_, segments_.count * 2 * vectors_,
          2 * vectors_};
}

MatrixBatch<double> EmbeddingOperator::turned() const { return packed(turned_.data(), 2 * vectors_, 2 * channels_); }

MatrixBatch<double> EmbeddingOperator::turned_of_vectors(const Band& band, index_t part) const {
  return {turned_.data() + part * channels_, 2 * band.count, channels_, vectors_ * 2 * channels_, 2 * channels_};
}

void EmbeddingOperator::apply(const MatrixBatch<const double>& v, const MatrixBatch<double>& w) {
  const index_t b = vectors_;
  if (delays_ == 1) return backend_.gemm(1.0, packed<const double>(spectrum_.data(), rows_, channels_), t(v), 0.0, w);
  const MatrixBatch<const double> blocks = packed(v.data, delays_, channels_);  // of each vector
  for_all_bands([&](const Band& band) {
    for (const index_t part : {0, 1})
      backend_.gemm(1.0, lags(band, part), blocks, 0.0, turned_of_vectors(band, part), b);
    backend_.gemm(1.0, spectrum(band), t(turned()), 0.0, image(band), band.count);
  });
  const MatrixBatch<double> rows = packed(in_segments_.data(), segments_.rows, b);
  for (const index_t part : {0, 1}) {
    backend_.gemm(1.0, t(fourier_->waves(part, segments_.rows)), image_of_segments(part), static_cast<double>(part),
                  rows, segments_.count);
  }
  using Gather = kernels::GatherRows;
  backend_.launch<Gather>({rows.data, b, 1, 0, from_segments_.data(), w.data, rows_, b}, Gather::items(1, rows_));
}

void EmbeddingOperator::apply_transposed(const MatrixBatch<const double>& w, const MatrixBatch<double>& v) {
  const index_t b = vectors_, all = segments_.count * segments_.rows;
  if (delays_ == 1) return backend_.gemm(1.0, t(w), packed<const double>(spectrum_.data(), rows_, channels_), 0.0, v);
  using Gather = kernels::GatherRows;
  backend_.launch<Gather>({w.data, b, 1, 0, to_segments_.data(), in_segments_.data(), all, b}, Gather::items(1, all));
  const MatrixBatch<double> rows = packed(in_segments_.data(), segments_.rows, b);
  for (const index_t part : {0, 1}) {
    backend_.gemm(1.0, fourier_->waves(part, segments_.rows), rows, 0.0, image_of_segments(part), segments_.count);
  }
  const MatrixBatch<double> blocks = packed(v.data, delays_, channels_);
  for_all_bands([&](const Band& band) {
    backend_.gemm(1.0, t(image(band)), spectrum(band), 0.0, turned(), band.count);
    for (const index_t part : {0, 1}) {
      const double kept = band.first == 0 && part == 0 ? 0.0 : 1.0;
      backend_.gemm(1.0, t(lags(band, part)), turned_of_vectors(band, part), kept, blocks, b);
    }
  });
}

}  // namespace kindred::host

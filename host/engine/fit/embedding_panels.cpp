#include "host/engine/fit/embedding_panels.hpp"
#include "host/base/index.hpp"
#include "kernels/program/delay_embedding.hpp"

#include "host/engine/recordings/rows.hpp"

#include <algorithm>

namespace kindred::host {
namespace {

constexpr index_t row_tile = 64;       ///< lines a tile
constexpr index_t column_tile = 1024;  ///< contiguous elements a line; bounds the scratch of the program

}  // namespace

std::vector<Panel> cut_into_panels(std::span<const index_t> trial_rows, index_t capacity, index_t overlap) {
  std::vector<Panel> panels(1);
  index_t room = capacity;
  for (std::size_t k = 0; k < trial_rows.size(); ++k) {
    index_t first = 0;
    while (first == 0 || first + overlap < trial_rows[k]) {
      if (room <= overlap) {
        panels.emplace_back();
        room = capacity;
      }
      const index_t rows = std::min(room, trial_rows[k] - first);
      panels.back().push_back({static_cast<index_t>(k), first, rows});
      room -= rows;
      first += rows - overlap;
    }
  }
  return panels;
}

/// Tiles of one launch, and the samples they read: in place where the device can, else packed and fed to it.
template <class T>
class EmbeddingPanels::Writer {
 public:
  using Program = kernels::DelayEmbedding<T>;
  using Tile = typename Program::Tile;

  explicit Writer(EmbeddingPanels& owner) : owner_(owner) {}

  /// Tiles of one segment whose element (0, first_column) goes to `out`; at most max_rows x max_columns each.
  void add(const BatchMember& member, const Segment& segment, index_t first_column, index_t columns, double* out,
           index_t row_stride, index_t column_stride, index_t max_rows, index_t max_columns) {
    const auto& trials = std::get<std::vector<TrialView<T>>>(member.system->trials);
    TrialView<T> view = trials[segment.trial];
    view.data += segment.first * view.time_stride;
    view.steps = segment.rows + owner_.reach_;
    const bool in_place = member.system->memory == Memory::device || owner_.backend_.shares_host_memory();
    const index_t packed_at = in_place ? not_packed : pack(view);
    for (index_t q = 0; q < columns; q += max_columns) {
      for (index_t i = 0; i < segment.rows; i += max_rows) {
        tiles_.push_back({in_place ? view.data + i * view.time_stride : nullptr, view.time_stride, view.channel_stride,
                          std::min(max_rows, segment.rows - i), first_column + q, std::min(max_columns, columns - q),
                          member.embedding->scale, out + i * row_stride + q * column_stride});
        packed_at_.push_back(in_place ? not_packed : packed_at + i * view.time_stride);
      }
    }
  }

  void add_zeros(index_t rows, double* out, index_t row_stride) {
    for (index_t q = 0; q < owner_.columns_; q += column_tile) {
      for (index_t i = 0; i < rows; i += row_tile) {
        tiles_.push_back({nullptr, 0, 0, std::min(row_tile, rows - i), q, std::min(column_tile, owner_.columns_ - q), 0,
                          out + i * row_stride + q});
        packed_at_.push_back(not_packed);
      }
    }
  }

  void launch(index_t row_stride, index_t column_stride) {
    if (tiles_.empty()) return;
    if (!packed_.empty()) feed_samples();
    const void* tiles = owner_.tiles_->put(tiles_.data(), tiles_.size() * sizeof(Tile));
    const auto widest = std::max_element(tiles_.begin(), tiles_.end(),
                                         [](const Tile& a, const Tile& b) { return a.columns < b.columns; });
    owner_.backend_.launch<Program>({static_cast<const Tile*>(tiles), owner_.lag_.data(), owner_.channel_.data(),
                                     row_stride, column_stride, widest->columns},
                                    static_cast<index_t>(tiles_.size()));
  }

 private:
  static constexpr index_t not_packed = -1;

  /// Appends the view's samples in (time, channel) order, makes it a view of that order, and returns where they start.
  index_t pack(TrialView<T>& view) {
    const std::size_t start = packed_.size();
    packed_.resize(start + at(view.steps * view.channels));
    copy_samples(view, packed_.data() + start);
    view.time_stride = view.channels;
    view.channel_stride = 1;
    return static_cast<index_t>(start);
  }

  void feed_samples() {
    const T* samples = static_cast<const T*>(owner_.samples_->put(packed_.data(), packed_.size() * sizeof(T)));
    for (std::size_t i = 0; i < tiles_.size(); ++i) {
      if (packed_at_[i] != not_packed) tiles_[i].x = samples + packed_at_[i];
    }
  }

  EmbeddingPanels& owner_;
  std::vector<Tile> tiles_;
  std::vector<T> packed_;
  std::vector<index_t> packed_at_;  ///< where a tile's samples start, if they are packed
};

EmbeddingPanels::EmbeddingPanels(Backend& backend, std::span<const BatchMember> members, const Dmd& dmd)
    : backend_(backend),
      members_(members.begin(), members.end()),
      columns_(members.front().embedding->columns),
      reach_((dmd.delays - 1) * dmd.interval),
      tiles_(backend.make_feed()),
      samples_(backend.make_feed()) {
  const index_t channels = members.front().embedding->channels;
  std::vector<index_t> lag, channel;
  for (index_t j = 0; j < dmd.delays; ++j) {
    for (index_t c = 0; c < channels; ++c) {
      lag.push_back((dmd.delays - 1 - j) * dmd.interval);
      channel.push_back(c);
    }
  }
  lag_ = Buffer<index_t>(backend, std::span<const index_t>(lag));
  channel_ = Buffer<index_t>(backend, std::span<const index_t>(channel));
  for (const BatchMember& member : members_) {
    Panel all;
    const auto& rows = member.embedding->trial_rows;
    for (std::size_t k = 0; k < rows.size(); ++k) all.push_back({static_cast<index_t>(k), 0, rows[k]});
    whole_.push_back(std::move(all));
  }
}

void EmbeddingPanels::write_rows(std::span<const Panel* const> panels, index_t rows, const MatrixBatch<double>& out) {
  const auto write = [&](auto writer) {
    for (index_t b = 0; b < std::ssize(members_); ++b) {
      const View2<double> to = out[b];
      index_t row = 0;
      if (panels[b] != nullptr) {
        for (const Segment& segment : *panels[b]) {
          writer.add(members_[b], segment, 0, columns_, to.row(row), to.ld, 1, row_tile, column_tile);
          row += segment.rows;
        }
      }
      writer.add_zeros(rows - row, to.row(row), to.ld);
    }
    writer.launch(out.ld, 1);
  };
  members_.front().system->is_float32() ? write(Writer<float>(*this)) : write(Writer<double>(*this));
}

void EmbeddingPanels::write_columns(index_t first, index_t count, const MatrixBatch<double>& out) {
  const auto write = [&](auto writer) {
    for (index_t b = 0; b < std::ssize(members_); ++b) {
      double* to = out[b].data;
      for (const Segment& segment : whole_[b]) {
        writer.add(members_[b], segment, first, count, to, 1, out.ld, column_tile, row_tile);
        to += segment.rows;
      }
    }
    writer.launch(1, out.ld);
  };
  members_.front().system->is_float32() ? write(Writer<float>(*this)) : write(Writer<double>(*this));
}

}  // namespace kindred::host

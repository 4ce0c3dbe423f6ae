#include "host/engine/fit/delay_gram.hpp"
#include "kernels/program/diagonal_sums.hpp"
#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <vector>

namespace kindred::host {
namespace {

constexpr index_t short_ends = 8;  ///< rows of a trial for every row of its ends
constexpr index_t thin = 3;        ///< blocks beside a panel: its own last one, the successor's, the predecessor's

template <class T>
T* grown(Backend& backend, Buffer<T>& buffer, index_t n) {
  if (buffer.size() < n) buffer = Buffer<T>(backend, n);
  return buffer.data();
}

/// `count` rows of every trial: from row `first` or, if that is negative, from that far before the trial's end.
struct Ends {
  index_t first, count;
};

class DelayGramRun {
 public:
  DelayGramRun(Backend& backend, DelayGramWorkspace& work, EmbeddingPanels& source,
               std::span<const BatchMember> members, const Dmd& dmd, index_t capacity, index_t trials,
               const DelayGrams& out)
      : backend_(backend),
        source_(source),
        members_(members),
        batch_(static_cast<index_t>(members.size())),
        channels_(members.front().embedding->channels),
        n_(members.front().embedding->columns),
        delays_(dmd.delays),
        interval_(dmd.interval),
        ahead_(dmd.steps_ahead),
        capacity_(capacity),
        trials_(trials),
        stride_(capacity * n_),
        out_(out),
        now_(grown(backend, work.now, batch_ * stride_)),
        next_(grown(backend, work.next, batch_ * stride_)),
        thin_(grown(backend, work.ends, batch_ * capacity * thin * channels_)),
        seeds_(grown(backend, work.seeds, batch_ * n_ * thin * channels_)),
        index_(grown(backend, work.index, batch_ * capacity * thin)) {}

  void run() {
    sum_last_blocks();
    const index_t tau = interval_, k = ahead_;
    // The ends of every trial: what enters a diagonal at its tail, what leaves it at its head one block further.
    for_each_panel({-tau, tau}, {-k - tau, tau}, [&](index_t rows, double beta) {
      product(rows, next_, now_, 0, beta, out_.now_next);
      backend_.gram(rows, n_, now_, n_, stride_, beta, out_.all, n_, n_ * n_, batch_);
    });
    for_each_panel({0, tau}, {k, tau}, [&](index_t rows, double) {
      product(rows, now_, next_, channels_, 1, out_.now_next);
      product(rows, now_, now_, channels_, 1, out_.all);
    });
    const index_t c = channels_, ld = thin * c;
    const auto sums = [&](double* m, index_t column, index_t row) {
      backend_.launch<kernels::DiagonalSums>(
          {delays_, c, m, n_ * n_, seeds_ + column * c, seeds_ + row * c, ld, n_ * ld},
          kernels::DiagonalSums::items(batch_, delays_));
    };
    sums(out_.all, 0, 0);
    sums(out_.now_next, 1, 2);
    for (const auto& [first, sum] : {std::pair{index_t{0}, out_.first}, std::pair{-k, out_.last}}) {
      for_each_panel({first, k}, {first, 0}, [&, to = sum](index_t rows, double beta) {
        backend_.gram(rows, n_, now_, n_, stride_, beta, to, n_, n_ * n_, batch_);
      });
    }
  }

 private:
  /// seeds = sum over panels of H^T [h(s, d - 1), h(s + k, d - 1), h(s - k, d - 1)], zeros where there is no such row.
  void sum_last_blocks() {
    std::vector<std::vector<Panel>> cuts;
    std::size_t most = 0;
    for (const BatchMember& member : members_) {
      cuts.push_back(cut_into_panels(member.embedding->trial_rows, capacity_, ahead_));
      most = std::max(most, cuts.back().size());
    }
    const index_t c = channels_, rows = capacity_ * thin, width = thin * c;
    for (std::size_t p = 0; p < most; ++p) {
      std::vector<index_t> index(static_cast<std::size_t>(batch_ * rows), -1);
      std::vector<const Panel*> panels;
      for (std::size_t b = 0; b < cuts.size(); ++b) {
        panels.push_back(p < cuts[b].size() ? &cuts[b][p] : nullptr);
        if (panels[b] != nullptr) {
          index_rows(*panels[b], members_[b].embedding->trial_rows, index.data() + static_cast<index_t>(b) * rows);
        }
      }
      source_.write_rows(panels, capacity_, now_, stride_);
      backend_.upload(index_, index.data(), index.size() * sizeof(index_t));
      backend_.launch<kernels::GatherRows>({now_ + n_ - c, n_, 1, stride_, index_, thin_, rows, c},
                                           kernels::GatherRows::items(batch_, rows));
      backend_.gemm({Op::transpose, Op::none, n_, width, capacity_, 1.0, now_, n_, stride_, thin_, width,
                     capacity_ * width, p == 0 ? 0.0 : 1.0, seeds_, width, n_ * width, batch_});
    }
  }

  /// Of every row of a panel: itself, its successor, its predecessor. A row that the next panel repeats counts there.
  void index_rows(const Panel& panel, const std::vector<index_t>& trial_rows, index_t* index) const {
    index_t row = 0;
    for (const Segment& segment : panel) {
      const bool ends = segment.first + segment.rows == trial_rows[static_cast<std::size_t>(segment.trial)];
      for (index_t i = 0; i < segment.rows; ++i, ++row, index += thin) {
        if (ends || i < segment.rows - ahead_) index[0] = row;
        if (i < segment.rows - ahead_) index[1] = row + ahead_;
        if (i >= ahead_) index[2] = row - ahead_;
      }
    }
  }

  /// Writes the rows of `now` and, if it has any, of `next`, panel by panel; f(rows, beta) after each, beta 0 for the
  /// first. The rows of a panel depend on the number of trials that the batch is made for, not on its members.
  template <class F>
  void for_each_panel(const Ends& now, const Ends& next, F&& f) {
    const index_t rows = std::min(capacity_, trials_ * now.count);
    const auto now_panels = cut(now, rows), next_panels = cut(next, rows);
    std::size_t most = 1;
    for (const auto& of_member : now_panels) most = std::max(most, of_member.size());
    for (std::size_t p = 0; p < most; ++p) {
      write(now_panels, p, rows, now_);
      if (next.count > 0) write(next_panels, p, rows, next_);
      f(rows, p == 0 ? 0.0 : 1.0);
    }
  }

  /// The ends of all trials of every member, in panels of `capacity` rows.
  std::vector<std::vector<Panel>> cut(const Ends& ends, index_t capacity) const {
    std::vector<std::vector<Panel>> cuts;
    for (const BatchMember& member : members_) {
      auto& panels = cuts.emplace_back(1);
      index_t room = capacity, trial = 0;
      for (const index_t trial_rows : member.embedding->trial_rows) {
        index_t first = ends.first < 0 ? trial_rows + ends.first : ends.first;
        for (index_t left = ends.count; left > 0;) {
          if (room == 0) {
            panels.emplace_back();
            room = capacity;
          }
          const index_t rows = std::min(room, left);
          panels.back().push_back({trial, first, rows});
          first += rows;
          left -= rows;
          room -= rows;
        }
        ++trial;
      }
    }
    return cuts;
  }

  void write(const std::vector<std::vector<Panel>>& cuts, std::size_t p, index_t rows, double* to) {
    std::vector<const Panel*> panels;
    for (const auto& of_member : cuts) panels.push_back(p < of_member.size() ? &of_member[p] : nullptr);
    source_.write_rows(panels, rows, to, stride_);
  }

  /// With skip = 0: to = a^T b + beta to. Else the same product of the columns from `skip` on is taken from the leading
  /// blocks of `to`.
  void product(index_t rows, const double* a, const double* b, index_t skip, double beta, double* to) {
    const index_t n = n_ - skip;
    if (n == 0) return;
    backend_.gemm({Op::transpose, Op::none, n, n, rows, skip == 0 ? 1.0 : -1.0, a + skip, n_, stride_, b + skip, n_,
                   stride_, beta, to, n_, n_ * n_, batch_});
  }

  Backend& backend_;
  EmbeddingPanels& source_;
  std::span<const BatchMember> members_;
  index_t batch_, channels_, n_, delays_, interval_, ahead_, capacity_, trials_, stride_;
  DelayGrams out_;
  double *now_, *next_, *thin_, *seeds_;
  index_t* index_;
};

}  // namespace

bool has_short_ends(const Embedding& embedding, const Dmd& dmd) {
  const index_t ends = dmd.interval + dmd.steps_ahead;
  return std::all_of(embedding.trial_rows.begin(), embedding.trial_rows.end(),
                     [=](index_t rows) { return rows >= short_ends * ends; });
}

std::size_t delay_gram_bytes(index_t n, index_t channels, index_t capacity) {
  const index_t elements = 2 * capacity * n + thin * (capacity * (channels + 1) + n * channels);
  return static_cast<std::size_t>(elements) * sizeof(double);
}

void delay_grams(Backend& backend, DelayGramWorkspace& work, EmbeddingPanels& source,
                 std::span<const BatchMember> members, const Dmd& dmd, index_t capacity, index_t trials,
                 const DelayGrams& out) {
  DelayGramRun(backend, work, source, members, dmd, capacity, trials, out).run();
}

}  // namespace kindred::host

#include "host/engine/fit/delay_gram.hpp"
#include "host/base/index.hpp"
#include "kernels/program/diagonal_sums.hpp"
#include "kernels/program/gather_rows.hpp"

#include <algorithm>
#include <vector>

namespace kindred::host {
namespace {

constexpr index_t rows_an_end = 8;  ///< rows of a trial for every row of its ends
constexpr index_t thin = 3;         ///< blocks beside a panel: its own last one, the successor's, the predecessor's

/// `count` rows of every trial: from row `first` or, if that is negative, from that far before the trial's end.
struct Ends {
  index_t first, count;
};

class DelayGramRun {
 public:
  DelayGramRun(Backend& backend, DelayGramWorkspace& work, EmbeddingPanels& source,
               std::span<const BatchMember> members, const Dmd& dmd, const DelayGramPlan& plan, const DelayGrams& out)
      : backend_(backend),
        work_(work),
        source_(source),
        members_(members),
        batch_(std::ssize(members)),
        channels_(members.front().embedding->channels),
        n_(members.front().embedding->columns),
        delays_(dmd.delays),
        interval_(dmd.interval),
        ahead_(dmd.steps_ahead),
        plan_(plan),
        dmd_(dmd),
        out_(out),
        now_(packed(grown(backend, work.now, batch_ * plan.capacity * n_), plan.capacity, n_)),
        next_(packed(grown(backend, work.next, batch_ * plan.capacity * n_), plan.capacity, n_)),
        seeds_(packed(grown(backend, work.seeds, batch_ * n_ * thin * channels_), n_, thin * channels_)) {}

  void run() {
    plan_.lags.rows > 0 ? sum_by_frequencies() : sum_by_rows();
    const index_t tau = interval_, k = ahead_;
    // The ends of every trial: what enters a diagonal at its tail, what leaves it at its head one block further.
    for_each_panel({-tau, tau}, {-k - tau, tau}, [&](index_t rows, double beta) {
      backend_.gemm(1.0, t(top(next_, rows)), top(now_, rows), beta, out_.now_next, batch_);
      backend_.gram(top(now_, rows), beta, out_.all, batch_);
    });
    for_each_panel({0, tau}, {k, tau}, [&](index_t rows, double) {
      subtract_shifted(top(now_, rows), top(next_, rows), out_.now_next);
      subtract_shifted(top(now_, rows), top(now_, rows), out_.all);
    });
    const index_t c = channels_;
    const auto sums = [&](const MatrixBatch<double>& m, index_t column, index_t row) {
      backend_.launch<kernels::DiagonalSums>(
          {delays_, c, m.data, m.stride, seeds_.data + column * c, seeds_.data + row * c, seeds_.ld, seeds_.stride},
          kernels::DiagonalSums::items(batch_, delays_));
    };
    sums(out_.all, 0, 0);
    sums(out_.now_next, 1, 2);
    for (const auto& [first, sum] : {std::pair{index_t{0}, out_.first}, std::pair{-k, out_.last}}) {
      for_each_panel({first, k}, {first, 0},
                     [&, to = sum](index_t rows, double beta) { backend_.gram(top(now_, rows), beta, to, batch_); });
    }
  }

 private:
  static MatrixBatch<double> top(const MatrixBatch<double>& m, index_t rows) { return m.block(0, 0, rows, m.columns); }

  /// seeds = sum over panels of H^T [h(s, d - 1), h(s + k, d - 1), h(s - k, d - 1)], zeros where there is no such row.
  void sum_by_rows() {
    const index_t capacity = plan_.capacity;
    const MatrixBatch<double> beside =
        packed(grown(backend_, work_.ends, batch_ * capacity * thin * channels_), capacity, thin * channels_);
    index_t* const place = grown(backend_, work_.index, batch_ * capacity * thin);
    Cuts cuts;
    std::size_t most = 0;
    for (const BatchMember& member : members_) {
      cuts.push_back(cut_into_panels(member.embedding->trial_rows, capacity, ahead_));
      most = std::max(most, cuts.back().size());
    }
    const index_t c = channels_, rows = capacity * thin;
    for (std::size_t p = 0; p < most; ++p) {
      std::vector<index_t> index(at(batch_ * rows), -1);
      std::vector<const Panel*> panels;
      for (std::size_t b = 0; b < cuts.size(); ++b) {
        panels.push_back(p < cuts[b].size() ? &cuts[b][p] : nullptr);
        if (panels[b] != nullptr) {
          index_rows(*panels[b], members_[b].embedding->trial_rows, index.data() + static_cast<index_t>(b) * rows);
        }
      }
      source_.write_rows(panels, capacity, now_);
      backend_.upload(place, index.data(), index.size() * sizeof(index_t));
      backend_.launch<kernels::GatherRows>({now_.data + n_ - c, now_.ld, 1, now_.stride, place, beside.data, rows, c},
                                           kernels::GatherRows::items(batch_, rows));
      backend_.gemm(1.0, t(now_), beside, p == 0 ? 0.0 : 1.0, seeds_, batch_);
    }
  }

  /// The same. The sums over rows with a successor lack the last rows of the first block alone.
  void sum_by_frequencies() {
    lag_products(backend_, work_.lags, members_, dmd_, plan_.lags, seeds_);
    const index_t c = channels_;
    for_each_panel({-ahead_, ahead_}, {-ahead_, 0}, [&](index_t rows, double) {
      const MatrixBatch<double> last = top(now_, rows);
      backend_.gemm(1.0, t(last), last.block(0, n_ - c, rows, c), 1.0, seeds_.block(0, 0, n_, c), batch_);
    });
  }

  /// Of every row of a panel: itself, its successor, its predecessor; -1 where there is none. Where a trial goes on in
  /// the next panel, its last rows stand in both, and are counted in that one.
  void index_rows(const Panel& panel, const std::vector<index_t>& trial_rows, index_t* index) const {
    index_t row = 0;
    for (const Segment& segment : panel) {
      const bool ends = segment.first + segment.rows == trial_rows[segment.trial];
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
    const index_t rows = std::min(plan_.capacity, plan_.trials * now.count);
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
  Cuts cut(const Ends& ends, index_t capacity) const {
    Cuts cuts;
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

  void write(const Cuts& cuts, std::size_t p, index_t rows, const MatrixBatch<double>& to) {
    std::vector<const Panel*> panels;
    for (const auto& of_member : cuts) panels.push_back(p < of_member.size() ? &of_member[p] : nullptr);
    source_.write_rows(panels, rows, to);
  }

  /// Takes a^T b of all but the first blocks of columns from the leading blocks of `to`.
  void subtract_shifted(const MatrixBatch<double>& a, const MatrixBatch<double>& b, const MatrixBatch<double>& to) {
    const index_t c = channels_, n = n_ - c;
    if (n == 0) return;
    backend_.gemm(-1.0, t(a.block(0, c, a.rows, n)), b.block(0, c, b.rows, n), 1.0, to.block(0, 0, n, n), batch_);
  }

  Backend& backend_;
  DelayGramWorkspace& work_;
  EmbeddingPanels& source_;
  std::span<const BatchMember> members_;
  index_t batch_, channels_, n_, delays_, interval_, ahead_;
  DelayGramPlan plan_;
  Dmd dmd_;
  DelayGrams out_;
  MatrixBatch<double> now_, next_, seeds_;
};

}  // namespace

bool has_short_ends(const Embedding& embedding, const Dmd& dmd) {
  const index_t ends = dmd.interval + dmd.steps_ahead;
  return std::all_of(embedding.trial_rows.begin(), embedding.trial_rows.end(),
                     [=](index_t rows) { return rows >= rows_an_end * ends; });
}

std::size_t delay_gram_bytes(index_t n, index_t channels, const DelayGramPlan& plan, const Dmd& dmd) {
  const index_t beside = plan.lags.rows > 0 ? 0 : plan.capacity * (channels + 1);
  const index_t elements = 2 * plan.capacity * n + thin * (beside + n * channels);
  return at(elements) * sizeof(double) + lag_product_bytes(plan.lags, channels, dmd);
}

void delay_grams(Backend& backend, DelayGramWorkspace& work, EmbeddingPanels& source,
                 std::span<const BatchMember> members, const Dmd& dmd, const DelayGramPlan& plan,
                 const DelayGrams& out) {
  DelayGramRun(backend, work, source, members, dmd, plan, out).run();
}

}  // namespace kindred::host

#include "host/engine/fit/sample_panels.hpp"

#include "host/base/index.hpp"

#include <algorithm>
#include <numeric>

namespace kindred::host {

SamplePanels::SamplePanels(Backend& backend, std::span<const BatchMember> members, const Dmd& dmd, index_t segments) {
  samples_.reserve(members.size());
  std::vector<BatchMember> copies;
  for (const BatchMember& member : members) {
    Embedding& samples = samples_.emplace_back(*member.embedding);
    samples.columns = samples.channels;
    for (index_t& rows : samples.trial_rows) rows += (dmd.delays - 1) * dmd.interval;
    samples.rows = std::accumulate(samples.trial_rows.begin(), samples.trial_rows.end(), index_t{0});
    copies.insert(copies.end(), at(segments), BatchMember{member.system, &samples});
  }
  Dmd plain = dmd;
  plain.delays = 1;
  panels_ = std::make_unique<EmbeddingPanels>(backend, copies, plain);
}

std::vector<Segment> cut_into_segments(std::span<const index_t> trial_rows, index_t less, index_t rows) {
  std::vector<Segment> out;
  for (index_t trial = 0; trial < std::ssize(trial_rows); ++trial) {
    const index_t all = trial_rows[at(trial)] - less;
    for (index_t first = 0; first < all; first += rows) out.push_back({trial, first, std::min(rows, all - first)});
  }
  return out;
}

void SamplePanels::write(std::span<const Segment> segments, const MatrixBatch<double>& out) {
  std::vector<Panel> panels;
  for (const Segment& segment : segments) panels.push_back({segment});
  std::vector<const Panel*> some;
  for (const Panel& panel : panels) some.push_back(panel.front().rows > 0 ? &panel : nullptr);
  panels_->write_rows(some, out.rows, out);
}

}  // namespace kindred::host

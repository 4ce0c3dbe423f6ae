#include "host/engine/fit/embedding.hpp"

#include "host/base/text.hpp"
#include "host/engine/recordings/checks.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

namespace kindred::host {
namespace {

std::string list(const std::vector<index_t>& values) {
  constexpr std::size_t most = 8;
  std::ostringstream text;
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) text << (i > 0 ? ", " : "") << values[i];
  if (values.size() > most) text << " and " << values.size() - most << " more";
  return text.str();
}

/// Steps that one row of the embedding, or one pair of windows, reaches over.
index_t span_of(const Dmd& dmd) {
  return is_subspace(dmd.regression) ? 2 * dmd.delays - 1 : (dmd.delays - 1) * dmd.interval;
}

void check_steps(const TrajectorySet& system, index_t k, const Dmd& dmd) {
  const index_t steps = system.steps(k);
  const index_t span = span_of(dmd);
  if (steps > span + dmd.steps_ahead) return;
  if (is_subspace(dmd.regression)) {
    fail(ErrorCode::invalid_data, called(system), ", trial ", k, ": ", steps, " steps are too few for windows of ",
         dmd.delays, " steps before and after each, which need ", span + 2,
         "; the largest number of delays that fits is ", (steps - 1) / 2);
  }
  const index_t spare = steps - dmd.steps_ahead - 1;
  const std::string way_out =
      spare >= 0 ? "the largest number of delays that fits is " + std::to_string(spare / dmd.interval + 1)
                 : "no number of delays fits";
  const std::string ahead = dmd.steps_ahead > 1 ? " and " + std::to_string(dmd.steps_ahead) + " steps ahead" : "";
  fail(ErrorCode::invalid_data, called(system), ", trial ", k, ": ", steps, " steps are too few for ", dmd.delays,
       " delays at interval ", dmd.interval, ahead, ", which need ", span + dmd.steps_ahead + 1, "; ", way_out);
}

/// Subspace identification needs more windows than there are values before, and inputs after, a step.
void check_windows(const TrajectorySet& system, const Dmd& dmd, Embedding& out) {
  const index_t unknowns = dmd.delays * (out.channels + 2 * system.input_count());
  if (out.rows > unknowns) return;
  std::ostringstream text;
  text << out.rows << " windows do not determine " << unknowns << " coefficients (" << dmd.delays << " delays of "
       << out.channels << " channels" << (system.input_count() > 0 ? " and of inputs before and after" : "")
       << "); use fewer delays (Dmd::delays) or a longer recording";
  if (!system.gaps.cut()) fail(ErrorCode::invalid_data, called(system), ": ", text.str());
  out.status = FitStatus::failed;
  if (out.detail.empty()) out.detail = text.str();
}

/// Counts the windows that cutting at missing samples costs a system, and decides whether enough are left.
void plan_gaps(const TrajectorySet& system, const Dmd& dmd, Embedding& out) {
  for (const index_t steps : system.gaps.whole_steps) {
    out.windows_left_out += std::max<index_t>(steps - span_of(dmd), 0);
  }
  out.windows_left_out -= out.rows;
  std::ostringstream text;
  if (out.rows == 0) {
    text << "no stretch of " << span_of(dmd) + dmd.steps_ahead + 1 << " steps is free of missing samples";
  } else if (dmd.rank.number > out.rows) {
    text << "rank " << dmd.rank.number << " exceeds the " << out.rows << " rows that are free of missing samples";
  } else {
    return;
  }
  out.status = FitStatus::failed;
  out.detail = text.str();
}

}  // namespace

std::vector<TrajectorySet> without_short_pieces(std::span<const TrajectorySet> systems, std::span<const Dmd> dmds) {
  if (std::none_of(systems.begin(), systems.end(), [](const TrajectorySet& s) { return s.gaps.cut(); })) return {};
  std::vector<TrajectorySet> out(systems.begin(), systems.end());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].gaps.cut()) continue;
    const Dmd& dmd = dmds[i];
    const auto too_short = [&](const auto& piece) { return piece.steps <= span_of(dmd) + dmd.steps_ahead; };
    std::visit([&](auto& pieces) { std::erase_if(pieces, too_short); }, out[i].trials);
    std::visit([&](auto& pieces) { std::erase_if(pieces, too_short); }, out[i].inputs);
  }
  return out;
}

Embedding plan_embedding(const TrajectorySet& system, const ValueScan& values, const Dmd& dmd) {
  Embedding out;
  out.channels = system.channels();
  out.columns = dmd.delays * out.channels;
  for (index_t k = 0; k < system.trial_count(); ++k) {
    check_steps(system, k, dmd);
    out.trial_rows.push_back(system.steps(k) - span_of(dmd));
    out.rows += out.trial_rows.back();
    out.transitions += out.trial_rows.back() - dmd.steps_ahead;
  }
  if (system.gaps.cut()) plan_gaps(system, dmd, out);
  if (!system.failure.empty()) {
    out.status = FitStatus::failed;
    out.detail = system.failure;
    return out;
  }
  if (is_subspace(dmd.regression)) check_windows(system, dmd, out);
  if (out.status == FitStatus::failed) return out;
  const auto constant = static_cast<index_t>(values.constant_channels.size());
  if (constant == out.channels) {
    out.status = FitStatus::failed;
    out.detail = constant == 1 ? "its only channel is constant" : "all its channels are constant";
    return out;
  }
  if (const index_t rank = dmd.rank.number; rank > out.columns) {
    fail(ErrorCode::invalid_argument, "rank ", rank, " exceeds the ", out.columns, " columns of ", called(system), " (",
         dmd.delays, " delays x ", out.channels, " channels)");
  }
  if (const index_t rank = dmd.rank.number; rank > out.rows) {
    fail(ErrorCode::invalid_argument, "rank ", rank, " exceeds the ", out.rows, " rows of ", called(system),
         " after embedding");
  }
  if (constant > 0) {
    out.status = FitStatus::constant_channel;
    out.detail = (constant == 1 ? "constant channel " : "constant channels ") + list(values.constant_channels);
  }
  int exponent = 0;
  std::frexp(values.largest, &exponent);
  out.scale = std::ldexp(1.0, std::clamp(-exponent, -1000, 1000));
  return out;
}

}  // namespace kindred::host

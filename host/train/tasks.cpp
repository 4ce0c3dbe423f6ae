#include <kindred/train.hpp>

#include <algorithm>

#include "host/base/text.hpp"

namespace kindred::train {
namespace {

index_t pick(simulate::Random& random, const std::vector<index_t>& choices) {
  return choices[random.below(static_cast<index_t>(choices.size()))];
}

/// First steps of the periods of a trial.
struct Periods {
  index_t stimulus, delay, decision, end;
};

Periods draw_periods(const Perceptual& p, bool delayed, simulate::Random& random) {
  Periods out{};
  out.stimulus = pick(random, p.fixation);
  out.delay = out.stimulus + pick(random, p.stimulus);
  const index_t delay = pick(random, p.delay);  // drawn for every rule, so that the draws that follow do not shift
  out.decision = out.delay + (delayed ? delay : 0);
  out.end = out.decision + pick(random, p.decision);
  return out;
}

void draw_trials(Rule rule, const Perceptual& p, simulate::Random& random, index_t trials, Batch& batch) {
  const bool anti = rule == Rule::anti || rule == Rule::anti_delay;
  const Periods period = draw_periods(p, rule == Rule::delay || rule == Rule::anti_delay, random);
  batch.trials = trials;
  batch.steps = period.end;
  batch.inputs = perceptual_inputs;
  batch.x.assign(static_cast<std::size_t>(period.end * trials * perceptual_inputs), 0.0f);
  batch.labels.assign(static_cast<std::size_t>(period.end * trials), 0);
  batch.counts.assign(static_cast<std::size_t>(period.end), 0);
  std::fill(batch.counts.begin() + period.decision, batch.counts.end(), std::uint8_t{1});
  const auto levels = static_cast<index_t>(p.coherences.size());
  for (index_t k = 0; k < trials; ++k) {
    const index_t side = p.balanced ? k % 2 : random.below(2);
    const index_t level = p.balanced ? (k / 2) % levels : random.below(levels);
    const double half = p.coherences[level] / 200;
    for (index_t t = 0; t < period.end; ++t) {
      float* const x = batch.x.data() + (t * trials + k) * perceptual_inputs;
      x[0] = t < period.decision ? 1.0f : 0.0f;
      x[3 + static_cast<int>(rule)] = 1.0f;
      if (t >= period.stimulus && t < period.delay) {
        x[1 + side] = static_cast<float>(0.5 + half + p.noise * random.normal());
        x[2 - side] = static_cast<float>(0.5 - half + p.noise * random.normal());
      }
      if (t >= period.decision) {
        batch.labels[t * trials + k] = static_cast<std::int8_t>(1 + (anti ? 1 - side : side));
      }
    }
  }
}

void require_lengths(const char* what, const std::vector<index_t>& lengths) {
  if (lengths.empty()) host::fail(ErrorCode::invalid_argument, "Perceptual::", what, " is empty");
  for (const index_t length : lengths) {
    if (length < 1)
      host::fail(ErrorCode::invalid_argument, "Perceptual::", what, " holds ", length, ", expected at least 1");
  }
}

}  // namespace

std::string_view rule_name(Rule rule) {
  constexpr std::string_view names[] = {"anti", "basic", "delay", "anti-delay"};
  return names[static_cast<std::size_t>(rule)];
}

Task perceptual(Rule rule, const Perceptual& trials) {
  require_lengths("fixation", trials.fixation);
  require_lengths("stimulus", trials.stimulus);
  require_lengths("delay", trials.delay);
  require_lengths("decision", trials.decision);
  if (trials.coherences.empty()) host::fail(ErrorCode::invalid_argument, "Perceptual::coherences is empty");
  for (const double c : trials.coherences) {
    if (!(c > 0 && c <= 100)) {
      host::fail(ErrorCode::invalid_argument, "Perceptual::coherences holds ", c, ", expected percent in (0, 100]");
    }
  }
  return {std::string(rule_name(rule)), [rule, trials](simulate::Random& random, index_t count, Batch& batch) {
            draw_trials(rule, trials, random, count, batch);
          }};
}

}  // namespace kindred::train

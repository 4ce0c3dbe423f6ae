#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace kindred::simulate {
namespace {

void require_level(double level) {
  if (!(level >= 0 && level <= 1)) {
    throw Error(ErrorCode::invalid_argument, "a level of " + std::to_string(level) + "; expected 0 to 1");
  }
}

std::string shape(const Recording& r) {
  return std::to_string(r.trials) + " x " + std::to_string(r.steps) + " x " + std::to_string(r.channels);
}

}  // namespace

Recording join(std::span<const Recording* const> parts, index_t keep) {
  if (parts.empty() || keep < 1) {
    throw Error(ErrorCode::invalid_argument, "join needs at least one part, and to keep every 1st, 2nd, ... step");
  }
  const Recording& first = *parts.front();
  index_t steps = 0;
  for (const auto* part : parts) {
    if (part->trials != first.trials || part->channels != first.channels) {
      throw Error(ErrorCode::invalid_argument, "cannot join recordings of shapes " + shape(first) + " and " +
                                                   shape(*part) + ": trials and channels must agree");
    }
    steps += part->steps;
  }
  Recording out(first.trials, (steps + keep - 1) / keep, first.channels);
  std::vector<double> shift(static_cast<std::size_t>(first.channels));
  for (index_t k = 0; k < out.trials; ++k) {
    std::fill(shift.begin(), shift.end(), 0.0);
    index_t s = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Recording& part = *parts[i];
      for (index_t t = 0; t < part.steps; ++t, ++s) {
        if (s % keep != 0) continue;
        for (index_t c = 0; c < out.channels; ++c) {
          out.at(k, s / keep)[c] = part.at(k, t)[c] + shift[c];
        }
      }
      if (i + 1 == parts.size()) break;
      for (index_t c = 0; c < out.channels; ++c) {  // where this part ends less where the next begins
        shift[c] += part.at(k, part.steps - 1)[c] - parts[i + 1]->at(k, 0)[c];
      }
    }
  }
  scale_to_unit(out);
  return out;
}

Recording reverse_trials(const Recording& recording) {
  Recording out(recording.trials, recording.steps, recording.channels);
  const index_t size = recording.steps * recording.channels;
  for (index_t k = 0; k < recording.trials; ++k) {
    std::copy_n(recording.at(recording.trials - 1 - k, 0), size, out.at(k, 0));
  }
  return out;
}

Recording reverse_time(const Recording& recording) {
  Recording out(recording.trials, recording.steps, recording.channels);
  for (index_t k = 0; k < recording.trials; ++k) {
    for (index_t t = 0; t < recording.steps; ++t) {
      std::copy_n(recording.at(k, recording.steps - 1 - t), recording.channels, out.at(k, t));
    }
  }
  return out;
}

Recording add_noise(const Recording& recording, double level, Random& random) {
  require_level(level);
  Recording out = recording;
  const double keep = std::sqrt(1 - level * level);
  for (double& x : out.values) x = keep * x + level * random.normal();
  return out;
}

Recording mix(const Recording& recording, const Recording& other, double level) {
  require_level(level);
  if (shape(recording) != shape(other)) {
    throw Error(ErrorCode::invalid_argument,
                "cannot mix recordings of shapes " + shape(recording) + " and " + shape(other));
  }
  Recording out = recording;
  for (index_t k = 0; k < out.trials; ++k) {
    const double* const start = other.at(k, 0);
    for (index_t t = 0; t < out.steps; ++t) {
      for (index_t c = 0; c < out.channels; ++c) {
        out.at(k, t)[c] += level * (other.at(k, t)[c] - start[c]);
      }
    }
  }
  return out;
}

}  // namespace kindred::simulate

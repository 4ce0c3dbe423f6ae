#include <kindred/error.hpp>
#include <kindred/simulate.hpp>

#include <cmath>
#include <string>

namespace kindred::simulate {

Recording observe(const Recording& recording, std::span<const double> matrix, index_t channels) {
  Recording out(recording.trials, recording.steps, channels);
  const auto width = static_cast<std::size_t>(recording.channels);
  if (matrix.size() != static_cast<std::size_t>(channels) * width) {
    throw Error(ErrorCode::invalid_argument, "an observation matrix of " + std::to_string(matrix.size()) +
                                                 " values; expected " + std::to_string(channels) + " x " +
                                                 std::to_string(recording.channels));
  }
  for (index_t k = 0; k < out.trials; ++k) {
    for (index_t t = 0; t < out.steps; ++t) {
      const double* const x = recording.at(k, t);
      for (index_t row = 0; row < channels; ++row) {
        double sum = 0;
        for (std::size_t c = 0; c < width; ++c) sum += matrix[static_cast<std::size_t>(row) * width + c] * x[c];
        out.at(k, t)[row] = sum;
      }
    }
  }
  return out;
}

Recording bend(const Recording& recording, double bend) {
  if (!(bend >= 0)) {
    throw Error(ErrorCode::invalid_argument,
                "a bend of " + std::to_string(bend) + " is not invertible; expected 0 or more");
  }
  Recording out = recording;
  for (double& x : out.values) x += bend * (x * x * x);
  return out;
}

Recording select_channel(const Recording& recording, index_t channel) {
  if (channel < 0 || channel >= recording.channels) {
    throw Error(ErrorCode::invalid_argument, "channel " + std::to_string(channel) + " of a recording of " +
                                                 std::to_string(recording.channels) + " channels");
  }
  Recording out(recording.trials, recording.steps, 1);
  for (index_t k = 0; k < out.trials; ++k) {
    for (index_t t = 0; t < out.steps; ++t) *out.at(k, t) = recording.at(k, t)[channel];
  }
  return out;
}

std::vector<double> random_orthonormal(index_t rows, index_t columns, Random& random) {
  if (columns < 1 || rows < columns) {
    throw Error(ErrorCode::invalid_argument,
                std::to_string(columns) + " orthonormal columns of length " + std::to_string(rows) + " do not exist");
  }
  std::vector<double> out(static_cast<std::size_t>(rows * columns));
  const auto at = [&](index_t i, index_t j) -> double& { return out[i * columns + j]; };
  for (index_t j = 0; j < columns; ++j) {
    for (index_t i = 0; i < rows; ++i) at(i, j) = random.normal();
    for (int pass = 0; pass < 2; ++pass) {  // Gram-Schmidt twice: orthogonal to rounding
      for (index_t previous = 0; previous < j; ++previous) {
        double dot = 0;
        for (index_t i = 0; i < rows; ++i) dot += at(i, previous) * at(i, j);
        for (index_t i = 0; i < rows; ++i) at(i, j) -= dot * at(i, previous);
      }
    }
    double square = 0;
    for (index_t i = 0; i < rows; ++i) square += at(i, j) * at(i, j);
    const double norm = std::sqrt(square);
    for (index_t i = 0; i < rows; ++i) at(i, j) /= norm;
  }
  return out;
}

}  // namespace kindred::simulate

#include "host/engine/representations/sample_products.hpp"

#include "host/base/index.hpp"
#include "host/engine/recordings/rows.hpp"

namespace kindred::host {

std::vector<double> samples(const Factor& f) {
  std::vector<double> x = dense_rows(*f.survey.system);
  const auto channels = at(f.survey.channels);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (x[i] - f.survey.mean[i % channels]) * f.survey.scale();
  return x;
}

std::vector<double> squared_rows(std::span<const double> x, index_t n) {
  const auto width = at(n);
  std::vector<double> out(x.size() / width, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) out[i / width] += x[i] * x[i];
  return out;
}

}  // namespace kindred::host

#include "python/src/module.hpp"

#include <kindred/simulate.hpp>

#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <complex>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <nanobind/stl/complex.h>

namespace nb = nanobind;
using namespace nb::literals;

namespace kindred::python {
namespace {

Array<double> array_of_recording(simulate::Recording recording) {
  const std::size_t trials = static_cast<std::size_t>(recording.trials),
                    steps = static_cast<std::size_t>(recording.steps),
                    channels = static_cast<std::size_t>(recording.channels);
  return array_of(std::move(recording.values), {trials, steps, channels});
}

Array<double> lorenz(double rho, double sigma, double beta, double step, index_t trials, index_t steps, bool scaled,
                     std::uint64_t seed, std::uint64_t stream) {
  return array_of_recording(simulate::lorenz({.rho = rho,
                                              .sigma = sigma,
                                              .beta = beta,
                                              .step = step,
                                              .trials = trials,
                                              .steps = steps,
                                              .scaled = scaled,
                                              .seed = seed,
                                              .stream = stream}));
}

Array<double> van_der_pol(double mu, double speed, double step, index_t trials, index_t steps, std::uint64_t seed,
                          std::uint64_t stream) {
  return array_of_recording(simulate::van_der_pol(
      {.mu = mu, .speed = speed, .step = step, .trials = trials, .steps = steps, .seed = seed, .stream = stream}));
}

Array<double> linear(const std::vector<std::complex<double>>& modes, double condition, index_t trials, index_t steps,
                     std::uint64_t seed, std::uint64_t stream) {
  simulate::Linear system;
  system.condition = condition;
  system.trials = trials;
  system.steps = steps;
  system.seed = seed;
  system.stream = stream;
  for (const std::complex<double>& mode : modes) system.modes.push_back({mode.real(), mode.imag()});
  return array_of_recording(simulate::linear(system));
}

Array<double> attractor(simulate::ContinuousAttractor::Shape shape, double pull, double drive, double step,
                        index_t trials, index_t steps, std::uint64_t seed, std::uint64_t stream) {
  return array_of_recording(simulate::continuous_attractor({.shape = shape,
                                                            .pull = pull,
                                                            .drive = drive,
                                                            .step = step,
                                                            .trials = trials,
                                                            .steps = steps,
                                                            .seed = seed,
                                                            .stream = stream}));
}

}  // namespace

void bind_simulate(nb::module_& m) {
  m.def("lorenz", &lorenz);
  m.def("van_der_pol", &van_der_pol);
  m.def("linear", &linear);
  m.def("ring", [](double pull, double drive, double step, index_t trials, index_t steps, std::uint64_t seed,
                   std::uint64_t stream) {
    return attractor(simulate::ContinuousAttractor::Shape::ring, pull, drive, step, trials, steps, seed, stream);
  });
  m.def("line_attractor", [](double pull, double drive, double step, index_t trials, index_t steps, std::uint64_t seed,
                             std::uint64_t stream) {
    return attractor(simulate::ContinuousAttractor::Shape::line, pull, drive, step, trials, steps, seed, stream);
  });
}

}  // namespace kindred::python

#include "host/train/network.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <string>

using namespace kindred;
using namespace kindred::train;

namespace {

/// Five trials (no multiple of any vector) of 13 steps.
Batch short_trials() {
  Batch batch;
  simulate::Random random(1, 1);
  perceptual(Rule::anti_delay, {.fixation = {2}, .stimulus = {6}, .delay = {2}, .decision = {3}})
      .draw(random, 5, batch);
  return batch;
}

/// The gradient against central differences, of every `stride`-th parameter of every array.
void check_gradient(const Model& model, index_t stride = 1) {
  const Batch batch = short_trials();
  const auto arrays = parameter_arrays(model, batch.inputs, perceptual_classes);
  const auto net = make_computation<double>(model, batch.inputs, perceptual_classes);
  const auto count = static_cast<std::size_t>(parameter_count(model, batch.inputs, perceptual_classes));
  std::vector<double> parameters(count), gradient(count), unused(count);
  simulate::Random random(2, 1);
  net->initialise(random, parameters.data());
  constexpr double penalty = 0.01;  // large enough that a fault in it is seen
  const double loss = objective(*net, arrays, penalty, parameters.data(), batch, Part::all, gradient.data());
  CHECK(loss > 0.5);
  CHECK(loss < 5);
  const auto loss_at = [&](std::size_t i, double value) {
    const double before = parameters[i];
    parameters[i] = value;
    const double out = objective(*net, arrays, penalty, parameters.data(), batch, Part::all, unused.data());
    parameters[i] = before;
    return out;
  };
  // Central differences at step s err by s^2 f''' / 6 + eps |loss| / s; with s = 1e-5, loss near 1 and third
  // derivatives up to 10: 2e-10 + 3e-11, and the loss itself is a sum of some hundred terms.
  constexpr double step = 1e-5, tolerance = 2e-9;
  for (const auto& array : arrays) {
    CAPTURE(array.name);
    double largest = 0;
    for (index_t k = array.offset; k < array.offset + array.size(); k += stride) {
      const auto i = static_cast<std::size_t>(k);
      const double slope = (loss_at(i, parameters[i] + step) - loss_at(i, parameters[i] - step)) / (2 * step);
      const double error = std::fabs(slope - gradient[i]);
      if (!(error <= largest)) largest = error;
    }
    CHECK(largest <= tolerance);
  }
  // Of the inputs alone: the same there, nothing elsewhere.
  (void)objective(*net, arrays, penalty, parameters.data(), batch, Part::inputs, unused.data());
  for (const auto& array : arrays) {
    for (index_t k = array.offset; k < array.offset + array.size(); ++k) {
      const auto i = static_cast<std::size_t>(k);
      REQUIRE(std::fabs(unused[i] - (array.input ? gradient[i] : 0)) <= 1e-14);
    }
  }
}

}  // namespace

TEST_CASE("gradients of the leaky RNN are those of its loss", "[train]") {
  for (const auto activation : {Activation::tanh, Activation::relu, Activation::softplus}) {
    CAPTURE(static_cast<int>(activation));
    check_gradient(Rnn{.units = 5, .activation = activation});
    check_gradient(Rnn{.units = 17, .activation = activation});
  }
}

TEST_CASE("gradients of a Mamba of two layers are those of its loss", "[train]") {
  check_gradient(Mamba{.width = 3, .layers = 2});
  check_gradient(Mamba{.width = 17, .layers = 1}, 23);  // a step size of rank 2
}

namespace {

/// The recurrence as section 6 of the specification writes it, a number at a time.
double plain_loss(const Rnn& model, const std::vector<double>& p, const Batch& batch) {
  const index_t n = model.units, inputs = batch.inputs, classes = perceptual_classes;
  const double *w = p.data(), *w_in = w + n * n, *bias = w_in + inputs * n, *r = bias + n;
  const auto phi = [&](double z) {
    if (model.activation == Activation::tanh) return std::tanh(z);
    return model.activation == Activation::relu ? std::max(z, 0.0) : std::log1p(std::exp(z));
  };
  double judged = 0, others = 0;
  index_t judged_count = 0, others_count = 0;
  for (index_t b = 0; b < batch.trials; ++b) {
    std::vector<double> h(static_cast<std::size_t>(n), 0.0), next(h);
    for (index_t t = 0; t < batch.steps; ++t) {
      for (index_t j = 0; j < n; ++j) {
        double z = bias[j];
        for (index_t i = 0; i < n; ++i) z += w[i * n + j] * h[static_cast<std::size_t>(i)];
        for (index_t i = 0; i < inputs; ++i) z += w_in[i * n + j] * static_cast<double>(batch.input(t, b)[i]);
        next[static_cast<std::size_t>(j)] = model.decay * h[static_cast<std::size_t>(j)] + (1 - model.decay) * phi(z);
      }
      h = next;
      std::vector<double> out(static_cast<std::size_t>(classes), 0.0);
      double sum = 0;
      for (index_t k = 0; k < classes; ++k) {
        for (index_t j = 0; j < n; ++j)
          out[static_cast<std::size_t>(k)] += r[k * n + j] * h[static_cast<std::size_t>(j)];
        sum += std::exp(out[static_cast<std::size_t>(k)]);
      }
      const double loss = std::log(sum) - out[static_cast<std::size_t>(batch.label(t, b))];
      (batch.counts[static_cast<std::size_t>(t)] != 0 ? judged : others) += loss;
      ++(batch.counts[static_cast<std::size_t>(t)] != 0 ? judged_count : others_count);
    }
  }
  return 0.5 * judged / static_cast<double>(judged_count) + 0.5 * others / static_cast<double>(others_count);
}

}  // namespace

TEST_CASE("the leaky RNN computes its equation", "[train]") {
  const Batch batch = short_trials();
  for (const auto activation : {Activation::tanh, Activation::relu, Activation::softplus}) {
    const Rnn model{.units = 19, .activation = activation};
    const auto net = make_computation<double>(model, batch.inputs, perceptual_classes);
    const auto arrays = parameter_arrays(model, batch.inputs, perceptual_classes);
    const auto count = static_cast<std::size_t>(parameter_count(model, batch.inputs, perceptual_classes));
    std::vector<double> parameters(count), gradient(count);
    simulate::Random random(3, 1);
    net->initialise(random, parameters.data());
    const double loss = objective(*net, arrays, 0.0, parameters.data(), batch, Part::all, gradient.data());
    // 13 steps of sums of 27 terms below 1, elementary functions good to some eps.
    CHECK(std::fabs(loss - plain_loss(model, parameters, batch)) <= 13 * 27 * 4 * 2.3e-16);
  }
}

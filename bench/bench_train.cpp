/// How fast networks are trained on one core, and against what: the machine's rate of products, large and of the shapes
/// that training has; and the parts of an update, each alone. A batch of 64 trials of 270 steps, the mean of the case's
/// lengths.
#include "host/backend/openblas.hpp"
#include "host/train/loops/loops.hpp"
#include "host/train/network.hpp"
#include "host/train/product.hpp"

#include <kindred/train.hpp>

#include <benchmark/benchmark.h>
#include <omp.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace kindred;
using namespace kindred::train;

namespace {

constexpr index_t trials = 64, steps = 270;

Task task() {
  return perceptual(Rule::anti_delay, {.fixation = {10}, .stimulus = {200}, .delay = {50}, .decision = {10}});
}

Batch drawn() {
  Batch out;
  simulate::Random random(1, 0);
  task().draw(random, trials, out);
  return out;
}

std::vector<float> filled(index_t n) {
  std::vector<float> out(static_cast<std::size_t>(n));
  simulate::Random random(2, 0);
  for (float& x : out) x = static_cast<float>(random.uniform(-1, 1));
  return out;
}

void rate(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(1e-9 * flops, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

/// Products of an update of an RNN with everything trained: drive, outputs; their gradients, those of the sources'
/// weights, and the step back in time.
double rnn_flops(index_t units) {
  const double n = static_cast<double>(units), sources = n + perceptual_inputs + 1, k = perceptual_classes;
  return 2 * trials * steps * (sources * n + n * k + k * n + sources * n + k * n + n * n);
}

/// Updates as `train` makes them, in microseconds of one.
void whole_update(benchmark::State& state, const Model& model, double flops) {
  constexpr index_t updates = 20;
  Plan plan;
  plan.model = model;
  plan.evaluation_trials = 1;
  plan.phases.push_back({.tasks = {task()}, .updates = updates, .target = 2, .evaluate_every = updates});
  for (auto _ : state) benchmark::DoNotOptimize(kindred::train::train(plan, 1, 1));
  state.counters["ms/update"] =
      benchmark::Counter(1e-3 * updates, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
  if (flops > 0) rate(state, updates * flops);
}
void rnn_update(benchmark::State& state) {
  whole_update(state, Rnn{.units = state.range(0)}, rnn_flops(state.range(0)));
}
void mamba_update(benchmark::State& state) { whole_update(state, Mamba{.width = state.range(0)}, 0); }

/// The machine's: a product of n x n matrices by the BLAS.
void large_product(benchmark::State& state) {
  const index_t n = state.range(0);
  const auto a = filled(n * n), b = filled(n * n);
  std::vector<float> c(a.size());
  for (auto _ : state) {
    product<float>(false, false, n, n, n, a.data(), n, b.data(), n, 0.0F, c.data(), n);
    benchmark::ClobberMemory();
  }
  rate(state, 2.0 * static_cast<double>(n * n * n));
}

enum Shape { drive, sources_gradient, past };

/// The three products that carry an RNN's update, over all steps of a batch as training has them: sources and
/// activations of a step lie where the last pass left them.
void step_product(benchmark::State& state) {
  using P = SmallProduct<float>;
  const index_t n = state.range(0), sources = n + perceptual_inputs + 1, ld = (sources + 15) / 16 * 16;
  const auto s = filled(steps * trials * ld), weights = filled(sources * n);
  std::vector<float> z(static_cast<std::size_t>(trials * n)), gradient(weights.size());
  const auto delta = filled(trials * n);
  const P forward(trials, n, sources, ld, n, n, P::Op::plain, P::Result::replaced),
      back(trials, n, n, n, n, n, P::Op::plain, P::Result::added),
      outer(sources, n, trials, ld, n, n, P::Op::transposed, P::Result::added);
  const auto which = static_cast<Shape>(state.range(1));
  for (auto _ : state) {
    for (index_t t = 0; t < steps; ++t) {
      const float* const source = s.data() + t * trials * ld;
      if (which == drive) forward(source, weights.data(), z.data());
      if (which == sources_gradient) outer(source, delta.data(), gradient.data());
      if (which == past) back(delta.data(), weights.data(), z.data());
    }
    benchmark::ClobberMemory();
    state.PauseTiming();
    std::fill(z.begin(), z.end(), 0.0F);
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    state.ResumeTiming();
  }
  rate(state, 2.0 * static_cast<double>(steps * trials * (which == past ? n : sources) * n));
}

// ---- parts of an update of an RNN, each over all steps --------------------------------------------------------------

void draw(benchmark::State& state) {
  const Task source = task();
  simulate::Random random(1, 0);
  Batch batch;
  for (auto _ : state) {
    source.draw(random, trials, batch);
    benchmark::ClobberMemory();
  }
}

struct Prepared {
  explicit Prepared(const Model& model)
      : net(make_computation<float>(model, perceptual_inputs, perceptual_classes)),
        parameters(static_cast<std::size_t>(parameter_count(model, perceptual_inputs, perceptual_classes))),
        gradient(parameters.size()),
        batch(drawn()) {
    simulate::Random random(1, 1);
    net->initialise(random, parameters.data());
    net->forward(parameters.data(), batch);
  }
  std::unique_ptr<Computation<float>> net;
  std::vector<float> parameters, gradient;
  Batch batch;
};

void forward(benchmark::State& state) {
  Prepared p(Rnn{.units = state.range(0)});
  for (auto _ : state) p.net->forward(p.parameters.data(), p.batch);
}
void loss(benchmark::State& state) {
  Prepared p(Rnn{.units = state.range(0)});
  for (auto _ : state) benchmark::DoNotOptimize(cross_entropy(p.net->outputs(), p.batch));
}
void backward(benchmark::State& state) {
  Prepared p(Rnn{.units = state.range(0)});
  (void)cross_entropy(p.net->outputs(), p.batch);
  for (auto _ : state) p.net->backward(p.parameters.data(), Part::all, p.gradient.data());
}

/// The activations of all steps, and their derivatives.
void activations(benchmark::State& state) {
  const index_t n = state.range(0), ld = (n + perceptual_inputs + 1 + 15) / 16 * 16;
  const auto& all = loops<float>();
  const auto z = filled(trials * n);
  auto s = filled((steps + 1) * trials * ld), a = filled(steps * trials * n), carry = filled(trials * n);
  std::vector<float> delta(z.size());
  for (auto _ : state) {
    for (index_t t = 0; t < steps; ++t) {
      all.rnn_forward(Activation::tanh, trials, n, ld, 0.8F, z.data(), s.data() + t * trials * ld,
                      s.data() + (t + 1) * trials * ld, a.data() + t * trials * n);
    }
    for (index_t t = steps; t > 0; --t) {
      all.rnn_backward(Activation::tanh, trials * n, 0.999F, a.data() + (t - 1) * trials * n, carry.data(),
                       delta.data());
    }
    benchmark::ClobberMemory();
  }
}

}  // namespace

BENCHMARK(large_product)->Arg(1024)->Unit(benchmark::kMillisecond);
BENCHMARK(step_product)
    ->ArgNames({"units", "shape"})
    ->ArgsProduct({{64, 128}, {drive, sources_gradient, past}})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(rnn_update)->ArgName("units")->Arg(64)->Arg(128)->Unit(benchmark::kMillisecond);
BENCHMARK(mamba_update)->ArgName("width")->Arg(8)->Arg(16)->Unit(benchmark::kMillisecond);
BENCHMARK(draw)->Unit(benchmark::kMillisecond);
BENCHMARK(forward)->ArgName("units")->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(loss)->ArgName("units")->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(backward)->ArgName("units")->Arg(64)->Unit(benchmark::kMillisecond);
BENCHMARK(activations)->ArgName("units")->Arg(64)->Unit(benchmark::kMillisecond);

int main(int argc, char** argv) {
  omp_set_num_threads(1);  // a network is trained by one thread
  host::choose_openblas_kernels();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}

#include "host/train/network.hpp"

#include "host/base/text.hpp"
#include "host/train/loops/loops.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::train {

template <class T>
void Outputs<T>::resize(index_t class_count, index_t step_count, index_t trial_count) {
  classes = class_count, steps = step_count, trials = trial_count, row = step_count * trial_count;
  values.resize(static_cast<std::size_t>(classes * row));
  log_sum.resize(static_cast<std::size_t>(row));
}

void set_offsets(std::vector<ParameterArray>& arrays) {
  index_t offset = 0;
  for (auto& array : arrays) {
    array.offset = offset;
    offset += array.size();
  }
}

std::vector<ParameterArray> parameter_arrays(const Model& model, index_t inputs, index_t classes) {
  if (const auto* rnn = std::get_if<Rnn>(&model)) return rnn_arrays(*rnn, inputs, classes);
  return mamba_arrays(std::get<Mamba>(model), inputs, classes);
}

index_t parameter_count(const Model& model, index_t inputs, index_t classes) {
  const auto last = parameter_arrays(model, inputs, classes).back();
  return last.offset + last.size();
}

template <class T>
std::unique_ptr<Computation<T>> make_computation(const Model& model, index_t inputs, index_t classes) {
  if (const auto* rnn = std::get_if<Rnn>(&model)) return make_rnn<T>(*rnn, inputs, classes);
  return make_mamba<T>(std::get<Mamba>(model), inputs, classes);
}

template <class T>
double cross_entropy(Outputs<T>& outputs, const Batch& batch) {
  const index_t judged = std::count(batch.counts.begin(), batch.counts.end(), 1), others = batch.steps - judged;
  const double share = judged > 0 && others > 0 ? 0.5 : 1.0;
  const auto trials = static_cast<double>(batch.trials);
  const double of_judged = share / (trials * static_cast<double>(std::max<index_t>(judged, 1)));
  const double of_others = share / (trials * static_cast<double>(std::max<index_t>(others, 1)));
  // The label's output, before the outputs are replaced by probabilities.
  std::vector<T> labelled(static_cast<std::size_t>(batch.trials));
  double loss = 0;
  const Loops<T>& all = loops<T>();
  for (index_t t = 0; t < batch.steps; ++t) {
    T* const out = outputs.values.data() + t * outputs.trials;
    T* const log_sum = outputs.log_sum.data() + t * outputs.trials;
    const double weight = batch.counts[t] != 0 ? of_judged : of_others;
    for (index_t b = 0; b < batch.trials; ++b) {
      labelled[b] = out[batch.label(t, b) * outputs.row + b];
    }
    all.softmax(outputs.classes, outputs.trials, outputs.row, out, log_sum);
    double sum = 0;
    for (index_t b = 0; b < batch.trials; ++b) {
      sum += static_cast<double>(log_sum[b]) - static_cast<double>(labelled[b]);
      out[batch.label(t, b) * outputs.row + b] -= 1;
    }
    loss += weight * sum;
    for (index_t k = 0; k < outputs.classes; ++k) {
      T* const e = out + k * outputs.row;
      for (index_t b = 0; b < batch.trials; ++b) e[b] *= static_cast<T>(weight);
      std::fill(e + batch.trials, e + outputs.trials, T(0));
    }
  }
  return loss;
}

template <class T>
double right_answers(const Outputs<T>& outputs, const Batch& batch) {
  index_t right = 0, all = 0;
  for (index_t t = 0; t < batch.steps; ++t) {
    if (batch.counts[t] == 0) continue;
    const T* const out = outputs.values.data() + t * outputs.trials;
    for (index_t b = 0; b < batch.trials; ++b) {
      index_t best = 0;
      for (index_t k = 1; k < outputs.classes; ++k) {
        if (out[k * outputs.row + b] > out[best * outputs.row + b]) best = k;
      }
      right += best == batch.label(t, b) ? 1 : 0;
      ++all;
    }
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

template <class T>
double objective(Computation<T>& net, const std::vector<ParameterArray>& arrays, double penalty, const T* parameters,
                 const Batch& batch, Part part, T* gradient) {
  net.forward(parameters, batch);
  double loss = cross_entropy(net.outputs(), batch);
  net.backward(parameters, part, gradient);
  for (const auto& array : arrays) {
    double square = 0;
    for (index_t i = array.offset; i < array.offset + array.size(); ++i) {
      square += static_cast<double>(parameters[i]) * static_cast<double>(parameters[i]);
    }
    const double norm = std::sqrt(square);
    loss += penalty * norm;
    if (!(norm > 0) || (part == Part::inputs && !array.input)) continue;
    const T factor = static_cast<T>(penalty / norm);
    for (index_t i = array.offset; i < array.offset + array.size(); ++i) gradient[i] += factor * parameters[i];
  }
  return loss;
}

void check_batch(const Batch& batch, index_t inputs, index_t classes) {
  const auto expect = [](const char* what, std::size_t found, index_t expected) {
    if (found == static_cast<std::size_t>(expected)) return;
    host::fail(ErrorCode::invalid_argument, "a batch holds ", found, " ", what, ", expected ", expected);
  };
  if (batch.trials < 1 || batch.steps < 1) {
    host::fail(ErrorCode::invalid_argument, "a batch of ", batch.trials, " trials x ", batch.steps,
               " steps: both must be at least 1");
  }
  if (batch.inputs != inputs) {
    host::fail(ErrorCode::invalid_argument, "a batch has ", batch.inputs, " inputs, the network ", inputs);
  }
  expect("inputs", batch.x.size(), batch.steps * batch.trials * inputs);
  expect("labels", batch.labels.size(), batch.steps * batch.trials);
  expect("marks of steps that count", batch.counts.size(), batch.steps);
  for (const int label : batch.labels) {
    if (label < 0 || label >= classes) {
      host::fail(ErrorCode::invalid_argument, "a batch holds label ", label, ", expected 0 to ", classes - 1);
    }
  }
  if (std::none_of(batch.counts.begin(), batch.counts.end(), [](auto c) { return c != 0; })) {
    host::fail(ErrorCode::invalid_argument, "no step of a batch counts");
  }
}

#define KINDRED_TRAIN_INSTANCE(T)                                                                                   \
  template struct Outputs<T>;                                                                                       \
  template std::unique_ptr<Computation<T>> make_computation<T>(const Model&, index_t, index_t);                     \
  template double cross_entropy<T>(Outputs<T>&, const Batch&);                                                      \
  template double right_answers<T>(const Outputs<T>&, const Batch&);                                                \
  template double objective<T>(Computation<T>&, const std::vector<ParameterArray>&, double, const T*, const Batch&, \
                               Part, T*);
KINDRED_TRAIN_INSTANCE(float)
KINDRED_TRAIN_INSTANCE(double)
#undef KINDRED_TRAIN_INSTANCE

}  // namespace kindred::train

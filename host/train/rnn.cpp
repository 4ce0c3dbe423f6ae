/// The leaky RNN, by hand. Per step: S (trials x sources) holds what drives the units, a row [h_(t-1), x_t, 1] a trial,
/// so that one product with the sources' weights gives z_t and one product S^T delta the gradient of W, W_in and b
/// together.
///   forward   z = S P;  h = d h + (1 - d) phi(z);  o = h R^T
///   backward  c += e R;  delta = (1 - d) c phi'(z);  c = d c;  dP += S^T delta;  dR += e^T h;  c += delta W
#include "host/base/index.hpp"
#include "host/train/loops/loops.hpp"
#include "host/train/network.hpp"
#include "host/train/product.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::train {
namespace {

using host::at;

template <class T>
class LeakyRnn final : public Computation<T> {
 public:
  LeakyRnn(const Rnn& model, index_t inputs, index_t classes)
      : n_(model.units),
        inputs_(inputs),
        classes_(classes),
        sources_(n_ + inputs + 1),
        ld_((sources_ + 15) / 16 * 16),
        phi_(model.activation),
        decay_(static_cast<T>(model.decay)),
        arrays_(rnn_arrays(model, inputs, classes)),
        transposed_(at(n_ * n_)),
        readout_(at(n_ * classes)) {}

  void initialise(simulate::Random& random, T* parameters) const override {
    for (const auto& array : arrays_) {
      const bool recurrent = array.name == "recurrent" || array.name == "readout";
      const double bound = 1 / std::sqrt(static_cast<double>(recurrent ? n_ : inputs_));
      for (index_t i = 0; i < array.size(); ++i) {
        parameters[array.offset + i] = static_cast<T>(random.uniform(-bound, bound));
      }
    }
  }

  void forward(const T* parameters, const Batch& batch) override {
    start(batch);
    const T* const r = parameters + sources_ * n_;  // classes x units
    for (index_t k = 0; k < classes_; ++k) {
      for (index_t j = 0; j < n_; ++j) readout_[at(j * classes_ + k)] = r[k * n_ + j];
    }
    for (index_t t = 0; t < batch.steps; ++t) {
      drive_(source(t), parameters, z_.data());
      loops_.rnn_forward(phi_, trials_, n_, ld_, decay_, z_.data(), source(t), source(t + 1), active(t));
      read_(source(t + 1), readout_.data(), step_outputs_.data());
      for (index_t k = 0; k < classes_; ++k) {
        T* const out = outputs_.values.data() + k * outputs_.row + t * trials_;
        for (index_t b = 0; b < trials_; ++b) out[b] = step_outputs_[at(b * classes_ + k)];
      }
    }
  }

  Outputs<T>& outputs() override { return outputs_; }

  void backward(const T* parameters, Part part, T* gradient) override {
    std::fill(gradient, gradient + (sources_ + classes_) * n_, T(0));
    for (index_t i = 0; i < n_; ++i) {
      for (index_t j = 0; j < n_; ++j) transposed_[at(i * n_ + j)] = parameters[j * n_ + i];
    }
    const T* const r = parameters + sources_ * n_;
    std::fill(carry_.begin(), carry_.end(), T(0));
    for (index_t t = outputs_.steps - 1; t >= 0; --t) {
      for (index_t k = 0; k < classes_; ++k) {
        const T* const e = outputs_.values.data() + k * outputs_.row + t * trials_;
        for (index_t b = 0; b < trials_; ++b) step_outputs_[at(b * classes_ + k)] = e[b];
      }
      from_outputs_(step_outputs_.data(), r, carry_.data());
      loops_.rnn_backward(phi_, trials_ * n_, decay_, active(t), carry_.data(), delta_.data());
      if (part == Part::all) {
        all_sources_(source(t), delta_.data(), gradient);
        to_readout_(step_outputs_.data(), source(t + 1), gradient + sources_ * n_);
      } else {
        inputs_only_(source(t) + n_, delta_.data(), gradient + n_ * n_);
      }
      to_past_(delta_.data(), transposed_.data(), carry_.data());
    }
  }

  index_t channels() const override { return n_; }

  void states(const T* parameters, const Batch& batch, index_t first, index_t count, double* out) override {
    forward(parameters, batch);
    for (index_t b = 0; b < trials_; ++b) {
      for (index_t t = first; t < first + count; ++t) {
        const T* const h = source(t + 1) + b * ld_;
        for (index_t j = 0; j < n_; ++j) *out++ = static_cast<double>(h[j]);
      }
    }
  }

 private:
  T* source(index_t t) { return s_.data() + t * trials_ * ld_; }
  T* active(index_t t) { return a_.data() + t * trials_ * n_; }

  /// Space for the batch, its inputs in place, and the products for its number of trials.
  void start(const Batch& batch) {
    using P = SmallProduct<T>;
    if (batch.trials != trials_) {
      trials_ = batch.trials;
      drive_ = P(trials_, n_, sources_, ld_, n_, n_, P::Op::plain, P::Result::replaced);
      read_ = P(trials_, classes_, n_, ld_, classes_, classes_, P::Op::plain, P::Result::replaced);
      from_outputs_ = P(trials_, n_, classes_, classes_, n_, n_, P::Op::plain, P::Result::added);
      all_sources_ = P(sources_, n_, trials_, ld_, n_, n_, P::Op::transposed, P::Result::added);
      inputs_only_ = P(inputs_, n_, trials_, ld_, n_, n_, P::Op::transposed, P::Result::added);
      to_readout_ = P(classes_, n_, trials_, classes_, ld_, n_, P::Op::transposed, P::Result::added);
      to_past_ = P(trials_, n_, n_, n_, n_, n_, P::Op::plain, P::Result::added);
      for (auto* space : {&z_, &carry_, &delta_}) space->assign(at(trials_ * n_), T(0));
      step_outputs_.assign(at(trials_ * classes_), T(0));
      s_.clear();
    }
    const index_t space = (batch.steps + 1) * trials_ * ld_;
    if (static_cast<index_t>(s_.size()) < space) s_.assign(at(space), T(0));
    if (static_cast<index_t>(a_.size()) < batch.steps * trials_ * n_) a_.resize(at(batch.steps * trials_ * n_));
    outputs_.resize(classes_, batch.steps, trials_);
    const float* x = batch.x.data();
    for (index_t t = 0; t < batch.steps; ++t) {
      T* s = source(t) + n_;
      for (index_t b = 0; b < trials_; ++b, s += ld_, x += inputs_) {
        for (index_t i = 0; i < inputs_; ++i) s[i] = static_cast<T>(x[i]);
        s[inputs_] = 1;
      }
    }
    for (index_t b = 0; b < trials_; ++b) std::fill(source(0) + b * ld_, source(0) + b * ld_ + n_, T(0));
  }

  index_t n_, inputs_, classes_, sources_, ld_;
  Activation phi_;
  T decay_;
  std::vector<ParameterArray> arrays_;
  const Loops<T>& loops_ = loops<T>();
  index_t trials_ = 0;
  SmallProduct<T> drive_, read_, from_outputs_, all_sources_, inputs_only_, to_readout_, to_past_;
  std::vector<T> s_, a_;  // of all steps
  std::vector<T> z_, carry_, delta_, step_outputs_;
  std::vector<T> transposed_, readout_;
  Outputs<T> outputs_;
};

}  // namespace

std::vector<ParameterArray> rnn_arrays(const Rnn& model, index_t inputs, index_t classes) {
  std::vector<ParameterArray> out{{"recurrent", model.units, model.units, 0, false},
                                  {"input", inputs, model.units, 0, true},
                                  {"bias", 1, model.units, 0, false},
                                  {"readout", classes, model.units, 0, false}};
  set_offsets(out);
  return out;
}

template <class T>
std::unique_ptr<Computation<T>> make_rnn(const Rnn& model, index_t inputs, index_t classes) {
  return std::make_unique<LeakyRnn<T>>(model, inputs, classes);
}
template std::unique_ptr<Computation<float>> make_rnn<float>(const Rnn&, index_t, index_t);
template std::unique_ptr<Computation<double>> make_rnn<double>(const Rnn&, index_t, index_t);

}  // namespace kindred::train

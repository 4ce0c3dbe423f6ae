/// Mamba, by hand (arXiv 2312.00752, the recurrence of its section 3). Every quantity is a block of rows, one a
/// channel, each over all steps and trials, so that a linear map and its gradients are one product each.
///   v = W_e x + b_e
///   a layer: u = rms(v), (a, q) = W_1 u, s = silu(conv(a)), (r, B, C) = W_x s, D = softplus(w_dt r + b_dt),
///            y = scan(D, B, C, s), v <- v + W_2 (y silu(q))
///   o = W_o rms(v)
#include "host/base/index.hpp"
#include "host/train/loops/loops.hpp"
#include "host/train/network.hpp"
#include "host/train/product.hpp"

#include <algorithm>
#include <cmath>

namespace kindred::train {
namespace {

using host::at;

constexpr index_t taps = 4, expansion = 2;

/// Offsets of one layer's parameters.
struct LayerArrays {
  index_t norm, in, taps, taps_bias, select, step, step_bias, log_rate, skip, out;
};

/// Rows of one layer's quantities, over all steps and trials.
template <class T>
struct LayerValues {
  std::vector<T> v, u, inverse;  ///< what enters; normalised; its scale
  std::vector<T> aq, c, s;       ///< both halves of the projection; convolution; what enters the scan
  std::vector<T> rbc, step;      ///< step rank, inputs and outputs of the states; step sizes
  std::vector<T> y, z;           ///< what leaves the scan; gated
  std::vector<T> rate;           ///< -exp(A_log), channels x states
  std::vector<T> saved;          ///< the scan's states, now and then
};

template <class T>
class MambaNet final : public Computation<T> {
 public:
  MambaNet(const Mamba& model, index_t inputs, index_t classes)
      : d_(model.width),
        e_(expansion * model.width),
        rank_((model.width + 15) / 16),
        selected_(rank_ + 2 * scan_states),
        inputs_(inputs),
        classes_(classes),
        arrays_(mamba_arrays(model, inputs, classes)),
        layers_(at(model.layers)) {
    std::size_t i = 2;
    for (index_t l = 0; l < model.layers; ++l) {
      LayerArrays p{};
      for (index_t* offset :
           {&p.norm, &p.in, &p.taps, &p.taps_bias, &p.select, &p.step, &p.step_bias, &p.log_rate, &p.skip, &p.out}) {
        *offset = arrays_[i++].offset;
      }
      where_.push_back(p);
    }
    norm_ = arrays_[i].offset;
    readout_ = arrays_[i + 1].offset;
  }

  void initialise(simulate::Random& random, T* parameters) const override {
    for (const auto& array : arrays_) {
      const std::string kind = array.name.substr(0, array.name.find(' '));
      T* const p = parameters + array.offset;
      const auto uniform = [&](double bound) {
        for (index_t i = 0; i < array.size(); ++i) p[i] = static_cast<T>(random.uniform(-bound, bound));
      };
      if (kind == "norm" || kind == "skip") {
        std::fill(p, p + array.size(), T(1));
      } else if (kind == "log_rate") {
        for (index_t i = 0; i < array.size(); ++i)
          p[i] = static_cast<T>(std::log(1.0 + static_cast<double>(i % scan_states)));
      } else if (kind == "step_bias") {
        for (index_t i = 0; i < array.size(); ++i) {
          const double size = std::max(std::exp(random.uniform(std::log(0.001), std::log(0.1))), 1e-4);
          p[i] = static_cast<T>(std::log(std::expm1(size)));
        }
      } else if (kind == "taps" || kind == "taps_bias") {
        uniform(1 / std::sqrt(static_cast<double>(taps)));
      } else if (kind == "step") {
        uniform(1 / std::sqrt(static_cast<double>(rank_)));
      } else {
        uniform(1 / std::sqrt(static_cast<double>(kind == "input_bias" ? inputs_ : array.rows)));
      }
    }
  }

  void forward(const T* parameters, const Batch& batch) override { run(parameters, batch, 0, 0, nullptr); }

  Outputs<T>& outputs() override { return outputs_; }

  void backward(const T* parameters, Part part, T* gradient) override {
    const auto& last = arrays_.back();
    std::fill(gradient, gradient + last.offset + last.size(), T(0));
    // Readout: u = rms(v).
    map_back(parameters + readout_, d_, classes_, outputs_.values.data(), u_.data(), du_.data(), gradient + readout_);
    std::fill(dv_.begin(), dv_.end(), T(0));
    loops_.norm_backward(d_, n_, n_, v_.data(), parameters + norm_, inverse_.data(), du_.data(), dv_.data(),
                         gradient + norm_);
    for (std::size_t l = layers_.size(); l > 0; --l) layer_back(layers_[l - 1], where_[l - 1], parameters, gradient);
    // dv is now the embedding's gradient.
    product<T>(false, true, inputs_, d_, n_, x_.data(), n_, dv_.data(), n_, T(0), gradient, d_);
    for (index_t k = 0; k < d_; ++k) {
      double sum = 0;
      for (index_t i = 0; i < n_; ++i) sum += static_cast<double>(dv_[at(k * n_ + i)]);
      gradient[inputs_ * d_ + k] = static_cast<T>(sum);
    }
    if (part == Part::inputs) std::fill(gradient + (inputs_ + 1) * d_, gradient + last.offset + last.size(), T(0));
  }

  index_t channels() const override { return e_ * scan_states; }

  void states(const T* parameters, const Batch& batch, index_t first, index_t count, double* out) override {
    std::vector<T> states(at(count * padded(batch.trials) * channels()));
    run(parameters, batch, first, count, states.data());
    for (index_t b = 0; b < batch.trials; ++b) {
      for (index_t t = 0; t < count; ++t) {
        const T* const h = states.data() + (t * trials_ + b) * channels();
        for (index_t j = 0; j < channels(); ++j) *out++ = static_cast<double>(h[j]);
      }
    }
  }

 private:
  static index_t padded(index_t trials) { return (trials + scan_trials - 1) / scan_trials * scan_trials; }

  /// out (to rows) = W^T in (from rows), W from x to.
  void map(const T* w, index_t from, index_t to, const T* in, T* out, T keep = 0) {
    product<T>(true, false, to, n_, from, w, to, in, n_, keep, out, n_);
  }
  /// The gradients of `map`: din is set (with keep = 1, added to), dW is set.
  void map_back(const T* w, index_t from, index_t to, const T* dout, const T* in, T* din, T* dw, T keep = 0) {
    product<T>(false, true, from, to, n_, in, n_, dout, n_, T(0), dw, to);
    product<T>(false, false, from, n_, to, w, to, dout, n_, keep, din, n_);
  }

  void start(const Batch& batch) {
    trials_ = padded(batch.trials);
    steps_ = batch.steps;
    n_ = steps_ * trials_;
    const auto rows = [this](std::vector<T>& space, index_t count) { space.resize(at(count * n_)); };
    rows(x_, inputs_);
    for (auto* space : {&v_, &u_, &dv_, &du_}) rows(*space, d_);
    for (auto* space : {&dy_, &ds_, &dstep_}) rows(*space, e_);
    rows(daq_, 2 * e_);
    rows(drbc_, selected_);
    rows(inverse_, 1);
    for (auto& q : layers_) {
      for (auto* space : {&q.v, &q.u}) rows(*space, d_);
      for (auto* space : {&q.c, &q.s, &q.step, &q.y, &q.z}) rows(*space, e_);
      rows(q.aq, 2 * e_);
      rows(q.rbc, selected_);
      rows(q.inverse, 1);
      q.rate.resize(at(e_ * scan_states));
      q.saved.resize(at(scan_saved(e_, steps_, trials_)));
    }
    drate_.resize(at(e_ * scan_states));
    scratch_.resize(at(scan_scratch(e_)));
    outputs_.resize(classes_, steps_, trials_);
    std::fill(x_.begin(), x_.end(), T(0));
    const float* x = batch.x.data();
    for (index_t t = 0; t < steps_; ++t) {
      for (index_t b = 0; b < batch.trials; ++b) {
        for (index_t i = 0; i < inputs_; ++i) x_[at(i * n_ + t * trials_ + b)] = static_cast<T>(*x++);
      }
    }
  }

  Scan<T> scan_of(const LayerValues<T>& q, const LayerArrays& p, const T* parameters) const {
    return {e_,
            steps_,
            trials_,
            n_,
            q.rate.data(),
            parameters + p.skip,
            q.step.data(),
            q.s.data(),
            q.rbc.data() + rank_ * n_,
            q.rbc.data() + (rank_ + scan_states) * n_};
  }

  void run(const T* parameters, const Batch& batch, index_t first, index_t count, T* states) {
    start(batch);
    map(parameters, inputs_, d_, x_.data(), v_.data());
    for (index_t k = 0; k < d_; ++k) {
      const T bias = parameters[inputs_ * d_ + k];
      for (index_t i = 0; i < n_; ++i) v_[at(k * n_ + i)] += bias;
    }
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      layer(layers_[l], where_[l], parameters, first, count, l == 0 ? states : nullptr);
    }
    loops_.norm_forward(d_, n_, n_, v_.data(), parameters + norm_, u_.data(), inverse_.data());
    map(parameters + readout_, d_, classes_, u_.data(), outputs_.values.data());
  }

  /// v_ <- v_ + the layer of v_.
  void layer(LayerValues<T>& q, const LayerArrays& p, const T* parameters, index_t first, index_t count, T* states) {
    std::copy(v_.begin(), v_.begin() + d_ * n_, q.v.begin());
    loops_.norm_forward(d_, n_, n_, q.v.data(), parameters + p.norm, q.u.data(), q.inverse.data());
    map(parameters + p.in, d_, 2 * e_, q.u.data(), q.aq.data());
    loops_.convolve(e_, steps_, trials_, n_, parameters + p.taps, parameters + p.taps_bias, q.aq.data(), q.c.data(),
                    q.s.data());
    map(parameters + p.select, e_, selected_, q.s.data(), q.rbc.data());
    map(parameters + p.step, rank_, e_, q.rbc.data(), q.step.data());
    loops_.step_forward(e_, n_, n_, parameters + p.step_bias, q.step.data());
    for (index_t i = 0; i < e_ * scan_states; ++i) q.rate[at(i)] = -std::exp(parameters[p.log_rate + i]);
    loops_.scan(scan_of(q, p, parameters), q.y.data(), q.saved.data(), first, count, states);
    loops_.gate(e_, n_, n_, q.y.data(), q.aq.data() + e_ * n_, q.z.data());
    map(parameters + p.out, e_, d_, q.z.data(), v_.data(), T(1));
  }

  /// dv_, of what leaves the layer, becomes that of what enters it.
  void layer_back(LayerValues<T>& q, const LayerArrays& p, const T* parameters, T* gradient) {
    map_back(parameters + p.out, e_, d_, dv_.data(), q.z.data(), dy_.data(), gradient + p.out);
    loops_.gate_back(e_, n_, n_, q.y.data(), q.aq.data() + e_ * n_, dy_.data(), daq_.data() + e_ * n_);
    std::fill(drbc_.begin(), drbc_.end(), T(0));
    std::fill(drate_.begin(), drate_.end(), T(0));
    loops_.scan_back(scan_of(q, p, parameters), q.saved.data(),
                     {dy_.data(), dstep_.data(), ds_.data(), drbc_.data() + rank_ * n_,
                      drbc_.data() + (rank_ + scan_states) * n_, drate_.data(), gradient + p.skip, scratch_.data()});
    for (index_t i = 0; i < e_ * scan_states; ++i) gradient[p.log_rate + i] = drate_[at(i)] * q.rate[at(i)];
    loops_.step_backward(e_, n_, n_, q.step.data(), dstep_.data(), gradient + p.step_bias);
    map_back(parameters + p.step, rank_, e_, dstep_.data(), q.rbc.data(), drbc_.data(), gradient + p.step);
    map_back(parameters + p.select, e_, selected_, drbc_.data(), q.s.data(), ds_.data(), gradient + p.select, T(1));
    loops_.convolve_back(e_, steps_, trials_, n_, parameters + p.taps, q.aq.data(), q.c.data(), ds_.data(), daq_.data(),
                         gradient + p.taps, gradient + p.taps_bias);
    map_back(parameters + p.in, d_, 2 * e_, daq_.data(), q.u.data(), du_.data(), gradient + p.in);
    loops_.norm_backward(d_, n_, n_, q.v.data(), parameters + p.norm, q.inverse.data(), du_.data(), dv_.data(),
                         gradient + p.norm);
  }

  index_t d_, e_, rank_, selected_, inputs_, classes_;
  std::vector<ParameterArray> arrays_;
  std::vector<LayerValues<T>> layers_;
  std::vector<LayerArrays> where_;
  index_t norm_ = 0, readout_ = 0;
  const Loops<T>& loops_ = loops<T>();
  index_t trials_ = 0, steps_ = 0, n_ = 0;
  std::vector<T> x_, v_, u_, inverse_;
  std::vector<T> dv_, du_, dy_, ds_, dstep_, daq_, drbc_, drate_, scratch_;
  Outputs<T> outputs_;
};

}  // namespace

std::vector<ParameterArray> mamba_arrays(const Mamba& model, index_t inputs, index_t classes) {
  const index_t d = model.width, e = expansion * d, rank = (d + 15) / 16;
  std::vector<ParameterArray> out{{"input", inputs, d, 0, true}, {"input_bias", 1, d, 0, true}};
  for (index_t l = 0; l < model.layers; ++l) {
    const std::string layer = " " + std::to_string(l);
    out.push_back({"norm" + layer, 1, d, 0, false});
    out.push_back({"in" + layer, d, 2 * e, 0, false});
    out.push_back({"taps" + layer, e, taps, 0, false});
    out.push_back({"taps_bias" + layer, 1, e, 0, false});
    out.push_back({"select" + layer, e, rank + 2 * scan_states, 0, false});
    out.push_back({"step" + layer, rank, e, 0, false});
    out.push_back({"step_bias" + layer, 1, e, 0, false});
    out.push_back({"log_rate" + layer, e, scan_states, 0, false});
    out.push_back({"skip" + layer, 1, e, 0, false});
    out.push_back({"out" + layer, e, d, 0, false});
  }
  out.push_back({"norm", 1, d, 0, false});
  out.push_back({"readout", d, classes, 0, false});
  set_offsets(out);
  return out;
}

template <class T>
std::unique_ptr<Computation<T>> make_mamba(const Mamba& model, index_t inputs, index_t classes) {
  return std::make_unique<MambaNet<T>>(model, inputs, classes);
}
template std::unique_ptr<Computation<float>> make_mamba<float>(const Mamba&, index_t, index_t);
template std::unique_ptr<Computation<double>> make_mamba<double>(const Mamba&, index_t, index_t);

}  // namespace kindred::train

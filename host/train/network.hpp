#pragma once
/// What training needs of a model. T: float for training, double for checks of the gradients.
#include <kindred/train.hpp>

#include <memory>

namespace kindred::train {

/// Outputs of every step and trial, class by class: output k of step t and trial b at values[k * row + t * trials + b].
/// `trials` may exceed the batch's: those beyond it are padding.
template <class T>
struct Outputs {
  index_t classes = 0, steps = 0, trials = 0, row = 0;
  std::vector<T> values;
  std::vector<T> log_sum;

  void resize(index_t class_count, index_t step_count, index_t trial_count);
};

/// Owns the workspace of one network of one shape; not for two threads at once.
template <class T>
class Computation {
 public:
  virtual ~Computation() = default;
  virtual void initialise(simulate::Random& random, T* parameters) const = 0;
  /// Runs the batch from the zero state and keeps what `backward` and `states` need.
  virtual void forward(const T* parameters, const Batch& batch) = 0;
  /// Outputs of the last forward; `backward` takes the loss's derivatives in their place.
  [[nodiscard]] virtual Outputs<T>& outputs() = 0;
  /// Sets the gradient of what is trained, and zero elsewhere.
  virtual void backward(const T* parameters, Part part, T* gradient) = 0;
  [[nodiscard]] virtual index_t channels() const = 0;
  /// Runs the batch, and writes trials x count x channels.
  virtual void states(const T* parameters, const Batch& batch, index_t first, index_t count, double* out) = 0;
};

template <class T>
[[nodiscard]] std::unique_ptr<Computation<T>> make_rnn(const Rnn& model, index_t inputs, index_t classes);
template <class T>
[[nodiscard]] std::unique_ptr<Computation<T>> make_mamba(const Mamba& model, index_t inputs, index_t classes);
template <class T>
[[nodiscard]] std::unique_ptr<Computation<T>> make_computation(const Model& model, index_t inputs, index_t classes);

[[nodiscard]] std::vector<ParameterArray> rnn_arrays(const Rnn& model, index_t inputs, index_t classes);
[[nodiscard]] std::vector<ParameterArray> mamba_arrays(const Mamba& model, index_t inputs, index_t classes);

/// Puts arrays one behind the other.
void set_offsets(std::vector<ParameterArray>& arrays);

/// Cross-entropy of the last forward: half its weight on the steps that count, half on the others (all on one kind
/// where there is no other). Outputs become its derivatives.
template <class T>
[[nodiscard]] double cross_entropy(Outputs<T>& outputs, const Batch& batch);

/// Share of the steps that count whose largest output is the label.
template <class T>
[[nodiscard]] double right_answers(const Outputs<T>& outputs, const Batch& batch);

/// Loss with the penalty, and the gradient of what is trained.
template <class T>
[[nodiscard]] double objective(Computation<T>& net, const std::vector<ParameterArray>& arrays, double penalty,
                               const T* parameters, const Batch& batch, Part part, T* gradient);

/// Throws invalid_argument unless the batch's arrays have its sizes and its labels are classes.
void check_batch(const Batch& batch, index_t inputs, index_t classes);

}  // namespace kindred::train

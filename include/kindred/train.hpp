#pragma once
#include <kindred/error.hpp>
#include <kindred/export.hpp>
#include <kindred/simulate.hpp>
#include <kindred/types.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Small recurrent networks, trained on the spot: leaky RNNs and Mamba state-space models that learn to classify every
/// step of a trial. One network is trained by one thread; the same plan and seed give the same bits on one machine,
/// however many networks are trained beside it. Between instruction sets the bits differ, and as training is chaotic,
/// so do the networks.
namespace kindred::train {

/// Trials of equal length. Values lie step by step, trial by trial.
struct Batch {
  index_t trials = 0;
  index_t steps = 0;
  index_t inputs = 0;
  std::vector<float> x;              ///< steps x trials x inputs
  std::vector<std::int8_t> labels;   ///< steps x trials: the right class
  std::vector<std::uint8_t> counts;  ///< a step: 1 where the answer is judged (half of the loss, all of the accuracy)

  [[nodiscard]] const float* input(index_t step, index_t trial) const {
    return x.data() + (step * trials + trial) * inputs;
  }
  [[nodiscard]] int label(index_t step, index_t trial) const {
    return labels[static_cast<std::size_t>(step * trials + trial)];
  }
};

/// A source of trials.
struct Task {
  std::string name;
  std::function<void(simulate::Random& random, index_t trials, Batch& batch)> draw;
};

// ---- perceptual decisions -----------------------------------------------------------------------------------------

/// Which side is stronger? Two noisy stimuli; the answer is the stronger side or (anti) the weaker one, given at once
/// or after a delay. arXiv 2410.24070, after neurogym's PerceptualDecisionMaking.
enum class Rule { anti, basic, delay, anti_delay };
[[nodiscard]] KINDRED_EXPORT std::string_view rule_name(Rule rule);  ///< "anti", "basic", "delay", "anti-delay"

/// Lengths in steps of 20 ms, one of each drawn for a batch. Inputs: fixation, two stimuli, and four that say the rule,
/// in the order of Rule. Classes: 0 fixate, 1 and 2 the sides. The answers of the decision period count.
struct Perceptual {
  std::vector<index_t> fixation{5, 10, 15};
  std::vector<index_t> stimulus{150, 200, 250};
  std::vector<index_t> delay{25, 50, 75};
  std::vector<index_t> decision{5, 10, 15};
  std::vector<double> coherences{6.4, 12.8, 25.6, 51.2};  ///< in percent: stimuli are 1/2 +- coherence / 200
  double noise = 0.22360679774997896;                     ///< standard deviation at every step: 1 / sqrt(20)
  bool balanced = false;  ///< trial k has side k mod 2 and coherence (k / 2) mod their number, in place of random ones
};
inline constexpr index_t perceptual_inputs = 7, perceptual_classes = 3;

/// Throws invalid_argument for an empty list, a length below 1, or a coherence outside (0, 100].
[[nodiscard]] KINDRED_EXPORT Task perceptual(Rule rule, const Perceptual& trials = {});

// ---- networks -----------------------------------------------------------------------------------------------------

enum class Activation { tanh, relu, softplus };

/// h_t = d h_(t-1) + (1 - d) phi(W h_(t-1) + W_in x_t + b),  o_t = R h_t,  h_0 = 0.
/// Initial values are uniform in +-1 / sqrt(fan-in).
struct Rnn {
  index_t units = 64;
  Activation activation = Activation::tanh;
  double decay = 0.81873075307798186;  ///< d = exp(-20 ms / 100 ms)
};

/// Selective state-space model (arXiv 2312.00752): an embedding, `layers` residual blocks, a normalised readout. Inner
/// channels: 2 width, each with 16 states; convolutions over 4 steps; rank of the step size: width / 16, rounded up.
struct Mamba {
  index_t width = 8;
  index_t layers = 1;
};

using Model = std::variant<Rnn, Mamba>;

/// One array of the parameters, rows x columns at `offset`. Matrices lie from-major: row = source, column = target.
struct ParameterArray {
  std::string name;
  index_t rows = 0;
  index_t columns = 0;
  index_t offset = 0;
  bool input = false;  ///< belongs to how inputs enter: what Part::inputs trains
  [[nodiscard]] index_t size() const { return rows * columns; }
};
/// The parameters of a model in the order they lie in.
[[nodiscard]] KINDRED_EXPORT std::vector<ParameterArray> parameter_arrays(const Model& model, index_t inputs,
                                                                          index_t classes);
[[nodiscard]] KINDRED_EXPORT index_t parameter_count(const Model& model, index_t inputs, index_t classes);

/// Hidden states at steps first, ..., first + count - 1 of every trial: all units of an RNN, all states of a Mamba's
/// first layer (channel-major). Throws invalid_argument for a wrong number of parameters or steps outside the batch.
[[nodiscard]] KINDRED_EXPORT simulate::Recording record(const Model& model, index_t classes,
                                                        std::span<const float> parameters, const Batch& batch,
                                                        index_t first, index_t count);

/// Share of the judged answers whose largest output is the label.
[[nodiscard]] KINDRED_EXPORT double accuracy(const Model& model, index_t classes, std::span<const float> parameters,
                                             const Batch& batch);

// ---- training -----------------------------------------------------------------------------------------------------

/// Adam (arXiv 1412.6980) on the cross-entropy, half its weight on judged steps and half on the others, plus `penalty`
/// times the Frobenius norm of every parameter array. The gradient of what is trained is scaled down to norm `clip`.
struct Optimiser {
  double learning_rate = 0.002;
  double first_decay = 0.9;
  double second_decay = 0.999;
  double epsilon = 1e-8;
  double clip = 0.3;
  double penalty = 1e-4;
  index_t batch = 64;
};

/// What is trained: everything, or only how inputs enter (an RNN's W_in, a Mamba's embedding); the rest stays to the
/// bit.
enum class Part { all, inputs };

/// Training on some tasks, one drawn uniformly for each update, until the worst accuracy reaches the target. Each phase
/// has an Adam of its own.
struct Phase {
  std::vector<Task> tasks;
  Part part = Part::all;
  index_t updates = 3000;  ///< at most
  double target = 0.99;    ///< of the worst task's accuracy; above 1: all updates are made
  index_t evaluate_every =
      50;                   ///< updates between evaluations; there is one before the first and after the last update
  index_t early_every = 0;  ///< during the first 100 updates instead; 0: as later
  bool keep_checkpoints = false;  ///< parameters at every evaluation
};

struct Plan {
  Model model = Rnn{};
  Optimiser optimiser;
  index_t inputs = perceptual_inputs;
  index_t classes = perceptual_classes;
  index_t evaluation_trials = 192;  ///< of every task, fresh, the same for all networks of a seed and phase
  std::vector<Phase> phases;
};

struct Evaluation {
  index_t updates = 0;           ///< made in this phase before
  std::vector<double> accuracy;  ///< a task
  double loss = 0;               ///< mean over the updates since the last evaluation; NaN before the first
};

enum class Status {
  ok,        ///< every phase reached its target
  capped,    ///< a phase ended at its number of updates
  diverged,  ///< a loss or gradient was not finite; the parameters are those of the last evaluation
};
[[nodiscard]] KINDRED_EXPORT std::string_view status_name(Status status);

struct Network {
  std::vector<float> parameters;
  std::vector<std::vector<Evaluation>> phases;  ///< learning curves
  std::vector<std::vector<float>> checkpoints;  ///< of the phases that keep them, one an evaluation
  Status status = Status::ok;
  std::string reason;  ///< one line for people; empty when status is ok

  /// Worst task's accuracy at the end of a phase, and the updates it took.
  [[nodiscard]] KINDRED_EXPORT double final_accuracy(std::size_t phase) const;
  [[nodiscard]] KINDRED_EXPORT index_t updates(std::size_t phase) const;
};

/// State of one training: called at every evaluation, from the thread that trains; returning false cancels
/// (Error{cancelled}).
struct TrainingEvent {
  std::size_t phase;
  index_t updates;  ///< made in this phase
  index_t most;     ///< of this phase
  double accuracy;  ///< of the worst task
};
using TrainingProgress = std::function<bool(const TrainingEvent&)>;

/// Trains one network. Initial values and training trials are drawn from sub-streams of (seed, stream): networks of one
/// seed with different streams are independent, but are judged on the same trials.
/// Throws invalid_argument (sizes below 1, a phase without tasks, rates that are not positive), cancelled. A network
/// that diverges is a status.
[[nodiscard]] KINDRED_EXPORT Network train(const Plan& plan, std::uint64_t seed, std::uint64_t stream,
                                           const TrainingProgress& progress = {});

/// Many networks at once, one a thread; 0 threads: as many as there are cores. `progress` is called one at a time, with
/// the index of the network. The first exception ends all and is thrown.
struct Job {
  Plan plan;
  std::uint64_t seed = 0;
  std::uint64_t stream = 0;
};
using JobProgress = std::function<bool(std::size_t job, const TrainingEvent&)>;
/// Called as soon as a network is finished, one at a time, from the thread that trained it.
using JobDone = std::function<void(std::size_t job, Network network)>;
KINDRED_EXPORT void train_all(std::span<const Job> jobs, int threads, const JobDone& done,
                              const JobProgress& progress = {});

}  // namespace kindred::train

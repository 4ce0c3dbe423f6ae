#include <kindred/train.hpp>

#include "host/backend/openblas.hpp"
#include "host/base/text.hpp"
#include "host/train/network.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <mutex>

namespace kindred::train {
namespace {

/// Sub-streams of a seed. Those of evaluation belong to the phase and the task alone, so that all networks are judged
/// on the same trials.
constexpr std::uint64_t initial_draws = 0, training_draws = 1, purposes = 2, evaluation_draws = 1u << 20;

/// Adam on the arrays that a phase trains.
class Adam {
 public:
  Adam(const Optimiser& how, const std::vector<ParameterArray>& arrays, Part part) : how_(how) {
    for (const auto& array : arrays) {
      if (part == Part::all || array.input) trained_.push_back(array);
    }
    const auto last = arrays.back();
    first_.resize(static_cast<std::size_t>(last.offset + last.size()));
    second_.resize(first_.size());
  }

  /// False if the gradient is not finite; the parameters then stay as they are.
  bool update(const std::vector<float>& gradient, std::vector<float>& parameters) {
    double square = 0;
    for_each([&](std::size_t i) { square += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]); });
    const double norm = std::sqrt(square);
    if (!std::isfinite(norm)) return false;
    const auto scale = static_cast<float>(norm > how_.clip ? how_.clip / norm : 1.0);
    ++count_;
    const double correction = 1 - std::pow(how_.second_decay, static_cast<double>(count_));
    const auto rate =
        static_cast<float>(how_.learning_rate / (1 - std::pow(how_.first_decay, static_cast<double>(count_))));
    const auto unbias = static_cast<float>(1 / std::sqrt(correction)), epsilon = static_cast<float>(how_.epsilon);
    const auto b1 = static_cast<float>(how_.first_decay), b2 = static_cast<float>(how_.second_decay);
    for_each([&](std::size_t i) {
      const float g = scale * gradient[i];
      first_[i] = b1 * first_[i] + (1 - b1) * g;
      second_[i] = b2 * second_[i] + (1 - b2) * g * g;
      parameters[i] -= rate * first_[i] / (unbias * std::sqrt(second_[i]) + epsilon);
    });
    return true;
  }

 private:
  template <class F>
  void for_each(F&& f) {
    for (const auto& array : trained_) {
      for (index_t i = array.offset; i < array.offset + array.size(); ++i) f(static_cast<std::size_t>(i));
    }
  }

  Optimiser how_;
  std::vector<ParameterArray> trained_;
  std::vector<float> first_, second_;
  index_t count_ = 0;
};

/// Fixed fresh trials of every task of a phase, in batches of the training's size.
class Examination {
 public:
  Examination(const Plan& plan, std::size_t phase, std::uint64_t seed) {
    const auto& tasks = plan.phases[phase].tasks;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      simulate::Random random(seed, evaluation_draws + 64 * phase + i);
      auto& batches = batches_.emplace_back();
      for (index_t left = plan.evaluation_trials; left > 0; left -= plan.optimiser.batch) {
        auto& batch = batches.emplace_back();
        tasks[i].draw(random, std::min(left, plan.optimiser.batch), batch);
        check_batch(batch, plan.inputs, plan.classes);
      }
    }
  }

  /// A task's accuracy, the mean over its trials.
  std::vector<double> accuracies(Computation<float>& net, const std::vector<float>& parameters) const {
    std::vector<double> out;
    for (const auto& batches : batches_) {
      double right = 0;
      index_t trials = 0;
      for (const auto& batch : batches) {
        net.forward(parameters.data(), batch);
        right += right_answers(net.outputs(), batch) * static_cast<double>(batch.trials);
        trials += batch.trials;
      }
      out.push_back(right / static_cast<double>(trials));
    }
    return out;
  }

 private:
  std::vector<std::vector<Batch>> batches_;
};

bool evaluation_due(const Phase& phase, index_t made) {
  const index_t every = phase.early_every > 0 && made <= 100 ? phase.early_every : phase.evaluate_every;
  return made % every == 0 || made == phase.updates;
}

double worst(const std::vector<double>& accuracy) { return *std::min_element(accuracy.begin(), accuracy.end()); }

class Training {
 public:
  Training(const Plan& plan, std::uint64_t seed, std::uint64_t stream, const TrainingProgress& progress)
      : plan_(plan),
        seed_(seed),
        progress_(progress),
        arrays_(parameter_arrays(plan.model, plan.inputs, plan.classes)),
        net_(make_computation<float>(plan.model, plan.inputs, plan.classes)),
        random_(seed, purposes * stream + training_draws) {
    const auto size = static_cast<std::size_t>(parameter_count(plan.model, plan.inputs, plan.classes));
    out_.parameters.resize(size);
    gradient_.resize(size);
    simulate::Random initial(seed, purposes * stream + initial_draws);
    net_->initialise(initial, out_.parameters.data());
  }

  Network run() {
    for (std::size_t i = 0; i < plan_.phases.size() && out_.status != Status::diverged; ++i) run_phase(i);
    return std::move(out_);
  }

 private:
  void run_phase(std::size_t index) {
    const Phase& phase = plan_.phases[index];
    const Examination examination(plan_, index, seed_);
    Adam adam(plan_.optimiser, arrays_, phase.part);
    auto& curve = out_.phases.emplace_back();
    double loss = std::numeric_limits<double>::quiet_NaN();
    std::vector<float> safe = out_.parameters;
    for (index_t made = 0, since = 0;; ++made) {
      if (evaluation_due(phase, made)) {
        curve.push_back({made, examination.accuracies(*net_, out_.parameters),
                         since > 0 ? loss / static_cast<double>(since) : std::numeric_limits<double>::quiet_NaN()});
        safe = out_.parameters;
        if (phase.keep_checkpoints) out_.checkpoints.push_back(out_.parameters);
        const double accuracy = worst(curve.back().accuracy);
        if (progress_ && !progress_({index, made, phase.updates, accuracy})) {
          throw Error(ErrorCode::cancelled, "training was cancelled");
        }
        if (accuracy >= phase.target) return;
        if (made == phase.updates) return cap(index, accuracy);
        loss = 0, since = 0;
      }
      const double now = update(phase, adam);
      if (!std::isfinite(now)) {
        out_.parameters = std::move(safe);
        out_.status = Status::diverged;
        out_.reason = "diverged: loss or gradient not finite at update " + std::to_string(made + 1) + " of phase " +
                      std::to_string(index + 1);
        return;
      }
      loss += now;
      ++since;
    }
  }

  /// The loss before the update; not finite if the update could not be made.
  double update(const Phase& phase, Adam& adam) {
    const auto task = random_.below(static_cast<index_t>(phase.tasks.size()));
    phase.tasks[task].draw(random_, plan_.optimiser.batch, batch_);
    check_batch(batch_, plan_.inputs, plan_.classes);
    const double loss = objective(*net_, arrays_, plan_.optimiser.penalty, out_.parameters.data(), batch_, phase.part,
                                  gradient_.data());
    if (!std::isfinite(loss) || adam.update(gradient_, out_.parameters)) return loss;
    return std::numeric_limits<double>::quiet_NaN();
  }

  void cap(std::size_t index, double accuracy) {
    if (plan_.phases[index].target > 1) return;  // all updates were wanted
    char text[128];
    std::snprintf(text, sizeof text, "phase %zu ended after %lld updates at accuracy %.3f", index + 1,
                  static_cast<long long>(plan_.phases[index].updates), accuracy);
    out_.reason += (out_.reason.empty() ? "" : "; ") + std::string(text);
    out_.status = Status::capped;
  }

  const Plan& plan_;
  std::uint64_t seed_;
  const TrainingProgress& progress_;
  std::vector<ParameterArray> arrays_;
  std::unique_ptr<Computation<float>> net_;
  simulate::Random random_;
  std::vector<float> gradient_;
  Batch batch_;
  Network out_;
};

void require(bool holds, const char* what, const char* expected) {
  if (!holds) host::fail(ErrorCode::invalid_argument, what, ": expected ", expected);
}

void check_model(const Model& model) {
  if (const auto* rnn = std::get_if<Rnn>(&model)) {
    require(rnn->units >= 1 && rnn->units <= 4096, "Rnn::units", "1 to 4096");
    require(rnn->decay >= 0 && rnn->decay < 1, "Rnn::decay", "a number in [0, 1)");
  } else {
    const auto& mamba = std::get<Mamba>(model);
    require(mamba.width >= 1 && mamba.width <= 1024, "Mamba::width", "1 to 1024");
    require(mamba.layers >= 1 && mamba.layers <= 64, "Mamba::layers", "1 to 64");
  }
}

void check_plan(const Plan& plan) {
  check_model(plan.model);
  const Optimiser& o = plan.optimiser;
  require(o.learning_rate > 0 && std::isfinite(o.learning_rate), "Optimiser::learning_rate", "a positive number");
  require(o.first_decay >= 0 && o.first_decay < 1, "Optimiser::first_decay", "a number in [0, 1)");
  require(o.second_decay >= 0 && o.second_decay < 1, "Optimiser::second_decay", "a number in [0, 1)");
  require(o.epsilon > 0, "Optimiser::epsilon", "a positive number");
  require(o.clip > 0, "Optimiser::clip", "a positive number");
  require(o.penalty >= 0 && std::isfinite(o.penalty), "Optimiser::penalty", "0 or a positive number");
  require(o.batch >= 1, "Optimiser::batch", "at least 1");
  require(plan.inputs >= 1, "Plan::inputs", "at least 1");
  require(plan.classes >= 2 && plan.classes <= 127, "Plan::classes", "2 to 127");
  require(plan.evaluation_trials >= 1, "Plan::evaluation_trials", "at least 1");
  for (const auto& phase : plan.phases) {
    require(!phase.tasks.empty(), "Phase::tasks", "at least one");
    require(phase.updates >= 0, "Phase::updates", "0 or more");
    require(phase.evaluate_every >= 1, "Phase::evaluate_every", "at least 1");
    require(phase.early_every >= 0, "Phase::early_every", "0 or more");
  }
}

/// The BLAS serial in this thread, as long as this lives.
class SerialBlas {
 public:
  SerialBlas() : before_(omp_get_max_threads()) {
    host::choose_openblas_kernels();
    omp_set_num_threads(1);
  }
  SerialBlas(const SerialBlas&) = delete;
  SerialBlas& operator=(const SerialBlas&) = delete;
  ~SerialBlas() { omp_set_num_threads(before_); }

 private:
  int before_;
};

std::unique_ptr<Computation<float>> computation_for(const Model& model, index_t classes,
                                                    std::span<const float> parameters, const Batch& batch) {
  check_model(model);
  check_batch(batch, batch.inputs, classes);
  const auto expected = static_cast<std::size_t>(parameter_count(model, batch.inputs, classes));
  if (parameters.size() != expected) {
    host::fail(ErrorCode::invalid_argument, parameters.size(), " parameters; this network has ", expected);
  }
  return make_computation<float>(model, batch.inputs, classes);
}

}  // namespace

std::string_view status_name(Status status) {
  constexpr std::string_view names[] = {"ok", "capped", "diverged"};
  return names[static_cast<std::size_t>(status)];
}

double Network::final_accuracy(std::size_t phase) const { return worst(phases.at(phase).back().accuracy); }
index_t Network::updates(std::size_t phase) const { return phases.at(phase).back().updates; }

Network train(const Plan& plan, std::uint64_t seed, std::uint64_t stream, const TrainingProgress& progress) {
  check_plan(plan);
  const SerialBlas serial;
  return Training(plan, seed, stream, progress).run();
}

simulate::Recording record(const Model& model, index_t classes, std::span<const float> parameters, const Batch& batch,
                           index_t first, index_t count) {
  const SerialBlas serial;
  const auto net = computation_for(model, classes, parameters, batch);
  if (first < 0 || count < 1 || first + count > batch.steps) {
    host::fail(ErrorCode::invalid_argument, "steps ", first, " to ", first + count - 1, " of a batch of ", batch.steps);
  }
  simulate::Recording out(batch.trials, count, net->channels());
  net->states(parameters.data(), batch, first, count, out.values.data());
  return out;
}

double accuracy(const Model& model, index_t classes, std::span<const float> parameters, const Batch& batch) {
  const SerialBlas serial;
  const auto net = computation_for(model, classes, parameters, batch);
  net->forward(parameters.data(), batch);
  return right_answers(net->outputs(), batch);
}

void train_all(std::span<const Job> jobs, int threads, const JobDone& done, const JobProgress& progress) {
  for (const auto& job : jobs) check_plan(job.plan);
  const SerialBlas serial;
  const auto count = static_cast<index_t>(jobs.size());
  const int team = static_cast<int>(
      std::clamp<index_t>(threads > 0 ? threads : omp_get_num_procs(), 1, std::max<index_t>(count, 1)));
  std::mutex one_at_a_time;
  std::exception_ptr failure;
#pragma omp parallel for schedule(dynamic, 1) num_threads(team)
  for (index_t i = 0; i < count; ++i) {
    const auto job = static_cast<std::size_t>(i);
    bool stop = false;
    {
      const std::lock_guard lock(one_at_a_time);
      stop = failure != nullptr;
    }
    if (stop) continue;
    try {
      Network network = Training(jobs[job].plan, jobs[job].seed, jobs[job].stream, [&](const TrainingEvent& event) {
                          const std::lock_guard lock(one_at_a_time);
                          return !failure && (!progress || progress(job, event));
                        }).run();
      const std::lock_guard lock(one_at_a_time);
      done(job, std::move(network));
    } catch (...) {
      const std::lock_guard lock(one_at_a_time);
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace kindred::train

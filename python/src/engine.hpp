#pragma once
#include <kindred/engine.hpp>
#include <kindred/error.hpp>

#include <nanobind/nanobind.h>

#include <atomic>
#include <optional>
#include <string_view>
#include <utility>

namespace kindred::python {

namespace nb = nanobind;

/// An engine, and whether a call of it runs: one engine must not be used from two threads at once.
class Worker {
 public:
  Worker(std::string_view device, int number, std::size_t memory)
      : device_(device == "cpu"    ? Device::cpu(number)
                : device == "cuda" ? Device::cuda(number)
                                   : Device::best()),
        memory_(memory),
        engine_(device_, {.memory_budget = memory}) {}

  [[nodiscard]] Engine& engine() { return engine_; }
  /// The same, whose fits keep bases and singular values (EngineOptions::bases).
  [[nodiscard]] Engine& engine_with_bases() {
    if (!with_bases_) with_bases_.emplace(device_, EngineOptions{.memory_budget = memory_, .bases = true});
    return *with_bases_;
  }

  /// f(progress) without the interpreter's lock. `callback`, a callable or None, is called with (stage, done, total);
  /// what it raises, and KeyboardInterrupt, ends the call and is raised here.
  template <class F>
  auto run(const nb::object& callback, F&& f) {
    if (busy_.exchange(true)) {
      throw Error(ErrorCode::invalid_argument,
                  "engine: in use by another thread; give each thread an engine of its own");
    }
    struct Release {
      std::atomic<bool>& flag;
      ~Release() { flag = false; }
    } release{busy_};
    std::optional<nb::python_error> raised;
    const Progress progress = [&](const ProgressEvent& event) {
      nb::gil_scoped_acquire lock;
      try {
        if (PyErr_CheckSignals() != 0) throw nb::python_error();
        if (!callback.is_none()) callback(event.stage, event.done, event.total);
        return true;
      } catch (nb::python_error& error) {
        raised.emplace(std::move(error));
        return false;
      }
    };
    try {
      nb::gil_scoped_release unlocked;
      return f(progress);
    } catch (const Error& error) {
      if (!raised || error.code() != ErrorCode::cancelled) throw;
    }
    throw std::move(*raised);
  }

 private:
  Device device_;
  std::size_t memory_;
  Engine engine_;
  std::optional<Engine> with_bases_;
  std::atomic<bool> busy_ = false;
};

}  // namespace kindred::python

#pragma once
#include <kindred/engine.hpp>

#include <chrono>
#include <string>

namespace kindred::cli {

/// After this call the first SIGINT or SIGTERM makes `interrupt_signal` return it, and ends a wait for a pipe with
/// Error{cancelled}; the second ends the program.
void watch_interrupts();
/// The signal that asked the program to stop; 0 if none did.
[[nodiscard]] int interrupt_signal();
/// Throws Error{cancelled} if a signal asked the program to stop.
void check_interrupt();

/// "27 s", "12 min", "3 h 20 min".
[[nodiscard]] std::string duration(double seconds);

/// Everything a command says. Results go to standard output; notes, warnings and progress to standard error.
class Console {
 public:
  explicit Console(bool quiet = false, bool json = false) : quiet_(quiet), json_(json) {}

  [[nodiscard]] bool quiet() const { return quiet_; }
  [[nodiscard]] bool json() const { return json_; }

  /// Text for people on standard output; silent with --quiet or --json.
  void print(const std::string& text) const;
  /// A result on standard output, whatever the mode.
  void result(const std::string& text) const;
  /// One line "kindred: ..." on standard error; silent with --quiet.
  void note(const std::string& line) const;
  /// One line "kindred: warning: ..." on standard error.
  void warn(const std::string& line) const;

 private:
  bool quiet_, json_;
};

/// Shows how far a long call has come, once it takes longer than a second: a bar on a terminal, else a line now and
/// then, with the rate and the time that is left. Stops the call when a signal asks for it.
class ProgressMeter {
 public:
  explicit ProgressMeter(const Console& console);
  ProgressMeter(const ProgressMeter&) = delete;
  ProgressMeter& operator=(const ProgressMeter&) = delete;
  ~ProgressMeter() { clear(); }

  /// Valid as long as the meter.
  [[nodiscard]] Progress callback();

 private:
  using Clock = std::chrono::steady_clock;
  void show(const ProgressEvent& event);
  void draw_bar(const ProgressEvent& event, const std::string& text);
  void clear();

  bool shown_, terminal_;
  bool drawn_ = false;
  std::string stage_;
  index_t stage_done_ = 0;  ///< when the stage began: pairs that a journal has kept
  Clock::time_point stage_start_ = Clock::now();
  Clock::time_point next_ = stage_start_ + std::chrono::seconds(1);
};

}  // namespace kindred::cli

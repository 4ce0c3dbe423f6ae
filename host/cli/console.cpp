#include "host/cli/console.hpp"

#include "host/cli/options/field_options.hpp"
#include "host/cli/team.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace kindred::cli {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

void remember(int signal) { stop_signal = signal; }

/// Standard output is where results go: a full disk or a closed pipe behind it is an error.
void write_out(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    check_interrupt();  // one that came while a pipe was full
    throw Error(ErrorCode::io, "standard output cannot be written");
  }
}

/// ", 120 a second, 27 s left", once anything is done by which to judge.
std::string pace(index_t done, index_t left, double seconds) {
  if (done <= 0 || !(seconds > 0)) return {};
  const double rate = static_cast<double>(done) / seconds;
  char text[32];
  std::snprintf(text, sizeof text, ", %.3g a second, ", rate);
  return text + duration(static_cast<double>(left) / rate) + " left";
}

}  // namespace

std::string duration(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole < 100) return std::to_string(whole) + " s";
  const long long minutes = (whole + 30) / 60;
  if (minutes < 100) return std::to_string(minutes) + " min";
  return std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min";
}

void watch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = remember;
  // Without SA_RESTART: a wait for a pipe ends, and with it the command.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN)
      sigaction(signal, &action, nullptr);  // nohup and background jobs stay as they are
  }
  std::signal(SIGXFSZ, SIG_IGN);  // a file over the size limit is a write error with a message, not a death
}

int interrupt_signal() { return stop_signal; }

void check_interrupt() {
  if (stop_signal != 0) throw Error(ErrorCode::cancelled, "stopped");
}

void Console::print(const std::string& text) const {
  if (!quiet_ && !json_) write_out(text);
}
void Console::result(const std::string& text) const { write_out(text); }
void Console::note(const std::string& line) const {
  if (!quiet_ && !is_member()) std::fprintf(stderr, "kindred: %s\n", line.c_str());
}
void Console::warn(const std::string& line) const {
  if (is_member()) return;
  std::fprintf(stderr, "kindred: warning: %s\n", in_options(line).c_str());
}

ProgressMeter::ProgressMeter(const Console& console)
    : shown_(!console.quiet() && !is_member()), terminal_(isatty(STDERR_FILENO) == 1) {}

Progress ProgressMeter::callback() {
  return [this](const ProgressEvent& event) {
    if (shown_) show(event);
    return stop_signal == 0;
  };
}

void ProgressMeter::show(const ProgressEvent& event) {
  const auto now = Clock::now();
  if (stage_ != event.stage) {
    stage_ = event.stage;
    stage_start_ = now;
    stage_done_ = event.done;
  }
  if (now < next_) return;
  const double seconds = std::chrono::duration<double>(now - stage_start_).count();
  const std::string text = std::to_string(event.done) + " of " + std::to_string(event.total) +
                           pace(event.done - stage_done_, event.total - event.done, seconds);
  if (terminal_) {
    draw_bar(event, text);
    next_ = now + std::chrono::milliseconds(100);
  } else {
    std::fprintf(stderr, "kindred: %s: %s\n", event.stage, text.c_str());
    next_ = now + std::chrono::seconds(10);
  }
}

void ProgressMeter::draw_bar(const ProgressEvent& event, const std::string& text) {
  constexpr int width = 30;
  const double share =
      event.total > 0 ? std::clamp(static_cast<double>(event.done) / static_cast<double>(event.total), 0.0, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(share * width);
  const std::string bar = std::string(full, '=') + std::string(width - full, ' ');
  std::fprintf(stderr, "\r\033[K%-8s [%s] %s", event.stage, bar.c_str(), text.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressMeter::clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace kindred::cli

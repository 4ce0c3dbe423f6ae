#ifdef KINDRED_HAVE_HDF5
#include "host/io/formats/hdf5/apart.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <new>

#include <fcntl.h>
#include <poll.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/base/text.hpp"
#include "host/io/formats/hdf5/library.hpp"

namespace kindred::io::hdf5 {
namespace {

using host::fail;

enum class Outcome { none, done, error, no_memory };

/// What the child leaves for its parent.
struct Report {
  Outcome outcome = Outcome::none;
  ErrorCode code = ErrorCode::io;
  char text[4096] = {};
};

[[noreturn]] void child(Report& report, rlim_t seconds, const std::function<void()>& work) {
  Session::in_child() = true;
  for (const int end : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU}) (void)std::signal(end, SIG_DFL);
#ifdef __linux__
  (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);
  (void)::prctl(PR_SET_DUMPABLE, 0);
#endif
  rlimit none = {0, 0}, time = {};
  (void)::setrlimit(RLIMIT_CORE, &none);
  if (::getrlimit(RLIMIT_CPU, &time) == 0 && (time.rlim_cur == RLIM_INFINITY || time.rlim_cur > seconds)) {
    time.rlim_cur = seconds;
    (void)::setrlimit(RLIMIT_CPU, &time);
  }
  if (const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC); nowhere >= 0) {  // for the allocator's last words
    (void)::dup2(nowhere, STDOUT_FILENO);
    (void)::dup2(nowhere, STDERR_FILENO);
  }
  try {
    work();
    report.outcome = Outcome::done;
  } catch (const Error& error) {
    report.code = error.code();
    std::strncpy(report.text, error.what(), sizeof report.text - 1);
    report.outcome = Outcome::error;
  } catch (const std::bad_alloc&) {
    report.outcome = Outcome::no_memory;
  } catch (...) {
  }
  ::_exit(0);
}

/// Waits until the process that has the other end of the pipe is gone; ends it after that many seconds. Returns the
/// signal that ended it, 0 if that is not known.
int wait_for(pid_t process, int fd, rlim_t seconds) {
  pollfd end{fd, POLLIN, 0};
  for (rlim_t waited = 0;;) {
    const int ready = ::poll(&end, 1, 1000);
    if (ready > 0 || (ready < 0 && errno != EINTR)) break;
    if (ready == 0 && ++waited > seconds) break;
  }
  if ((end.revents & (POLLHUP | POLLIN)) == 0) (void)::kill(process, SIGKILL);
  int status = 0;
  pid_t ended = -1;
  do {
    ended = ::waitpid(process, &status, 0);
  } while (ended < 0 && errno == EINTR);
  // Another part of the program may have waited for it.
  return ended == process && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

std::shared_ptr<std::byte[]> shared_bytes(std::size_t bytes) {
  const std::size_t mapped = bytes > 0 ? bytes : 1;
  void* const memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return {static_cast<std::byte*>(memory), [mapped](std::byte* p) { (void)::munmap(p, mapped); }};
}

void apart(const std::string& origin, std::size_t bytes, const std::function<void()>& work) {
  const Session session;
  const auto shared = shared_bytes(sizeof(Report));
  Report& report = *new (shared.get()) Report;
  const rlim_t seconds = 60 + bytes / 1000000;
  int ends[2] = {};
  if (::pipe2(ends, O_CLOEXEC) != 0) return work();
  const pid_t process = ::fork();
  if (process == 0) child(report, seconds, work);
  (void)::close(ends[1]);
  const int killer = process > 0 ? wait_for(process, ends[0], 10 * seconds) : 0;
  (void)::close(ends[0]);
  if (process < 0) return work();
  switch (report.outcome) {
    case Outcome::done:
      return;
    case Outcome::error:
      throw Error(report.code, report.text);
    case Outcome::no_memory:
      throw std::bad_alloc();
    case Outcome::none:
      break;
  }
  if (killer == SIGXCPU || killer == SIGKILL) {
    fail(ErrorCode::io, origin,
         ": damaged, or too large for this machine: the HDF5 library does not come to an end with it");
  }
  fail(ErrorCode::io, origin, ": damaged: the HDF5 library fails on it",
       killer > 0 ? " (signal " + std::to_string(killer) + ")" : "");
}

}  // namespace kindred::io::hdf5
#endif

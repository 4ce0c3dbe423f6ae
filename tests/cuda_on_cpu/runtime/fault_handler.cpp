// Host code that dereferences a device pointer faults; this says so.
#include "tests/cuda_on_cpu/runtime/runtime.hpp"

#include <dlfcn.h>

#include <csignal>

namespace ccpu {
namespace {

struct sigaction program_action[2];  // what the program wants done on SIGSEGV and SIGBUS
bool handler_installed = false;
thread_local char signal_stack[65536];

int (*real_sigaction())(int, const struct sigaction*, struct sigaction*) {
  static auto f = (int (*)(int, const struct sigaction*, struct sigaction*))dlsym(RTLD_NEXT, "sigaction");
  return f;
}

void on_fault(int sig, siginfo_t* info, void* context) {
  u64 a = (u64)info->si_addr;
  std::string where = current_kernel_position(a);
  if (!where.empty())
    say("FAULT: invalid access to address 0x%llx in %s", (unsigned long long)a, where.c_str());
  else if (a - arena_base() < arena_size())
    say("FAULT: host code dereferenced the device pointer 0x%llx: %s", (unsigned long long)a, describe(a).c_str());
  struct sigaction& p = program_action[sig == SIGBUS];
  if (p.sa_flags & SA_SIGINFO && p.sa_sigaction) return p.sa_sigaction(sig, info, context);
  if (p.sa_handler != SIG_DFL && p.sa_handler != SIG_IGN) return p.sa_handler(sig);
  struct sigaction d {};
  d.sa_handler = SIG_DFL;
  real_sigaction()(sig, &d, nullptr);  // the access is repeated and ends the process
}

}  // namespace

void install_fault_handler() {
  stack_t s{};
  s.ss_sp = signal_stack;
  s.ss_size = sizeof signal_stack;
  sigaltstack(&s, nullptr);
  struct sigaction n {};
  n.sa_sigaction = on_fault;
  n.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int i = 0; i < 2; i++) real_sigaction()(i ? SIGBUS : SIGSEGV, &n, &program_action[i]);
  handler_installed = true;
}

}  // namespace ccpu

using namespace ccpu;

// Programs and test frameworks install their own fault handlers; ours stays in front and passes on.
extern "C" int sigaction(int sig, const struct sigaction* act, struct sigaction* old) {
  if (!handler_installed || (sig != SIGSEGV && sig != SIGBUS)) return real_sigaction()(sig, act, old);
  struct sigaction& p = program_action[sig == SIGBUS];
  if (old) *old = p;
  if (act) p = *act;
  return 0;
}

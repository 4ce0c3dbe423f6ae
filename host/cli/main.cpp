#include "host/cli/commands/commands.hpp"
#include "host/cli/console.hpp"
#include "host/cli/exit_codes.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/field_options.hpp"
#include "host/cli/team.hpp"
#include "host/io/formats/hdf5/hdf5.hpp"

#include <kindred/error.hpp>
#include <kindred/version.hpp>

#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <stdexcept>
#include <utility>

namespace kindred::cli {
namespace {

int fail(int code, std::string message) {
  message = in_options(std::move(message));
  std::replace(message.begin(), message.end(), '\n', ' ');
  if (is_member()) return code;  // the first process says it
  std::fprintf(stderr, "kindred: error: %s\n", message.c_str());
  return code;
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_argument:
      return exit_usage;
    case ErrorCode::invalid_data:
      return exit_data;
    case ErrorCode::io:
      return exit_io;
    case ErrorCode::device:
      return exit_device;
    case ErrorCode::out_of_memory:
      return exit_memory;
    case ErrorCode::cancelled:
      return exit_interrupted + interrupt_signal();
  }
  return exit_internal;
}

/// What is said of an error. Who stopped the program need not hear at which item of which stage.
std::string told(const Error& error) {
  const std::string what = error.what(), word = "stopped";
  if (error.code() != ErrorCode::cancelled) return what;
  const std::string rest = what.starts_with(word) ? what.substr(word.size()) : std::string();
  return word + (interrupt_signal() == SIGINT ? " by Ctrl-C" : " by a signal") + rest;
}

/// Where the stack is smaller than linear algebra libraries take for granted (temporaries of 128 KiB a call), makes it
/// larger, for this thread and those to come; throws Error{out_of_memory} if the process may not.
void require_stack() {
  constexpr rlim_t needed = 1 << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= needed) return;  // no limit is the largest number
  const rlim_t given = std::exchange(limit.rlim_cur, needed);
  if (limit.rlim_max < needed || setrlimit(RLIMIT_STACK, &limit) != 0) {
    throw Error(ErrorCode::out_of_memory, "the stack of this process is limited to " + std::to_string(given >> 10) +
                                              " KiB (ulimit -s), expected 1024 KiB or more");
  }
  pthread_attr_t attributes;
  if (pthread_getattr_default_np(&attributes) != 0) return;
  pthread_attr_setstacksize(&attributes, needed);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

void declare(CLI::App& program) {
  program.option_defaults()->always_capture_default();
  program.set_version_flag("--version", std::string("kindred ") + version());
  std::string codes;
  for (const auto& [code, name] : exit_code_names) {
    codes += (codes.empty() ? "" : ", ") + std::to_string(code) + ' ' + name;
  }
  program.footer("Exit codes: " + codes + ".\nExamples: kindred COMMAND --help");
}

int run(int argc, char** argv) {
  require_stack();
  CLI::App program("How alike are the dynamics of many systems: all pairs at once.", "kindred");
  declare(program);
  const std::vector<Command> commands = commands_of(program);
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    std::fputs(program.help().c_str(), stderr);
    return exit_usage;
  }
  std::vector<std::string> words = without_mark(program, arguments);
  std::reverse(words.begin(), words.end());  // as the parser wants them
  try {
    program.parse(std::move(words));
  } catch (const CLI::Success& help_or_version) {
    return program.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return fail(exit_usage, error.what());
  }
  watch_interrupts();
  for (const Command& command : commands) {
    if (!command.app->parsed()) continue;
    const std::string name = command.app->get_name();
    if (name != "pairwise" && name != "cross") require_alone(name);
    command.run(arguments);
  }
  leave_team();
  return exit_ok;
}

/// The end of this process after an error, and of all that share its work.
int end(int code, ErrorCode kind, const std::string& message) {
  fail(code, message);
  end_team(code, kind, message);
  return code;
}

}  // namespace
}  // namespace kindred::cli

int main(int argc, char** argv) {
  using namespace kindred;
  io::leave_out_hdf5_exit();
  try {
    return cli::run(argc, argv);
  } catch (const Error& error) {
    return cli::end(cli::exit_code(error.code()), error.code(), cli::told(error));
  } catch (const std::bad_alloc&) {
    return cli::end(cli::exit_memory, ErrorCode::out_of_memory, "out of memory; compare fewer systems at once");
  } catch (const std::length_error&) {
    return cli::end(cli::exit_memory, ErrorCode::out_of_memory, "an array would be larger than any memory");
  } catch (const std::exception& error) {
    return cli::end(cli::exit_internal, ErrorCode::invalid_data, std::string("internal: ") + error.what());
  }
}

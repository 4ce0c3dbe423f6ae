#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/outputs.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/io.hpp>
#include <kindred/simulate.hpp>

#include <limits>

namespace kindred::cli {
namespace {

struct SimulateOptions {
  simulate::Lorenz lorenz;
  bool raw = false;
  SayOptions say;
  std::string out;
  bool no_clobber = false;
};

void run(const SimulateOptions& o, const Call&) {
  const Console console = console_for(o.say, {o.out});
  if (o.out.empty()) throw Error(ErrorCode::invalid_argument, "nothing to write: give --out");
  Outputs outputs;
  outputs.add("--out", o.out, {".npy"});
  outputs.check({}, o.no_clobber);
  simulate::Lorenz parameters = o.lorenz;
  parameters.scaled = !o.raw;
  const simulate::Recording recording = simulate::lorenz(parameters);
  check_interrupt();
  save_npy(o.out, {recording.trials, recording.steps, recording.channels}, recording.values.data());
  if (o.say.json) {
    console.result(text_of(Json{{"out", o.out},
                                {"shape", {recording.trials, recording.steps, recording.channels}},
                                {"rho", parameters.rho},
                                {"sigma", parameters.sigma},
                                {"beta", parameters.beta},
                                {"step", parameters.step},
                                {"scaled", parameters.scaled},
                                {"seed", parameters.seed},
                                {"stream", parameters.stream}}));
  }
  console.print("wrote " + o.out + ": " + std::to_string(recording.trials) + " trials x " +
                std::to_string(recording.steps) + " steps x " + std::to_string(recording.channels) + " channels\n");
}

void declare(CLI::App& app, SimulateOptions& o) {
  simulate::Lorenz& lorenz = o.lorenz;
  const double any = -std::numeric_limits<double>::infinity();
  constexpr index_t most = 1'000'000'000;  // whose values can still be counted
  app.add_option("--rho", lorenz.rho, "Parameter rho")->check(number(any));
  app.add_option("--sigma", lorenz.sigma, "Parameter sigma")->check(number(any));
  app.add_option("--beta", lorenz.beta, "Parameter beta")->check(number(any));
  app.add_option("--dt", lorenz.step, "Time between two steps")->check(number(0));
  app.add_option("--trials", lorenz.trials, "Trials, each from its own start in [0, 1)^3")
      ->check(whole_number(1, most));
  app.add_option("--steps", lorenz.steps, "Steps of each trial, with the start")->check(whole_number(1, most));
  app.add_option("--seed", lorenz.seed, "Seed of the starts")->check(whole_number(0));
  app.add_option("--stream", lorenz.stream, "Independent starts under one seed")->check(whole_number(0));
  app.add_flag("--raw", o.raw, "Leave out the scaling of each trial to [0, 1]");
  add_output(app, "-o,--out", o.out, "Recording: .npy, trials x steps x 3 (-: to standard output)");
  add_output_flag(app, "--no-clobber", o.no_clobber, "Refuse to replace an output that is there");
  add_say_options(app, o.say);
}

}  // namespace

Command simulate_command(CLI::App* app) {
  app->require_subcommand(1);
  return make_command<SimulateOptions>(
      app->add_subcommand("lorenz", "The Lorenz system by Euler steps from random starts"), declare, run);
}

}  // namespace kindred::cli

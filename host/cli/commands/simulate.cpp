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

void run(const SimulateOptions& o) {
  const Console console = console_for(o.say, {o.out});
  if (o.out.empty()) throw Error(ErrorCode::invalid_argument, "nothing to write: give --out");
  require_ending("--out", o.out, {".npy"});
  Outputs outputs;
  outputs.add("--out", o.out);
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

}  // namespace

Command simulate_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("simulate", "Recordings of known systems");
  command->require_subcommand(1);
  CLI::App* app = command->add_subcommand("lorenz", "The Lorenz system by Euler steps from random starts");
  auto options = std::make_shared<SimulateOptions>();
  simulate::Lorenz& lorenz = options->lorenz;
  const double any = -std::numeric_limits<double>::infinity();
  constexpr index_t most = 1'000'000'000;  // whose values can still be counted
  app->add_option("--rho", lorenz.rho, "Parameter rho")->check(number(any));
  app->add_option("--sigma", lorenz.sigma, "Parameter sigma")->check(number(any));
  app->add_option("--beta", lorenz.beta, "Parameter beta")->check(number(any));
  app->add_option("--dt", lorenz.step, "Time between two steps")->check(number(0));
  app->add_option("--trials", lorenz.trials, "Trials, each from its own start in [0, 1)^3")
      ->check(whole_number(1, most));
  app->add_option("--steps", lorenz.steps, "Steps of each trial, with the start")->check(whole_number(1, most));
  app->add_option("--seed", lorenz.seed, "Seed of the starts")->check(whole_number(0));
  app->add_option("--stream", lorenz.stream, "Independent starts under one seed")->check(whole_number(0));
  app->add_flag("--raw", options->raw, "Leave out the scaling of each trial to [0, 1]");
  app->add_option("-o,--out", options->out, "Recording: .npy, trials x steps x 3 (-: to standard output)")
      ->transform(output_name())
      ->group("Output");
  app->add_flag("--no-clobber", options->no_clobber, "Refuse to replace an output that is there")->group("Output");
  add_say_options(*app, options->say);
  app->footer("Example:\n  kindred simulate lorenz --rho 28 --trials 200 --steps 200 --seed 1 --out x.npy");
  return {app, [options](const std::vector<std::string>&) { run(*options); }};
}

}  // namespace kindred::cli

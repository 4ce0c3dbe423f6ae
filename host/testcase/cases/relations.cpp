#include <kindred/simulate.hpp>
#include <kindred/testcase.hpp>

#include <string>
#include <utility>

namespace kindred::testcase {
namespace {

using simulate::Recording;
using Shape = simulate::ContinuousAttractor::Shape;

/// A system, the same dynamics in disguise, and different dynamics that look alike.
struct Triple {
  Recording system, same, different;
};

struct Relation {
  const char* name;
  const char* statement;
  Dmd dmd;
  Triple (*generate)(std::uint64_t seed);
};

/// Sub-streams of a seed: the system's own starts, other starts, and the draws of an observation.
constexpr std::uint64_t own = 1, other = 2, disguise = 3;

Recording lorenz(double rho, std::uint64_t seed, std::uint64_t starts, double step = 0.01) {
  return simulate::lorenz({.rho = rho, .step = step, .trials = 50, .seed = seed, .stream = starts});
}

/// Seen through a random orthonormal map into `channels` channels.
Recording lifted(const Recording& recording, index_t channels, simulate::Random& random) {
  return simulate::observe(recording, simulate::random_orthonormal(channels, recording.channels, random), channels);
}

Triple rotation(std::uint64_t seed) {
  simulate::Random random(seed, disguise);
  auto system = lorenz(10, seed, own);
  auto same = lifted(system, 3, random);
  return {std::move(system), std::move(same), lorenz(30, seed, own)};
}

Triple starts(std::uint64_t seed) { return {lorenz(10, seed, own), lorenz(10, seed, other), lorenz(30, seed, own)}; }

Triple observation(std::uint64_t seed) {
  simulate::Random random(seed, disguise);
  auto same = lifted(simulate::bend(lifted(lorenz(10, seed, other), 3, random), 1), 3, random);
  return {lorenz(10, seed, own), std::move(same), lorenz(30, seed, own)};
}

Triple channels(std::uint64_t seed) {
  return {simulate::select_channel(lorenz(10, seed, own), 0), simulate::select_channel(lorenz(10, seed, other), 1),
          simulate::select_channel(lorenz(30, seed, own), 0)};
}

Triple speed(std::uint64_t seed) {
  return {lorenz(10, seed, own), lorenz(10, seed, other), lorenz(10, seed, own, 0.005)};
}

Triple arrow(std::uint64_t seed) {
  auto system = lorenz(10, seed, own);
  auto reversed = simulate::reverse_time(system);
  return {std::move(system), lorenz(10, seed, other), std::move(reversed)};
}

Triple period(std::uint64_t seed) {
  simulate::Random random(seed, disguise);
  const auto cycle = [seed](double pace, std::uint64_t starts_of) {
    return simulate::van_der_pol({.speed = pace, .seed = seed, .stream = starts_of});
  };
  auto same = lifted(simulate::bend(lifted(cycle(1, other), 2, random), 0.2), 2, random);
  return {cycle(1, own), std::move(same), cycle(1.5, own)};
}

Triple spectrum(std::uint64_t seed) {
  const auto linear = [seed](std::vector<simulate::Linear::Mode> modes, std::uint64_t basis_and_starts) {
    return simulate::linear({.modes = std::move(modes), .condition = 3, .seed = seed, .stream = basis_and_starts});
  };
  // Moduli 0.971 and 0.966 in both systems; the angles, per step, are 0.208 and 0.371 against 0.145 and 0.450.
  const std::vector<simulate::Linear::Mode> modes{{0.95, 0.2}, {0.9, 0.35}}, faster{{0.961, 0.14}, {0.87, 0.42}};
  return {linear(modes, own), linear(modes, other), linear(faster, own)};
}

Triple attractor(std::uint64_t seed) {
  simulate::Random random(seed, disguise);
  const auto attractor_of = [seed](Shape shape, std::uint64_t starts_of) {
    return simulate::continuous_attractor({.shape = shape, .seed = seed, .stream = starts_of});
  };
  auto system = lifted(attractor_of(Shape::ring, own), 4, random);
  auto same = lifted(simulate::bend(attractor_of(Shape::ring, other), 0.5), 4, random);
  auto different = lifted(attractor_of(Shape::line, own), 4, random);
  return {std::move(system), std::move(same), std::move(different)};
}

const Relation all[] = {
    {"rotation",
     "A recording rotated by a random orthogonal matrix is the same system; another regime (rho 30 for rho 10) is not.",
     {.delays = 10, .interval = 4, .rank = 10},
     rotation},
    {"other starts",
     "A system recorded from other starts is the same system; another regime from the very same starts is not.",
     {.delays = 10, .interval = 4, .rank = 10},
     starts},
    {"smooth observation",
     "A system seen from other starts through rotations and the invertible x + x^3 is conjugate to itself; another "
     "regime is not.",
     {.delays = 10, .interval = 4, .rank = 10},
     observation},
    {"other channel",
     "A system seen through its second channel alone is the one seen through its first, by delay embedding; the first "
     "channel of another regime is not.",
     {.delays = 30, .interval = 2, .rank = 10},
     channels},
    {"speed",
     "The same curves run through at half the speed are other dynamics (not conjugate: the eigenvalues change); the "
     "same system from other starts is the same.",
     {.delays = 10, .interval = 4, .rank = 10},
     speed},
    {"arrow of time",
     "A decaying system run backwards visits the same states by other dynamics; the same system from other starts is "
     "the same.",
     {.delays = 10, .interval = 4, .rank = 10},
     arrow},
    {"period",
     "A limit cycle bent and rotated, from other starts, keeps its period and is conjugate; the same cycle with the "
     "period divided by 1.5 is not.",
     {.delays = 20, .interval = 2, .rank = 10},
     period},
    {"spectrum",
     "Linear systems with the same eigenvalues in another basis and from other starts are conjugate; the same moduli "
     "at other frequencies are not.",
     {.delays = 4, .interval = 1, .rank = 4},
     spectrum},
    {"ring or line",
     "A ring attractor in another, bent embedding is a ring attractor; a line attractor that integrates the same "
     "velocities is not.",
     {.delays = 10, .interval = 2, .rank = 10},
     attractor},
};

std::vector<TrajectorySet> systems(std::uint64_t seed) {
  std::vector<TrajectorySet> out;
  for (const auto& relation : all) {
    auto triple = relation.generate(seed);
    const std::string name = relation.name;
    out.push_back(simulate::own(std::move(triple.system), name + ": the system", name));
    out.push_back(simulate::own(std::move(triple.same), name + ": the same", name));
    out.push_back(simulate::own(std::move(triple.different), name + ": a different one", name));
  }
  return out;
}

}  // namespace

Case relations() {
  Case test{.name = "relations", .title = "Known relations", .generate = systems};
  test.one_table = true;
  for (const auto& relation : all) {
    const auto first = static_cast<index_t>(3 * test.settings.size());
    View view;
    view.name = relation.name;
    view.statement = relation.statement;
    view.setting = test.settings.size();
    view.question = Question::ranking;
    view.groups = {"same", "different"};
    view.comparisons = {{first, first + 1, 0, 0}, {first, first + 2, 1, 0}};
    test.views.push_back(std::move(view));
    test.settings.push_back({relation.dmd, {{{first}, {first + 1, first + 2}}}});
  }
  return test;
}

}  // namespace kindred::testcase

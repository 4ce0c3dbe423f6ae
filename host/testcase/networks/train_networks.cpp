#include <kindred/networks.hpp>

#include "host/base/text.hpp"

#include <fstream>
#include <sstream>

namespace kindred::testcase {
namespace {

namespace fs = std::filesystem;

template <class List>
std::string list(const List& values) {
  std::ostringstream out;
  for (std::size_t i = 0; i < values.size(); ++i) out << (i > 0 ? " " : "") << values[i];
  return out.str();
}

/// Everything that a network depends on but its group and seed, a line each.
std::string describe(const NetworkSettings& s) {
  std::ostringstream out;
  out.precision(17);
  if (const auto* rnn = std::get_if<train::Rnn>(&s.model)) {
    constexpr const char* names[] = {"tanh", "relu", "softplus"};
    out << "model rnn\nunits " << rnn->units << "\nactivation " << names[static_cast<std::size_t>(rnn->activation)]
        << "\ndecay " << rnn->decay << "\n";
  } else {
    const auto& mamba = std::get<train::Mamba>(s.model);
    out << "model mamba\nwidth " << mamba.width << "\nlayers " << mamba.layers << "\n";
  }
  out << "learning_rate " << s.optimiser.learning_rate << "\nclip " << s.optimiser.clip << "\npenalty "
      << s.optimiser.penalty << "\nbatch " << s.optimiser.batch << "\nupdates " << s.updates << "\npart_updates "
      << s.part_updates << "\nevaluate_every " << s.evaluate_every << "\nearly_every " << s.early_every << "\ntarget "
      << s.target << "\nevaluation_trials " << s.evaluation_trials << "\nfixation " << list(s.trials.fixation)
      << "\nstimulus " << list(s.trials.stimulus) << "\ndelay " << list(s.trials.delay) << "\ndecision "
      << list(s.trials.decision) << "\ncoherences " << list(s.trials.coherences) << "\nnoise " << s.trials.noise
      << "\n";
  return out.str();
}

/// The first lines in which two descriptions differ.
std::string difference(const std::string& kept, const std::string& wanted) {
  std::istringstream a(kept), b(wanted);
  std::string x, y;
  while (std::getline(b, y)) {
    if (!std::getline(a, x) || x != y) return "there '" + host::printable(x) + "', here '" + y + "'";
  }
  return "there more than here";
}

/// The folder of kept networks: settings.txt, and seed-N/GROUP.npz.
class Kept {
 public:
  Kept(fs::path folder, const NetworkSettings& settings) : folder_(std::move(folder)) {
    if (folder_.empty()) return;
    std::error_code error;
    fs::create_directories(folder_, error);
    if (error) host::fail(ErrorCode::io, folder_.string(), ": cannot be created: ", error.message());
    const fs::path note = folder_ / "settings.txt";
    const std::string wanted = describe(settings);
    if (!fs::exists(note)) {
      write(note, wanted);
      return;
    }
    std::ifstream file(note, std::ios::binary);
    const std::string kept((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (kept == wanted) return;
    host::fail(ErrorCode::invalid_argument, folder_.string(),
               ": keeps networks of other settings: ", difference(kept, wanted));
  }

  [[nodiscard]] bool has(std::uint64_t seed, const NetworkGroup& group) const {
    return !folder_.empty() && fs::exists(file(seed, group));
  }
  [[nodiscard]] train::Network load(std::uint64_t seed, const NetworkGroup& group) const {
    return load_network(file(seed, group));
  }
  void save(std::uint64_t seed, const NetworkGroup& group, const train::Network& network) const {
    if (folder_.empty()) return;
    fs::create_directories(file(seed, group).parent_path());
    save_network(file(seed, group), network);
  }

 private:
  static void write(const fs::path& path, const std::string& text) {
    const fs::path temporary = path.string() + ".part";
    std::ofstream file(temporary, std::ios::binary);
    file << text;
    file.close();
    if (!file) host::fail(ErrorCode::io, temporary.string(), ": cannot be written");
    fs::rename(temporary, path);
  }

  [[nodiscard]] fs::path file(std::uint64_t seed, const NetworkGroup& group) const {
    std::string name = group.name;
    for (char& c : name) c = c == ' ' ? '-' : c;
    return folder_ / ("seed-" + std::to_string(seed)) / (name + ".npz");
  }

  fs::path folder_;
};

}  // namespace

std::vector<NetworkSeed> train_networks(const NetworkSettings& settings, const NetworkRun& run) {
  if (run.seeds < 1) host::fail(ErrorCode::invalid_argument, "a test case needs at least one seed");
  if (settings.masters < 2) host::fail(ErrorCode::invalid_argument, settings.masters, " masters; expected at least 2");
  const auto groups = network_groups(settings.masters);
  const Kept kept(run.keep, settings);
  std::vector<NetworkSeed> out(static_cast<std::size_t>(run.seeds), NetworkSeed(groups.size()));
  struct Place {
    std::size_t seed, group;
  };
  std::vector<Place> places;
  std::vector<train::Job> jobs;
  for (std::size_t s = 0; s < out.size(); ++s) {
    const std::uint64_t seed = run.first_seed + s;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      if (kept.has(seed, groups[g])) {
        out[s][g] = kept.load(seed, groups[g]);
        continue;
      }
      places.push_back({s, g});
      jobs.push_back({network_plan(settings, groups[g]), seed, groups[g].stream});
    }
  }
  std::size_t done = 0;
  const auto keep = [&](std::size_t job, train::Network network) {
    const auto [s, g] = places[job];
    kept.save(run.first_seed + s, groups[g], network);
    out[s][g] = std::move(network);
    ++done;
  };
  const auto tell = [&](std::size_t job, const train::TrainingEvent& event) {
    if (!run.progress) return true;
    const auto [s, g] = places[job];
    return run.progress({done, jobs.size(), run.first_seed + s, groups[g].name,
                         event.phase + 1 < jobs[job].plan.phases.size(), event.updates, event.accuracy});
  };
  train::train_all(jobs, run.threads, keep, tell);
  return out;
}

}  // namespace kindred::testcase

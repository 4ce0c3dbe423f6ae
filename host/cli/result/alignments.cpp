#include "host/cli/result/alignments.hpp"

#include "host/io/save.hpp"

#include <kindred/error.hpp>

#include <variant>

namespace kindred::cli {

const Dsa& alignment_metric(const std::vector<MetricEntry>& metrics) {
  const Dsa* found = nullptr;
  for (const MetricEntry& entry : metrics) {
    const Dsa* dsa = std::get_if<Dsa>(&entry.metric);
    if (dsa != nullptr && found != nullptr) {
      throw Error(ErrorCode::invalid_argument,
                  "--alignment belongs to one metric, and --metric names dsa several times");
    }
    if (dsa != nullptr) found = dsa;
  }
  if (found == nullptr) {
    throw Error(ErrorCode::invalid_argument, "--alignment is the change of basis of dsa, which --metric does not name");
  }
  return *found;
}

Alignments align(Engine& engine, const std::vector<OperatorPair>& pairs, const Dsa& metric) {
  constexpr std::size_t most = 1000;
  if (pairs.size() > most) {
    throw Error(ErrorCode::invalid_argument, "--alignment is for chosen pairs, at most " + std::to_string(most) +
                                                 "; these systems make " + std::to_string(pairs.size()));
  }
  Alignments out;
  for (const auto& [a, b] : pairs) {
    out.names.push_back(a->name + "|" + b->name);
    out.found.push_back(engine.align(*a, *b, metric));
  }
  return out;
}

void write_alignments(const Alignments& alignments, io::AtomicFile& file) {
  std::vector<NpzArray> arrays;
  for (std::size_t k = 0; k < alignments.found.size(); ++k) {
    const Alignment& found = alignments.found[k];
    arrays.push_back({alignments.names[k], {found.size, found.size}, found.change_of_basis.data()});
  }
  io::write_npz(file, arrays);
}

}  // namespace kindred::cli

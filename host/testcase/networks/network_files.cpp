#include <kindred/io.hpp>
#include <kindred/networks.hpp>

#include "host/base/text.hpp"

#include <cmath>

namespace kindred::testcase {
namespace {

/// One 2-D array of a .npz.
template <class T>
struct Table {
  index_t rows = 0, columns = 0;
  std::vector<T> values;
};

template <class T>
Table<T> read_table(const std::string& path, const std::string& name) {
  const std::string origin = path + ":" + name;
  const auto loaded = load({origin}, {.layout = Layout::time_channels});
  const auto* trials = std::get_if<std::vector<TrialView<T>>>(&loaded.front().trials);
  if (trials == nullptr)
    host::fail(ErrorCode::invalid_data, origin, ": expected ", sizeof(T) == 4 ? "float32" : "float64");
  const auto& view = trials->front();
  Table<T> out{view.steps, view.channels, {}};
  for (index_t i = 0; i < view.steps; ++i) {
    for (index_t j = 0; j < view.channels; ++j) out.values.push_back(view(i, j));
  }
  return out;
}

}  // namespace

void save_network(const std::filesystem::path& path, const train::Network& network) {
  const auto parameters = static_cast<index_t>(network.parameters.size());
  std::vector<float> checkpoints;
  for (const auto& one : network.checkpoints) checkpoints.insert(checkpoints.end(), one.begin(), one.end());
  std::vector<std::vector<double>> curves;
  for (const auto& phase : network.phases) {
    auto& curve = curves.emplace_back();
    for (const auto& evaluation : phase) {
      curve.push_back(static_cast<double>(evaluation.updates));
      curve.push_back(evaluation.loss);
      curve.insert(curve.end(), evaluation.accuracy.begin(), evaluation.accuracy.end());
    }
  }
  const double facts[] = {static_cast<double>(network.status), static_cast<double>(network.phases.size()),
                          static_cast<double>(network.checkpoints.size()), static_cast<double>(network.reason.size())};
  const std::vector<double> reason(network.reason.begin(), network.reason.end());  // a number a character
  std::vector<NpzArray> arrays{{"facts", {1, 4}, facts}, {"parameters", {1, parameters}, network.parameters.data()}};
  if (!reason.empty()) arrays.push_back({"reason", {1, static_cast<index_t>(reason.size())}, reason.data()});
  if (!network.checkpoints.empty()) {
    arrays.push_back(
        {"checkpoints", {static_cast<index_t>(network.checkpoints.size()), parameters}, checkpoints.data()});
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const auto rows = static_cast<index_t>(network.phases[i].size());
    const auto columns = static_cast<index_t>(curves[i].size()) / rows;
    arrays.push_back({"curve_" + std::to_string(i + 1), {rows, columns}, curves[i].data()});
  }
  save_npz(path, arrays);
}

train::Network load_network(const std::filesystem::path& path) {
  const std::string file = path.string();
  const auto facts = read_table<double>(file, "facts");
  if (facts.values.size() != 4 || !(facts.values[0] >= 0 && facts.values[0] <= 2)) {
    host::fail(ErrorCode::invalid_data, file, ": its facts are not those of a network");
  }
  train::Network out;
  out.status = static_cast<train::Status>(static_cast<int>(facts.values[0]));
  if (facts.values[3] > 0) {
    for (const double code : read_table<double>(file, "reason").values)
      out.reason += code >= 32 && code < 127 ? static_cast<char>(code) : '?';
  }
  out.parameters = read_table<float>(file, "parameters").values;
  if (facts.values[2] > 0) {
    const auto table = read_table<float>(file, "checkpoints");
    for (index_t i = 0; i < table.rows; ++i) {
      const auto first = table.values.begin() + i * table.columns;
      out.checkpoints.emplace_back(first, first + table.columns);
    }
  }
  for (int i = 1; i <= static_cast<int>(facts.values[1]); ++i) {
    const auto table = read_table<double>(file, "curve_" + std::to_string(i));
    auto& curve = out.phases.emplace_back();
    for (index_t r = 0; r < table.rows; ++r) {
      const auto first = table.values.begin() + r * table.columns;
      curve.push_back({static_cast<index_t>(first[0]), {first + 2, first + table.columns}, first[1]});
    }
  }
  return out;
}

}  // namespace kindred::testcase

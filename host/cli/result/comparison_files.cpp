#include "host/cli/result/comparison_files.hpp"

#include "host/cli/report/comparison_report.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/io/atomic_file.hpp"
#include "host/io/file.hpp"
#include "host/io/save.hpp"

#include <functional>
#include <utility>

namespace kindred::cli {
namespace {

using Values = std::function<double(const PairResult&)>;

/// One matrix a metric, row-major.
void write_arrays(const Comparison& comparison, io::AtomicFile& file, const Values& value) {
  std::vector<std::vector<double>> data;
  std::vector<NpzArray> arrays;
  for (const Compared& result : comparison.metrics) {
    std::vector<double>& values = data.emplace_back();
    for (index_t i = 0; i < result.matrix.rows(); ++i) {
      for (index_t j = 0; j < result.matrix.columns(); ++j) values.push_back(value(result.matrix.at(i, j)));
    }
  }
  for (std::size_t k = 0; k < data.size(); ++k) {
    const Compared& result = comparison.metrics[k];
    std::vector<index_t> shape = {result.matrix.rows()};
    if (!comparison.paired) shape.push_back(result.matrix.columns());
    arrays.push_back({result.entry.name, std::move(shape), data[k].data()});
  }
  if (io::ending_of(file.path()) == ".npz" || arrays.size() > 1) {
    io::write_npz(file, arrays);
  } else {
    io::write_npy(file, arrays.front().shape, data.front().data());
  }
}

}  // namespace

void write_outputs(const RunSummary& run, const Comparison& comparison, const ComparisonOptions& o,
                   const std::string& title) {
  check_interrupt();
  io::AtomicFiles files;
  if (!o.report.empty()) {
    std::vector<const DistanceMatrix*> matrices;
    for (const Compared& result : comparison.metrics) matrices.push_back(&result.matrix);
    files.add(o.report).write(report::render(run, matrices, title));
  }
  if (const auto beside = sidecar_of(o.out); !beside.empty()) files.add(beside).write(text_of(json_of(run)));
  if (!o.lower_bound.empty()) {
    write_arrays(comparison, files.add(o.lower_bound), [](const PairResult& pair) { return pair.lower_bound; });
  }
  if (!o.status.empty()) {
    write_arrays(comparison, files.add(o.status),
                 [](const PairResult& pair) { return static_cast<double>(pair.status); });
  }
  if (!o.alignment.empty()) write_alignments(comparison.alignments, files.add(o.alignment));
  if (!o.out.empty()) write_arrays(comparison, files.add(o.out), [](const PairResult& pair) { return pair.distance; });
  check_interrupt();
  files.commit();
}

}  // namespace kindred::cli

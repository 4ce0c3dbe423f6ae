#include "host/cli/result/comparison_files.hpp"

#include "host/cli/report/comparison_report.hpp"
#include "host/cli/result/sidecar.hpp"
#include "host/cli/result/summarize.hpp"
#include "host/io/file.hpp"
#include "host/io/save.hpp"

#include <kindred/error.hpp>

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

/// Hands a matrix in memory to what takes it tile by tile.
void hand_over(const DistanceMatrix& matrix, PairSink& out) {
  std::vector<PairResult> row;
  for (index_t i = 0; i < matrix.rows(); ++i) {
    const index_t first = matrix.symmetric() ? i + 1 : 0;
    row.clear();
    for (index_t j = first; j < matrix.columns(); ++j) row.push_back(matrix.at(i, j));
    out.put({i, first, 1, matrix.columns() - first}, row);
    if (matrix.symmetric()) out.put_self(i, matrix.at(i, i));
  }
}

}  // namespace

bool ComparisonFiles::in_place(const std::string& path) const {
  return !path.empty() && (options_.condensed || options_.float32 || io::ending_of(path) == ".h5");
}

void ComparisonFiles::check_streamed(std::size_t metrics) const {
  for (const std::string* path : {&options_.out, &options_.lower_bound, &options_.status}) {
    const std::string ending = io::ending_of(*path);
    if (path->empty() || ending == ".h5" || (ending == ".npy" && metrics == 1 && !is_stream(*path))) continue;
    throw Error(ErrorCode::invalid_argument,
                *path +
                    ": the results are more than the memory (--memory) holds, and go to a file as they come; give " +
                    (metrics == 1 ? "a name that ends in .npy or .h5" : "--out a name that ends in .h5"));
  }
}

void ComparisonFiles::stream(const Sides& sides, const std::vector<MetricEntry>& metrics) {
  begin(sides, metrics, /*all=*/true);
}

void ComparisonFiles::begin(const Sides& sides, const std::vector<MetricEntry>& metrics, bool all) {
  const PairSet pairs = pairs_of(sides);
  std::vector<std::vector<PairSink*>> sinks(metrics.size());
  const std::pair<const std::string&, PairValue> outputs[] = {{options_.lower_bound, PairValue::lower_bound},
                                                              {options_.status, PairValue::status},
                                                              {options_.out, PairValue::distance}};
  for (const auto& [path, value] : outputs) {
    if (path.empty() || !(all || in_place(path))) continue;
    io::AtomicFile& file = files_.add(path);
    if (io::ending_of(path) == ".h5") {
      ResultsLayout layout{.pairs = pairs,
                           .metrics = {},
                           .row_names = sides.rows.names(),
                           .row_labels = sides.rows.labels(),
                           .column_names = {},
                           .column_labels = {},
                           .condensed = options_.condensed,
                           .float32 = options_.float32};
      for (const MetricEntry& entry : metrics) layout.metrics.push_back(entry.name);
      if (sides.columns) {
        layout.column_names = sides.columns->names();
        layout.column_labels = sides.columns->labels();
      }
      results_ = host::make_results_writer(file, layout);
      for (std::size_t k = 0; k < metrics.size(); ++k) sinks[k].push_back(&results_->sink(k));
    } else {
      const MatrixForm form{value, options_.condensed, options_.float32};
      matrices_.push_back(std::make_unique<host::NpyMatrix>(file, pairs, form));
      sinks.front().push_back(matrices_.back().get());
    }
  }
  for (auto& list : sinks) sinks_.push_back(std::make_unique<Tee>(std::move(list)));
}

void ComparisonFiles::write(const RunSummary& run, const Sides& sides, const Comparison& comparison,
                            const std::string& title) {
  const ComparisonOptions& o = options_;
  check_interrupt();
  const std::string facts = text_of(json_of(run));
  const auto add = [&](const std::string& path, const Values& value) {
    if (!path.empty() && !comparison.sample && !in_place(path)) write_arrays(comparison, files_.add(path), value);
  };
  add(o.lower_bound, [](const PairResult& pair) { return pair.lower_bound; });
  add(o.status, [](const PairResult& pair) { return static_cast<double>(pair.status); });
  if (!o.alignment.empty()) write_alignments(comparison.alignments, files_.add(o.alignment));
  add(o.out, [](const PairResult& pair) { return pair.distance; });
  if (!comparison.sample) {
    std::vector<MetricEntry> metrics;
    for (const Compared& result : comparison.metrics) metrics.push_back(result.entry);
    begin(sides, metrics, /*all=*/false);
    for (std::size_t k = 0; k < metrics.size() && (results_ || !matrices_.empty()); ++k) {
      hand_over(comparison.metrics[k].matrix, *sinks_[k]);
    }
  }
  for (const auto& matrix : matrices_) matrix->require_complete();
  if (results_) results_->finish(facts);
  if (const auto beside = sidecar_of(o.out); !beside.empty()) files_.add_first(beside).write(facts);
  if (!o.report.empty()) {
    std::vector<const DistanceMatrix*> matrices;
    for (const Compared& result : comparison.metrics) matrices.push_back(&result.matrix);
    const RunSummary& shown = comparison.sample ? shown_part(run, *comparison.sample) : run;
    files_.add_first(o.report).write(report::render(shown, matrices, title));
  }
  check_interrupt();
  files_.commit();
}

}  // namespace kindred::cli

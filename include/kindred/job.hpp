#pragma once
/// Comparisons as jobs: results go to a sink tile by tile, so that nothing of the size of the matrix is held in memory.
#include <kindred/export.hpp>
#include <kindred/journal.hpp>
#include <kindred/pairs.hpp>
#include <kindred/progress.hpp>
#include <kindred/results.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace kindred {

/// Which pairs of a comparison Engine::score scores, and what it does beside.
struct JobOptions {
  /// The part of the matrix that is scored, as tiles that do not overlap; empty: all of it, unless there is `more`.
  /// Where there is a store, systems stand in its order (PairStore::Arrangement), here and in what `more` gives.
  std::vector<Tile> tiles;
  /// Asked for further tiles once those before are done, until it gives none: for work that is handed out in pieces.
  /// What is prepared of each system is prepared once for all of them.
  std::function<std::vector<Tile>()> more;
  /// Pairs that it keeps are not computed again, and new ones are added to it (kindred/journal.hpp).
  PairStore* store = nullptr;
  /// Told of stages and pairs as they are done; returning false cancels, with everything finished in the sink and the
  /// store.
  Progress progress;
};

/// Hands what it gets to several sinks, in their order. They must outlive it.
class Tee final : public PairSink {
 public:
  explicit Tee(std::vector<PairSink*> sinks) : sinks_(std::move(sinks)) {}

  void put(const Tile& tile, std::span<const PairResult> results) override {
    for (PairSink* sink : sinks_) sink->put(tile, results);
  }
  void put_self(index_t i, const PairResult& result) override {
    for (PairSink* sink : sinks_) sink->put_self(i, result);
  }

 private:
  std::vector<PairSink*> sinks_;
};

/// Which number of a pair.
enum class PairValue { distance, lower_bound, status };

/// How a matrix of pairs lies in a file.
struct MatrixForm {
  PairValue value = PairValue::distance;
  /// Whether of one collection the pairs i < j alone are written, row by row as SciPy's pdist has them: n (n - 1) / 2
  /// numbers in place of the whole square. Two collections are never condensed.
  bool condensed = false;
  bool float32 = false;  ///< rounded to the nearest float; else float64
};

/// A .npy that is written in place as tiles come, in any order: beside one tile, nothing of it is held in memory. It
/// has its final size from the beginning and appears under its name when it is committed, so that a run that ends
/// before leaves nothing that looks finished.
class KINDRED_EXPORT MatrixFile final : public PairSink {
 public:
  /// For all pairs of `pairs`, whatever part of them it holds. Throws Error{io} where there is no room for the matrix,
  /// Error{invalid_argument} for a pipe and for two collections condensed.
  MatrixFile(std::filesystem::path path, const PairSet& pairs, const MatrixForm& form = {});
  ~MatrixFile() override;

  void put(const Tile& tile, std::span<const PairResult> results) override;
  void put_self(index_t i, const PairResult& result) override;
  /// Lets it appear. Throws Error{invalid_argument} unless every pair has come.
  void commit();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What an HDF5 file of results holds.
struct ResultsLayout {
  PairSet pairs = PairSet::all(0);
  /// Names of the matrices, one or more. The datasets of a single one lie at the root of the file, those of several in
  /// a group each.
  std::vector<std::string> metrics;
  std::vector<std::string> row_names, row_labels;        ///< labels: one a system, or none
  std::vector<std::string> column_names, column_labels;  ///< not looked at where the pairs are of one collection
  bool condensed = false;                                ///< as MatrixForm::condensed
  bool float32 = false;                                  ///< distances and bounds; as MatrixForm::float32
};

/// An HDF5 file that is written in place as tiles come, in chunks of 256 x 256 pairs: `distances`, `lower_bounds` and
/// `statuses` (bytes; PairStatus), `names`, `labels` and `configuration` (JSON text); of two collections `row_names`
/// and so on. h5py and MATLAB read it. It appears when it is committed, as a MatrixFile.
class KINDRED_EXPORT ResultsFile final {
 public:
  /// Throws as MatrixFile, and Error{invalid_argument} where kindred was built without HDF5.
  ResultsFile(std::filesystem::path path, const ResultsLayout& layout);
  ~ResultsFile();

  /// Where results of the k-th metric go.
  [[nodiscard]] PairSink& sink(std::size_t k);
  /// Lets it appear, with this text as its configuration. Throws as MatrixFile::commit.
  void commit(const std::string& configuration);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred

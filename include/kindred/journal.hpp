#pragma once
#include <kindred/export.hpp>
#include <kindred/results.hpp>
#include <kindred/types.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace kindred {

/// Everything that the results of a comparison depend on.
struct ComparisonIdentity {
  std::string build;                   ///< version, build, kind of device and instruction set
  std::string metric;                  ///< the metric with its parameters
  bool recordings = false;             ///< what is compared: recordings, else operators
  index_t rows = 0;                    ///< systems of the rows
  index_t columns = 0;                 ///< systems of the columns; as `rows` when symmetric
  bool symmetric = true;               ///< all pairs of one collection
  std::vector<std::string> names;      ///< of the rows, then of the columns unless symmetric
  std::vector<std::uint64_t> digests;  ///< of their values, bit by bit

  [[nodiscard]] PairSet pairs() const { return symmetric ? PairSet::all(rows) : PairSet::rectangle(rows, columns); }
};

/// Keeps the results of pairs beyond one run, so that a comparison which was cancelled or killed goes on where it was.
///
/// Results are kept in the tiles of one grid over the matrix of pairs: squares of `side` systems, smaller at the last row
/// and column. The grid belongs to what is kept: it depends neither on the memory that a run has nor on its threads, so
/// that any run, on any part of the pairs, finds the tiles of any other. Tiles come in any order.
class KINDRED_EXPORT PairStore : public PairSink {
 public:
  PairStore(const PairStore&) = delete;
  PairStore& operator=(const PairStore&) = delete;

  /// Takes up a comparison, or begins it where nothing is kept yet. Returns the side of the tiles: that of those kept,
  /// else the one proposed. Throws Error{invalid_argument} if what is kept belongs to another comparison, saying what
  /// differs.
  [[nodiscard]] virtual index_t begin(const ComparisonIdentity& identity, index_t side) = 0;
  /// Gives the results of a tile that it has. Throws Error if they cannot be read.
  virtual void get(const Tile& tile, std::span<PairResult> results) = 0;

 protected:
  PairStore() = default;
};

/// A PairStore in one file. What a killed process leaves is good up to the last whole tile; a damaged tile (each has its
/// address and a checksum) is computed again, alone. The file names the comparison it belongs to, systems included, and
/// is refused by any other. 32 bytes a pair and 20 a tile; synced to disk at most once a second.
class KINDRED_EXPORT Journal final : public PairStore {
 public:
  /// What was found when a comparison took up the journal.
  struct State {
    index_t kept = 0;           ///< pairs that need not be computed again
    index_t pairs = 0;          ///< of the comparison
    std::size_t discarded = 0;  ///< bytes of the file that belong to no whole tile
    bool damaged = false;       ///< more than a tile cut off at the end: not what a killed process leaves
  };

  /// Opens or makes the file, for this process alone; `opened` is told what a comparison finds in it. Throws Error{io}
  /// if it cannot be written, is in use, or holds anything but a journal (which stays as it is).
  explicit Journal(std::filesystem::path path, std::function<void(const State&)> opened = {});
  ~Journal() override;  ///< a file that nothing was written to is removed

  [[nodiscard]] index_t begin(const ComparisonIdentity& identity, index_t side) override;
  [[nodiscard]] bool has(const Tile& tile) override;
  void get(const Tile& tile, std::span<PairResult> results) override;
  /// Throws Error{io} (a full disk ...); what was kept before stays good.
  void put(const Tile& tile, std::span<const PairResult> results) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred

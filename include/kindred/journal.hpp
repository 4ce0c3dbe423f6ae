#pragma once
#include <kindred/export.hpp>
#include <kindred/pair_grid.hpp>
#include <kindred/results.hpp>
#include <kindred/types.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
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

/// One of `count` parts of a comparison that are computed apart: each is some of the tiles in which results are kept,
/// about as many pairs as any other.
struct Shard {
  index_t number = 1;  ///< of 1, ..., count
  index_t count = 1;

  bool operator==(const Shard&) const = default;
};

/// The tiles of a grid that belong to a part, row by row. Of the tiles in this order, runs of about equal numbers of
/// pairs are dealt to the parts in turn, at most 16 to each: so a part has pairs from everywhere, in runs that are long
/// enough to be computed together.
[[nodiscard]] KINDRED_EXPORT std::vector<Tile> tiles_of(const PairGrid& grid, const Shard& part);

/// Keeps the results of pairs beyond one run, so that a comparison which was cancelled or killed goes on where it was,
/// and one to which systems were added computes their pairs alone.
///
/// Results are kept in the tiles of one grid over the matrix of pairs. The grid belongs to what is kept: it depends
/// neither on the memory that a run has nor on its threads, so that any run, on any part of the pairs, finds the tiles
/// of any other. Tiles come in any order.
class KINDRED_EXPORT PairStore : public PairSink {
 public:
  PairStore(const PairStore&) = delete;
  PairStore& operator=(const PairStore&) = delete;

  /// How a store keeps a comparison: its grid, and which of the given systems stands at each place of the rows and of
  /// the columns (of one collection the rows' order holds for both); an empty order is that in which they are given.
  struct Arrangement {
    PairGrid grid;
    std::vector<index_t> rows = {}, columns = {};

    [[nodiscard]] bool as_given() const { return rows.empty() && columns.empty(); }
  };
  /// Takes up a comparison, or begins it where nothing is kept yet. `side`: that of the grid's squares, if nothing is
  /// kept. Throws Error{invalid_argument} if what is kept belongs to another comparison, saying what differs.
  [[nodiscard]] virtual Arrangement begin(const ComparisonIdentity& identity, index_t side) = 0;
  /// Gives the results of a tile that it has. Throws Error if they cannot be read.
  virtual void get(const Tile& tile, std::span<PairResult> results) = 0;

 protected:
  PairStore() = default;
};

/// A PairStore in one file. What a killed process leaves is good up to the last whole tile; a damaged tile (each has
/// its address and a checksum) is computed again, alone. The file names the comparison it belongs to, systems included,
/// and is refused by any other. Systems may be added, and come in another order: the file is then written anew in its
/// place with the tiles that it has. 32 bytes a pair and 28 a tile; synced to disk at most once a second.
class KINDRED_EXPORT Journal final : public PairStore {
 public:
  /// What was found when a comparison took up the journal.
  struct State {
    index_t kept = 0;           ///< pairs that need not be computed again
    index_t pairs = 0;          ///< of the comparison, or of the part of it
    index_t added = 0;          ///< systems that it did not have
    std::size_t discarded = 0;  ///< bytes of the file that belong to no whole tile
    bool damaged = false;       ///< more than a tile cut off at the end: not what a killed process leaves
  };

  /// Opens or makes the file, for this process alone; `opened` is told what a comparison finds in it. With a `part`,
  /// that of the comparison alone is computed: a journal that was begun with a part is refused by any other, one of the
  /// whole comparison takes up every part. Throws Error{io} if it cannot be written, is in use, or holds anything but a
  /// journal (which stays as it is), invalid_argument unless 1 <= part.number <= part.count.
  explicit Journal(std::filesystem::path path, std::function<void(const State&)> opened = {}, Shard part = {});
  ~Journal() override;  ///< a file that nothing was written to is removed

  [[nodiscard]] Arrangement begin(const ComparisonIdentity& identity, index_t side) override;
  [[nodiscard]] bool has(const Tile& tile) override;
  void get(const Tile& tile, std::span<PairResult> results) override;
  /// Throws Error{io} (a full disk ...); what was kept before stays good.
  void put(const Tile& tile, std::span<const PairResult> results) override;

  /// The tiles of the part, of the comparison that began: what JobOptions::more is to give where there are several
  /// parts.
  [[nodiscard]] const std::vector<Tile>& tiles() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What a journal holds.
struct JournalStatus {
  ComparisonIdentity comparison;  ///< in the journal's order
  Shard part;
  index_t side = 0;            ///< of its squares
  index_t pairs = 0;           ///< of the part
  index_t done = 0;            ///< of them
  std::size_t bytes = 0;       ///< of the file
  std::size_t unreadable = 0;  ///< of them in no whole tile
  bool damaged = false;        ///< more than a tile cut off at the end
  bool writing = false;        ///< a process has it open for writing, on this machine or one that shares its locks
  double seconds_since_written = 0;  ///< by the clock of this machine
  std::optional<double> rate;        ///< pairs a second of the last run that added any; none before its second is over
  std::optional<double> seconds_left;  ///< at this rate; 0 when finished

  [[nodiscard]] index_t left() const { return pairs - done; }
};
/// Reads a journal, also while a process writes it, and changes nothing. Cost: one reading of the file. Throws
/// Error{io} if it cannot be read or is no journal.
[[nodiscard]] KINDRED_EXPORT JournalStatus status_of_journal(const std::filesystem::path& path);

/// What a merge made.
struct JournalMerge {
  ComparisonIdentity comparison;
  index_t pairs = 0;                    ///< of the comparison
  index_t kept = 0;                     ///< of them in the new journal
  index_t duplicates = 0;               ///< pairs that several journals had, with the same bits
  std::vector<std::size_t> unreadable;  ///< of each journal, bytes in no whole tile
};
/// Joins journals of one comparison (of its parts, or of one interrupted on several machines) in a new one of the whole
/// comparison, which appears complete or not at all and replaces what was at `out`. Memory: 8 bytes a tile. Throws
/// Error{invalid_argument} unless they belong together, naming what differs, and if two have different results of a
/// pair; Error{io} if one cannot be read or is being written, or `out` cannot be written.
[[nodiscard]] KINDRED_EXPORT JournalMerge merge_journals(std::span<const std::filesystem::path> journals,
                                                         const std::filesystem::path& out);

}  // namespace kindred

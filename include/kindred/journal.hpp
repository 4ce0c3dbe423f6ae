#pragma once
#include <kindred/distances.hpp>
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

/// Everything that the results of a comparison of operators depend on.
struct ComparisonIdentity {
  std::string build;                   ///< version, build, kind of device and instruction set
  std::string metric;                  ///< the metric with its parameters
  index_t rows = 0;                    ///< systems of the rows
  index_t columns = 0;                 ///< systems of the columns; as `rows` when symmetric
  bool symmetric = true;               ///< all pairs of one collection
  std::vector<std::string> names;      ///< of the rows, then of the columns unless symmetric
  std::vector<std::uint64_t> digests;  ///< of their operators' values, bit by bit

  [[nodiscard]] index_t pairs() const { return symmetric ? rows * (rows - 1) / 2 : rows * columns; }
};

/// Keeps the results of pairs beyond one run, so that a comparison which was cancelled or killed goes on where it was.
/// Results come and go in one order: row by row, with i < j when symmetric.
class PairStore {
 public:
  PairStore() = default;
  PairStore(const PairStore&) = delete;
  PairStore& operator=(const PairStore&) = delete;
  virtual ~PairStore() = default;

  /// Gives the results kept so far, from the first pair on, in one or more calls of `known`. Throws
  /// Error{invalid_argument} if they are those of another comparison, saying what differs.
  virtual void resume(const ComparisonIdentity& identity,
                      const std::function<void(std::span<const PairResult>)>& known) = 0;
  /// Keeps the results of the next pairs. Called after every tile.
  virtual void append(std::span<const PairResult> results) = 0;
};

/// A PairStore in one file, which only grows. What a killed process leaves is read up to the last whole tile; a
/// damaged tile (each has a checksum) and what follows it are computed again. The file names the comparison it belongs
/// to, operators included, and is refused by any other. 32 bytes a pair; synced to disk at most once a second.
class Journal final : public PairStore {
 public:
  /// What was found when a comparison took up the journal.
  struct State {
    index_t kept = 0;           ///< pairs that need not be computed again
    index_t pairs = 0;          ///< of the comparison
    std::size_t discarded = 0;  ///< bytes at the end of the file that are no whole tile
    bool damaged = false;       ///< among them a whole tile with a wrong checksum: not a sign of a killed process
  };

  /// Opens or makes the file, for this process alone; `opened` is told what a comparison finds in it. Throws Error{io}
  /// if it cannot be written, is in use, or holds anything but a journal (which stays as it is).
  explicit Journal(std::filesystem::path path, std::function<void(const State&)> opened = {});
  ~Journal() override;  ///< a file that nothing was written to is removed

  void resume(const ComparisonIdentity& identity,
              const std::function<void(std::span<const PairResult>)>& known) override;
  /// Throws Error{io} (a full disk ...); what was kept before stays good.
  void append(std::span<const PairResult> results) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kindred

#include <kindred/journal.hpp>

#include "host/base/text.hpp"
#include "host/store/journal_file.hpp"
#include "host/store/tile_runs.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace kindred {
namespace {

using host::fail;
using host::JournalFile;
using host::JournalHead;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto between_syncs = std::chrono::seconds(1);

std::string part_text(const Shard& part) {
  return "part " + std::to_string(part.number) + " of " + std::to_string(part.count);
}

/// One side's systems, as a journal and as a comparison has them.
struct Side {
  host::SystemList kept, now;
  std::vector<index_t> order;  ///< where the journal's systems stand among those given, and then the new ones
  [[nodiscard]] index_t added() const { return now.count - kept.count; }
};

/// The systems of a journal that grows, then the new ones, added to `to`.
void add_systems(const Side& side, const ComparisonIdentity& kept, const ComparisonIdentity& now,
                 ComparisonIdentity& to) {
  for (index_t k = 0; k < side.now.count; ++k) {
    const bool old = k < side.kept.count;
    const auto at =
        static_cast<std::size_t>(old ? side.kept.first + k : side.now.first + side.order[static_cast<std::size_t>(k)]);
    to.names.push_back((old ? kept : now).names[at]);
    to.digests.push_back((old ? kept : now).digests[at]);
  }
}

/// Strips begin anew behind those that are there, unless these end with whole squares.
void begin_anew_at(index_t systems, index_t side, std::vector<index_t>& anew) {
  const index_t last = anew.empty() ? 0 : anew.back();
  if ((systems - last) % side != 0) anew.push_back(systems);
}

std::vector<index_t> unless_ascending(std::vector<index_t> order) {
  if (std::is_sorted(order.begin(), order.end())) order.clear();
  return order;
}

}  // namespace

struct Journal::Impl {
  JournalFile file;
  std::function<void(const State&)> opened;
  Shard part;
  std::optional<PairGrid> grid;
  host::TilePlaces places;   ///< of the tiles in the file; 0: it is not there
  std::vector<Tile> wanted;  ///< the tiles of the part
  index_t kept = 0;          ///< pairs in the file
  system_clock::time_point began = system_clock::now();
  steady_clock::time_point synced = steady_clock::now();

  Impl(std::filesystem::path path, std::function<void(const State&)> told, Shard of)
      : file(std::move(path)), opened(std::move(told)), part(of) {}

  [[nodiscard]] std::uint64_t& place_of(const Tile& tile) {
    return places.at(grid->row_of(tile.row), grid->column_of(tile.column));
  }

  [[noreturn]] void refuse(const std::string& difference) const {
    fail(ErrorCode::invalid_argument, file.shown(), " belongs to another comparison: ", difference,
         "; give the same systems (or these and others) and options as before, or another journal");
  }

  [[nodiscard]] Side match(const ComparisonIdentity& there, const ComparisonIdentity& now,
                           host::SystemList (*list)(const ComparisonIdentity&)) const {
    Side side{list(there), list(now), {}};
    host::SystemOrder found = host::match_systems(there, side.kept, now, side.now);
    if (!found.missing.empty()) refuse(found.missing);
    side.order = std::move(found.order);
    return side;
  }

  /// The head of the file, or a new one where nothing has begun in it.
  JournalHead take_up(const ComparisonIdentity& now, index_t side) {
    const std::string there = file.read_head();
    if (there.empty()) {
      // Empty, or a process was killed while it wrote the head.
      JournalHead head{now, side, part, {}, {}};
      const std::string text = host::text_of(head), begun(file.read(0, text.size()));
      if (begun != text.substr(0, begun.size())) file.fail_head();
      file.set_end(0);
      file.truncate(0);
      file.write(text, 0);
      file.sync(0);
      return head;
    }
    auto head = host::parse_head(there);
    if (!head) file.fail_head();
    file.set_end(there.size());
    if (const std::string other = host::difference(now, head->comparison, "the journal's"); !other.empty()) {
      refuse(other);
    }
    if (head->part.count > 1 && head->part != part) {
      fail(ErrorCode::invalid_argument, file.shown(), " is of ", part_text(head->part), " of the comparison, ",
           part.count > 1 ? "not of " + part_text(part) : "not of all of it", "; merge the journals of all parts");
    }
    return *std::move(head);
  }

  /// Finds the tiles, moves them together and cuts the file off behind them.
  void find_tiles(State& state) {
    const std::size_t bytes = file.size();
    places = host::TilePlaces(*grid);
    const auto rest =
        file.for_each_tile(*grid, file.end(), bytes, [&](const JournalFile::Piece& piece, std::size_t at) {
          std::uint64_t& place = places.at(piece.head.row, piece.head.column);
          if (place != 0) return;
          place = file.end();
          kept += static_cast<index_t>(piece.head.pairs);
          if (at != file.end()) {
            file.write(piece.bytes, kept);
          } else {
            file.set_end(at + piece.bytes.size());
          }
        });
    state.damaged = rest.damaged;
    state.discarded = bytes - file.end();
    if (state.discarded > 0) file.truncate(kept);
  }

  /// Writes the file anew in its place with a head of more systems; tiles keep their places in the grid.
  void grow(const JournalHead& head, std::size_t head_bytes) {
    JournalFile next(file.path());
    next.create_beside(file.path());
    const PairGrid larger = head.grid();
    host::TilePlaces moved(larger);
    try {
      next.write(host::text_of(head), 0);
      (void)file.for_each_tile(*grid, head_bytes, file.end(), [&](const JournalFile::Piece& piece, std::size_t) {
        moved.at(piece.head.row, piece.head.column) = next.end();
        next.write(piece.bytes, 0);
      });
      next.take_place_of(file.path());
    } catch (...) {
      next.remove();
      throw;
    }
    file = std::move(next);
    grid = larger;
    places = std::move(moved);
  }

  Arrangement begin(const ComparisonIdentity& now, index_t side, State& state) {
    JournalHead head = take_up(now, side);
    const std::size_t head_bytes = file.end();
    const ComparisonIdentity there = head.comparison;
    const Side rows = match(there, now, host::row_systems), columns = match(there, now, host::column_systems);
    grid = head.grid();
    find_tiles(state);
    state.added = rows.added() + (now.symmetric ? 0 : columns.added());
    if (state.added > 0) {
      ComparisonIdentity& c = head.comparison;
      c.names.clear();
      c.digests.clear();
      add_systems(rows, there, now, c);
      if (!now.symmetric) add_systems(columns, there, now, c);
      c.rows = now.rows;
      c.columns = now.columns;
      if (rows.added() > 0) begin_anew_at(there.rows, head.side, head.rows_anew);
      if (!now.symmetric && columns.added() > 0) begin_anew_at(there.columns, head.side, head.columns_anew);
      if (now.symmetric) head.columns_anew = head.rows_anew;
      grow(head, head_bytes);
    }
    wanted = tiles_of(*grid, part);
    for (const Tile& run : wanted) {
      host::for_each_tile_in(*grid, run, [&](index_t row, index_t column, const Tile& tile) {
        const index_t pairs = grid->pairs().count(tile);
        state.pairs += pairs;
        state.kept += places.at(row, column) != 0 ? pairs : 0;
      });
    }
    return {*grid, unless_ascending(rows.order),
            now.symmetric ? std::vector<index_t>{} : unless_ascending(columns.order)};
  }
};

Journal::Journal(std::filesystem::path path, std::function<void(const State&)> opened, Shard part)
    : impl_(std::make_unique<Impl>(std::move(path), std::move(opened), part)) {
  if (part.number < 1 || part.number > part.count) {
    fail(ErrorCode::invalid_argument, "Shard::number is ", part.number, ", expected 1 to Shard::count, which is ",
         part.count);
  }
  impl_->file.open_to_write();
}

Journal::~Journal() {
  if (impl_->file.size() == 0) impl_->file.remove();
}

PairStore::Arrangement Journal::begin(const ComparisonIdentity& identity, index_t side) {
  State state;
  impl_->kept = 0;
  Arrangement arrangement = impl_->begin(identity, side, state);
  impl_->began = system_clock::now();
  if (impl_->opened) impl_->opened(state);
  return arrangement;
}

bool Journal::has(const Tile& tile) { return impl_->place_of(tile) != 0; }

void Journal::get(const Tile& tile, std::span<PairResult> results) {
  const std::uint64_t place = impl_->place_of(tile);
  const auto piece = place != 0 ? impl_->file.read_tile(*impl_->grid, place) : JournalFile::Piece{};
  if (piece.found != JournalFile::Found::tile || impl_->grid->tile(piece.head.row, piece.head.column) != tile) {
    fail(ErrorCode::io, impl_->file.shown(), ": the results of systems ", tile.row + 1, " to ", tile.row + tile.rows,
         " against ", tile.column + 1, " to ", tile.column + tile.columns,
         " cannot be taken up: they are not as they were ",
         "written; run the same command again, and they are computed anew");
  }
  host::read_results(*impl_->grid, tile, piece.bytes, results);
}

void Journal::put(const Tile& tile, std::span<const PairResult> results) {
  Impl& impl = *impl_;
  const index_t pairs = impl.grid->pairs().count(tile);
  if (pairs == 0) return;
  const auto began = std::chrono::duration_cast<std::chrono::seconds>(impl.began.time_since_epoch());
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now() - impl.began);
  const std::string bytes =
      host::tile_bytes(*impl.grid, tile, results,
                       {static_cast<std::uint32_t>(began.count()), static_cast<std::uint32_t>(since.count())});
  const std::size_t place = impl.file.end();
  impl.file.write(bytes, impl.kept);
  impl.place_of(tile) = place;
  impl.kept += pairs;
  if (steady_clock::now() - impl.synced < between_syncs) return;
  impl.file.sync(impl.kept);
  impl.synced = steady_clock::now();
}

const std::vector<Tile>& Journal::tiles() const { return impl_->wanted; }

}  // namespace kindred

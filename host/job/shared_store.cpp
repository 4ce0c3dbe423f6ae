#include "host/job/shared_store.hpp"

#include "host/job/dealer.hpp"
#include "host/job/messages.hpp"
#include "host/store/journal_file.hpp"
#include "host/store/tile_runs.hpp"

#include <kindred/error.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace kindred::job {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// The next message. Sleeps until it comes, so that the processor is free for those that compute.
Team::Message wait_for_message(Team& team) {
  for (microseconds pause(100);; pause = std::min(2 * pause, microseconds(2000))) {
    if (auto message = team.receive()) return *std::move(message);
    std::this_thread::sleep_for(pause);
  }
}

/// What tells another process' comparison from this one's; empty if nothing does.
std::string other_comparison(std::string_view head, const ComparisonIdentity& mine) {
  const auto theirs = host::parse_head(head);
  if (!theirs) return "what it compares cannot be understood";
  const ComparisonIdentity& c = theirs->comparison;
  if (std::string why = host::difference(c, mine, "that of the first process"); !why.empty()) return why;
  if (c.rows != mine.rows || c.columns != mine.columns) return "it compares another number of systems";
  for (std::size_t i = 0; i < c.digests.size(); ++i) {
    if (c.digests[i] != mine.digests[i]) return "its system '" + c.names[i] + "' has other values";
  }
  return {};
}

}  // namespace

struct Exchange::Impl {
  explicit Impl(Team& t) : team(t) {}

  Team& team;
  // Of the first process: what its two threads share.
  std::mutex mutex;
  std::condition_variable news;
  index_t number = 0;            ///< comparisons that have begun, of this process
  std::optional<Dealer> dealer;  ///< of the one that is under way
  Journal* journal = nullptr;
  ComparisonIdentity identity;
  std::string arrangement;                           ///< the message
  std::vector<std::pair<int, std::string>> waiting;  ///< who has said hello to a comparison that has not begun here
  std::vector<Tile> arrived;                         ///< runs of tiles that can be handed on
  std::map<std::pair<index_t, index_t>, std::vector<PairResult>> in_memory;  ///< arrived, where there is no journal
  index_t expected = 0;                                                      ///< pairs that others compute
  int joined = 0;    ///< processes that have said hello to this comparison: it does not end before all have
  int finished = 0;  ///< processes that have made all their comparisons
  std::optional<Error> failure;
  std::atomic<bool> stop = false;
  std::thread thread;

  void fail(ErrorCode code, const std::string& what) {
    if (!failure) failure.emplace(code, what);
    news.notify_all();
  }
  [[nodiscard]] std::string process(int rank) const {
    return "process " + std::to_string(rank + 1) + " of " + std::to_string(team.size());
  }

  /// `body`: of a hello. Others may be ahead by one comparison, whose hello waits.
  void hello(int from, std::string_view body) {
    Reader reader(body);
    if (reader.number() != number || !dealer) {
      waiting.emplace_back(from, body);
      return;
    }
    ++joined;
    news.notify_all();
    const std::string_view head = reader.rest();
    if (const std::string why = other_comparison(head, identity); !why.empty()) {
      return fail(ErrorCode::invalid_argument, process(from) + " belongs to another comparison: " + why);
    }
    team.send(from, arrangement);
  }

  void take_in(std::string_view bytes) {
    host::TileHead head{};
    std::memcpy(&head, bytes.data(), sizeof head);
    const PairGrid& grid = dealer->grid();
    const Tile tile = grid.tile(head.row, head.column);
    std::vector<PairResult> results(static_cast<std::size_t>(tile.rows * tile.columns));
    host::read_results(grid, tile, bytes, results);
    if (journal != nullptr) {
      journal->put(tile, results);
    } else {
      in_memory[{tile.row, tile.column}] = std::move(results);
    }
    host::append_joined(arrived, tile);
    expected -= static_cast<index_t>(head.pairs);
    news.notify_all();
  }

  void answer(const Team::Message& message) {
    const std::lock_guard lock(mutex);
    const std::string_view body = std::string_view(message.bytes).substr(1);
    switch (static_cast<Word>(message.bytes.front())) {
      case Word::hello:
        return hello(message.from, body);
      case Word::ask: {
        const bool of_this = dealer && Reader(body).number() == number;
        const std::vector<Tile> tiles = of_this ? dealer->deal() : std::vector<Tile>{};
        std::string reply = kindred::job::message(Word::tiles);
        for (const Tile& tile : tiles) {
          expected += dealer->grid().pairs().count(tile);
          append(reply, {tile.row, tile.column, tile.rows, tile.columns});
        }
        team.send(message.from, reply);
        return;
      }
      case Word::result:
        return take_in(body);
      case Word::failed: {
        Reader reader(body);
        const auto code = static_cast<ErrorCode>(reader.number());
        return fail(code, code == ErrorCode::cancelled ? std::string(reader.rest())
                                                       : process(message.from) + ": " + std::string(reader.rest()));
      }
      case Word::finished:
        ++finished;
        news.notify_all();
        return;
      default:
        return;
    }
  }

  void serve() {
    while (!stop) {
      try {
        if (const auto message = team.receive()) {
          answer(*message);
          continue;
        }
      } catch (const Error& error) {
        const std::lock_guard lock(mutex);
        fail(error.code(), error.what());
      }
      std::this_thread::sleep_for(milliseconds(1));
    }
  }

  class Leader;
  class Member;
};

class Exchange::Impl::Leader final : public Exchange::Store {
 public:
  Leader(Impl& exchange, Journal* journal, std::function<bool()> go_on) : x_(exchange), go_on_(std::move(go_on)) {
    x_.journal = journal;
  }
  ~Leader() override {
    const std::lock_guard lock(x_.mutex);
    x_.dealer.reset();
    x_.journal = nullptr;
  }

  [[nodiscard]] Arrangement begin(const ComparisonIdentity& identity, index_t side) override {
    Arrangement out =
        x_.journal != nullptr ? x_.journal->begin(identity, side) : Arrangement{PairGrid(identity.pairs(), side)};
    const std::lock_guard lock(x_.mutex);
    ++x_.number;
    x_.joined = 0;
    Dealer& dealer = x_.dealer.emplace(out.grid, x_.team.size());
    out.grid.for_each([&](index_t, index_t, const Tile& tile) {
      if (x_.journal != nullptr && x_.journal->has(tile)) {
        host::append_joined(x_.arrived, tile);
      } else {
        dealer.add(tile);
      }
    });
    dealer.begin();
    // A last system alone in its strip has no pair there, but one with itself.
    const index_t last = out.grid.rows() - 1;
    if (identity.symmetric && last >= 0) {
      const Tile corner = out.grid.tile(last, last);
      if (corner.rows == 1) x_.arrived.push_back(corner);
    }
    x_.identity = identity;
    x_.arrangement = message(Word::arrangement);
    append(x_.arrangement, out.grid.side());
    append(x_.arrangement, out.grid.rows_anew());
    append(x_.arrangement, out.grid.columns_anew());
    append(x_.arrangement, out.rows);
    append(x_.arrangement, out.columns);
    for (const auto& [from, head] : std::exchange(x_.waiting, {})) x_.hello(from, head);
    return out;
  }

  [[nodiscard]] bool has(const Tile& tile) override {
    const std::lock_guard lock(x_.mutex);
    return x_.journal != nullptr ? x_.journal->has(tile) : x_.in_memory.contains({tile.row, tile.column});
  }

  void get(const Tile& tile, std::span<PairResult> results) override {
    const std::lock_guard lock(x_.mutex);
    if (x_.journal != nullptr) return x_.journal->get(tile, results);
    const auto found = x_.in_memory.find({tile.row, tile.column});
    std::copy(found->second.begin(), found->second.end(), results.begin());
    x_.in_memory.erase(found);
  }

  void put(const Tile& tile, std::span<const PairResult> results) override {
    const std::lock_guard lock(x_.mutex);
    if (x_.failure) throw Error(*x_.failure);
    if (x_.journal != nullptr) x_.journal->put(tile, results);
  }

  [[nodiscard]] std::vector<Tile> more() override {
    std::unique_lock lock(x_.mutex);
    for (;;) {
      if (x_.failure) throw Error(*x_.failure);
      if (!x_.arrived.empty()) return host::stacked(in_order(std::exchange(x_.arrived, {})));
      std::vector<Tile> tiles = x_.dealer->deal();
      if (!tiles.empty() || (x_.expected == 0 && x_.joined == x_.team.size() - 1)) return tiles;
      x_.news.wait_for(lock, milliseconds(200));
      if (!go_on_()) throw Error(ErrorCode::cancelled, "stopped");
    }
  }

 private:
  static std::vector<Tile> in_order(std::vector<Tile> tiles) {
    std::sort(tiles.begin(), tiles.end(),
              [](const Tile& a, const Tile& b) { return std::pair(a.row, a.column) < std::pair(b.row, b.column); });
    return tiles;
  }

  Impl& x_;
  std::function<bool()> go_on_;
};

class Exchange::Impl::Member final : public Exchange::Store {
 public:
  Member(Team& team, index_t number) : team_(team), number_(number) {}

  [[nodiscard]] Arrangement begin(const ComparisonIdentity& identity, index_t side) override {
    std::string hello = message(Word::hello);
    append(hello, number_);
    team_.send(0, hello + host::text_of(host::JournalHead{identity, side, {}, {}, {}}));
    const Team::Message answer = wait_for_message(team_);
    Reader reader(std::string_view(answer.bytes).substr(1));
    const index_t kept_side = reader.number();
    std::vector<index_t> rows_anew = reader.numbers(), columns_anew = reader.numbers();
    Arrangement out{PairGrid(identity.pairs(), kept_side, std::move(rows_anew), std::move(columns_anew))};
    out.rows = reader.numbers();
    out.columns = reader.numbers();
    grid_ = out.grid;
    return out;
  }

  [[nodiscard]] bool has(const Tile&) override { return false; }
  void get(const Tile&, std::span<PairResult>) override {
    throw Error(ErrorCode::io, "results are kept by the first process alone");
  }
  void put(const Tile& tile, std::span<const PairResult> results) override {
    team_.send(0, message(Word::result) + host::tile_bytes(*grid_, tile, results, {}));
  }

  [[nodiscard]] std::vector<Tile> more() override {
    std::string ask = message(Word::ask);
    append(ask, number_);
    team_.send(0, ask);
    const Team::Message answer = wait_for_message(team_);
    std::vector<Tile> tiles;
    for (Reader reader(std::string_view(answer.bytes).substr(1)); reader.more();) {
      const std::vector<index_t> t = reader.numbers();
      tiles.push_back({t[0], t[1], t[2], t[3]});
    }
    return tiles;
  }

 private:
  Team& team_;
  index_t number_;  ///< of the comparison
  std::optional<PairGrid> grid_;
};

Exchange::Exchange(Team& team) : impl_(std::make_unique<Impl>(team)) {
  if (team.rank() == 0) impl_->thread = std::thread([this] { impl_->serve(); });
}

Exchange::~Exchange() {
  impl_->stop = true;
  if (impl_->thread.joinable()) impl_->thread.join();
}

Team& Exchange::team() const { return impl_->team; }

std::unique_ptr<Exchange::Store> Exchange::store(Journal* journal, std::function<bool()> go_on) {
  if (impl_->team.rank() == 0) return std::make_unique<Impl::Leader>(*impl_, journal, std::move(go_on));
  return std::make_unique<Impl::Member>(impl_->team, ++impl_->number);
}

void Exchange::fail(int exit_code, ErrorCode code, const std::string& text) {
  if (impl_->team.rank() != 0) {
    std::string report = message(Word::failed);
    append(report, static_cast<index_t>(code));
    impl_->team.send(0, report + text);
    std::this_thread::sleep_for(std::chrono::minutes(1));
  }
  impl_->team.abort(exit_code);
  std::_Exit(exit_code);
}

void Exchange::finish() {
  Team& team = impl_->team;
  if (team.rank() != 0) {
    team.send(0, message(Word::finished));
    (void)wait_for_message(team);
    return;
  }
  {
    // Others may be about to ask for work that there is none of any more: they are answered until they have finished.
    std::unique_lock lock(impl_->mutex);
    impl_->news.wait(lock, [this] { return impl_->failure || impl_->finished == impl_->team.size() - 1; });
    if (impl_->failure) throw Error(*impl_->failure);
  }
  for (int other = 1; other < team.size(); ++other) team.send(other, message(Word::bye));
}

}  // namespace kindred::job

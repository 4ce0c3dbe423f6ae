/// Processes that share a comparison, here as threads with mailboxes: the bits of one process, whatever their number,
/// and no pair twice.
#include "host/job/shared_store.hpp"

#include "host/job/dealer.hpp"
#include "host/job/messages.hpp"
#include "tests/io/files.hpp"
#include "tests/store/same_bits.hpp"
#include "tests/support/operators.hpp"
#include "tests/support/representations.hpp"
#include "tests/support/sinks.hpp"

#include <kindred/kindred.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace kindred;
using Catch::Contains;
using test::quick;

namespace {

/// A mailbox for each process.
struct Mail {
  explicit Mail(int processes) : boxes(static_cast<std::size_t>(processes)) {}
  std::mutex mutex;
  std::atomic<bool> closed = false;
  std::vector<std::deque<job::Team::Message>> boxes;
};

class MailTeam final : public job::Team {
 public:
  MailTeam(Mail& mail, int rank) : mail_(mail), rank_(rank) {}
  [[nodiscard]] int rank() const override { return rank_; }
  [[nodiscard]] int size() const override { return static_cast<int>(mail_.boxes.size()); }
  [[nodiscard]] int local_rank() const override { return rank_; }
  [[nodiscard]] int local_size() const override { return size(); }
  void send(int to, std::string_view bytes) override {
    const std::lock_guard lock(mail_.mutex);
    mail_.boxes[static_cast<std::size_t>(to)].push_back({rank_, std::string(bytes)});
  }
  [[nodiscard]] std::optional<Message> receive() override {
    const std::lock_guard lock(mail_.mutex);
    if (mail_.closed) throw std::runtime_error("the team has ended");
    auto& box = mail_.boxes[static_cast<std::size_t>(rank_)];
    if (box.empty()) return std::nullopt;
    Message message = std::move(box.front());
    box.pop_front();
    return message;
  }
  [[noreturn]] void abort(int) override { throw std::runtime_error("aborted"); }

 private:
  Mail& mail_;
  int rank_;
};

/// work(exchange) of each process on a thread of its own; the first on this one.
void together(int processes, const std::function<void(job::Exchange&)>& work) {
  Mail mail(processes);
  std::vector<std::thread> others;
  for (int rank = 1; rank < processes; ++rank) {
    others.emplace_back([&mail, &work, rank] {
      MailTeam team(mail, rank);
      job::Exchange exchange(team);
      work(exchange);
      exchange.finish();
    });
  }
  MailTeam team(mail, 0);
  job::Exchange exchange(team);
  work(exchange);
  exchange.finish();
  for (std::thread& other : others) other.join();
}

/// Pairs of each process that were not there when they were asked for.
struct Tally {
  std::mutex mutex;
  index_t of_members = 0, of_first = 0;
};

template <class Set>
void share(job::Exchange& exchange, const Set& set, const Metric& metric, Journal* journal, DistanceMatrix& out,
           Tally& tally) {
  const bool first = exchange.team().rank() == 0;
  Engine engine(Device::cpu(1), {.tile_pairs = 5});
  const auto store = exchange.store(first ? journal : nullptr, [] { return true; });
  test::Nowhere nowhere;
  index_t done = 0;
  const Progress progress = [&](const ProgressEvent& event) {
    if (std::string(event.stage) == "pairs") done = event.done;
    return true;
  };
  engine.score(set, metric, first ? static_cast<PairSink&>(out) : nowhere,
               {.tiles = {}, .more = [&store] { return store->more(); }, .store = store.get(), .progress = progress});
  const std::lock_guard lock(tally.mutex);
  (first ? tally.of_first : tally.of_members) += done;
}

template <class Set>
void check(const Set& set, const Metric& metric) {
  std::vector<std::string> names;
  for (const auto& one : set) names.push_back(one.name);
  const DistanceMatrix whole = Engine(Device::cpu(2)).pairwise(set, metric);
  const auto n = static_cast<index_t>(set.size());
  for (const int processes : {1, 2, 4}) {
    for (const bool kept : {false, true}) {
      const files::Folder folder;
      std::unique_ptr<Journal> journal;
      if (kept) {
        // Half of it is there already, of other systems in another order.
        Set some(set.begin() + 2, set.begin() + 12);
        std::swap(some[0], some[5]);
        (void)Engine(Device::cpu(1)).pairwise(some, metric, {}, std::make_unique<Journal>(folder / "j").get());
        journal = std::make_unique<Journal>(folder / "j");
      }
      DistanceMatrix out(names);
      Tally tally;
      together(processes, [&](job::Exchange& exchange) { share(exchange, set, metric, journal.get(), out, tally); });
      CAPTURE(metric.index(), processes, kept);
      REQUIRE(test::same_bits(out, whole));
      // The first has been told of every pair once; the others did some of those that were missing.
      CHECK(tally.of_first == n * (n - 1) / 2);
      CHECK(tally.of_members <= n * (n - 1) / 2 - (kept ? 45 : 0));
    }
  }
}

}  // namespace

TEST_CASE("team: the bits of one process, with a journal and without", "[job][team]") {
  check(test::gaussians(21, 3), quick());
  check(test::gaussians(21, 3), Spectral{});
  check(test::collection(2, 30, {3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 3, 4, 5, 6, 7, 3, 4, 5, 6}), Cka{});
}

TEST_CASE("team: several comparisons one after another", "[job][team]") {
  const OperatorSet set = test::gaussians(13, 3);
  std::vector<std::string> names;
  for (const auto& one : set) names.push_back(one.name);
  DistanceMatrix first(names), second(names);
  Tally tally;
  together(3, [&](job::Exchange& exchange) {
    share(exchange, set, Spectral{}, nullptr, first, tally);
    share(exchange, set, quick(), nullptr, second, tally);
  });
  Engine engine(Device::cpu(1));
  CHECK(test::same_bits(first, engine.pairwise(set, Spectral{})));
  CHECK(test::same_bits(second, engine.pairwise(set, quick())));
}

TEST_CASE("team: one that compares something else, or fails, ends it with a message that says so", "[job][team]") {
  const OperatorSet set = test::gaussians(9, 3);
  const auto failure = [&](const std::function<void(job::Exchange&)>& other) {
    Mail mail(2);
    std::thread thread([&] {
      MailTeam team(mail, 1);
      job::Exchange exchange(team);
      try {
        other(exchange);
      } catch (const std::exception&) {  // the end of the team
      }
    });
    std::string message;
    {
      MailTeam team(mail, 0);
      job::Exchange exchange(team);
      DistanceMatrix out(std::vector<std::string>(9));
      Tally tally;
      message = files::error_of([&] { share(exchange, set, quick(), nullptr, out, tally); });
    }
    mail.closed = true;
    thread.join();
    return message;
  };
  DistanceMatrix none;
  Tally tally;
  OperatorSet changed = set;
  changed[3].values[2] += 1;
  CHECK_THAT(failure([&](job::Exchange& x) { share(x, changed, quick(), nullptr, none, tally); }),
             Contains("process 2 of 2 belongs to another comparison: its system 'g3' has other values"));
  CHECK_THAT(failure([&](job::Exchange& x) { share(x, set, Spectral{}, nullptr, none, tally); }),
             Contains("metric is 'spectral"));
  CHECK_THAT(failure([&](job::Exchange& x) {
               std::string report = job::message(job::Word::failed);
               job::append(report, static_cast<index_t>(ErrorCode::out_of_memory));
               x.team().send(0, report + "no room for ten systems");
               for (;;) (void)x.team().receive();
             }),
             Contains("process 2 of 2: no room for ten systems"));
}

TEST_CASE("team: tiles are dealt once, large runs first", "[job][team]") {
  for (const int processes : {1, 2, 5}) {
    for (const PairSet& pairs : {PairSet::all(203), PairSet::rectangle(30, 90)}) {
      const PairGrid grid(pairs, 4);
      job::Dealer dealer(grid, processes);
      grid.for_each([&](index_t, index_t, const Tile& tile) { dealer.add(tile); });
      dealer.begin();
      std::set<std::pair<index_t, index_t>> seen;
      std::vector<index_t> sizes;
      for (auto tiles = dealer.deal(); !tiles.empty(); tiles = dealer.deal()) {
        sizes.push_back(0);
        for (const Tile& tile : tiles) {
          for_each_pair(tile, pairs.symmetric(), [&](index_t i, index_t j, std::size_t) {
            CHECK(seen.emplace(i, j).second);
            ++sizes.back();
          });
        }
      }
      CHECK(static_cast<index_t>(seen.size()) == pairs.count());
      CHECK(sizes.front() >= sizes.back());
      CHECK(sizes.back() <= 16);
    }
  }
}

#include "host/base/text.hpp"
#include "host/cli/commands/commands.hpp"
#include "host/cli/options/arguments.hpp"
#include "host/cli/options/field_options.hpp"
#include "host/cli/options/run_options.hpp"
#include "host/cli/result/sidecar.hpp"

#include <kindred/journal.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>

namespace kindred::cli {
namespace {

struct StatusOptions {
  std::vector<std::string> journals;
  SayOptions say;
};

double share_of(index_t done, index_t pairs) {
  return pairs > 0 ? static_cast<double>(done) / static_cast<double>(pairs) : 1.0;
}

/// "33.3 %"; never "100 %" while something is left.
std::string percent(index_t done, index_t pairs) {
  char text[16];
  const double tenths = 1000 * share_of(done, pairs);
  std::snprintf(text, sizeof text, "%.1f %%", (done < pairs ? std::floor(tenths) : tenths) / 10);
  return text;
}

std::string done_text(index_t done, index_t pairs) {
  return std::to_string(done) + " of " + std::to_string(pairs) + " pairs (" + percent(done, pairs) + ")";
}

std::string comparison_text(const JournalStatus& status) {
  const ComparisonIdentity& c = status.comparison;
  return c.metric + "\n  " + std::to_string(c.rows) + (c.recordings ? " recordings" : " operators") +
         (c.symmetric ? ", all pairs" : " against " + std::to_string(c.columns)) +
         (status.part.count > 1
              ? ", part " + std::to_string(status.part.number) + " of " + std::to_string(status.part.count)
              : "");
}

std::string left_text(const JournalStatus& status) {
  if (status.left() == 0) return ", finished";
  std::string text = ", " + std::to_string(status.left()) + " left";
  if (!status.rate || !status.seconds_left) return text;
  char rate[32];
  std::snprintf(rate, sizeof rate, "%.3g", *status.rate);
  return text + "; " + rate + " a second, " + duration(*status.seconds_left) + " left" +
         (status.writing ? "" : " once it goes on at this rate");
}

std::string status_text(const std::string& file, const JournalStatus& status) {
  std::string text = host::printable(file) + ": " + comparison_text(status) + "\n  by " + status.comparison.build +
                     "\n  " + done_text(status.done, status.pairs) + left_text(status) + "\n  " +
                     (status.writing ? "a process is writing it" : "no process is writing it") + ", last written " +
                     duration(status.seconds_since_written) + " ago\n";
  if (status.damaged) {
    text += "  damaged: " + std::to_string(status.unreadable) +
            " of its bytes are in no whole tile; their pairs are computed again by the command that goes on\n";
  }
  return text;
}

Json status_json(const std::string& file, const JournalStatus& status) {
  const ComparisonIdentity& c = status.comparison;
  Json out = {{"journal", file},           {"metric", c.metric},
              {"build", c.build},          {"systems", c.recordings ? "recordings" : "operators"},
              {"symmetric", c.symmetric},  {"rows", c.rows},
              {"columns", c.columns},      {"part", {status.part.number, status.part.count}},
              {"pairs", status.pairs},     {"done", status.done},
              {"left", status.left()},     {"share", share_of(status.done, status.pairs)},
              {"rate", nullptr},           {"seconds_left", nullptr},
              {"writing", status.writing}, {"seconds_since_written", status.seconds_since_written},
              {"bytes", status.bytes},     {"unreadable_bytes", status.unreadable},
              {"damaged", status.damaged}};
  if (status.rate) out["rate"] = *status.rate;
  if (status.seconds_left) out["seconds_left"] = *status.seconds_left;
  return out;
}

/// Of several parts of one comparison, how far they have come together; empty if they are not that.
std::string together(const std::vector<JournalStatus>& all) {
  if (all.size() < 2) return {};
  std::vector<index_t> parts;
  index_t done = 0;
  for (const JournalStatus& status : all) {
    const ComparisonIdentity &a = all.front().comparison, &b = status.comparison;
    const bool alike = a.build == b.build && a.metric == b.metric && a.digests == b.digests &&
                       status.part.count == all.front().part.count && status.part.count > 1;
    if (!alike) return {};
    parts.push_back(status.part.number);
    done += status.done;
  }
  std::sort(parts.begin(), parts.end());
  if (std::adjacent_find(parts.begin(), parts.end()) != parts.end()) return {};
  const Shard& part = all.front().part;
  return "together, " + std::to_string(parts.size()) + " of " + std::to_string(part.count) +
         " parts: " + done_text(done, all.front().comparison.pairs().count()) + "\n";
}

void run(const StatusOptions& o, const Call&) {
  const Console console(o.say.quiet, o.say.json);
  Json list = Json::array();
  std::vector<JournalStatus> all;
  std::optional<Error> problem;
  for (const std::string& file : o.journals) {
    try {
      all.push_back(status_of_journal(file));
      list.push_back(status_json(file, all.back()));
      console.print(status_text(file, all.back()));
    } catch (const Error& error) {
      if (o.journals.size() == 1) throw;
      list.push_back({{"journal", file}, {"problem", in_options(error.what())}});
      console.print(std::string(error.what()) + "\n");
      if (!problem) problem.emplace(error);
    }
  }
  if (o.say.json) console.result(text_of(o.journals.size() == 1 ? list.front() : list));
  console.print(together(all));
  if (problem) throw Error(*problem);
}

void declare(CLI::App& app, StatusOptions& o) {
  app.add_option("JOURNALS", o.journals, "Journals of --journal")->required();
  add_say_options(app, o.say);
}

}  // namespace

Command status_command(CLI::App* app) { return make_command<StatusOptions>(app, declare, run); }

}  // namespace kindred::cli

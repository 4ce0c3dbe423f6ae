#include <kindred/prediction.hpp>

#include "host/base/numbers.hpp"
#include "host/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

namespace kindred {
namespace {

using host::fail;

constexpr std::string_view magic = "kindred sweep 1: ";

/// The numbers of a point in their order, f(member).
template <class Point, class F>
void visit(Point& point, F&& f) {
  for (auto* score : {&point.one_step, &point.reseeded}) {
    f(score->mae), f(score->mse), f(score->nmse), f(score->mase), f(score->r2), f(score->correlation), f(score->aic);
  }
}

std::string line_of(const SweepPoint& p) {
  std::string out = std::to_string(p.interval) + ' ' + std::to_string(p.delays) + ' ' + std::to_string(p.rank) + ' ' +
                    (p.feasible ? '1' : '0') + ' ' + std::to_string(p.one_step.values) + ' ' +
                    std::to_string(p.reseeded.values) + ' ' + std::to_string(p.errors.size());
  visit(p, [&](double value) { out += ' ' + host::number_text(value); });
  for (const double e : p.errors) out += ' ' + host::number_text(e);
  return out + '\n';
}

/// Takes numbers off a line.
class Numbers {
 public:
  explicit Numbers(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}
  template <class T>
  Numbers& operator>>(T& value) {
    if (at_ != end_ && *at_ == ' ') ++at_;
    const auto [next, error] = std::from_chars(at_, end_, value);
    good_ = good_ && error == std::errc();
    at_ = next;
    return *this;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool ended() const { return good_ && at_ == end_; }

 private:
  const char *at_, *end_;
  bool good_ = true;
};

bool parse(std::string_view line, SweepPoint& p) {
  Numbers in(line);
  int feasible = 0;
  std::size_t errors = 0;
  in >> p.interval >> p.delays >> p.rank >> feasible >> p.one_step.values >> p.reseeded.values >> errors;
  if (!in.good() || errors > line.size()) return false;
  p.feasible = feasible == 1;
  visit(p, [&](double& value) { in >> value; });
  p.errors.resize(errors);
  for (double& e : p.errors) in >> e;
  return in.ended();
}

bool same_place(const SweepPoint& a, const SweepPoint& b) {
  return a.interval == b.interval && a.delays == b.delays && a.rank == b.rank;
}

}  // namespace

SweepJournal::SweepJournal(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return;
  const std::string name = host::printable(path_.string());
  std::ifstream in(path_, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(in), {}};
  if (!in) fail(ErrorCode::io, name, ": cannot be read");
  std::size_t start = 0, whole = 0;
  for (std::size_t end = 0; (end = all.find('\n', start)) != std::string::npos; start = end + 1) {
    const std::string_view line = std::string_view(all).substr(start, end - start);
    if (start == 0) {
      if (!line.starts_with(magic)) fail(ErrorCode::io, name, ": is no journal of a sweep; name another file");
      identity_ = line.substr(magic.size());
    } else {
      SweepPoint point;
      if (!parse(line, point)) fail(ErrorCode::io, name, ": line ", points_.size() + 2, " is damaged; remove the file");
      points_.push_back(std::move(point));
    }
    whole = end + 1;
  }
  if (whole == 0 && !std::string_view(all).starts_with(magic.substr(0, all.size()))) {
    fail(ErrorCode::io, name, ": is no journal of a sweep; name another file");
  }
  if (whole < all.size()) std::filesystem::resize_file(path_, whole);
}

void SweepJournal::begin(const std::string& identity) {
  if (!identity_.empty()) {
    if (identity_ == identity) return;
    fail(ErrorCode::invalid_argument, host::printable(path_.string()),
         ": keeps points of another sweep (recordings, build, hold-out, reseed, fit, or the longest window of the "
         "grid); name another file");
  }
  identity_ = identity;
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  out << magic << identity << '\n' << std::flush;
  if (!out) fail(ErrorCode::io, host::printable(path_.string()), ": cannot be written");
}

bool SweepJournal::find(SweepPoint& point) const {
  const auto kept =
      std::find_if(points_.begin(), points_.end(), [&](const SweepPoint& p) { return same_place(p, point); });
  if (kept == points_.end()) return false;
  point = *kept;
  return true;
}

void SweepJournal::keep(std::span<const SweepPoint> points) {
  std::string text;
  for (const SweepPoint& p : points) {
    SweepPoint kept = p;
    if (find(kept)) continue;
    text += line_of(p);
    points_.push_back(p);
  }
  std::ofstream out(path_, std::ios::binary | std::ios::app);
  out << text << std::flush;
  if (!out) fail(ErrorCode::io, host::printable(path_.string()), ": cannot be written");
}

}  // namespace kindred

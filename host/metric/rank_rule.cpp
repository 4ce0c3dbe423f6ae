#include <kindred/dmd.hpp>

#include "host/base/numbers.hpp"

#include <cmath>

namespace kindred {
namespace {

using Kind = RankRule::Kind;

/// The rules that are a word and those that take a limit: its word, and the most that it may be.
struct Form {
  Kind kind;
  std::string_view word;
};
constexpr Form words_alone[] = {{Kind::full, "full"}, {Kind::svht, "svht"}};
constexpr Form with_limit[] = {
    {Kind::sigma, "sigma:"}, {Kind::sigma_ratio, "sigma-ratio:"}, {Kind::variance, "variance:"}};

}  // namespace

bool is_valid(const RankRule& rule) {
  switch (rule.kind) {
    case Kind::number:
    case Kind::numerical:
      return rule.number >= 0;
    case Kind::sigma:
      return rule.value > 0 && std::isfinite(rule.value);
    case Kind::sigma_ratio:
      return rule.value > 0 && rule.value < 1;
    case Kind::variance:
      return rule.value > 0 && rule.value <= 1;
    case Kind::full:
    case Kind::svht:
      break;
  }
  return true;
}

std::string text_of(const RankRule& rule) {
  for (const Form& form : words_alone) {
    if (form.kind == rule.kind) return std::string(form.word);
  }
  for (const Form& form : with_limit) {
    if (form.kind == rule.kind) return std::string(form.word) + host::number_text(rule.value);
  }
  return host::number_text(rule.number);
}

std::optional<RankRule> parse_rank_rule(std::string_view text) {
  std::optional<RankRule> out;
  if (const auto number = host::number_in<index_t>(text)) out = RankRule(*number);
  for (const Form& form : words_alone) {
    if (form.word == text) out = RankRule(form.kind, 0);
  }
  for (const Form& form : with_limit) {
    if (!text.starts_with(form.word)) continue;
    if (const auto limit = host::number_in<double>(text.substr(form.word.size()))) out = RankRule(form.kind, *limit);
  }
  if (out && !is_valid(*out)) out.reset();
  return out;
}

}  // namespace kindred

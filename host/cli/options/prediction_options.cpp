#include "host/cli/options/prediction_options.hpp"

#include "host/base/numbers.hpp"
#include "host/cli/options/arguments.hpp"

#include <algorithm>
#include <optional>

namespace kindred::cli {
namespace {

std::optional<HoldOut> parse_hold_out(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::string what = text.substr(0, colon);
  const auto share = host::number_in<double>(std::string_view(text).substr(colon + 1));
  if (!share || !(*share > 0 && *share < 1) || (what != "trials" && what != "time")) return std::nullopt;
  return HoldOut{what == "time" ? HoldOut::By::time : HoldOut::By::trials, *share};
}

}  // namespace

void add_prediction_options(CLI::App& app, PredictionOptions& options) {
  app.add_option("--hold-out", options.hold_out,
                 "What is predicted and not fitted: the last trials (trials:0.2) or the end of each (time:0.2)")
      ->check(CLI::Validator(
          [](std::string& text) {
            return parse_hold_out(text)
                       ? std::string()
                       : "'" + text + "' is neither trials:SHARE nor time:SHARE, with a share above 0 and below 1";
          },
          ""))
      ->type_name("WHAT:SHARE")
      ->capture_default_str()
      ->group("Prediction");
  app.add_option("--reseed", options.reseed,
                 "Steps after which a chain of predictions starts from the record again (1: every step, 0: never)")
      ->check(whole_number(0))
      ->type_name("INT")
      ->capture_default_str()
      ->group("Prediction");
}

HoldOut hold_out_of(const PredictionOptions& options) { return parse_hold_out(options.hold_out).value(); }

CLI::Validator numbers() {
  return {[](std::string& text) {
            return number_list(text).empty()
                       ? "'" + text + "' is no list of whole numbers from 1, such as 1,2,6 or 1:40:5 (from, to, step)"
                       : std::string();
          },
          ""};
}

std::vector<index_t> number_list(const std::string& text) {
  constexpr std::size_t most = 1000;
  std::vector<index_t> out;
  for (const std::string& part : split(text)) {
    const std::size_t first = part.find(':'), second = first == std::string::npos ? first : part.find(':', first + 1);
    const auto at = [&part](std::size_t from, std::size_t to) {
      return host::number_in<index_t>(std::string_view(part).substr(from, to == std::string::npos ? to : to - from));
    };
    const auto low = at(0, first), high = first == std::string::npos ? low : at(first + 1, second),
               step = second == std::string::npos ? std::optional<index_t>(1) : at(second + 1, std::string::npos);
    if (!low || !high || !step || *low < 1 || *high < *low || *step < 1 ||
        (*high - *low) / *step >= static_cast<index_t>(most)) {
      return {};
    }
    for (index_t v = *low; v <= *high; v += *step) out.push_back(v);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out.size() > most ? std::vector<index_t>{} : out;
}

}  // namespace kindred::cli

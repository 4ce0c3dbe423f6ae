#pragma once
#include <CLI/CLI.hpp>

#include <kindred/types.hpp>

#include <concepts>
#include <limits>
#include <string>
#include <vector>

namespace kindred::cli {

/// "a, b, c".
[[nodiscard]] std::string joined(const std::vector<std::string>& words, const std::string& between = ", ");

[[nodiscard]] bool contains(const std::vector<std::string>& words, const std::string& word);

/// Throws Error{invalid_argument} for an unknown command or --option of `arguments` (without the program's name), with
/// the known one that was probably meant; for a missing command, an option given twice that takes one value, and a file
/// whose name begins like an option. Returns the command.
const CLI::App& check_words(const CLI::App& program, const std::vector<std::string>& arguments);

/// Words as the parser takes them where those after "--" are files: without the mark, with "./-a.npy" for "-a.npy", and
/// before the last option if that takes several values. Throws as check_words.
[[nodiscard]] std::vector<std::string> without_mark(const CLI::App& program, std::vector<std::string> arguments);

/// Long names of the options of `app` that were given.
[[nodiscard]] std::vector<std::string> given_options(const CLI::App& app);

/// Accepts whole numbers from `low` up to `high`.
[[nodiscard]] CLI::Validator whole_number(index_t low, index_t high = std::numeric_limits<index_t>::max());
/// Accepts a rank rule (kindred/dmd.hpp), or with `several` also ranks with commas between them.
[[nodiscard]] CLI::Validator rank_rule(bool several);
/// Accepts a number of bytes such as 500M or 4G (units of 1024), and turns it into plain digits.
[[nodiscard]] CLI::Validator byte_count();
/// "1 system", "2 systems".
template <std::integral N>
[[nodiscard]] std::string counted(N n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}
/// Accepts finite numbers from `low` up to `high`.
[[nodiscard]] CLI::Validator number(double low, double high = std::numeric_limits<double>::infinity());

/// "a,b,c" apart; an empty text has no parts.
[[nodiscard]] std::vector<std::string> split(const std::string& text);

}  // namespace kindred::cli

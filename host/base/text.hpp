#pragma once
/// Text for messages: always one line, whatever bytes a file holds; and the word that was probably meant.
#include <kindred/error.hpp>
#include <kindred/types.hpp>

#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace kindred::host {

/// Throws Error with the parts streamed one after another.
template <class... Parts>
[[noreturn]] void fail(ErrorCode code, const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  throw Error(code, message.str());
}

/// `text` on one line: control characters and bytes above 0x7f that are not UTF-8 become '?'; what exceeds `limit`
/// bytes is "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t limit = 200);

/// 'text', printable, between quotation marks.
[[nodiscard]] std::string in_quotes(std::string_view text);

/// "200 x 3"; "()" without axes.
[[nodiscard]] std::string shape_text(std::span<const index_t> shape);

/// Number of single-character insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal
/// string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate closest to `word` if it is close enough to be what was meant (a third of the letters may be wrong),
/// else empty. Of several equally close ones, the first.
[[nodiscard]] std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace kindred::host

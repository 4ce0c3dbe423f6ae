#pragma once
/// Text for error messages: always one line, whatever bytes a file holds.
#include <kindred/error.hpp>
#include <kindred/types.hpp>

#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace kindred::io {

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

/// "200 x 3"; "()" without axes.
[[nodiscard]] std::string shape_text(std::span<const index_t> shape);

}  // namespace kindred::io

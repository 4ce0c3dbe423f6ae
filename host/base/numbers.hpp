#pragma once
/// Numbers as text, in the C locale whatever the program's is.
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace kindred::host {

/// The number that the whole of `text` is; none if there is anything else in it.
template <class T>
[[nodiscard]] std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The shortest text that is read back as the same value.
template <class T>
[[nodiscard]] std::string number_text(T value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

}  // namespace kindred::host

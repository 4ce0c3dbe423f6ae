#pragma once
#include <kindred/types.hpp>

#include <concepts>
#include <string>
#include <string_view>

namespace kindred::report {

/// Text with & < > " ' replaced, fit for HTML and SVG content and attributes.
[[nodiscard]] std::string escape(std::string_view text);

/// At most `limit` characters (of UTF-8), the middle replaced by an ellipsis.
[[nodiscard]] std::string shorten(std::string_view text, std::size_t limit);

/// Characters of UTF-8 text.
[[nodiscard]] std::size_t length(std::string_view text);

/// Four significant digits, "n/a" for NaN.
[[nodiscard]] std::string significant(double value);

/// Markup under construction; numbers are written to a hundredth.
class Markup {
 public:
  Markup& operator<<(std::string_view text) {
    text_ += text;
    return *this;
  }
  Markup& operator<<(double value);
  template <std::integral T>
  Markup& operator<<(T value) {
    text_ += std::to_string(value);
    return *this;
  }
  [[nodiscard]] const std::string& str() const { return text_; }

 private:
  std::string text_;
};

}  // namespace kindred::report

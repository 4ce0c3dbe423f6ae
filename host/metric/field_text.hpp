#pragma once
#include "host/base/numbers.hpp"

#include <kindred/metric_fields.hpp>

#include <string>
#include <type_traits>

namespace kindred::host {

/// The value of a field as `set_field` reads it: a word, a number, "yes" or "no".
template <class T>
[[nodiscard]] std::string field_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "yes" : "no";
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(word_of(value));
  } else if constexpr (std::is_same_v<T, RankRule>) {
    return text_of(value);
  } else {
    return number_text(value);
  }
}

}  // namespace kindred::host

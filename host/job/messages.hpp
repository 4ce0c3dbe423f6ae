#pragma once
/// What the processes of a team say to each other: a letter, and numbers or bytes.
#include <kindred/types.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace kindred::job {

/// The first byte of a message. To the first process: which comparison I make, and its number; a request for work on
/// it; a tile's results; what I failed of; I have finished. From it: how the comparison is arranged; tiles to compute,
/// none at the end; all have finished.
enum class Word : char {
  hello = 'h',
  ask = 'a',
  result = 'r',
  failed = 'f',
  finished = 'd',
  arrangement = 'g',
  tiles = 't',
  bye = 'b'
};

inline std::string message(Word word) { return {static_cast<char>(word)}; }

inline void append(std::string& to, index_t value) { to.append(reinterpret_cast<const char*>(&value), sizeof value); }
inline void append(std::string& to, const std::vector<index_t>& values) {
  append(to, static_cast<index_t>(values.size()));
  for (const index_t value : values) append(to, value);
}

/// Takes apart what `append` put together.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool more() const { return rest_.size() >= sizeof(index_t); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  index_t number() {
    index_t value = 0;
    std::memcpy(&value, rest_.data(), std::min(rest_.size(), sizeof value));
    rest_.remove_prefix(std::min(rest_.size(), sizeof value));
    return value;
  }
  std::vector<index_t> numbers() {
    std::vector<index_t> out(static_cast<std::size_t>(number()));
    for (index_t& value : out) value = number();
    return out;
  }

 private:
  std::string_view rest_;
};

}  // namespace kindred::job

#include "host/io/formats/npy.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "host/base/text.hpp"

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t data_alignment = 64;
constexpr std::size_t most_axes = 64;  // NumPy's own limit

std::string_view as_text(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

/// Recursive descent over the header's dictionary literal; every read is bounded by the text.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& origin) : rest_(text), origin_(origin) {}

  NpyHeader parse() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr" && !descr) {
        descr = true;
        header.descr = descr_value();
      } else if (key == "fortran_order" && !order) {
        order = true;
        header.fortran_order = boolean();
      } else if (key == "shape" && !shape) {
        shape = true;
        header.shape = tuple();
      } else {
        malformed("unexpected key '" + printable(key, 40) + "'");
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (!rest_.empty()) malformed("text after the closing brace");
    if (!descr || !order || !shape) malformed("descr, fortran_order or shape is missing");
    return header;
  }

 private:
  [[noreturn]] void malformed(const std::string& what) const {
    fail(ErrorCode::io, origin_, ": malformed .npy header: ", what);
  }

  void skip_space() {
    const std::size_t n = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(n == std::string_view::npos ? rest_.size() : n);
  }

  bool accept(char c) {
    skip_space();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (accept(c)) return;
    malformed(std::string("expected '") + c + "' before " +
              (rest_.empty() ? "its end" : "'" + printable(rest_, 20) + "'"));
  }

  std::string_view string() {
    skip_space();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) malformed("expected a quoted string");
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) malformed("a quoted string does not end");
    const std::string_view value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }

  std::string descr_value() {
    skip_space();
    return std::string(!rest_.empty() && rest_.front() == '[' ? list() : string());
  }

  /// The text of a bracketed list, brackets included; quoted strings inside may hold brackets.
  std::string_view list() {
    const std::string_view start = rest_;
    std::size_t depth = 0;
    do {
      if (rest_.empty()) malformed("a list does not end");
      const char c = rest_.front();
      if (c == '\'' || c == '"') {
        (void)string();
        continue;
      }
      if (c == '[') ++depth;
      if (c == ']') --depth;
      rest_.remove_prefix(1);
    } while (depth > 0);
    return start.substr(0, start.size() - rest_.size());
  }

  bool boolean() {
    skip_space();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
      if (rest_.substr(0, word.size()) == word) {
        rest_.remove_prefix(word.size());
        return value;
      }
    }
    malformed("fortran_order is neither True nor False");
  }

  std::vector<index_t> tuple() {
    std::vector<index_t> values;
    expect('(');
    while (!accept(')')) {
      if (values.size() == most_axes) malformed("more than 64 axes");
      values.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  index_t integer() {
    skip_space();
    const std::string_view start = rest_;
    index_t value = 0;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      const index_t digit = rest_.front() - '0';
      if (value > (std::numeric_limits<index_t>::max() - digit) / 10) malformed("an axis is longer than 2^63 - 1");
      value = 10 * value + digit;
      rest_.remove_prefix(1);
    }
    if (rest_.size() == start.size()) malformed("expected the length of an axis");
    if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);  // Python 2 wrote long integers so
    return value;
  }

  std::string_view rest_;
  const std::string& origin_;
};

std::size_t little_endian(std::span<const std::byte> data) {
  std::size_t value = 0;
  for (std::size_t i = data.size(); i-- > 0;) value = value << 8 | std::to_integer<std::size_t>(data[i]);
  return value;
}

}  // namespace

bool is_npy(std::span<const std::byte> data) { return as_text(data).substr(0, magic.size()) == magic; }

NpyHeader parse_npy_header(const Bytes& file) {
  const auto data = file.data;
  if (!is_npy(data)) {
    fail(ErrorCode::io, file.origin, ": not a .npy file (",
         data.empty() ? "it is empty" : "it does not start with \\x93NUMPY", ")");
  }
  const auto truncated = [&](std::size_t needed) {
    fail(ErrorCode::io, file.origin, ": truncated: its header needs ", needed, " bytes, found ", data.size());
  };
  if (data.size() < magic.size() + 2) truncated(magic.size() + 2);
  const auto major = std::to_integer<unsigned>(data[magic.size()]);
  const auto minor = std::to_integer<unsigned>(data[magic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0) {
    fail(ErrorCode::io, file.origin, ": .npy format version ", major, ".", minor, "; versions 1.0 to 3.0 are read");
  }
  const std::size_t length_bytes = major == 1 ? 2 : 4;
  const std::size_t start = magic.size() + 2 + length_bytes;
  if (data.size() < start) truncated(start);
  const std::size_t length = little_endian(data.subspan(magic.size() + 2, length_bytes));
  if (length > data.size() - start) truncated(start + length);

  NpyHeader header = HeaderParser(as_text(data.subspan(start, length)), file.origin).parse();
  header.data_offset = start + length;
  return header;
}

std::string npy_header(std::size_t element_bytes, const std::vector<index_t>& shape) {
  return npy_header('f' + std::to_string(element_bytes), shape);
}

std::string npy_header(const std::string& type, const std::vector<index_t>& shape) {
  std::string text = "{'descr': '";
  text += std::endian::native == std::endian::little ? '<' : '>';
  text += type + "', 'fortran_order': False, 'shape': (";
  for (std::size_t k = 0; k < shape.size(); ++k) {
    if (k > 0) text += ' ';
    text += std::to_string(shape[k]);
    if (k + 1 < shape.size() || k == 0) text += ',';
  }
  text += "), }";
  const std::size_t prelude = magic.size() + 4;  // version 1.0: at most 64 axes fit its u16 length
  const std::size_t total = (prelude + text.size() + 1 + data_alignment - 1) / data_alignment * data_alignment;
  text.append(total - prelude - text.size() - 1, ' ');
  text += '\n';
  std::string out(magic);
  out += {'\x01', '\x00', static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return out + text;
}

std::size_t element_count(const std::vector<index_t>& shape) {
  std::size_t count = 1;
  for (const index_t n : shape) count *= static_cast<std::size_t>(n);
  return count;
}

std::string dtype_name(const std::string& descr) {
  if (descr.empty()) return "unknown";
  if (descr.front() == '[') return "structured";
  std::string_view code = descr;
  if (std::string_view("<>=|").find(code.front()) != std::string_view::npos) code.remove_prefix(1);
  if (code.empty()) return printable(descr, 40);
  if (code.front() == 'M') return "datetime64";
  if (code.front() == 'm') return "timedelta64";
  const std::string_view size = code.substr(1);
  if (size.size() > 4 || size.find_first_not_of("0123456789") != std::string_view::npos) return printable(descr, 40);
  const auto bits = [&](const char* name) {
    return size.empty() ? name : name + std::to_string(8 * std::stoi(std::string(size)));
  };
  switch (code.front()) {
    case 'f':
      return bits("float");
    case 'i':
      return bits("int");
    case 'u':
      return bits("uint");
    case 'c':
      return bits("complex");
    case 'b':
      return "bool";
    case 'O':
      return "object";
    case 'S':
    case 'U':
      return "string";
    case 'V':
      return "void";
    default:
      return printable(descr, 40);
  }
}

namespace {

/// Floats of 4 or 8 bytes, by what the descr calls each.
std::optional<NumberType> floats_called(std::string_view code, std::string_view four, std::string_view eight) {
  NumberType type;
  if (code.empty()) return {};
  if (code.front() == '<') type.order = std::endian::little;
  if (code.front() == '>') type.order = std::endian::big;
  if (std::string_view("<>=").find(code.front()) != std::string_view::npos) code.remove_prefix(1);
  if (code == four) {
    type.bytes = 4;
  } else if (code != eight) {
    return {};
  }
  return type;
}

}  // namespace

std::optional<NumberType> float_type(const std::string& descr) { return floats_called(descr, "f4", "f8"); }

std::optional<NumberType> complex_type(const std::string& descr) { return floats_called(descr, "c8", "c16"); }

}  // namespace kindred::io

#include "host/io/formats/mat4.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <set>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/formats/matlab.hpp"

namespace kindred::io {
namespace {

using host::fail;
using host::printable;

constexpr std::size_t head_bytes = 20;
constexpr std::uint32_t longest_name = 64;
constexpr std::uint32_t of_text = 1, of_sparse = 2;

constexpr std::array types = {
    NumberType{NumberKind::floating, 8},         NumberType{NumberKind::floating, 4},
    NumberType{NumberKind::signed_integer, 4},   NumberType{NumberKind::signed_integer, 2},
    NumberType{NumberKind::unsigned_integer, 2}, NumberType{NumberKind::unsigned_integer, 1},
};

struct Variable {
  std::string name;
  NumberType type;
  std::uint32_t kind = 0;  ///< numbers, text, sparse
  std::uint32_t rows = 0, columns = 0;
  bool complex = false;
  std::size_t head = 0;  ///< bytes before the values

  [[nodiscard]] std::uint64_t elements() const { return std::uint64_t{rows} * columns; }
};

/// The head of the variable with which `data` begins; nothing if it cannot be one.
std::optional<Variable> variable_at(std::span<const std::byte> data) {
  if (data.size() < head_bytes + 2) return {};
  for (const std::endian order : {std::endian::little, std::endian::big}) {
    const auto field = [&](std::size_t k) {
      return static_cast<std::uint32_t>(matlab::number(data.subspan(4 * k, 4), order));
    };
    const std::uint32_t machine = field(0) / 1000, kind = field(0) % 1000, name_bytes = field(4);
    if (machine != (order == std::endian::big) || kind > 52 || kind % 10 > of_sparse || field(3) > 1) continue;
    if (name_bytes < 2 || name_bytes > longest_name || data.size() < head_bytes + name_bytes) continue;
    const std::string_view name(reinterpret_cast<const char*>(data.data()) + head_bytes, name_bytes - 1);
    const bool plain =
        std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
        std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
    if (!plain || data[head_bytes + name_bytes - 1] != std::byte{0}) continue;
    NumberType type = types[kind / 10];
    type.order = order;
    return Variable{std::string(name), type, kind % 10, field(1), field(2), field(3) == 1, head_bytes + name_bytes};
  }
  return {};
}

std::shared_ptr<const Stored> stored_of(const Variable& v, const Bytes& values) {
  auto stored = std::make_shared<Stored>();
  matlab::describe(*stored, v.type, float_bytes(v.type), {index_t{v.rows}, index_t{v.columns}}, values.data.data());
  stored->values = [values, type = v.type, bytes = stored->bytes] { return to_floats(values, type, bytes); };
  if (v.complex) {
    matlab::refuse_complex(*stored);
    stored->values = [values, type = v.type] {
      Bytes real = values, imaginary = values;
      const std::size_t half = values.data.size() / 2;
      real.data = values.data.first(half), imaginary.data = values.data.last(half);
      return interleaved(to_floats(real, type, sizeof(double)), to_floats(imaginary, type, sizeof(double)));
    };
  }
  if (v.kind == of_text) matlab::refuse(*stored, "text");
  if (v.kind == of_sparse) matlab::refuse_sparse(*stored);
  return stored;
}

}  // namespace

bool is_mat4(std::span<const std::byte> data) { return variable_at(data).has_value(); }

std::vector<ArrayRef> mat4_arrays(const std::filesystem::path& file, const Bytes& bytes) {
  std::vector<ArrayRef> arrays;
  std::set<std::string> names;
  for (std::size_t at = 0; at < bytes.data.size();) {
    const auto rest = bytes.data.subspan(at);
    const auto v = variable_at(rest);
    if (!v) fail(ErrorCode::io, bytes.origin, ": truncated or malformed MATLAB file: no variable begins at byte ", at);
    const std::uint64_t element_bytes = (v->complex ? 2 : 1) * v->type.bytes, left = rest.size() - v->head;
    if (v->elements() > left / element_bytes) {
      fail(ErrorCode::io, bytes.origin, ": truncated MATLAB file: variable '", v->name, "' is ", v->rows, " x ",
           v->columns, " elements of ", element_bytes, " bytes, found ", left, " bytes");
    }
    if (!names.insert(v->name).second) {
      fail(ErrorCode::io, bytes.origin, ": malformed MATLAB file: two variables are called '", v->name, "'");
    }
    const auto size = static_cast<std::size_t>(v->elements() * element_bytes);
    const Bytes values{bytes.origin + ':' + v->name, rest.subspan(v->head, size), bytes.owner, bytes.mapped};
    arrays.push_back({file, v->name, bytes, {}, stored_of(*v, values)});
    at += v->head + size;
  }
  return arrays;
}

}  // namespace kindred::io

#include "host/io/formats/format.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/formats/npy.hpp"

namespace kindred::io {
namespace {

using host::fail;
using host::printable;

using namespace std::string_view_literals;

constexpr std::size_t longest_header = std::size_t{1} << 20;  // of an array that is only looked at

struct Signature {
  std::string_view start;
  const char* meaning;
};

/// Kinds of files in which recordings are kept, or which lie where recordings should, by their first bytes.
constexpr std::array signatures = {
    Signature{"MATLAB 7.3"sv,
              "a MATLAB 7.3 file (HDF5): read it in Python with h5py, where its axes come in reversed order, and save "
              "its arrays with numpy.save"},
    Signature{"MATLAB 5.0"sv,
              "a MATLAB file: read it in Python with scipy.io.loadmat and save its arrays with numpy.save"},
    Signature{"\x89HDF\r\n\x1a\n"sv, "an HDF5 file: read it in Python with h5py and save its arrays with numpy.save"},
    Signature{"version https://git-lfs"sv, "a Git LFS pointer in place of the data: fetch the data with git lfs pull"},
    Signature{"/annex/objects/"sv, "a git-annex pointer in place of the data: fetch the data with git annex get"},
    Signature{"\x1f\x8b"sv, "compressed by gzip: unpack it with gunzip"},
    Signature{"BZh"sv, "compressed by bzip2: unpack it with bunzip2"},
    Signature{"\xfd\x37\x7a\x58\x5a\0"sv, "compressed by xz: unpack it with unxz"},
    Signature{"\x28\xb5\x2f\xfd"sv, "compressed by Zstandard: unpack it with unzstd"},
    Signature{"\0\x05\x16\x07"sv,
              "what macOS keeps beside a file on a foreign disk (its name begins with ._), not the file itself"},
    Signature{"PAR1"sv, "a Parquet file: read it in Python and save its columns with numpy.save"},
    Signature{"ARROW1"sv, "an Arrow file: read it in Python and save its columns with numpy.save"},
};

std::string_view start_of(const Bytes& bytes, std::size_t most) {
  return {reinterpret_cast<const char*>(bytes.data.data()), std::min(bytes.data.size(), most)};
}

/// MATLAB 4 has no signature: five 32-bit numbers (type, rows, columns, imaginary part, length of the name), then the
/// name and the values, little-endian on every machine of today.
bool is_matlab4(const Bytes& bytes) {
  constexpr std::size_t head = 20;
  if (bytes.data.size() < head + 2) return false;
  std::array<std::uint32_t, 5> field{};
  for (std::size_t k = 0; k < head; ++k) {
    field[k / 4] |= std::to_integer<std::uint32_t>(bytes.data[k]) << (8 * (k % 4));
  }
  const auto [type, rows, columns, imaginary, name_bytes] = field;
  const bool known_type = type <= 52 && type % 10 <= 2 && type / 10 <= 5;
  if (!known_type || rows == 0 || columns == 0 || imaginary > 1 || name_bytes < 2 || name_bytes > 64) return false;
  if (bytes.data.size() < head + name_bytes) return false;
  const std::string_view name(reinterpret_cast<const char*>(bytes.data.data()) + head, name_bytes);
  return name.back() == '\0' && std::isalpha(static_cast<unsigned char>(name.front())) != 0 &&
         std::all_of(name.begin(), name.end() - 1, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

bool is_pickle(const Bytes& bytes) {
  const std::string_view start = start_of(bytes, 2);
  return start.size() == 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

bool is_text(std::string_view start) {
  return std::all_of(start.begin(), start.end(),
                     [](unsigned char c) { return (c >= 0x20 && c != 0x7f) || c == '\n' || c == '\r' || c == '\t'; });
}

std::string text_kind(std::string_view start) {
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  const std::string word = lower(start.substr(first, 14));
  if (word.starts_with("<!doctype html") || word.starts_with("<html")) {
    return "a web page, as servers send in place of a file that they refuse: download the file again";
  }
  if (start[first] == '{') return "JSON: the name of a manifest ends in .json";
  if (start.find_first_not_of("0123456789+-.eE,;naNA \t\r\n") == std::string_view::npos) {
    return "a table in text form: read it in Python with numpy.loadtxt and save it with numpy.save";
  }
  return "text: a list of files, one a line, is given as @FILE";
}

/// What a ZIP file without arrays may be.
std::string zip_kind(const std::vector<ZipMember>& members) {
  const auto any = [&members](std::string_view end) {
    return std::any_of(members.begin(), members.end(), [end](const ZipMember& m) { return m.name.ends_with(end); });
  };
  if (any("data.pkl")) return "a PyTorch file: load it in Python and save its tensors with numpy.save";
  if (any("[Content_Types].xml")) return "an Office document: save the table as text, and that with numpy.save";
  return "its members are no .npy files";
}

}  // namespace

std::string ArrayRef::origin() const { return array.empty() ? bytes.origin : bytes.origin + ':' + array; }

Bytes ArrayRef::read() const { return member ? read_member(bytes, *member, origin()) : bytes; }

Bytes ArrayRef::peek() const { return member ? peek_member(bytes, *member, origin(), longest_header) : bytes; }

std::size_t ArrayRef::size() const { return member ? static_cast<std::size_t>(member->bytes) : bytes.data.size(); }

std::string looks_like(const Bytes& bytes) {
  const std::string_view start = start_of(bytes, 512);
  for (const Signature& s : signatures) {
    if (start.starts_with(s.start)) return s.meaning;
  }
  if (is_pickle(bytes)) return "a Python pickle: load it in Python and save its arrays with numpy.save";
  if (is_matlab4(bytes)) {
    return "a MATLAB 4 file: read it in Python with scipy.io.loadmat and save its arrays with numpy.save";
  }
  return is_text(start) ? text_kind(start) : std::string();
}

std::vector<ArrayRef> arrays_in(const std::filesystem::path& file, const Bytes& bytes) {
  if (is_npy(bytes.data)) return {{file, {}, bytes, {}}};
  if (is_zip(bytes.data)) {
    std::vector<ZipMember> members = read_zip_directory(bytes);
    if (members.empty()) fail(ErrorCode::io, bytes.origin, ": holds no arrays");
    if (std::none_of(members.begin(), members.end(), [&](const ZipMember& m) {
          return m.name.ends_with(".npy") || is_npy(peek_member(bytes, m, bytes.origin, 8).data);
        })) {
      fail(ErrorCode::io, bytes.origin, ": is a ZIP file without arrays, ", zip_kind(members));
    }
    std::vector<ArrayRef> arrays;
    for (ZipMember& member : members) {
      constexpr std::string_view suffix = ".npy";
      std::string name = member.name;
      if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
      arrays.push_back({file, printable(name), bytes, std::move(member)});
    }
    return arrays;
  }
  if (bytes.data.empty()) fail(ErrorCode::io, bytes.origin, ": is empty, expected a .npy, a .npz or a manifest");
  const std::string kind = looks_like(bytes);
  fail(ErrorCode::io, bytes.origin, ": is neither .npy nor .npz",
       kind.empty() ? " (the name of a manifest ends in .json)" : ", but " + kind);
}

}  // namespace kindred::io

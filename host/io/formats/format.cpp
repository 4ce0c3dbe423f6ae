#include "host/io/formats/format.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/formats/hdf5/hdf5.hpp"
#include "host/io/formats/mat4.hpp"
#include "host/io/formats/mat5.hpp"

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
    Signature{"MATLAB 7.3"sv, "begins as a MATLAB 7.3 file without the HDF5 that should follow: it is damaged"},
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

Bytes ArrayRef::read() const {
  if (stored) fail(ErrorCode::invalid_data, origin(), ": names are read from .npy and .npz alone");
  return member ? read_member(bytes, *member, origin()) : bytes;
}

Bytes ArrayRef::peek() const { return member ? peek_member(bytes, *member, origin(), longest_header) : bytes; }

NpyHeader ArrayRef::header() const { return stored ? stored->header : parse_npy_header(peek()); }

std::size_t ArrayRef::size() const { return member ? static_cast<std::size_t>(member->bytes) : bytes.data.size(); }

std::string looks_like(const Bytes& bytes) {
  const std::string_view start = start_of(bytes, 512);
  for (const Signature& s : signatures) {
    if (start.starts_with(s.start)) return s.meaning;
  }
  if (is_pickle(bytes)) return "a Python pickle: load it in Python and save its arrays with numpy.save";
  return is_text(start) ? text_kind(start) : std::string();
}

std::vector<ArrayRef> arrays_in(const std::filesystem::path& file, const Bytes& bytes) {
  if (is_npy(bytes.data)) return {{file, {}, bytes}};
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
  if (bytes.data.empty()) fail(ErrorCode::io, bytes.origin, ": is empty, expected a file of arrays or a manifest");
  if (is_hdf5(bytes.data)) return hdf5_arrays(file, bytes);
  if (is_mat5(bytes.data)) return mat5_arrays(file, bytes);
  if (is_mat4(bytes.data)) return mat4_arrays(file, bytes);
  const std::string kind = looks_like(bytes);
  fail(ErrorCode::io, bytes.origin, ": is neither .npy, .npz, HDF5 nor MATLAB",
       kind.empty() ? " (the name of a manifest ends in .json)" : ", but " + kind);
}

namespace {

/// "/a/b" for "a//b/".
std::string plain_path(const std::string& name) {
  std::string path;
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    if (end > at) path += '/' + name.substr(at, end - at);
    at = end + 1;
  }
  return path;
}

bool is_hdf5_array(const ArrayRef& ref) { return ref.stored != nullptr && ref.array.starts_with('/'); }

/// Whether `array` lies in the group or the structure `name`.
bool lies_in(const ArrayRef& ref, const std::string& name) {
  return ref.stored != nullptr && ref.array.size() > name.size() && ref.array.starts_with(name) &&
         ref.array[name.size()] == (is_hdf5_array(ref) ? '/' : '.');
}

template <class Condition>
std::vector<ArrayRef> those(const std::vector<ArrayRef>& arrays, Condition condition) {
  std::vector<ArrayRef> found;
  std::copy_if(arrays.begin(), arrays.end(), std::back_inserter(found), condition);
  return found;
}

std::vector<ArrayRef> known_as(const std::vector<ArrayRef>& arrays, const std::string& name) {
  auto found = those(arrays, [&](const ArrayRef& a) { return a.array == name; });
  if (found.empty()) found = those(arrays, [&](const ArrayRef& a) { return a.list == name; });
  if (found.empty()) found = those(arrays, [&](const ArrayRef& a) { return lies_in(a, name); });
  return found;
}

/// "; it holds a, b", or "; did you mean 'rates'?".
std::string known_names(const std::vector<ArrayRef>& arrays, const std::string& name) {
  constexpr std::size_t most_named = 4;
  std::vector<std::string> names;
  for (const ArrayRef& ref : arrays) names.push_back(ref.list.empty() ? ref.array : ref.list);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::string meant = host::nearest(name, names);
  if (!meant.empty()) return "; did you mean '" + meant + "'?";
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i)
    text += (i > 0 ? ", " : "; it holds ") + names[i];
  return text + (names.size() > most_named ? " ..." : "");
}

}  // namespace

std::string plain_name(const std::vector<ArrayRef>& arrays, const std::string& name) {
  const ArrayRef& first = arrays.front();
  if (first.stored == nullptr || name.empty()) return name;
  std::string path = plain_path(name);
  if (is_hdf5_array(first)) return path;
  std::replace(path.begin(), path.end(), '/', '.');  // fields of MATLAB's structures
  return path.empty() ? path : path.substr(1);
}

std::vector<ArrayRef> arrays_named(const std::vector<ArrayRef>& arrays, const std::string& name) {
  const ArrayRef& first = arrays.front();
  if (!first.named() && !name.empty()) {
    fail(ErrorCode::io, first.bytes.origin, ": is a .npy file: it has no named arrays");
  }
  const std::string plain = plain_name(arrays, name);
  if (plain.empty()) return arrays;
  auto found = known_as(arrays, plain);
  if (found.empty() && is_hdf5_array(first)) {  // a structure's field in a MATLAB 7.3 file
    std::string path = plain;
    std::replace(path.begin(), path.end(), '.', '/');
    found = known_as(arrays, path);
  }
  if (found.empty() && first.stored && first.stored->find) found = first.stored->find(plain);
  if (found.empty()) {
    fail(ErrorCode::io, first.bytes.origin, ": holds no array '", printable(name), "'", known_names(arrays, plain));
  }
  return found;
}

}  // namespace kindred::io

#include "host/io/results.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "host/base/text.hpp"
#include "host/io/file.hpp"

namespace kindred::io {
namespace {

using host::printable;

namespace fs = std::filesystem;
using nlohmann::json;

/// The JSON of a run, or null: any file may be called .json.
json sidecar_in(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return nullptr;
  try {
    const Bytes bytes = open_file(path);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
    constexpr std::size_t head = 256;  // the program's name is the first of all keys
    if (text.substr(0, head).find("\"kindred\"") == text.npos) return nullptr;
    json document = json::parse(text, nullptr, false);
    const bool ours = document.is_object() && document.value("program", json()) == "kindred" &&
                      document.value("command", json()).is_string() && document.value("outputs", json()).is_object();
    return ours ? document : json();
  } catch (const Error&) {
    return nullptr;  // what cannot be read says nothing
  }
}

}  // namespace

std::optional<Result> Results::find(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const auto [known, fresh] = folders_.try_emplace(folder);
  if (fresh) {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() != ".json" || path.filename().native().starts_with('.')) continue;
      const json document = sidecar_in(path);
      if (!document.is_object()) continue;
      const Result result{path, document["command"].get<std::string>()};
      known->second.emplace(path.filename(), result);
      // Paths are as the user wrote them, so that only those in the sidecar's own folder can be known again.
      const auto& outputs = document["outputs"];
      const auto parent_of = [](const json& value) {
        return value.is_string() ? fs::path(value.get<std::string>()).parent_path() : fs::path("//");
      };
      const auto itself = std::find_if(outputs.begin(), outputs.end(), [&](const json& value) {
        return value.is_string() && fs::path(value.get<std::string>()).filename() == path.filename();
      });
      const fs::path home = itself != outputs.end() ? parent_of(*itself) : parent_of(outputs.value("out", json()));
      for (const json& value : outputs) {
        if (value.is_string() && parent_of(value) == home) {
          known->second.emplace(fs::path(value.get<std::string>()).filename(), result);
        }
      }
    }
  }
  const auto found = known->second.find(file.filename());
  return found == known->second.end() ? std::nullopt : std::optional(found->second);
}

std::string not_a_recording(const fs::path& file, const Result& result) {
  const std::string name = printable(file.string()), sidecar = printable(result.sidecar.string());
  if (file.filename() == result.sidecar.filename()) {
    return name + ": says how results of kindred were made; it is no manifest of recordings";
  }
  return name + (result.command == "fit" ? ": holds operators that kindred fitted" : ": holds results of kindred") +
         ", not recordings (" + sidecar + " lists it)";
}

}  // namespace kindred::io

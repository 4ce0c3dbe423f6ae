#include "host/io/manifest.hpp"

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "host/base/text.hpp"

#include <kindred/metric_fields.hpp>
#include <kindred/preprocess_fields.hpp>

namespace kindred::io {

using host::fail;
using host::printable;

namespace {

using nlohmann::json;

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  fail(ErrorCode::invalid_data, where, ": ", what);
}

void require_keys(const json& object, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) refuse(where, "expected an object {...}");
  std::string names;
  for (const auto name : known) names += (names.empty() ? "" : ", ") + std::string(name);
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) == known.end()) {
      refuse(where, "unknown key '" + printable(item.key(), 60) + "', expected: " + names);
    }
  }
}

const std::string& text(const json& value, const std::string& where, const char* what) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    refuse(where, std::string(what) + " must be a string that is not empty");
  }
  return value.get_ref<const std::string&>();
}

Layout layout_of(const json& object, const std::string& where, Layout otherwise) {
  const auto found = object.find("layout");
  if (found == object.end()) return otherwise;
  try {
    return parse_layout(text(*found, where, "'layout'"));
  } catch (const Error& error) {
    if (error.code() != ErrorCode::invalid_argument) throw;
    refuse(where, error.what());
  }
}

std::vector<std::string> files_of(const json& object, const std::string& where) {
  const auto one = object.find("file"), several = object.find("files");
  if ((one == object.end()) == (several == object.end())) refuse(where, "expected either 'file' or 'files'");
  if (one != object.end()) return {text(*one, where, "'file'")};
  if (!several->is_array() || several->empty()) refuse(where, "'files' must be a list of at least one file");
  std::vector<std::string> files;
  for (const json& file : *several) files.push_back(text(file, where, "each of 'files'"));
  return files;
}

using Settings = std::vector<std::pair<std::string, std::string>>;

/// A value of JSON as set_field takes it.
std::string setting(const json& value, const std::string& where) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number()) return value.dump();
  refuse(where, "each step of 'preprocess' must be a word, a number, true or false");
}

/// The steps that the manifest, if `object` is the whole of it, or one system gives; those of all come first.
void add_preprocess(Settings& settings, const json& object, const std::string& where) {
  const auto found = object.find("preprocess");
  if (found == object.end()) return;
  if (!found->is_object()) refuse(where, "'preprocess' must be an object {...}");
  Preprocess checked;
  for (const auto& item : found->items()) {
    std::string text = setting(item.value(), where);
    try {
      set_field(checked, item.key(), text);
    } catch (const Error& error) {
      refuse(where, error.what());
    }
    settings.emplace_back(item.key(), std::move(text));
  }
}

/// What a system says of its own fit: numbers, or a rank rule as a string.
FitFields fit_of(const json& object, const std::string& where) {
  FitFields fit;
  Dmd checked;
  for (const char* key : {"delays", "interval", "rank", "ridge", "dt"}) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    const std::string value = found->is_string() ? found->get<std::string>() : found->dump();
    try {
      set_field(checked, key, value);
    } catch (const Error& error) {
      const std::string what = error.what();  // "Dmd::delays is '0', expected ..."
      refuse(where, "'" + std::string(key) + "'" + what.substr(what.find(" is ")));
    }
    fit.emplace_back(key, value);
  }
  return fit;
}

ManifestSystem system_of(const json& object, const std::string& where, Layout layout, const Settings& of_all) {
  require_keys(object, where,
               {"name", "label", "file", "files", "layout", "preprocess", "delays", "interval", "rank", "ridge", "dt"});
  const auto name = object.find("name"), label = object.find("label");
  if (name == object.end()) refuse(where, "has no 'name'");
  ManifestSystem system;
  system.name = printable(text(*name, where, "'name'"));
  const std::string here = where + " ('" + system.name + "')";
  if (label != object.end()) system.label = printable(text(*label, here, "'label'"));
  system.files = files_of(object, here);
  system.layout = layout_of(object, here, layout);
  system.preprocess = of_all;
  add_preprocess(system.preprocess, object, here);
  system.fit = fit_of(object, here);
  return system;
}

}  // namespace

std::vector<ManifestSystem> parse_manifest(std::string_view content, const std::string& origin, Layout layout) {
  json root;
  try {
    root = json::parse(content);
  } catch (const json::exception& error) {
    const std::string_view what = error.what();
    const std::size_t id_end = what.find("] ");
    fail(ErrorCode::io, origin, ": not JSON: ", printable(id_end == what.npos ? what : what.substr(id_end + 2)));
  }
  require_keys(root, origin, {"systems", "layout", "preprocess"});
  const auto list = root.find("systems");
  if (list == root.end() || !list->is_array() || list->empty()) {
    refuse(origin, "'systems' must be a list of at least one system");
  }
  layout = layout_of(root, origin, layout);
  Settings of_all;
  add_preprocess(of_all, root, origin);

  std::vector<ManifestSystem> systems;
  std::unordered_set<std::string> names;
  for (const json& object : *list) {
    systems.push_back(system_of(object, origin + ": system " + std::to_string(systems.size()), layout, of_all));
    if (!names.insert(systems.back().name).second) {
      refuse(origin, "two systems are called '" + systems.back().name + "'");
    }
  }
  return systems;
}

}  // namespace kindred::io

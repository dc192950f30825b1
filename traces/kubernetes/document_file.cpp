#include "orrery/traces/kubernetes/document_file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/traces/byte_source.hpp"

namespace orrery::traces::kubernetes {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Finds a key that is twice in one object, which the library would pass over.
class KeyCheck {
 public:
  bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
    switch (event) {
      case json::parse_event_t::object_start:
        keys_.emplace_back();
        break;
      case json::parse_event_t::object_end:
        keys_.pop_back();
        break;
      case json::parse_event_t::key:
        if (!keys_.back().insert(parsed.get<std::string>()).second && twice.empty()) {
          twice = parsed.get<std::string>();
        }
        break;
      case json::parse_event_t::array_start:
      case json::parse_event_t::array_end:
      case json::parse_event_t::value:
        break;
    }
    return true;
  }
  std::string twice;

 private:
  std::vector<std::set<std::string>> keys_;
};

/// Where the value that begins at `from` ends; braces in strings do not count.
std::size_t end_of_value(std::string_view text, std::size_t from) {
  std::size_t depth = 0;
  bool is_string = false;
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (is_string) {
      if (c == '\\') ++at;
      is_string = c != '"';
    } else if (c == '"') {
      is_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

std::uint64_t lines_before(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::uint64_t>(
                 std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

constexpr std::string_view kBlank = " \t\r\n";

Result<std::vector<Document>> read_json(std::string_view text, const std::string& file) {
  std::vector<Document> documents;
  std::size_t at = text.find_first_not_of(kBlank);
  while (at != std::string_view::npos) {
    const std::size_t end = end_of_value(text, at);
    KeyCheck check;
    const auto callback = [&check](int depth, json::parse_event_t event, json& parsed) {
      return check(depth, event, parsed);
    };
    try {
      documents.push_back({.value = json::parse(text.substr(at, end - at), callback),
                           .number = documents.size() + 1});
    } catch (const json::parse_error& broken) {
      const std::size_t place =
          std::min(text.size(), at + (broken.byte == 0 ? 0 : broken.byte - 1));
      const std::string_view what = broken.what();
      return failure(
          {.at = {.file = file, .line = lines_before(text, place)},
           .message = fmt::format("this is not JSON: {}",
                                  what.substr(std::min(what.size(), what.find("] ") + 2)))});
    } catch (const json::out_of_range& large) {
      const std::string_view what = large.what();
      return failure(
          {.at = {.file = file, .document = documents.size() + 1},
           .message = fmt::format("this is not JSON: {}",
                                  what.substr(std::min(what.size(), what.find("] ") + 2)))});
    }
    if (!check.twice.empty()) {
      return failure({.at = {.file = file, .document = documents.size()},
                      .message = "the key is there twice",
                      .found = check.twice});
    }
    at = text.find_first_not_of(kBlank, end);
  }
  return documents;
}

bool is_manifest(const fs::path& path) {
  std::string name = path.filename().string();
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  constexpr std::array<std::string_view, 3> kEndings{".yaml", ".yml", ".json"};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

Result<DocumentFile> DocumentFile::read(const std::string& path) {
  const auto source = open_bytes(path);
  if (!source) return failure(source.error());
  std::string text;
  std::array<char, 65'536> buffer{};
  for (;;) {
    const auto size = (*source)->read(buffer.data(), buffer.size());
    if (!size) return failure(size.error());
    if (*size == 0) break;
    text.append(buffer.data(), *size);
  }
  return parse(std::move(text), path);
}

Result<DocumentFile> DocumentFile::parse(std::string text, std::string name) {
  DocumentFile file;
  file.name_ = std::move(name);
  file.text_ = std::move(text);
  const std::size_t first = file.text_.find_first_not_of(kBlank);
  const bool is_json =
      first != std::string::npos && (file.text_[first] == '{' || file.text_[first] == '[');
  auto documents = is_json ? read_json(file.text_, file.name_) : read_yaml(file.text_, file.name_);
  if (!documents) return failure(std::move(documents.error()));
  file.documents_ = std::move(*documents);
  return file;
}

Location DocumentFile::at(const Document& document) const {
  return {.file = name_, .document = document.number};
}

Error DocumentFile::with_line(Error error) const {
  if (error.at.line == 0) error.at.line = yaml_line(text_, error.at.document, error.at.pointer);
  return error;
}

Result<std::vector<std::string>> manifest_files(const std::string& path) {
  std::error_code problem;
  if (!fs::is_directory(path, problem)) return std::vector{path};  // opening it tells the rest
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator entry(path, problem), end; !problem && entry != end;
       entry.increment(problem)) {
    if (entry->is_regular_file() && is_manifest(entry->path())) {
      files.push_back(entry->path().string());
    }
  }
  if (problem) {
    return failure({.at = {.file = path}, .message = "cannot be read", .found = problem.message()});
  }
  if (files.empty()) {
    return failure({.at = {.file = path},
                    .message = "there are no manifests",
                    .expected = "files *.yaml, *.yml or *.json"});
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace orrery::traces::kubernetes

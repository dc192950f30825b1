#include "orrery/experiments/setup/trace_files.hpp"

#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"

namespace orrery::experiments {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMissing = "this trace file is not there";

std::optional<std::string> environment(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

std::optional<std::string> existing(const fs::path& path) {
  for (const char* suffix : {"", ".zst", ".gz"}) {
    const std::string candidate = path.string() + suffix;
    std::error_code ignored;
    if (fs::is_regular_file(candidate, ignored)) return candidate;
  }
  return std::nullopt;
}

}  // namespace

Result<TraceFiles> TraceFiles::from_json(const nlohmann::json& traces, const Location& at) {
  TraceFiles files;
  if (traces.is_null()) return files;
  if (traces.is_string()) {
    files.folder_ = traces.get<std::string>();
    return files;
  }
  if (!traces.is_object()) return json_mismatch(traces, at, "a folder, or an object of folders");
  for (const auto& [data_set, folder] : traces.items()) {
    auto path = read_string(folder, child(at, data_set));
    if (!path) return failure(std::move(path.error()));
    files.by_data_set_[data_set] = std::move(*path);
  }
  return files;
}

std::vector<std::string> TraceFiles::folders(const std::string& data_set) const {
  if (!folder_.empty()) return {folder_};
  if (const auto named = by_data_set_.find(data_set); named != by_data_set_.end()) {
    return {named->second};
  }
  std::vector<std::string> folders = {"../shared/traces/" + data_set};
  if (const auto root = environment("ORRERY_TRACES")) folders.push_back(*root + "/" + data_set);
  folders.push_back("traces/" + data_set);
  if (const auto home = environment("HOME")) {
    folders.push_back(*home + "/.local/share/orrery/traces/" + data_set);
  }
  return folders;
}

Result<std::string> TraceFiles::find(const std::string& data_set, const std::string& file,
                                     const Location& at) const {
  const bool is_path = file.find('/') != std::string::npos;
  const std::vector<std::string> places =
      is_path ? std::vector<std::string>{""} : folders(data_set);
  for (const std::string& folder : places) {
    if (auto path = existing(is_path ? fs::path(file) : fs::path(folder) / file)) return *path;
  }
  return failure(
      {.at = at,
       .message = kMissing,
       .found = file,
       .expected = is_path ? "a file, plain or with .zst or .gz added"
                           : fmt::format("a file in {}", fmt::join(places, ", ")),
       .hint = "docs/data.md says where to get it; name its folder with --set /traces=DIR"});
}

bool TraceFiles::is_missing_file(const Error& error) { return error.message == kMissing; }

}  // namespace orrery::experiments

#include "orrery/cli/external_command.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "orrery/cli/output.hpp"

namespace orrery::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "orrery-";
constexpr const char* kReport = "report";

bool is_program(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

/// This program's own directory, then those of PATH: what was installed together runs together.
std::vector<fs::path> places() {
  std::vector<fs::path> found;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  if (!error) found.push_back(self.parent_path());
  const char* path = std::getenv("PATH");
  std::istringstream list(path == nullptr ? "" : path);
  for (std::string directory; std::getline(list, directory, ':');) {
    if (!directory.empty()) found.emplace_back(directory);
  }
  return found;
}

}  // namespace

std::string find_external(const std::string& name) {
  if (name.find('/') != std::string::npos) return "";
  for (const fs::path& place : places()) {
    const fs::path program = place / (kPrefix + name);
    if (is_program(program)) return program.string();
  }
  return "";
}

std::vector<std::string> external_names() {
  std::vector<std::string> names = {kReport};
  for (const fs::path& place : places()) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(place, ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(kPrefix) && is_program(entry.path())) {
        names.push_back(name.substr(std::strlen(kPrefix)));
      }
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

int become_external(const std::string& path, int argc, const char* const* argv) {
  std::vector<char*> arguments = {const_cast<char*>(path.c_str())};
  for (int i = 2; i < argc; ++i) arguments.push_back(const_cast<char*>(argv[i]));
  arguments.push_back(nullptr);
  std::signal(SIGXFSZ, SIG_DFL);  // what we ignore would stay ignored
  std::signal(SIGPIPE, SIG_DFL);
  ::execv(path.c_str(), arguments.data());
  return complain(fmt::format("cannot run {}: {}", path, std::strerror(errno)));
}

std::string how_to_get(const std::string& name) {
  if (name != kReport) return "";
  return "it comes with Orrery's Python package: pip install 'orrery[report]', or in a checkout "
         "pip install '.[report]'";
}

}  // namespace orrery::cli

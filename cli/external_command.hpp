#pragma once

#include <string>
#include <vector>

namespace orrery::cli {

/// Commands that come as programs of their own, as git's and kubectl's do: `orrery NAME …` runs
/// `orrery-NAME …`, looked for beside this program and then on PATH.

/// The program's path; empty when there is none.
[[nodiscard]] std::string find_external(const std::string& name);

/// The names of all such programs that can be run now and of those that Orrery's Python package
/// brings, sorted.
[[nodiscard]] std::vector<std::string> external_names();

/// Becomes the program `path`, with what follows the command's name. Returns only when that fails,
/// with the exit code.
[[nodiscard]] int become_external(const std::string& path, int argc, const char* const* argv);

/// How to get a command that is not there, for those that Orrery's Python package brings; empty for
/// other names.
[[nodiscard]] std::string how_to_get(const std::string& name);

}  // namespace orrery::cli

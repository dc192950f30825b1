#pragma once

namespace orrery::cli {

/// The orrery command: parses the arguments, runs the subcommand and returns the exit code.
[[nodiscard]] int run_application(int argc, const char* const* argv);

}  // namespace orrery::cli

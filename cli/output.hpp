#pragma once

#include <string>

#include "orrery/models/result.hpp"

namespace orrery::cli {

/// What a command tells the shell.
inline constexpr int kOk = 0;
inline constexpr int kFailedRun = 1;
inline constexpr int kBadInput = 2;
inline constexpr int kInterrupted = 130;

/// "orrery: error: …" on standard error; returns kBadInput.
int complain(const Error& error);
int complain(const std::string& message);
/// Standard output; a reader that has gone away (orrery … | head) is no error.
void print(const std::string& text);
/// One line on standard error.
void note(const std::string& line);

}  // namespace orrery::cli

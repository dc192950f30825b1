#include "orrery/cli/output.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace orrery::cli {

int complain(const Error& error) { return complain(to_string(error)); }

int complain(const std::string& message) {
  note("orrery: error: " + message);
  return kBadInput;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void note(const std::string& line) {
  const std::string text = line + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace orrery::cli

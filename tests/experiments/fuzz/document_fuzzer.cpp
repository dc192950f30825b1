#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>

#include "orrery/experiments/experiment/experiment.hpp"

namespace {

/// Numbers of more than four digits make clusters that take memory and time to build, not errors.
bool has_large_number(const std::string& text) {
  int digits = 0;
  for (const char c : text) {
    digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
    if (digits > 4) return true;
  }
  return false;
}

}  // namespace

/// Whatever the document says, it loads or it is an error that says something.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (size > 8192 || has_large_number(text)) return 0;
  const auto experiment = orrery::experiments::Experiment::parse(text, "fuzz.json");
  if (experiment) return experiment->runs().empty() ? __builtin_trap(), 0 : 0;
  if (to_string(experiment.error()).empty()) __builtin_trap();
  return 0;
}

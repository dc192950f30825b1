#pragma once

#include <stdexcept>
#include <string>

namespace orrery {

/// A bug of ours: an invariant does not hold. Ends the run that found it; whoever runs many runs
/// side by side (experiments) catches it at the run's edge and reports seed and virtual time.
class CheckFailure : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] void fail_check(const char* condition, const char* file, int line,
                             const std::string& message);

}  // namespace orrery

/// Stops the run when `condition` does not hold. Always on: keep the condition cheap.
#define ORRERY_CHECK(condition, message)                               \
  do {                                                                 \
    if (!(condition)) [[unlikely]] {                                   \
      ::orrery::fail_check(#condition, __FILE__, __LINE__, (message)); \
    }                                                                  \
  } while (false)

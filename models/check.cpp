#include "orrery/models/check.hpp"

#include <fmt/format.h>

namespace orrery {

void fail_check(const char* condition, const char* file, int line, const std::string& message) {
  throw CheckFailure(fmt::format("{}:{}: {} ({} does not hold)", file, line, message, condition));
}

}  // namespace orrery

#pragma once

#include <vector>

#include <gtest/gtest.h>

#include "orrery/traces/workload.hpp"

namespace orrery::test {

/// All pods of `source`; an error fails the test.
[[nodiscard]] inline std::vector<traces::WorkloadItem> drain(traces::WorkloadSource& source) {
  std::vector<traces::WorkloadItem> items;
  for (traces::WorkloadItem item;;) {
    const Result<bool> more = source.next(item);
    if (!more) ADD_FAILURE() << to_string(more.error());
    if (!more || !*more) return items;
    items.push_back(item);
  }
}

}  // namespace orrery::test

#pragma once

#include <string>

#include <gtest/gtest.h>

namespace orrery::test {

/// Names the cases of a table (INSTANTIATE_TEST_SUITE_P) after the `name` of their rows.
struct RowName {
  template <class Row>
  std::string operator()(const testing::TestParamInfo<Row>& row) const {
    return row.param.name;
  }
};

}  // namespace orrery::test

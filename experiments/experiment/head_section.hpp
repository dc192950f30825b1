#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/experiments/document/document.hpp"
#include "orrery/models/result.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::experiments {

/// What a document says about all its variants together.
struct DocumentHead {
  std::string name;
  std::string description;
  std::vector<std::uint64_t> seeds;
  std::string baseline;
  std::vector<std::string> metrics;
  traces::OnBadRow on_bad_row = traces::OnBadRow::Fail;
  bool leaves_out_missing = false;  ///< variants whose trace files are nowhere are left out
  std::vector<std::string> plugins;
};

/// Errors: a document of a newer format, and members of the wrong kind. Members that belong to
/// variants are not looked at.
[[nodiscard]] Result<DocumentHead> read_head_section(const Document& document);

}  // namespace orrery::experiments

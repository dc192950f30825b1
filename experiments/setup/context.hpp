#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "orrery/experiments/setup/trace_files.hpp"
#include "orrery/policies/registry.hpp"
#include "orrery/traces/trace_store.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::experiments {

struct ManifestsPlan;

/// What the sections of a document are read with.
struct SetupContext {
  const policies::PolicyRegistry& registry;
  traces::TraceStore& store;  ///< files that variants and runs share
  TraceFiles files;
  traces::OnBadRow on_bad_row = traces::OnBadRow::Fail;
  std::set<std::string> files_read = {};  ///< paths of all traces that the document names
  std::string folder = {};                ///< of the document: where else files may be
  std::vector<std::string> notices = {};  ///< for people: what was left out of what was read
  /// Manifests that have been read, by path and options: variants share them.
  std::map<std::string, std::shared_ptr<const ManifestsPlan>> manifests = {};

  /// Where a file is: relative to the working directory, or else to the document.
  [[nodiscard]] std::string path_of(const std::string& file) const;
};

/// The path of a trace file, noted in `context.files_read`.
[[nodiscard]] Result<std::string> find_trace(SetupContext& context, const std::string& data_set,
                                             const std::string& file, const Location& at);

}  // namespace orrery::experiments

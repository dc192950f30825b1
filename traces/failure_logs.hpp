#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/models/failure.hpp"
#include "orrery/models/result.hpp"
#include "orrery/traces/byte_source.hpp"
#include "orrery/traces/workload.hpp"

namespace orrery::traces {

/// Which part of a failure log to take.
struct FailureLogOptions {
  /// LANL: system numbers such as "20". Grid'5000: beginnings of node names below the grid, such as
  /// "site1" or "site1/c3". Empty: everything.
  std::vector<std::string> select;
  /// Seconds since 1970; by default from the first to the last instant of what is selected. `from`
  /// becomes time zero; outages are cut at both ends.
  std::optional<std::int64_t> from;
  std::optional<std::int64_t> until;
  OnBadRow on_bad_row = OnBadRow::Fail;
};

/// A failure log, read once and shared by runs.
struct FailureLog {
  OutageLog outages;
  std::uint64_t rows_without_node = 0;  ///< LANL's system 17 numbers no nodes: left out
  std::uint64_t skipped_rows = 0;
  std::string name;
  std::string checksum;
};

/// Los Alamos' failure data 1996-2005, LA-UR-05-7318 (Schroeder, Gibson, DSN 2006): one row per
/// failure with columns System, nodes, nodenumz, Prob Started, Prob Fixed. Times are minutes of the
/// site's local clock, taken as they are (without daylight saving); what began and ended within one
/// minute counts as one. Failures of a node that overlap (91 do) are joined. Nodes are named
/// "lanl-SYSTEM-NUMBER"; those of a system that never failed are there without outages, where its
/// nodes are numbered from 0 (systems 11 and 14 are not, and list only nodes that failed).
[[nodiscard]] Result<std::shared_ptr<const FailureLog>> read_lanl_failures(
    std::unique_ptr<ByteSource> source, const FailureLogOptions& options = {});

/// Grid'5000's node availability in the Failure Trace Archive (Kondo et al., CCGrid 2010): rows of
/// event_trace.tab with node_name, event_type (0: unavailable), event_start_time and
/// event_stop_time (Unix seconds, to 5 s). The rows of one node follow each other without gap.
[[nodiscard]] Result<std::shared_ptr<const FailureLog>> read_grid5000_failures(
    std::unique_ptr<ByteSource> source, const FailureLogOptions& options = {});

/// Outages that somebody wrote down for certain nodes: CSV with the columns node, start_seconds and
/// end_seconds, from the start of the run and exact to the nanosecond, rows in any order. Nodes
/// come in the order of their first rows. A table without rows is no error: nothing fails.
[[nodiscard]] Result<std::shared_ptr<const FailureLog>> read_outages(
    std::unique_ptr<ByteSource> source, OnBadRow on_bad_row = OnBadRow::Fail);

}  // namespace orrery::traces

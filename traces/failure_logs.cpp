#include "orrery/traces/failure_logs.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "orrery/traces/csv.hpp"

namespace orrery::traces {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

/// One node's outages in seconds since 1970.
using Spans = std::vector<std::pair<std::int64_t, std::int64_t>>;

struct RawLog {
  std::vector<std::pair<std::string, Spans>> nodes;
  std::int64_t first = kMost;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();

  void cover(std::int64_t start, std::int64_t end) {
    first = std::min(first, start);
    last = std::max(last, end);
  }
};

Time at_second(std::int64_t second) { return kTimeZero + std::chrono::seconds{second}; }

tl::unexpected<Error> nothing_selected(const std::string& file, const FailureLogOptions& options) {
  return failure({.at = {.file = file, .line = 0, .field = "", .pointer = ""},
                  .message = options.select.empty() ? "the log is empty" : "nothing is selected",
                  .found = options.select.empty() ? "" : options.select.front(),
                  .expected = "nodes of the log",
                  .hint = ""});
}

/// Cuts to the window and shifts it to time zero.
Result<std::shared_ptr<const FailureLog>> finish(RawLog raw, const CsvTable& table,
                                                 const FailureLogOptions& options,
                                                 std::shared_ptr<FailureLog> log) {
  log->name = table.name();
  log->checksum = table.checksum();
  if (raw.nodes.empty()) return nothing_selected(log->name, options);
  const std::int64_t from = options.from.value_or(raw.first);
  const std::int64_t until = options.until.value_or(raw.last);
  if (until <= from || (until - from) > std::int64_t{250} * 366 * 86'400) {
    return failure(
        {.at = {.file = log->name, .line = 0, .field = "", .pointer = ""},
         .message = "the window of time is empty or too long",
         .found = fmt::format("{} s", until - from),
         .expected = fmt::format("a part of the log, which covers {} to {}", raw.first, raw.last),
         .hint = ""});
  }
  log->outages.span = std::chrono::seconds{until - from};
  for (auto& [name, spans] : raw.nodes) {
    NodeOutages node{std::move(name), {}};
    for (const auto& [start, end] : spans) {
      if (end <= from || start >= until) continue;
      node.down.push_back(
          {at_second(std::max(start, from) - from), at_second(std::min(end, until) - from)});
    }
    node.down = merged(std::move(node.down));
    log->outages.nodes.push_back(std::move(node));
  }
  return log;
}

namespace lanl {

constexpr std::size_t kSystem = 0;
constexpr std::size_t kNodes = 1;
constexpr std::size_t kNumber = 2;
constexpr std::size_t kStarted = 3;
constexpr std::size_t kFixed = 4;

struct System {
  std::int64_t nodes = 0;  ///< as the log says; 0 when it does not
  std::map<std::int64_t, Spans> failed;
};

struct Row {
  std::int64_t system = 0;
  std::int64_t nodes = 0;
  std::int64_t number = -1;  ///< -1: the row names no node
  std::int64_t started = 0;
  std::int64_t fixed = 0;
};

/// More nodes than any one system has had.
constexpr std::int64_t kNodesMax = 100'000;

Row read_row(CsvRow& row) {
  Row value;
  value.system = row.integer(kSystem, 1, 1000);
  if (!row.is_empty(kNodes)) value.nodes = row.integer(kNodes, 1, kNodesMax);
  if (!row.is_empty(kNumber)) value.number = row.integer(kNumber, 0, kNodesMax);
  value.started = row.us_date_time(kStarted);
  value.fixed = row.us_date_time(kFixed);
  if (!row.error() && value.fixed < value.started)
    row.fail(kFixed, "a time not before Prob Started");
  value.fixed = std::max(value.fixed, value.started + 60);
  return value;
}

void add_nodes(RawLog& raw, std::int64_t number, System& system) {
  const bool is_from_zero = !system.failed.empty() && system.failed.rbegin()->first < system.nodes;
  if (is_from_zero) {
    for (std::int64_t i = 0; i < system.nodes; ++i) system.failed.try_emplace(i);
  }
  for (auto& [index, spans] : system.failed) {
    raw.nodes.emplace_back(fmt::format("lanl-{}-{}", number, index), std::move(spans));
  }
}

}  // namespace lanl

namespace grid5000 {

constexpr std::size_t kNode = 0;
constexpr std::size_t kType = 1;
constexpr std::size_t kStart = 2;
constexpr std::size_t kStop = 3;

/// "G1/site1/c1/node1" without the grid.
std::string_view below_grid(std::string_view node) {
  const std::size_t slash = node.find('/');
  return slash == std::string_view::npos ? node : node.substr(slash + 1);
}

bool is_selected(std::string_view node, const std::vector<std::string>& select) {
  const auto begins = [node](const std::string& prefix) {
    return node.starts_with(prefix) &&
           (node.size() == prefix.size() || prefix.ends_with('/') || node[prefix.size()] == '/');
  };
  return select.empty() || std::any_of(select.begin(), select.end(), begins);
}

}  // namespace grid5000

}  // namespace

Result<std::shared_ptr<const FailureLog>> read_lanl_failures(std::unique_ptr<ByteSource> source,
                                                             const FailureLogOptions& options) {
  auto table = CsvTable::open(std::move(source),
                              {"System", "nodes", "nodenumz", "Prob Started", "Prob Fixed"});
  if (!table) return failure(table.error());
  auto log = std::make_shared<FailureLog>();
  BadRows bad(options.on_bad_row);
  RawLog raw;
  std::map<std::int64_t, lanl::System> systems;
  for (;;) {
    lanl::Row row;
    const Result<bool> more =
        next_good_row(*table, bad, [&row](CsvRow& fields) { row = lanl::read_row(fields); });
    if (!more) return failure(more.error());
    if (!*more) break;
    const auto& select = options.select;
    const std::string_view system = table->text(lanl::kSystem);
    if (!select.empty() && std::find(select.begin(), select.end(), system) == select.end())
      continue;
    if (row.number < 0) {
      ++log->rows_without_node;
      continue;
    }
    raw.cover(row.started, row.fixed);
    lanl::System& entry = systems[row.system];
    entry.nodes = std::max(entry.nodes, row.nodes);
    entry.failed[row.number].emplace_back(row.started, row.fixed);
  }
  for (auto& [number, system] : systems) lanl::add_nodes(raw, number, system);
  log->skipped_rows = bad.skipped();
  return finish(std::move(raw), *table, options, std::move(log));
}

Result<std::shared_ptr<const FailureLog>> read_grid5000_failures(std::unique_ptr<ByteSource> source,
                                                                 const FailureLogOptions& options) {
  auto table = CsvTable::open(
      std::move(source), {"node_name", "event_type", "event_start_time", "event_stop_time"}, {},
      {.separator = '\t',
       .is_quoted = false,
       .is_trimmed = true,
       .header_separator = ' ',
       .header_prefix = "#"});
  if (!table) return failure(table.error());
  auto log = std::make_shared<FailureLog>();
  BadRows bad(options.on_bad_row);
  RawLog raw;
  std::map<std::string, std::size_t, std::less<>> known;
  for (;;) {
    std::int64_t type = 0;
    std::int64_t start = 0;
    std::int64_t stop = 0;
    const Result<bool> more = next_good_row(*table, bad, [&](CsvRow& row) {
      type = row.integer(grid5000::kType, 0, 1);
      start = row.integer(grid5000::kStart, 0, kMost / 2);
      stop = row.integer(grid5000::kStop, start, kMost / 2);
      if (row.is_empty(grid5000::kNode)) row.fail(grid5000::kNode, "a node's name");
    });
    if (!more) return failure(more.error());
    if (!*more) break;
    const std::string_view node = grid5000::below_grid(table->text(grid5000::kNode));
    if (!grid5000::is_selected(node, options.select)) continue;
    raw.cover(start, stop);
    const bool is_same = !raw.nodes.empty() && raw.nodes.back().first == node;
    std::size_t index = raw.nodes.size() - 1;
    if (!is_same) {
      const auto found = known.find(node);
      index = found == known.end() ? raw.nodes.size() : found->second;
      if (found == known.end()) {
        known.emplace(node, index);
        raw.nodes.emplace_back(node, Spans{});
      }
    }
    if (type == 0) raw.nodes[index].second.emplace_back(start, stop);
  }
  log->skipped_rows = bad.skipped();
  return finish(std::move(raw), *table, options, std::move(log));
}

Result<std::shared_ptr<const FailureLog>> read_outages(std::unique_ptr<ByteSource> source,
                                                       OnBadRow on_bad_row) {
  auto table = CsvTable::open(std::move(source), {"node", "start_seconds", "end_seconds"});
  if (!table) return failure(table.error());
  auto log = std::make_shared<FailureLog>();
  std::vector<NodeOutages>& nodes = log->outages.nodes;
  std::map<std::string, std::size_t, std::less<>> known;
  BadRows bad(on_bad_row);
  for (;;) {
    DownInterval down;
    const Result<bool> more = next_good_row(*table, bad, [&](CsvRow& row) {
      if (row.is_empty(0)) row.fail(0, "a node's name");
      down = {.start = kTimeZero + row.seconds(1), .end = kTimeZero + row.seconds(2)};
      if (!row.error() && down.end < down.start) row.fail(2, "a time not before start_seconds");
    });
    if (!more) return failure(more.error());
    if (!*more) break;
    const auto [found, is_new] = known.try_emplace(std::string(table->text(0)), nodes.size());
    if (is_new) nodes.push_back({.node = found->first, .down = {}});
    nodes[found->second].down.push_back(down);
    log->outages.span = std::max(log->outages.span, down.end - kTimeZero);
  }
  for (NodeOutages& node : nodes) node.down = merged(std::move(node.down));
  log->skipped_rows = bad.skipped();
  log->name = table->name();
  log->checksum = table->checksum();
  return log;
}

}  // namespace orrery::traces

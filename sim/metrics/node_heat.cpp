#include "orrery/sim/metrics/node_heat.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace orrery::sim {
namespace {

constexpr std::int64_t kWhole = 1'000'000;

template <class Level>
void shift_level(Level& level, std::int64_t delta, Time now) {
  level.integral += static_cast<Int128>(level.value) * (now - level.since).count();
  level.value += delta;
  level.since = now;
}

template <class Level>
Int128 take(Level& level, Time at) {
  shift_level(level, 0, at);
  return std::exchange(level.integral, 0);
}

}  // namespace

NodeHeat::NodeHeat(std::size_t nodes, std::size_t rows, const WindowPlan& plan)
    : node_count_(nodes),
      rows_(std::min(nodes, rows)),
      plan_(plan),
      width_(first_window_width(plan)),
      nodes_in_row_(rows_),
      allocated_(rows_),
      down_(rows_) {
  window_end_ = plan_.begin > kTimeZero ? plan_.begin : saturating_add(kTimeZero, width_);
}

void NodeHeat::node_joined(const std::string& name, MilliCpu cpu, MilliGpu gpu) {
  const bool has_gpus = gpu.count() > 0;
  ++nodes_in_row_[row_of(nodes_.size())];
  nodes_.push_back({.capacity = has_gpus ? gpu.count() : cpu.count(), .has_gpus = has_gpus});
  names_.push_back(name);
}

void NodeHeat::shift(NodeId id, MilliCpu cpu, MilliGpu gpu, Time now) {
  if (now >= window_end_) roll(now);
  NodeState& node = nodes_[id];
  node.reserved += node.has_gpus ? gpu.count() : cpu.count();
  const std::int64_t share = node.capacity > 0 ? node.reserved * kWhole / node.capacity : 0;
  shift_level(allocated_[row_of(id.index())], share - node.share, now);
  node.share = share;
}

void NodeHeat::node_power(NodeId id, bool is_up, Time now) {
  if (now >= window_end_) roll(now);
  NodeState& node = nodes_[id];
  if (node.is_up == is_up) return;
  node.is_up = is_up;
  shift_level(down_[row_of(id.index())], is_up ? -kWhole : kWhole, now);
}

void NodeHeat::roll(Time now) {
  while (now >= window_end_) {
    close_window(window_end_);
    if (windows_.size() >= 2 * plan_.points) join_neighbours();
    window_end_ = saturating_add(window_start_, width_);
  }
}

void NodeHeat::close_window(Time at) {
  Window window{.start = window_start_, .end = at, .allocated = {}, .down = {}};
  for (std::size_t row = 0; row < rows_; ++row) {
    window.allocated.push_back(take(allocated_[row], at));
    window.down.push_back(take(down_[row], at));
  }
  window_start_ = at;
  if (window.end > plan_.begin) windows_.push_back(std::move(window));
}

void NodeHeat::join_neighbours() {
  std::vector<Window> joined;
  joined.reserve(windows_.size());
  for (std::size_t i = 0; i + 1 < windows_.size(); i += 2) {  // an even number: twice the points
    joined.push_back(std::move(windows_[i]));
    Window& one = joined.back();
    const Window& next = windows_[i + 1];
    one.end = next.end;
    for (std::size_t row = 0; row < rows_; ++row) {
      one.allocated[row] += next.allocated[row];
      one.down[row] += next.down[row];
    }
  }
  windows_ = std::move(joined);
  width_ *= 2;
}

std::vector<std::string> NodeHeat::row_names() const {
  std::vector<std::string> first(rows_);
  std::vector<std::string> last(rows_);
  for (std::size_t node = 0; node < names_.size(); ++node) {
    const std::size_t row = row_of(node);
    if (first[row].empty()) first[row] = names_[node];
    last[row] = names_[node];
  }
  for (std::size_t row = 0; row < rows_; ++row) {
    if (nodes_in_row_[row] > 1) first[row] = fmt::format("{} … {}", first[row], last[row]);
  }
  return first;
}

std::vector<HeatMap> NodeHeat::finish(Time end) {
  if (end >= window_end_) roll(end);
  if (end > window_start_) close_window(end);
  HeatMap allocated{.name = "node_allocated_percent", .unit = "%", .rows = row_names()};
  for (const Window& window : windows_) allocated.edges.push_back(seconds(window.start));
  if (!windows_.empty()) allocated.edges.push_back(seconds(windows_.back().end));
  HeatMap down = allocated;
  down.name = "node_down_percent";
  for (std::size_t row = 0; row < rows_; ++row) {
    for (const Window& window : windows_) {
      const double whole = static_cast<double>((window.end - window.start).count()) *
                           static_cast<double>(nodes_in_row_[row]) * static_cast<double>(kWhole);
      allocated.values.push_back(100 * static_cast<double>(window.allocated[row]) / whole);
      down.values.push_back(100 * static_cast<double>(window.down[row]) / whole);
    }
  }
  return {std::move(allocated), std::move(down)};
}

}  // namespace orrery::sim

#include "orrery/sim/metrics/node_heat.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace orrery::sim {
namespace {

constexpr std::int64_t kWhole = 1'000'000;

}  // namespace

NodeHeat::NodeHeat(std::size_t nodes, std::size_t rows, const WindowPlan& plan)
    : node_count_(nodes),
      rows_(std::min(nodes, rows)),
      windows_(plan),
      nodes_in_row_(rows_),
      allocated_(rows_),
      down_(rows_) {}

void NodeHeat::node_joined(const std::string& name, MilliCpu cpu, MilliGpu gpu) {
  const bool has_gpus = gpu.count() > 0;
  ++nodes_in_row_[row_of(nodes_.size())];
  nodes_.push_back({.capacity = has_gpus ? gpu.count() : cpu.count(), .has_gpus = has_gpus});
  names_.push_back(name);
}

void NodeHeat::shift(NodeId id, MilliCpu cpu, MilliGpu gpu, Time now) {
  if (windows_.is_over(now)) roll(now);
  NodeState& node = nodes_[id];
  node.reserved += node.has_gpus ? gpu.count() : cpu.count();
  const std::int64_t share = node.capacity > 0 ? node.reserved * kWhole / node.capacity : 0;
  allocated_[row_of(id.index())].shift(share - node.share, now);
  node.share = share;
}

void NodeHeat::node_power(NodeId id, bool is_up, Time now) {
  if (windows_.is_over(now)) roll(now);
  NodeState& node = nodes_[id];
  if (node.is_up == is_up) return;
  node.is_up = is_up;
  down_[row_of(id.index())].shift(is_up ? -kWhole : kWhole, now);
}

void NodeHeat::Window::append(const Window& next) {
  end = next.end;
  for (std::size_t row = 0; row < allocated.size(); ++row) {
    allocated[row] += next.allocated[row];
    down[row] += next.down[row];
  }
}

void NodeHeat::roll(Time now) {
  windows_.roll(now, [this](Time start, Time end) { return close(start, end); });
}

NodeHeat::Window NodeHeat::close(Time start, Time end) {
  Window window{.start = start, .end = end, .allocated = {}, .down = {}};
  for (std::size_t row = 0; row < rows_; ++row) {
    window.allocated.push_back(allocated_[row].take(end));
    window.down.push_back(down_[row].take(end));
  }
  return window;
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
  if (windows_.is_over(end)) roll(end);
  if (end > windows_.start()) {
    windows_.end_window(end, [this](Time start, Time at) { return close(start, at); });
  }
  const std::vector<Window>& windows = windows_.closed();
  HeatMap allocated{.name = "node_allocated_percent", .unit = "%", .rows = row_names()};
  for (const Window& window : windows) allocated.edges.push_back(seconds(window.start));
  if (!windows.empty()) allocated.edges.push_back(seconds(windows.back().end));
  HeatMap down = allocated;
  down.name = "node_down_percent";
  for (std::size_t row = 0; row < rows_; ++row) {
    for (const Window& window : windows) {
      const double whole = static_cast<double>((window.end - window.start).count()) *
                           static_cast<double>(nodes_in_row_[row]) * static_cast<double>(kWhole);
      allocated.values.push_back(100 * static_cast<double>(window.allocated[row]) / whole);
      down.values.push_back(100 * static_cast<double>(window.down[row]) / whole);
    }
  }
  return {std::move(allocated), std::move(down)};
}

}  // namespace orrery::sim

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/run_outcome.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/metrics/integrated_level.hpp"
#include "orrery/sim/metrics/rolling_windows.hpp"

namespace orrery::sim {

/// How full each node is over virtual time, in a table of bounded size: at most `rows` rows of
/// neighbouring nodes, and between `points` and twice as many windows, which join as
/// RollingWindows does. A node's share is what is reserved of its GPUs, or of its CPU where it has
/// none. Integrated exactly; each call is O(1) apart from the ends of windows, which cost O(rows).
class NodeHeat {
 public:
  /// `nodes` > 0 nodes will join; `plan.points` windows are kept.
  NodeHeat(std::size_t nodes, std::size_t rows, const WindowPlan& plan);

  /// Ids follow the order of the calls.
  void node_joined(const std::string& name, MilliCpu cpu, MilliGpu gpu);
  /// What is reserved on `node` changes.
  void shift(NodeId node, MilliCpu cpu, MilliGpu gpu, Time now);
  void node_power(NodeId node, bool is_up, Time now);

  /// Closes the record: `node_allocated_percent` and `node_down_percent` (of the nodes' time).
  /// Nothing may be recorded afterwards.
  [[nodiscard]] std::vector<HeatMap> finish(Time end);

 private:
  struct NodeState {
    std::int64_t capacity = 0;  ///< milli-GPU or milli-CPU
    std::int64_t reserved = 0;
    std::int64_t share = 0;  ///< millionths
    bool has_gpus = false;
    bool is_up = true;
  };
  struct Window {
    Time start{};
    Time end{};
    std::vector<Int128> allocated;  ///< by row, millionths × nanoseconds
    std::vector<Int128> down;

    void append(const Window& next);
  };

  [[nodiscard]] std::size_t row_of(std::size_t node) const { return node * rows_ / node_count_; }
  void roll(Time now);
  [[nodiscard]] Window close(Time start, Time end);
  [[nodiscard]] std::vector<std::string> row_names() const;

  std::size_t node_count_;
  std::size_t rows_;
  RollingWindows<Window> windows_;
  IdVector<NodeId, NodeState> nodes_;
  std::vector<std::string> names_;
  std::vector<std::size_t> nodes_in_row_;
  std::vector<IntegratedLevel> allocated_;  ///< by row, millionths summed over its nodes
  std::vector<IntegratedLevel> down_;
};

}  // namespace orrery::sim

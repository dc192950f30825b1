#include "orrery/policies/placement/leftover_fit.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "orrery/policies/placement/binding.hpp"

namespace orrery::policies {
namespace {

constexpr std::int64_t kExactBelow = std::int64_t{1} << 31;
constexpr std::int64_t kRoundedTo = std::int64_t{1} << 40;

ParameterSpec weight(const char* name, const char* default_json, const char* doc) {
  return {.name = name,
          .type = ParameterType::Integer,
          .default_json = default_json,
          .doc = doc,
          .minimum = 0,
          .maximum = 100};
}

std::int64_t whole_mebibytes(Bytes bytes) { return bytes.count() >> 20; }

/// The least common multiple, or kRoundedTo when it is not below kExactBelow.
std::int64_t common_multiple(std::int64_t a, std::int64_t b) {
  if (a >= kExactBelow || b >= kExactBelow) return kRoundedTo;
  const std::int64_t multiple = std::lcm(a, b);
  return multiple < kExactBelow ? multiple : kRoundedTo;
}

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

std::vector<ParameterSpec> LeftoverFit::parameters() {
  std::vector<ParameterSpec> specs{
      weight("cpu_weight", "1", "Weight of the CPU left over, relative to the other weights."),
      weight("gpu_weight", "1", "Weight of the GPU milli left over, where nodes have GPUs."),
      weight("memory_weight", "0", "Weight of the memory left over."),
      {.name = "score_levels",
       .type = ParameterType::Integer,
       .default_json = "100",
       .doc = "Whole levels that scores are cut down to; nodes of one level count as equal.",
       .minimum = 1,
       .maximum = 1000}};
  for (ParameterSpec& spec : LargestNode::parameters()) specs.push_back(std::move(spec));
  return specs;
}

LeftoverFit::LeftoverFit(const Parameters& parameters, Prefer prefer)
    : prefer_(prefer),
      levels_(parameters.integer("score_levels")),
      weights_{parameters.integer("cpu_weight"), parameters.integer("gpu_weight"),
               parameters.integer("memory_weight")},
      largest_(parameters) {}

std::int64_t LeftoverFit::units(const Amounts& amounts) const {
  return per_unit_[0] * amounts[0] + per_unit_[1] * amounts[1] + per_unit_[2] * amounts[2];
}

std::int64_t LeftoverFit::units_free(const ClusterState& state, NodeId node) const {
  const NodeColumns& nodes = state.nodes();
  return units({nodes.cpu_free[node].count(), nodes.gpu_free[node].count(),
                whole_mebibytes(nodes.memory_free[node])});
}

std::int64_t LeftoverFit::units_asked(const ClusterState& state, const Pod& pod) const {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  return units({pod.cpu.count(), gpu.total().count(), whole_mebibytes(pod.memory)});
}

/// What is maximised: whole levels from 0 on.
std::int64_t LeftoverFit::score(std::int64_t leftover) const {
  const std::int64_t good = prefer_ == Prefer::LeastLeft ? one_ - leftover : leftover;
  return std::max<std::int64_t>(good, 0) * levels_ / one_;
}

NodeId LeftoverFit::choose(const ClusterState& state, const Pod& pod) const {
  const Room asked = room_asked(state, pod);
  const std::int64_t asked_units = units_asked(state, pod);
  const auto accept = [&](NodeId node) { return state.fits(node, pod); };

  const bool is_best_fit = prefer_ == Prefer::LeastLeft;
  const NodeId best =
      is_best_fit ? order_.lowest_key(asked, accept) : order_.highest_key(asked, accept);
  if (!best) return {};
  const std::int64_t key = order_.key(best);
  const std::int64_t level = score(key - asked_units);
  const std::int64_t level_starts = divided_up(level * one_, levels_);
  if (!is_best_fit) return order_.lowest_id(level_starts + asked_units, key, asked, accept);
  const std::int64_t high =
      level == 0 ? std::numeric_limits<std::int64_t>::max() : one_ - level_starts + asked_units;
  return order_.lowest_id(key, high, asked, accept);
}

Placement LeftoverFit::place(const ClusterView& view, PodId id) {
  if (is_stale_) rescale(view.state);
  const Pod& pod = view.state.pod(id);
  const NodeId node = choose(view.state, pod);
  return node ? bind_best_fit(view.state, pod, node) : Placement::wait(WaitReason::NoFeasibleNode);
}

void LeftoverFit::refresh(const ClusterState& state, NodeId node) {
  if (state.nodes().blocked[node] != 0) {
    order_.erase(node);
  } else {
    order_.set(node, units_free(state, node), room_of(state, node));
  }
}

void LeftoverFit::rescale(const ClusterState& state) {
  const Amounts sizes{largest_.cpu(), largest_.gpu(), largest_memory_};
  std::int64_t weight_total = 0;
  std::int64_t common = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 || weights_[i] == 0) continue;
    weight_total += weights_[i];
    common = common_multiple(common, sizes[i]);
  }
  one_ = std::max<std::int64_t>(weight_total * common, 1);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    per_unit_[i] = sizes[i] == 0 ? 0 : weights_[i] * common / sizes[i];
  }
  for (std::size_t node = 0; node < state.node_count(); ++node) refresh(state, NodeId{node});
  is_stale_ = false;
}

void LeftoverFit::on_change(const ClusterView& view, const StateChange& change) {
  const NodeId node = changed_node(view, change);
  if (!node) return;
  if (std::holds_alternative<change::NodeAdded>(change)) {
    const std::int64_t memory = whole_mebibytes(view.state.nodes().memory_allocatable[node]);
    is_stale_ |= largest_.add(view.state, node) || memory > largest_memory_;
    largest_memory_ = std::max(largest_memory_, memory);
  }
  if (!is_stale_) refresh(view.state, node);
}

Explanation LeftoverFit::explain(const ClusterView& view, PodId id) {
  if (is_stale_) rescale(view.state);
  const Pod& pod = view.state.pod(id);
  const std::int64_t asked = units_asked(view.state, pod);
  Explanation explanation = explain_filters(view, id);
  explanation.columns = {"left over", "level"};
  for (Explanation::Row& row : explanation.rows) {
    if (!view.state.fits(row.node, pod)) continue;
    const std::int64_t leftover = units_free(view.state, row.node) - asked;
    row.total = static_cast<double>(score(leftover));
    row.scores = {static_cast<double>(leftover) / static_cast<double>(one_), row.total};
  }
  explanation.placement = place(view, id);
  return explanation;
}

}  // namespace orrery::policies

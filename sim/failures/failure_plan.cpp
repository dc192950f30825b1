#include "orrery/sim/failures/failure_plan.hpp"

#include <algorithm>
#include <utility>

namespace orrery::sim {
namespace {

// Streams of nodes and groups of all clusters must not meet. A group's number is a hash of its
// name: groups of one name in two clusters must not fail together.
std::uint64_t entity(ClusterId cluster, NodeId node) {
  return (static_cast<std::uint64_t>(cluster.index()) << 40) | node.index();
}
std::uint64_t entity(ClusterId cluster, const GroupFailures& group) {
  return mix_bits(mix_bits(cluster.index()) ^ group.group);
}

}  // namespace

FailureCause::FailureCause(std::vector<NodeId> nodes, FailureModel model, Stream up, Stream down)
    : nodes_(std::move(nodes)), law_(Law{.model = std::move(model), .up = up, .down = down}) {}

FailureCause::FailureCause(std::vector<NodeId> nodes, std::vector<DownInterval> outages)
    : nodes_(std::move(nodes)), outages_(std::move(outages)) {}

std::optional<DownInterval> FailureCause::next(Time since) {
  if (law_) {
    const Duration up = duration_from_seconds(law_->model.uptime.sample(law_->up));
    const Duration down = duration_from_seconds(law_->model.repair.sample(law_->down));
    const Time start = saturating_add(since, up);
    if (start == kTimeMax) return std::nullopt;
    return DownInterval{.start = start, .end = saturating_add(start, down)};
  }
  while (position_ < outages_.size()) {
    const DownInterval outage = outages_[position_++];
    if (outage.end > since) return DownInterval{std::max(outage.start, since), outage.end};
  }
  return std::nullopt;
}

std::uint64_t FailureCause::fingerprint() const {
  if (law_) return mix_bits(law_->up.fingerprint() ^ law_->down.fingerprint());
  return mix_bits(position_);
}

std::vector<FailureCause> failure_causes(const FailurePlan& plan, std::uint64_t seed,
                                         ClusterId cluster) {
  std::vector<FailureCause> causes;
  for (const RandomFailures& random : plan.random) {
    for (const NodeId node : random.nodes) {
      const std::uint64_t key = entity(cluster, node);
      causes.emplace_back(std::vector<NodeId>{node}, random.model,
                          Stream{seed, Purpose::NodeFailure, key},
                          Stream{seed, Purpose::NodeRepair, key});
    }
  }
  for (const GroupFailures& group : plan.groups) {
    const std::uint64_t key = entity(cluster, group);
    causes.emplace_back(group.nodes, group.model, Stream{seed, Purpose::NodeFailure, key},
                        Stream{seed, Purpose::NodeRepair, key});
  }
  for (const ReplayedFailures& replayed : plan.replayed) {
    causes.emplace_back(std::vector<NodeId>{replayed.node}, replayed.outages);
  }
  return causes;
}

}  // namespace orrery::sim

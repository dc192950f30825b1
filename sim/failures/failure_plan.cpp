#include "orrery/sim/failures/failure_plan.hpp"

#include <algorithm>
#include <utility>

#include "orrery/models/check.hpp"

namespace orrery::sim {
namespace {

// Streams of nodes and groups of all clusters must not meet, nor those of crashes and partitions. A
// group's number is a hash of its name: groups of one name in two clusters must not fail together.
std::uint64_t entity(ClusterId cluster, NodeId node, OutageKind kind) {
  return (static_cast<std::uint64_t>(kind) << 63) |
         (static_cast<std::uint64_t>(cluster.index()) << 40) | node.index();
}
std::uint64_t entity(ClusterId cluster, const GroupFailures& group) {
  return mix_bits(mix_bits(cluster.index()) ^ group.group) ^
         (static_cast<std::uint64_t>(group.kind) << 63);
}

std::optional<DownInterval> outage_from(Time start, Duration down) {
  if (start == kTimeMax) return std::nullopt;
  return DownInterval{.start = start, .end = saturating_add(start, down)};
}

/// A span drawn on the condition that it is longer than `age`: by drawing until one is. `otherwise`
/// where that is next to impossible.
Duration longer_than(Duration age, const Distribution& law, Stream& stream, Duration otherwise) {
  constexpr int kTriesMax = 1'000'000;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    const Duration span = duration_from_seconds(law.sample(stream));
    if (span > age) return span;
  }
  return otherwise;
}

}  // namespace

FailureCause::FailureCause(std::vector<NodeId> nodes, FailureModel model, std::uint64_t seed,
                           std::uint64_t entity, OutageKind kind)
    : nodes_(std::move(nodes)),
      kind_(kind),
      law_(Law{.model = std::move(model),
               .entity = entity,
               .up = Stream{seed, Purpose::NodeFailure, entity},
               .down = Stream{seed, Purpose::NodeRepair, entity}}) {}

FailureCause::FailureCause(std::vector<NodeId> nodes, std::vector<DownInterval> outages,
                           OutageKind kind)
    : nodes_(std::move(nodes)), kind_(kind), outages_(std::move(outages)) {}

std::optional<DownInterval> FailureCause::next(Time since) {
  if (law_) {
    const Duration up = duration_from_seconds(law_->model.uptime.sample(law_->up));
    const Duration down = duration_from_seconds(law_->model.repair.sample(law_->down));
    law_->up_since = since;
    return law_->outage = outage_from(saturating_add(since, up), down);
  }
  while (position_ < outages_.size()) {
    const DownInterval outage = outages_[position_++];
    if (outage.end > since) return DownInterval{std::max(outage.start, since), outage.end};
  }
  return std::nullopt;
}

std::optional<DownInterval> FailureCause::reseed(std::uint64_t seed, Time now) {
  ORRERY_CHECK(law_.has_value(), "a log has one future");
  law_->up = Stream{seed, Purpose::NodeFailure, law_->entity};
  law_->down = Stream{seed, Purpose::NodeRepair, law_->entity};
  if (law_->outage && law_->outage->start <= now) {
    const Time start = law_->outage->start;
    const Duration down =
        longer_than(now - start, law_->model.repair, law_->down, law_->outage->end - start);
    return law_->outage = outage_from(start, down);
  }
  const Duration drawn = law_->outage ? law_->outage->start - law_->up_since : Duration::max();
  const Duration up = longer_than(now - law_->up_since, law_->model.uptime, law_->up, drawn);
  const Duration down = duration_from_seconds(law_->model.repair.sample(law_->down));
  return law_->outage = outage_from(saturating_add(law_->up_since, up), down);
}

std::uint64_t FailureCause::fingerprint() const {
  if (law_) return mix_bits(law_->up.fingerprint() ^ law_->down.fingerprint());
  return mix_bits(position_);
}

bool FailurePlan::has_partitions() const {
  const auto partitions = [](const auto& entry) { return entry.kind == OutageKind::Partition; };
  return std::any_of(random.begin(), random.end(), partitions) ||
         std::any_of(groups.begin(), groups.end(), partitions) ||
         std::any_of(replayed.begin(), replayed.end(), partitions);
}

std::vector<FailureCause> failure_causes(const FailurePlan& plan, std::uint64_t seed,
                                         ClusterId cluster) {
  std::vector<FailureCause> causes;
  for (const RandomFailures& random : plan.random) {
    for (const NodeId node : random.nodes) {
      causes.emplace_back(std::vector<NodeId>{node}, random.model, seed,
                          entity(cluster, node, random.kind), random.kind);
    }
  }
  for (const GroupFailures& group : plan.groups) {
    causes.emplace_back(group.nodes, group.model, seed, entity(cluster, group), group.kind);
  }
  for (const ReplayedFailures& replayed : plan.replayed) {
    causes.emplace_back(std::vector<NodeId>{replayed.node}, replayed.outages, replayed.kind);
  }
  return causes;
}

}  // namespace orrery::sim

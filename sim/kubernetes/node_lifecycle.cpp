#include "orrery/sim/kubernetes/node_lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace orrery::sim {
namespace {

/// The first of the times first, first + period, … that is not before `at`.
Time next_step(Time at, Time first, Duration period) {
  if (at <= first) return first;
  const auto steps = (at - first + period - Duration{1}) / period;
  return first + steps * period;
}

}  // namespace

NodeLifecycle::NodeLifecycle(const NodeLifecycleConfig& config, Time first_look)
    : config_(config), first_look_(first_look) {}

void NodeLifecycle::add_node(std::size_t zone) {
  while (zones_.size() <= zone) zones_.push_back({.evictor = ZoneEvictor(config_.eviction_rate)});
  ++zones_[zone].nodes;
  nodes_.push_back(NodeRow{.zone = zone});
}

void NodeLifecycle::leases_end(NodeId node, Time last) {
  NodeRow& row = nodes_[node];
  row.renews = false;
  row.probed = next_step(last, first_look_, config_.monitor_period);
  watched_.insert(node);
}

void NodeLifecycle::leases_resume(NodeId node) {
  NodeRow& row = nodes_[node];
  row.renews = true;
  if (!row.is_ready) --zones_[row.zone].not_ready;
  row.is_ready = true;
}

Time NodeLifecycle::next_look(Time now) const {
  const bool is_needed = std::any_of(watched_.begin(), watched_.end(), [this](NodeId node) {
    return nodes_[node].renews || nodes_[node].is_ready;
  });
  if (!is_needed) return kTimeMax;
  return next_step(now, first_look_, config_.monitor_period);
}

void NodeLifecycle::look(Time now, Writer& writer) {
  const std::vector<NodeId> watched(watched_.begin(), watched_.end());
  for (const NodeId node : watched) {
    update_health(node, now, writer);
    update_taint(node, writer);
  }
  handle_disruption(now, writer);
  std::erase_if(watched_, [this](NodeId node) {
    const NodeRow& row = nodes_[node];
    return row.renews && row.is_ready && !row.is_unreachable;
  });
}

/// The grace period runs from the look that sees the last lease. Looks are a whole number of
/// periods apart here; upstream's each come a little later, so that the grace period has passed at
/// the look that is exactly as much later.
void NodeLifecycle::update_health(NodeId node, Time now, Writer& writer) {
  NodeRow& row = nodes_[node];
  if (row.renews || !row.is_ready || now - row.probed < config_.grace_period) return;
  row.is_ready = false;
  ++zones_[row.zone].not_ready;
  writer.mark_unknown(node);
}

void NodeLifecycle::update_taint(NodeId node, Writer& writer) {
  const NodeRow& row = nodes_[node];
  if (row.is_ready) {
    mark_reachable(node, writer);
  } else if (!row.is_unreachable) {
    zones_[row.zone].evictor.add(node);
  }
}

void NodeLifecycle::mark_reachable(NodeId node, Writer& writer) {
  NodeRow& row = nodes_[node];
  zones_[row.zone].evictor.remove(node);
  if (!row.is_unreachable) return;
  row.is_unreachable = false;
  writer.set_unreachable(node, false);
}

NodeLifecycle::ZoneState NodeLifecycle::state_of(const Zone& zone) const {
  constexpr int kFewNodes = 2;
  if (zone.nodes == zone.not_ready) return ZoneState::Full;
  const float share = static_cast<float>(zone.not_ready) / static_cast<float>(zone.nodes);
  const bool is_partial = zone.not_ready > kFewNodes && share >= config_.unhealthy_threshold;
  return is_partial ? ZoneState::Partial : ZoneState::Normal;
}

double NodeLifecycle::rate_of(const Zone& zone) const {
  if (zone.state != ZoneState::Partial) return config_.eviction_rate;
  return zone.nodes > config_.large_zone ? config_.secondary_eviction_rate : 0;
}

void NodeLifecycle::handle_disruption(Time now, Writer& writer) {
  bool is_all_disrupted = true;
  for (Zone& zone : zones_) {
    if (zone.nodes == 0) continue;
    zone.state = state_of(zone);
    is_all_disrupted &= zone.state == ZoneState::Full;
  }
  if (is_all_disrupted && !is_all_disrupted_) {
    // Rather the control plane is cut off than every node: nothing is evicted.
    for (const NodeId node : watched_) mark_reachable(node, writer);
    for (Zone& zone : zones_) zone.evictor.set_rate(0, now);
  } else if (!is_all_disrupted) {
    if (is_all_disrupted_) {
      for (const NodeId node : watched_) nodes_[node].probed = now;  // health timers restart
    }
    for (Zone& zone : zones_) zone.evictor.set_rate(rate_of(zone), now);
  }
  is_all_disrupted_ = is_all_disrupted;
}

Time NodeLifecycle::next_taint(Time now) const {
  Time next = kTimeMax;
  for (const Zone& zone : zones_) next = std::min(next, zone.evictor.next(now));
  if (next == kTimeMax) return kTimeMax;
  return next_step(next, first_look_, config_.taint_pass_period);
}

void NodeLifecycle::taint(Time now, Writer& writer) {
  for (Zone& zone : zones_) {
    while (const std::optional<NodeId> node = zone.evictor.pop(now)) {
      nodes_[*node].is_unreachable = true;
      writer.set_unreachable(*node, true);
    }
  }
}

}  // namespace orrery::sim

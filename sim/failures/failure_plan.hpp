#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/models/failure.hpp"
#include "orrery/models/ids.hpp"
#include "orrery/models/stream.hpp"
#include "orrery/models/units.hpp"

namespace orrery::sim {

/// What an outage does to its nodes.
enum class OutageKind : std::uint8_t {
  Crash,      ///< they are down, and what ran on them is lost
  Partition,  ///< they and the API server do not reach each other; what runs on them goes on
};

/// Each node fails by itself, by draws from its own streams.
struct RandomFailures {
  std::vector<NodeId> nodes;
  FailureModel model;
  OutageKind kind = OutageKind::Crash;
};

/// Outages of the whole group at once: a rack's switch, a zone's power.
struct GroupFailures {
  std::vector<NodeId> nodes;
  std::uint64_t group = 0;  ///< tells the random streams of a cluster's groups apart
  FailureModel model;
  OutageKind kind = OutageKind::Crash;
};

/// What a log says about one node, in order and without overlap.
struct ReplayedFailures {
  NodeId node;
  std::vector<DownInterval> outages;
  OutageKind kind = OutageKind::Crash;
};

/// Why nodes of one cluster fail. Causes add up: a node is up while no cause holds it down, and in
/// touch while none cuts it off.
struct FailurePlan {
  std::vector<RandomFailures> random;
  std::vector<GroupFailures> groups;
  std::vector<ReplayedFailures> replayed;

  [[nodiscard]] bool has_partitions() const;
  [[nodiscard]] bool empty() const { return random.empty() && groups.empty() && replayed.empty(); }
};

/// One cause with the nodes that it takes down together; yields outages one after another.
class FailureCause {
 public:
  FailureCause(std::vector<NodeId> nodes, FailureModel model, std::uint64_t seed,
               std::uint64_t entity, OutageKind kind = OutageKind::Crash);
  FailureCause(std::vector<NodeId> nodes, std::vector<DownInterval> outages,
               OutageKind kind = OutageKind::Crash);

  [[nodiscard]] const std::vector<NodeId>& nodes() const { return nodes_; }
  [[nodiscard]] OutageKind kind() const { return kind_; }
  /// The next outage after the one before has ended at `since`; none when the log is over.
  [[nodiscard]] std::optional<DownInterval> next(Time since);
  /// Does it draw? A log does not.
  [[nodiscard]] bool is_random() const { return law_.has_value(); }
  /// Another future after the same past, for a cause that draws: from here on draws come from the
  /// streams of `seed`, and what lies beyond `now` of the outage that next() gave last is drawn
  /// again, on the condition of all that has been seen by then.
  [[nodiscard]] std::optional<DownInterval> reseed(std::uint64_t seed, Time now);
  [[nodiscard]] std::uint64_t fingerprint() const;

 private:
  struct Law {
    FailureModel model;
    std::uint64_t entity = 0;  ///< keys the streams
    Stream up;
    Stream down;
    Time up_since{};
    std::optional<DownInterval> outage = {};  ///< the last that was drawn
  };

  std::vector<NodeId> nodes_;
  OutageKind kind_;
  std::optional<Law> law_;
  std::vector<DownInterval> outages_;
  std::size_t position_ = 0;
};

/// The causes of a plan, each with streams of its own keyed by node or group.
[[nodiscard]] std::vector<FailureCause> failure_causes(const FailurePlan& plan, std::uint64_t seed,
                                                       ClusterId cluster);

}  // namespace orrery::sim

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "orrery/models/distribution.hpp"
#include "orrery/models/result.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// An alternating renewal process: up for a draw of `uptime`, down for a draw of `repair`, in
/// seconds. Draw with streams of Purpose::NodeFailure and Purpose::NodeRepair of the node.
struct FailureModel {
  Distribution uptime;
  Distribution repair;

  /// Share of time up in the long run.
  [[nodiscard]] double availability() const {
    return uptime.mean() / (uptime.mean() + repair.mean());
  }
  friend bool operator==(const FailureModel&, const FailureModel&) = default;
};

/// What fails together.
enum class FailureDomain : std::uint8_t { Rack, Zone, Cluster };
[[nodiscard]] std::string_view to_string(FailureDomain domain);

/// Correlated failures: each domain of this kind fails as a whole (power, switch, cooling), on top
/// of what its nodes do by themselves.
struct DomainFailureModel {
  FailureDomain domain = FailureDomain::Rack;
  FailureModel model;
  friend bool operator==(const DomainFailureModel&, const DomainFailureModel&) = default;
};

/// A span in which a node is down: from `start` until just before `end`.
struct DownInterval {
  Time start;
  Time end;
  friend bool operator==(const DownInterval&, const DownInterval&) = default;
};

/// The outages of one node, in order and without overlap.
struct NodeOutages {
  std::string node;  ///< its name in the log
  std::vector<DownInterval> down;
  friend bool operator==(const NodeOutages&, const NodeOutages&) = default;
};

/// What a failure log says, to be replayed: the i-th simulated node suffers the i-th entry's
/// outages.
struct OutageLog {
  std::vector<NodeOutages> nodes;
  Duration span{};  ///< how much time the log covers from kTimeZero
  friend bool operator==(const OutageLog&, const OutageLog&) = default;

  [[nodiscard]] std::uint64_t outage_count() const;
  /// Times between the end of an outage and the start of the node's next, in seconds, and the
  /// lengths of the outages: samples for fit.hpp. What the log's edges cut off is left out.
  [[nodiscard]] std::vector<double> uptimes() const;
  [[nodiscard]] std::vector<double> repair_times() const;
};

/// Sorts, and joins intervals that touch or overlap; empty ones go.
[[nodiscard]] std::vector<DownInterval> merged(std::vector<DownInterval> intervals);

/// How nodes fail: by a model, by domains, or both. Nothing set: they do not.
struct FailureModels {
  std::optional<FailureModel> node;
  std::vector<DomainFailureModel> domains;
  friend bool operator==(const FailureModels&, const FailureModels&) = default;
};

/// {"uptime": DISTRIBUTION, "repair": DISTRIBUTION}
[[nodiscard]] Result<FailureModel> read_failure_model(const nlohmann::json& value,
                                                      const Location& at);
/// {"node": MODEL, "rack": MODEL, "zone": MODEL, "cluster": MODEL}, each optional.
[[nodiscard]] Result<FailureModels> read_failure_models(const nlohmann::json& value,
                                                        const Location& at);
[[nodiscard]] nlohmann::json to_json(const FailureModel& model);
[[nodiscard]] nlohmann::json to_json(const FailureModels& models);

}  // namespace orrery

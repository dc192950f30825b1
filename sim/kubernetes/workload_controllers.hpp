#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "orrery/models/ids.hpp"
#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/models/units.hpp"
#include "orrery/sim/engine/event.hpp"
#include "orrery/sim/kubernetes/api_server.hpp"
#include "orrery/sim/kubernetes/kubernetes_setup.hpp"
#include "orrery/sim/kubernetes/replica_set_pods.hpp"
#include "orrery/sim/kubernetes/rolling_update.hpp"
#include "orrery/sim/kubernetes/token_bucket.hpp"

namespace orrery::sim {

/// The deployment and ReplicaSet controllers of one cluster, each with a client of its own: what
/// they decide stands in rolling_update.hpp and replica_set_pods.hpp, here is when. A change
/// reaches them after the watch delay and queues one sync; a ReplicaSet with calls on their way
/// creates and deletes nothing until they have arrived.
class WorkloadControllers {
 public:
  /// Wakes `api` with kinds from `first_kind` on.
  WorkloadControllers(const KubernetesSetup& setup, Duration watch_delay, ApiServer& api,
                      std::uint32_t first_kind);

  void start(Time now);
  void scale(std::size_t deployment, std::int32_t replicas, Time now);
  /// The Deployment gets another template.
  void roll_out(std::size_t deployment, Time now);

  // What the watch on pods tells; pods of others are left alone.
  void pod_bound(PodRef pod, NodeId node);
  void pod_ready(PodRef pod, bool is_ready, Time now);
  void pod_terminates(PodRef pod, Time now);
  void pod_gone(PodId pod, Time now);

  /// `kind` counts from the first kind on.
  void handle(std::uint32_t kind, const EventPayload& payload, Time now);

 private:
  enum class Kind : std::uint32_t {
    SyncDeployment,
    SyncSet,
    Resize,
    ReportStatus,
    CreatePod,
    DeletePod,
  };
  struct OwnedPod {
    std::uint64_t uid = 0;
    std::size_t set = 0;
    NodeId node;
    bool is_ready = false;
    bool is_terminating = false;
    bool is_condemned = false;  ///< the call that deletes it is on its way
    Time ready_since;
    Time created;
  };
  struct SetRow {
    std::size_t deployment = 0;
    ReplicaSetSize size;
    std::shared_ptr<const PodTemplate> pod_template;
    std::set<PodId> pods;
    std::int32_t on_their_way = 0;  ///< creations and deletions
    std::int32_t reported = 0;      ///< as available, be it on its way
    bool is_queued = false;
  };
  struct DeploymentRow {
    Deployment object;
    std::vector<std::size_t> sets;  ///< the oldest first
    std::int32_t revision = 0;      ///< of the template
    std::int32_t made = 0;          ///< the revision that the newest set has
    std::int32_t reported = 0;      ///< available pods, in its status
    bool is_queued = false;
  };

  EventHandle wake(Time at, Kind kind, std::size_t subject, std::uint64_t data = 0);
  void queue_deployment(std::size_t deployment, Time at);
  void queue_set(std::size_t set, Time at);
  [[nodiscard]] Time seen(Time now) const { return saturating_add(now, watch_delay_); }
  void sync(DeploymentRow& deployment, Time now);
  void sync(std::size_t set, Time now);
  void create(std::size_t set, std::int32_t count, Time now);
  void remove(std::size_t set, std::int32_t count, Time now);
  void report_status(std::size_t set, Time now);
  void create_pod(std::size_t set, Time now);
  void delete_pod(PodRef pod, std::size_t set, Time now);
  [[nodiscard]] std::vector<PodId> active_pods(const SetRow& set) const;
  [[nodiscard]] std::map<NodeId, std::int32_t> siblings_of(std::size_t deployment) const;
  [[nodiscard]] OwnedPod* find(PodRef pod);

  Duration watch_delay_;
  ApiServer& api_;
  std::uint32_t first_kind_;
  TokenBucket deployment_client_;
  TokenBucket set_client_;
  std::vector<DeploymentRow> deployments_;
  std::vector<SetRow> sets_;
  std::map<PodId, OwnedPod> pods_;
};

}  // namespace orrery::sim

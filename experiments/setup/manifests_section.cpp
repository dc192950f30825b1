#include "orrery/experiments/setup/manifests_section.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/models/power.hpp"
#include "orrery/models/price.hpp"
#include "orrery/traces/kubernetes/expansion.hpp"
#include "orrery/traces/kubernetes/manifests.hpp"
#include "orrery/traces/template_pool.hpp"

namespace orrery::experiments {
namespace {

using nlohmann::json;
using traces::kubernetes::Manifests;
using traces::kubernetes::OnUnknownKind;

/// What the bound pods leave of one node.
class Room {
 public:
  explicit Room(const Node& node) : left_(node) {}

  /// The name of what is too little; null: the pod fits, and has its devices.
  const char* take(const PodBlueprint& pod, GpuDeviceMask& devices) {
    const PodTemplate& placement = pod.placement;
    left_.cpu -= pod.cpu;
    left_.memory -= pod.memory;
    left_.ephemeral_storage -= placement.ephemeral_storage;
    if (left_.cpu < MilliCpu{}) return "cpu";
    if (left_.memory < Bytes{}) return "memory";
    if (left_.ephemeral_storage < Bytes{}) return "ephemeral-storage";
    if (--left_.pods < 0) return "pods";
    for (int i = 0; i < placement.gpu.count; ++i) {
      if (gpu_next_ == left_.gpus) return "nvidia.com/gpu";
      devices.add(static_cast<std::size_t>(gpu_next_++));
    }
    for (const auto& [name, amount] : placement.extended) {
      const auto own = left_.extended.find(name);
      if (own == left_.extended.end() || own->second < amount) return name.c_str();
      own->second -= amount;
    }
    return nullptr;
  }

 private:
  Node left_;
  std::int32_t gpu_next_ = 0;
};

/// Puts the plan of one cluster together.
class ManifestsPlanner {
 public:
  explicit ManifestsPlanner(const Manifests& manifests) : manifests_(manifests) {}

  Result<std::shared_ptr<const ManifestsPlan>> make(const Location& at) {
    if (manifests_.nodes.empty()) {
      return failure({.at = at, .message = "there is no Node among the manifests"});
    }
    for (const NodeObject& node : manifests_.nodes) add_node(node);
    const std::vector<PodObject> pods = traces::kubernetes::pods_at_start(manifests_);
    for (const PodObject& pod : pods) {
      if (pod.node.empty()) continue;
      if (auto error = add_bound(pod, at)) return failure(std::move(*error));
    }
    for (const PodObject& pod : pods) {
      if (pod.node.empty()) add_pending(pod);
    }
    return std::make_shared<const ManifestsPlan>(std::move(plan_));
  }

 private:
  void add_node(const NodeObject& object) {
    const NodeId id{plan_.nodes.nodes.size()};
    ids_[object.node.name] = id;
    rooms_.emplace_back(object.node);
    plan_.nodes.nodes.push_back(object.node);
    plan_.nodes.rates.push_back(sim::node_rates(object.node, PowerModel{}, PriceModel{}));
    if (!object.is_ready) plan_.not_ready.push_back(id);
    if (object.is_cordoned) plan_.cordoned.push_back(id);
  }

  traces::WorkloadItem item_of(const PodObject& pod) {
    plan_.has_endless_pods = plan_.has_endless_pods || !pod.pod.spec.run_time;
    return {.arrival = kTimeZero,
            .cpu = pod.pod.cpu,
            .memory = pod.pod.memory,
            .pod_template = pool_.intern(pod.pod.placement),
            .service = pod.pod.spec.run_time.value_or(Duration::max())};
  }

  static std::string name_of(const PodObject& pod) {
    return fmt::format("{}/{}", pod.name.name_space, pod.name.name);
  }

  std::optional<Error> add_bound(const PodObject& pod, const Location& at) {
    const NodeId node = ids_.at(pod.node);
    GpuDeviceMask devices;
    if (const char* const lacking = rooms_[node.index()].take(pod.pod, devices)) {
      return Error{.at = at,
                   .message = fmt::format("the pods that are bound to node {} ask for more {} than "
                                          "it offers",
                                          pod.node, lacking),
                   .found = name_of(pod),
                   .expected = "no more than fits"};
    }
    plan_.bound.push_back({.pod = item_of(pod), .node = node, .devices = devices});
    plan_.names.push_back(name_of(pod));
    return std::nullopt;
  }

  void add_pending(const PodObject& pod) {
    if (pod.is_gated) {
      plan_.gated.push_back(name_of(pod));
      return;
    }
    plan_.pending.push_back(item_of(pod));
    plan_.pending.back().gang = plan_.pending.size();
    plan_.names.push_back(name_of(pod));
  }

  const Manifests& manifests_;
  ManifestsPlan plan_;
  std::map<std::string, NodeId, std::less<>> ids_;
  std::vector<Room> rooms_;
  traces::TemplatePool pool_;
};

class PendingPods final : public traces::WorkloadSource {
 public:
  explicit PendingPods(std::shared_ptr<const ManifestsPlan> plan) : plan_(std::move(plan)) {}

  Result<bool> next(traces::WorkloadItem& item) override {
    if (next_ == plan_->pending.size()) return false;
    item = plan_->pending[next_++];
    return true;
  }
  [[nodiscard]] std::string describe() const override { return "pods of manifests"; }

 private:
  std::shared_ptr<const ManifestsPlan> plan_;
  std::size_t next_ = 0;
};

void note_left_out(const Manifests& manifests, const ManifestsPlan& plan,
                   std::vector<std::string>& notices) {
  for (const auto& [kind, count] : manifests.ignored) {
    notices.push_back(fmt::format("left out: {} {}, which {} not simulated", count, kind,
                                  count > 1 ? "are" : "is"));
  }
  if (!plan.gated.empty()) {
    notices.push_back(
        fmt::format("left out: {} with scheduling gates, such as {}",
                    plan.gated.size() > 1 ? fmt::format("{} pods", plan.gated.size()) : "1 pod",
                    plan.gated.front()));
  }
}

}  // namespace

Result<std::shared_ptr<const ManifestsPlan>> read_manifests_member(const json& path,
                                                                   const Location& at,
                                                                   const json& cluster,
                                                                   SetupContext& context) {
  const auto given = read_string(path, at);
  if (!given) return failure(given.error());
  bool ignores = false;
  if (cluster.contains("ignore_unknown")) {
    const auto read = read_bool(cluster["ignore_unknown"], at);
    if (!read) return failure(read.error());
    ignores = *read;
  }
  const std::string folder = context.path_of(*given);
  auto& cached = context.manifests[fmt::format("{}{}", ignores, folder)];
  if (cached) return cached;
  const auto files = traces::kubernetes::manifest_files(folder);
  if (!files) return failure(files.error());
  const auto manifests = traces::kubernetes::read_manifests(
      folder, ignores ? OnUnknownKind::Count : OnUnknownKind::Fail);
  if (!manifests) return failure(manifests.error());
  auto plan = ManifestsPlanner(*manifests).make({.file = folder});
  if (!plan) return plan;
  context.files_read.insert(files->begin(), files->end());
  note_left_out(*manifests, **plan, context.notices);
  cached = *plan;
  return plan;
}

std::unique_ptr<traces::WorkloadSource> pending_pods(std::shared_ptr<const ManifestsPlan> plan) {
  return std::make_unique<PendingPods>(std::move(plan));
}

}  // namespace orrery::experiments

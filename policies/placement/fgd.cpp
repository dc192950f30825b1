#include "orrery/policies/placement/fgd.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

namespace orrery::policies {
namespace {

constexpr int kScores = 100;

}  // namespace

std::vector<ParameterSpec> Fgd::parameters() {
  return {{.name = "typical_pods",
           .type = ParameterType::Text,
           .default_json = "\"auto\"",
           .doc = "Where typical pods come from: the workload profile known in advance, the pods "
                  "observed so far, or (auto) the profile where there is one.",
           .choices = {"auto", "profile", "observed"}},
          {.name = "popularity",
           .type = ParameterType::Number,
           .default_json = "0.95",
           .doc = "Share of the observed pods that the typical ones cover together.",
           .minimum = 0.01,
           .maximum = 1},
          {.name = "refresh_pods",
           .type = ParameterType::Integer,
           .default_json = "1000",
           .doc = "Observed pods after which the typical ones are determined again.",
           .minimum = 1,
           .maximum = 1e9}};
}

Result<std::unique_ptr<Fgd>> Fgd::make(const Parameters& parameters, const PolicyContext& context) {
  const std::string& source = parameters.text("typical_pods");
  if (source == "profile" && context.profile == nullptr) {
    return failure({.at = parameters.at("typical_pods"),
                    .message = "this experiment lets policies know no workload profile",
                    .found = "profile",
                    .expected = "",
                    .hint = "use 'observed'"});
  }
  return std::make_unique<Fgd>(source == "observed" ? nullptr : context.profile,
                               parameters.number("popularity"), parameters.integer("refresh_pods"));
}

Fgd::Fgd(std::shared_ptr<const WorkloadProfile> profile, double popularity,
         std::int64_t refresh_pods)
    : learns_(profile == nullptr),
      popularity_(popularity),
      refresh_pods_(refresh_pods),
      profile_(learns_ ? std::make_shared<const WorkloadProfile>() : std::move(profile)) {}

void Fgd::observe(const ClusterState& state, PodId id) {
  const Pod& pod = state.pod(id);
  ++seen_[{pod.cpu.count(), pod.pod_template}];
  ++pods_seen_;
}

/// Makes the tables anew for the typical pods and the cluster's GPU models as they are now.
void Fgd::remodel(const ClusterState& state) {
  if (learns_) {
    std::vector<TypicalPod> requests;
    for (const auto& [key, pods] : seen_) {
      const PodTemplate& spec = *state.resolved(key.second).spec;
      requests.push_back({.cpu = MilliCpu{key.first},
                          .gpu = spec.gpu,
                          .gpu_models = spec.gpu_models,
                          .pods = pods});
    }
    profile_ = std::make_shared<const WorkloadProfile>(typical_pods(requests, popularity_));
    pods_at_refresh_ = pods_seen_;
  }
  gpu_models_ = state.gpu_models().size();
  model_.emplace(*profile_, state.gpu_models());
  // 100 · sigmoid(fall / 1000) ≥ s where fall ≥ 1000 · ln(s / (100 − s)); the fall in weighted
  // units.
  const auto weight = static_cast<long double>(model_->weight_total());
  for (int score = 1; score < kScores; ++score) {
    const long double odds = static_cast<long double>(score) / (kScores - score);
    thresholds_[static_cast<std::size_t>(score - 1)] =
        score * 2 == kScores
            ? 0
            : static_cast<std::int64_t>(std::ceil(1000.0L * weight * std::log(odds)));
  }
  forget_scores();
}

void Fgd::prepare(const ClusterView& view) {
  const bool has_more_to_learn =
      learns_ && (pods_at_refresh_ < 0 || pods_seen_ - pods_at_refresh_ >= refresh_pods_);
  if (!model_ || has_more_to_learn || gpu_models_ != view.state.gpu_models().size()) {
    remodel(view.state);
  }
}

bool Fgd::follow(const ClusterView& view, const StateChange& change) {
  const auto* added = std::get_if<change::PodAdded>(&change);
  if (learns_ && added != nullptr) observe(view.state, added->id);
  return false;
}

int Fgd::score_of(std::int64_t weighted_fall) const {
  const auto above = std::upper_bound(thresholds_.begin(), thresholds_.end(), weighted_fall);
  return static_cast<int>(above - thresholds_.begin());
}

Fgd::Choice Fgd::choose(const ClusterState& state, NodeId node, const Pod& pod) const {
  const NodeColumns& nodes = state.nodes();
  const int gpus = nodes.gpu_count[node];
  if (gpus == 0) return {.score = score_of(0)};
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  const GpuDevices& devices = nodes.gpu_devices[node];
  const auto whole = static_cast<std::int16_t>(kWholeGpu.count());

  // F falls by what the pod takes and by what typical pods can use afterwards, less what they could
  // use before. At the CPU that is left after placing, sum up as if the devices stayed the same.
  const auto after = model_->usable(nodes.cpu_free[node] - pod.cpu, nodes.gpu_model[node]);
  const auto before = model_->usable(nodes.cpu_free[node], nodes.gpu_model[node]);
  std::int64_t fall = model_->weight_total() * gpu.total().count();
  int untouched = 0;
  for (std::size_t device = 0; device < static_cast<std::size_t>(gpus); ++device) {
    const std::int16_t left = devices.free[device];
    fall += after.of_device(left) - before.of_device(left);
    untouched += left == whole ? 1 : 0;
  }
  fall -= before.of_untouched(untouched);

  if (gpu.count == 0) return {.score = score_of(fall + after.of_untouched(untouched))};
  if (!gpu.is_shared()) {
    const std::int64_t taken = gpu.count * after.of_device(whole);
    return {.score = score_of(fall - taken + after.of_untouched(untouched - gpu.count))};
  }
  Choice choice;
  for (std::size_t device = 0; device < static_cast<std::size_t>(gpus); ++device) {
    const std::int16_t left = devices.free[device];
    if (left < gpu.milli) continue;
    const std::int64_t here = fall - after.of_device(left) +
                              after.of_device(static_cast<std::int16_t>(left - gpu.milli)) +
                              after.of_untouched(left == whole ? untouched - 1 : untouched);
    if (const int score = score_of(here); score > choice.score) {
      choice = {.score = score, .device = device};
    }
  }
  return choice;
}

int Fgd::score(const ClusterState& state, NodeId node, const Pod& pod) const {
  return choose(state, node, pod).score;
}

GpuDeviceMask Fgd::devices(const ClusterState& state, NodeId node, const Pod& pod) const {
  const GpuRequest& gpu = state.resolved(pod.pod_template).spec->gpu;
  const GpuDevices& devices = state.nodes().gpu_devices[node];
  if (!gpu.is_shared()) return best_fit_devices(devices, gpu);
  GpuDeviceMask chosen;
  chosen.add(choose(state, node, pod).device);
  return chosen;
}

}  // namespace orrery::policies

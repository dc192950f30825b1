#include "orrery/policies/scaling/replica_calculator.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "orrery/policies/scaling/go_arithmetic.hpp"

namespace orrery::policies {
namespace {

using Proposed = tl::expected<Proposal, const char*>;

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr std::int32_t kInt32Max = std::numeric_limits<std::int32_t>::max();

Proposed refused(const char* why) { return tl::unexpected<const char*>(why); }

/// What a pod counts for.
enum class Group : std::uint8_t { Ready, Unready, Missing, Ignored };

/// Is the sample of a pod's CPU one of its start?
bool is_starting(const PodSignal& pod, const PodSample& sample, Time now,
                 const AutoscalerSettings& settings) {
  if (pod.ready == ReadyStatus::Absent || !pod.started) return true;
  const bool is_unready = pod.ready == ReadyStatus::False;
  if (*pod.started + settings.cpu_initialization_period > now) {
    return is_unready || sample.measured < pod.ready_changed + sample.window;
  }
  return is_unready && *pod.started + settings.initial_readiness_delay > pod.ready_changed;
}

/// The sums over the pods that count, for the type of target of one metric.
class PodSums {
 public:
  PodSums(const MetricSpec& spec, const MetricReading& reading, const ScalingSignals& signals,
          const AutoscalerSettings& settings)
      : spec_(spec),
        reading_(reading),
        signals_(signals),
        settings_(settings),
        is_cpu_(spec.query.type != MetricType::Pods && spec.query.name == "cpu") {}

  /// Sums up the pods with a usable sample; false where a pod has no request that is needed.
  bool add_measured() {
    const bool needs_requests = is_utilization();
    for (std::size_t pod = 0; pod < signals_.pods.size(); ++pod) {
      if (needs_requests && !request(pod)) return false;
      switch (group(pod)) {
        case Group::Ready:
          add(pod, reading_.samples[pod]->value.count());
          ++ready_;
          break;
        case Group::Unready:
          ++unready_;
          break;
        case Group::Missing:
          ++missing_;
          break;
        case Group::Ignored:
          break;
      }
    }
    for (const PodSample& stranger : reading_.strangers) {
      ++entries_;
      if (!needs_requests) total_ = go::add(total_, stranger.value.count());
    }
    return true;
  }

  /// Adds the pods without a usable sample, by what must be feared of them.
  void add_assumed(double ratio, bool with_unready) {
    for (std::size_t pod = 0; pod < signals_.pods.size(); ++pod) {
      const Group group = this->group(pod);
      if (group == Group::Missing && ratio < 1.0) add(pod, most(pod));
      if (group == Group::Missing && ratio > 1.0) add(pod, 0);
      if (group == Group::Unready && with_unready) add(pod, 0);
    }
  }

  /// Usage to target; none where nothing is known of the requests.
  [[nodiscard]] std::optional<double> ratio() const {
    if (!is_utilization()) {
      const std::int64_t usage = total_ / static_cast<std::int64_t>(entries_);
      return static_cast<double>(usage) / static_cast<double>(spec_.target);
    }
    if (requests_ == 0) return std::nullopt;
    const auto percent = static_cast<std::int32_t>(go::multiply(total_, 100) / requests_);
    return static_cast<double>(percent) / static_cast<double>(spec_.target);
  }

  [[nodiscard]] std::size_t entries() const { return entries_; }
  [[nodiscard]] std::size_t ready() const { return ready_; }
  [[nodiscard]] std::size_t unready() const { return unready_; }
  [[nodiscard]] std::size_t missing() const { return missing_; }

 private:
  [[nodiscard]] bool is_utilization() const { return spec_.target_type == TargetType::Utilization; }

  [[nodiscard]] std::optional<MilliValue> request(std::size_t pod) const {
    return pod < reading_.requests.size() ? reading_.requests[pod] : std::nullopt;
  }

  [[nodiscard]] Group group(std::size_t index) const {
    const PodSignal& pod = signals_.pods[index];
    if (pod.is_deleting || pod.phase == PodPhase::Failed) return Group::Ignored;
    if (pod.phase == PodPhase::Pending) return Group::Unready;
    if (index >= reading_.samples.size() || !reading_.samples[index]) return Group::Missing;
    const PodSample& sample = *reading_.samples[index];
    const bool is_unready = is_cpu_ && is_starting(pod, sample, signals_.now, settings_);
    return is_unready ? Group::Unready : Group::Ready;
  }

  /// All of its request, or of the target where that is more.
  [[nodiscard]] std::int64_t most(std::size_t pod) const {
    if (!is_utilization()) return spec_.target;
    return go::multiply(request(pod)->count(), std::max<std::int64_t>(100, spec_.target)) / 100;
  }

  void add(std::size_t pod, std::int64_t usage) {
    ++entries_;
    total_ = go::add(total_, usage);
    if (is_utilization()) requests_ = go::add(requests_, request(pod)->count());
  }

  const MetricSpec& spec_;
  const MetricReading& reading_;
  const ScalingSignals& signals_;
  const AutoscalerSettings& settings_;
  bool is_cpu_;
  std::int64_t total_ = 0;
  std::int64_t requests_ = 0;
  std::size_t entries_ = 0;
  std::size_t ready_ = 0;
  std::size_t unready_ = 0;
  std::size_t missing_ = 0;
};

/// Resource, ContainerResource and Pods.
Proposed from_pods(const MetricSpec& spec, const MetricReading& reading,
                   const ScalingSignals& signals, const Tolerances& tolerances,
                   const AutoscalerSettings& settings) {
  const std::int32_t current = signals.spec_replicas;
  PodSums sums{spec, reading, signals, settings};
  if (!sums.add_measured()) return refused("a container has no request");
  if (sums.entries() == 0) return refused("no pod has a sample that counts");
  const std::optional<double> ratio = sums.ratio();
  if (!ratio) return refused("no sample is of a pod that is known");

  const bool with_unready = sums.unready() > 0 && *ratio > 1.0;
  if (!with_unready && sums.missing() == 0) {
    if (tolerances.is_within(*ratio)) return Proposal{current, *ratio};
    return Proposal{go::to_int32(std::ceil(*ratio * static_cast<double>(sums.ready()))), *ratio};
  }
  sums.add_assumed(*ratio, with_unready);
  const std::optional<double> assumed = sums.ratio();
  if (!assumed) return refused("no sample is of a pod that is known");
  const bool turns = (*ratio < 1.0 && *assumed > 1.0) || (*ratio > 1.0 && *assumed < 1.0);
  if (tolerances.is_within(*assumed) || turns) return Proposal{current, *ratio};
  const std::int32_t replicas =
      go::to_int32(std::ceil(*assumed * static_cast<double>(sums.entries())));
  const bool is_against =
      (*assumed < 1.0 && replicas > current) || (*assumed > 1.0 && replicas < current);
  return Proposal{is_against ? current : replicas, *ratio};
}

/// Of all matching values; stops at the largest number, each type of target in its own way.
std::int64_t summed(const MetricReading& reading, TargetType target) {
  std::int64_t usage = 0;
  for (const MilliValue value : reading.values) {
    if (target == TargetType::Value && value.count() > 0 && usage > kInt64Max - value.count()) {
      return kInt64Max;
    }
    usage = go::add(usage, value.count());
    if (target == TargetType::AverageValue && usage < 0) return kInt64Max;
  }
  return usage;
}

std::int32_t at_most_int32(double replicas) {
  return replicas > static_cast<double>(kInt32Max) ? kInt32Max : go::to_int32(replicas);
}

/// A value for the block as a whole.
Proposed from_value(std::int64_t usage, const MetricSpec& spec, const ScalingSignals& signals,
                    const Tolerances& tolerances) {
  const double ratio = static_cast<double>(usage) / static_cast<double>(spec.target);
  if (signals.spec_replicas == 0) return Proposal{go::to_int32(std::ceil(ratio)), ratio};
  if (tolerances.is_within(ratio)) return Proposal{signals.spec_replicas, ratio};
  if (signals.pods.empty()) return refused("there is no pod");
  const double replicas = ratio * static_cast<double>(count_ready(signals.pods));
  // Cut before it is rounded up.
  return Proposal{
      replicas > static_cast<double>(kInt32Max) ? kInt32Max : go::to_int32(std::ceil(replicas)),
      ratio};
}

/// A value to be shared by the replicas that there are.
Proposed from_average(std::int64_t usage, const MetricSpec& spec, const ScalingSignals& signals,
                      const Tolerances& tolerances) {
  const auto target = static_cast<double>(spec.target);
  const double ratio =
      static_cast<double>(usage) / (target * static_cast<double>(signals.status_replicas));
  if (tolerances.is_within(ratio)) return Proposal{signals.status_replicas, ratio};
  const double replicas = std::ceil(static_cast<double>(usage) / target);
  return Proposal{
      spec.query.type == MetricType::External ? at_most_int32(replicas) : go::to_int32(replicas),
      ratio};
}

}  // namespace

tl::expected<Proposal, const char*> propose_replicas(const MetricSpec& spec,
                                                     const MetricReading& reading,
                                                     const ScalingSignals& signals,
                                                     const Tolerances& tolerances,
                                                     const AutoscalerSettings& settings) {
  switch (spec.query.type) {
    case MetricType::Resource:
    case MetricType::ContainerResource:
    case MetricType::Pods:
      if (signals.pods.empty()) return refused("there is no pod");
      return from_pods(spec, reading, signals, tolerances, settings);
    case MetricType::Object:
    case MetricType::External:
      break;
  }
  if (reading.values.empty()) return refused("there is no value");
  const std::int64_t usage = spec.query.type == MetricType::External
                                 ? summed(reading, spec.target_type)
                                 : reading.values.front().count();
  return spec.target_type == TargetType::Value ? from_value(usage, spec, signals, tolerances)
                                               : from_average(usage, spec, signals, tolerances);
}

}  // namespace orrery::policies

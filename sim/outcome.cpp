#include "orrery/sim/outcome.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/check.hpp"
#include "orrery/models/sample_statistics.hpp"
#include "orrery/sim/outcome_series.hpp"

namespace orrery::sim {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kMillion = 1e6;
constexpr double kNanoseconds = 1e9;
constexpr double kSecondsPerHour = 3600;

MetricWindow sum_of(const std::vector<MetricWindow>& windows, std::size_t first) {
  MetricWindow sum = windows[first];
  for (std::size_t i = first + 1; i < windows.size(); ++i) sum.append(windows[i]);
  return sum;
}

/// Collects metrics under an optional prefix.
class MetricList {
 public:
  MetricList(std::vector<MetricValue>& metrics, std::string prefix)
      : metrics_(metrics), prefix_(std::move(prefix)) {}
  void add(const std::string& name, const char* unit, double value,
           Direction direction = Direction::Neutral) {
    metrics_.push_back(
        {.name = prefix_ + name, .unit = unit, .value = value, .direction = direction});
  }

 private:
  std::vector<MetricValue>& metrics_;
  std::string prefix_;
};

double hours(const MetricWindow& window) {
  return seconds(window.end - window.start) / kSecondsPerHour;
}

/// Integral of milliwatts over nanoseconds as kilowatt-hours.
double kilowatt_hours(const MetricWindow& window) {
  constexpr double kJoulesPerUnit = 1e-12;
  constexpr double kJoulesPerKilowattHour = 3.6e6;
  return static_cast<double>(window.integral(Level::Power)) * kJoulesPerUnit /
         kJoulesPerKilowattHour;
}

/// Integral of millionths an hour over nanoseconds as currency units.
double cost(const MetricWindow& window) {
  return static_cast<double>(window.integral(Level::Price)) / kMillion / kNanoseconds /
         kSecondsPerHour;
}

void add_resources(MetricList& list, const MetricWindow& window) {
  const auto percent = [&](Level part, Level whole) { return 100 * window.ratio(part, whole); };
  using enum Direction;
  list.add("cpu_allocated_percent", "%", percent(Level::CpuAllocated, Level::CpuAllocatable),
           HigherIsBetter);
  list.add("cpu_used_percent", "%", percent(Level::CpuUsed, Level::CpuAllocatable), HigherIsBetter);
  list.add("memory_allocated_percent", "%",
           percent(Level::MemoryAllocated, Level::MemoryAllocatable), HigherIsBetter);
  list.add("memory_used_percent", "%", percent(Level::MemoryUsed, Level::MemoryAllocatable),
           HigherIsBetter);
  list.add("gpu_allocated_percent", "%", percent(Level::GpuAllocated, Level::GpuAllocatable),
           HigherIsBetter);
  list.add("gpu_used_percent", "%", percent(Level::GpuUsed, Level::GpuAllocatable), HigherIsBetter);
}

void add_sample(MetricList& list, const std::string& name, const char* unit, const Tally& tally,
                double divisor) {
  using enum Direction;
  list.add(name + "_mean", unit, tally.mean() / divisor, LowerIsBetter);
  list.add(name + "_p50", unit, tally.quantile(0.5) / divisor, LowerIsBetter);
  list.add(name + "_p95", unit, tally.quantile(0.95) / divisor, LowerIsBetter);
  list.add(name + "_p99", unit, tally.quantile(0.99) / divisor, LowerIsBetter);
}

void add_work(MetricList& list, const MetricWindow& window) {
  using enum Direction;
  add_sample(list, "waiting_seconds", "s", window.sample(Sample::Waiting), kNanoseconds);
  add_sample(list, "response_seconds", "s", window.sample(Sample::Response), kNanoseconds);
  add_sample(list, "slowdown", "", window.sample(Sample::Slowdown), kMillion);
  const auto count = [&](Count what) { return static_cast<double>(window.count(what)); };
  list.add("pods_completed", "", count(Count::PodsCompleted), HigherIsBetter);
  list.add("throughput_per_hour", "1/h",
           hours(window) > 0 ? count(Count::PodsCompleted) / hours(window) : kNone, HigherIsBetter);
  list.add("pods_waiting_mean", "", window.average(Level::PodsWaiting), LowerIsBetter);
  list.add("pods_running_mean", "", window.average(Level::PodsRunning));
  list.add("pods_rejected", "", count(Count::PodsRejected), LowerIsBetter);
  list.add("pods_lost", "", count(Count::PodsFailed), LowerIsBetter);
  const Tally& lost = window.sample(Sample::WorkLost);
  list.add("work_lost_hours", "h",
           lost.count() > 0
               ? lost.mean() * static_cast<double>(lost.count()) / kNanoseconds / kSecondsPerHour
               : 0,
           LowerIsBetter);
}

void add_figures(MetricList& list, const MetricWindow& window) {
  add_resources(list, window);
  add_work(list, window);
}

void add_run(MetricList& list, const MetricWindow& window,
             const std::vector<std::unique_ptr<ClusterSimulation>>& clusters) {
  using enum Direction;
  Time first = kTimeMax;
  Time last = kTimeZero;
  for (const auto& cluster : clusters) {
    first = std::min(first, cluster->first_arrival());
    last = std::max(last, cluster->last_completion());
  }
  list.add("makespan_seconds", "s", last > first ? seconds(last - first) : kNone, LowerIsBetter);
  list.add("node_crashes", "", static_cast<double>(window.count(Count::NodeCrashes)));
  list.add("energy_kwh", "kWh", kilowatt_hours(window), LowerIsBetter);
  list.add("cost", "", cost(window), LowerIsBetter);
  const auto completed = static_cast<double>(window.count(Count::PodsCompleted));
  list.add("cost_per_pod", "", completed > 0 ? cost(window) / completed : kNone, LowerIsBetter);
}

void add_gpu_models(MetricList& list, const MetricWindow& window,
                    const ClusterSimulation& cluster) {
  const auto& models = cluster.orchestrator().state().gpu_models();
  const double span = static_cast<double>((window.end - window.start).count());
  for (std::size_t i = 0; i < models.size(); ++i) {
    std::int64_t capacity = 0;
    for (const auto& node : cluster.setup().nodes) {
      if (node->gpu_model == models[i]) capacity += node->gpus * kWholeGpu.count();
    }
    const double used = i < window.gpu_model_allocated.size()
                            ? static_cast<double>(window.gpu_model_allocated[i])
                            : 0;
    list.add(fmt::format("gpu_allocated_percent.{}", models[i].empty() ? "unnamed" : models[i]),
             "%",
             capacity > 0 && span > 0 ? 100 * used / span / static_cast<double>(capacity) : kNone,
             Direction::HigherIsBetter);
  }
}

/// What only a cluster simulated as Kubernetes defines; over all clusters, where one is.
void add_kubernetes(MetricList& list, const MetricWindow& window,
                    const std::vector<std::unique_ptr<ClusterSimulation>>& clusters) {
  using enum Direction;
  if (std::none_of(clusters.begin(), clusters.end(),
                   [](const auto& cluster) { return cluster->setup().kubernetes.has_value(); })) {
    return;
  }
  const auto count = [&](Count what) { return static_cast<double>(window.count(what)); };
  list.add("pods_ready_mean", "", window.average(Level::PodsReady));
  list.add("endpoints_stale_seconds", "s",
           static_cast<double>(window.integral(Level::EndpointsStale)) / kNanoseconds,
           LowerIsBetter);
  list.add("pods_evicted", "", count(Count::PodsEvicted), LowerIsBetter);
  list.add("pods_preempted", "", count(Count::PodsPreempted), LowerIsBetter);
  list.add("node_partitions", "", count(Count::NodePartitions));
  add_sample(list, "detection_seconds", "s", window.sample(Sample::Detection), kNanoseconds);
  add_sample(list, "recovery_seconds", "s", window.sample(Sample::Recovery), kNanoseconds);
}

/// F ÷ allocatable GPU, averaged over time; only where a profile says what is popular.
void add_fragmentation(MetricList& list, const MetricWindow& window,
                       const ClusterSimulation& cluster) {
  const std::int64_t weight = cluster.metrics().fragment_weight();
  if (weight == 0) return;
  list.add(
      "gpu_fragmented_percent", "%",
      100 * window.ratio(Level::GpuFragmented, Level::GpuAllocatable) / static_cast<double>(weight),
      Direction::LowerIsBetter);
}

void add_load_curve(RunOutcome& outcome, const ClusterSimulation& cluster,
                    const std::vector<int>& marks, const std::string& prefix) {
  const auto& curve = cluster.metrics().load_curve();
  if (!curve) return;
  for (MetricValue& value : curve->metrics(marks)) {
    value.name = prefix + value.name;
    outcome.metrics.push_back(std::move(value));
  }
  for (Curve& one : curve->curves()) {
    one.name = prefix + one.name;
    outcome.curves.push_back(std::move(one));
  }
}

void add_heat_maps(RunOutcome& outcome, ClusterSimulation& cluster, const std::string& prefix,
                   Time end) {
  auto& heat = cluster.metrics().node_heat();
  if (!heat) return;
  for (HeatMap& map : heat->finish(end)) {
    map.name = prefix + map.name;
    outcome.heat_maps.push_back(std::move(map));
  }
}

void add_counters(std::vector<Counter>& counters, const MetricWindow& window) {
  const auto add = [&](const char* name, Count what) {
    counters.push_back({.name = name, .value = window.count(what)});
  };
  add("pods_arrived", Count::PodsArrived);
  add("pods_started", Count::PodsStarted);
  add("pods_completed", Count::PodsCompleted);
  add("pods_lost", Count::PodsFailed);
  add("pods_rejected", Count::PodsRejected);
  add("pods_unschedulable", Count::PodsUnschedulable);
  add("scheduling_attempts", Count::SchedulingAttempts);
  add("binds_refused", Count::BindsRefused);
  add("node_crashes", Count::NodeCrashes);
  add("node_repairs", Count::NodeRepairs);
  add("gangs_started", Count::GangsPlaced);
}

}  // namespace

std::vector<MetricWindow> add_clusters(const std::vector<std::vector<MetricWindow>>& clusters) {
  std::vector<MetricWindow> sum = clusters.front();
  for (std::size_t i = 1; i < clusters.size(); ++i) {
    ORRERY_CHECK(clusters[i].size() == sum.size(), "clusters are cut into the same windows");
    for (std::size_t j = 0; j < sum.size(); ++j) {
      const MetricWindow& other = clusters[i][j];
      ORRERY_CHECK(sum[j].start == other.start && sum[j].end == other.end,
                   "windows cover the same span");
      sum[j].append(other);
    }
  }
  return sum;
}

std::size_t warm_up_windows(const std::vector<MetricWindow>& windows, const WarmUpRule& rule) {
  // A fixed warm-up was never recorded (WindowPlan::begin).
  if (rule.kind != WarmUpRule::Kind::Mser5) return 0;
  std::vector<double> running;
  // The last window may be cut short: leave it out of the search.
  for (std::size_t i = 0; i + 1 < windows.size(); ++i) {
    running.push_back(windows[i].average(Level::PodsRunning));
  }
  return mser5(running).dropped;
}

RunOutcome outcome_of(const SimulationSetup& setup,
                      const std::vector<std::unique_ptr<ClusterSimulation>>& clusters, Time end) {
  RunOutcome outcome;
  std::vector<std::vector<MetricWindow>> windows;
  for (const auto& cluster : clusters) windows.push_back(cluster->metrics().recorder().finish(end));
  const std::vector<MetricWindow> total = add_clusters(windows);
  const std::size_t dropped = warm_up_windows(total, setup.warm_up);
  const Time measured_from = total[dropped].start;
  const MetricWindow sum = sum_of(total, dropped);

  MetricList all{outcome.metrics, ""};
  add_figures(all, sum);
  add_run(all, sum, clusters);
  all.add("warm_up_seconds", "s", seconds(measured_from));
  add_kubernetes(all, sum, clusters);
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    const bool is_one = clusters.size() == 1;
    const std::string prefix = is_one ? "" : fmt::format("cluster.{}.", clusters[i]->setup().name);
    MetricList list{outcome.metrics, prefix};
    const MetricWindow own_sum = sum_of(windows[i], dropped);
    if (!is_one) add_figures(list, own_sum);
    add_gpu_models(list, own_sum, *clusters[i]);
    add_fragmentation(list, own_sum, *clusters[i]);
    add_load_curve(outcome, *clusters[i], setup.load_marks, prefix);
    add_heat_maps(outcome, *clusters[i], prefix, end);
  }
  outcome.series = series_of(total, windows, clusters);
  outcome.distributions.push_back(
      sum.sample(Sample::Waiting).summary("waiting_seconds", "s", kNanoseconds));
  outcome.distributions.push_back(
      sum.sample(Sample::Response).summary("response_seconds", "s", kNanoseconds));
  outcome.distributions.push_back(sum.sample(Sample::Slowdown).summary("slowdown", "", kMillion));
  outcome.distributions.push_back(
      sum.sample(Sample::WorkLost).summary("work_lost_seconds", "s", kNanoseconds));
  outcome.distributions.push_back(
      sum.sample(Sample::Detection).summary("detection_seconds", "s", kNanoseconds));
  add_counters(outcome.counters, sum);
  return outcome;
}

}  // namespace orrery::sim

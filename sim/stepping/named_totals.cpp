#include "orrery/sim/stepping/named_totals.hpp"

#include <array>

namespace orrery::sim {
namespace {

using enum Direction;
using Totals = MetricTotals;

constexpr double kNanoseconds = 1e9;
constexpr double kMilli = 1e3;
constexpr double kMillion = 1e6;
constexpr double kBytesPerGib = 1024.0 * 1024 * 1024;
constexpr double kSecondsPerHour = 3600;
constexpr double kJoulesPerKilowattHour = 3.6e6;

/// The integral of a level, whose unit is `divisor` of the level's own, over seconds.
template <Level level>
double over_seconds(const Totals& totals, double divisor) {
  return totals.integral(level) / kNanoseconds / divisor;
}

template <Count what>
double counted(const Totals& totals, std::int64_t) {
  return totals.count(what);
}

constexpr std::array kTotals = {
    NamedTotal{"waiting_seconds", LowerIsBetter,
               "What pods have waited, from arrival to start, those that wait still included.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::PodsWaiting>(totals, 1);
               }},
    NamedTotal{"running_seconds", Neutral, "What pods have run.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::PodsRunning>(totals, 1);
               }},
    NamedTotal{"response_seconds", LowerIsBetter,
               "From arrival to completion, of the pods that have completed.",
               [](const Totals& totals, std::int64_t) {
                 return totals.sample(Sample::Response) / kNanoseconds;
               }},
    NamedTotal{"slowdown", LowerIsBetter,
               "Response time ÷ service time, of the pods that have completed.",
               [](const Totals& totals, std::int64_t) {
                 return totals.sample(Sample::Slowdown) / kMillion;
               }},
    NamedTotal{"cpu_core_seconds", HigherIsBetter, "CPU that bound pods have reserved.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::CpuAllocated>(totals, kMilli);
               }},
    NamedTotal{"memory_gib_seconds", HigherIsBetter, "Memory that bound pods have reserved.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::MemoryAllocated>(totals, kBytesPerGib);
               }},
    NamedTotal{"gpu_seconds", HigherIsBetter, "GPU that bound pods have reserved.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::GpuAllocated>(totals, kMilli);
               }},
    NamedTotal{"gpu_fragmented_seconds", LowerIsBetter,
               "Idle GPU that typical pods could not use; needs the cluster's typical_pods.",
               [](const Totals& totals, std::int64_t fragment_weight) {
                 if (fragment_weight == 0) return 0.0;
                 return over_seconds<Level::GpuFragmented>(totals, kMilli) /
                        static_cast<double>(fragment_weight);
               }},
    NamedTotal{"energy_kwh", LowerIsBetter, "Energy drawn.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::Power>(totals, kMilli) / kJoulesPerKilowattHour;
               }},
    NamedTotal{"cost", LowerIsBetter, "What the nodes have cost.",
               [](const Totals& totals, std::int64_t) {
                 return over_seconds<Level::Price>(totals, kMillion) / kSecondsPerHour;
               }},
    NamedTotal{"work_lost_seconds", LowerIsBetter, "Run time that failures have thrown away.",
               [](const Totals& totals, std::int64_t) {
                 return totals.sample(Sample::WorkLost) / kNanoseconds;
               }},
    NamedTotal{"pods_started", HigherIsBetter, "Pods that have started.",
               counted<Count::PodsStarted>},
    NamedTotal{"pods_completed", HigherIsBetter, "Pods that have completed.",
               counted<Count::PodsCompleted>},
    NamedTotal{"pods_rejected", LowerIsBetter, "Pods that the scheduler has given up.",
               counted<Count::PodsRejected>},
    NamedTotal{"pods_lost", LowerIsBetter, "Pods that have died with their node.",
               counted<Count::PodsFailed>},
};

}  // namespace

std::span<const NamedTotal> named_totals() { return kTotals; }

}  // namespace orrery::sim

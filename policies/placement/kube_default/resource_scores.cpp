#include "orrery/policies/placement/kube_default/resource_scores.hpp"

#include <algorithm>
#include <cmath>

namespace orrery::policies::kube {
namespace {

constexpr std::int64_t kBest = 100;

/// 100 · part / whole, rounded down, without the slow division of 64-bit integers: exact as long as
/// 100 · part is below 2^53, which is 80 TB.
std::int64_t percent(std::int64_t part, std::int64_t whole) {
  constexpr std::int64_t kExact = (1LL << 53) / kBest;
  if (part > kExact || whole > kExact) [[unlikely]]
    return part * kBest / whole;
  const std::int64_t hundredfold = part * kBest;
  auto quotient =
      static_cast<std::int64_t>(static_cast<double>(hundredfold) / static_cast<double>(whole));
  if (quotient * whole > hundredfold) --quotient;
  return quotient;
}

}  // namespace

ResourceReader::ResourceReader(const Cycle& cycle, std::span<const ResourceWeight> resources,
                               bool non_zero)
    : cycle_(cycle), non_zero_(non_zero) {
  sources_.reserve(resources.size());
  for (const ResourceWeight& one : resources) sources_.push_back(source(one.name, one.weight));
}

ResourceReader::Source ResourceReader::source(const std::string& name, std::int64_t weight) const {
  const Pod& pod = cycle_.row();
  const PodTemplate& spec = cycle_.spec();
  const NonZeroRequest non_zero = NonZeroRequest::of(pod, spec);
  if (name == "cpu") {
    return {
        .kind = Kind::Cpu, .weight = weight, .asked = non_zero_ ? non_zero.cpu : pod.cpu.count()};
  }
  if (name == "memory") {
    return {.kind = Kind::Memory,
            .weight = weight,
            .asked = non_zero_ ? non_zero.memory : pod.memory.count()};
  }
  if (name == "ephemeral-storage") {
    return {.kind = Kind::Storage, .weight = weight, .asked = spec.ephemeral_storage.count()};
  }
  if (name == "nvidia.com/gpu") {
    return {.kind = Kind::Gpu, .weight = weight, .asked = spec.gpu.total().count()};
  }
  const auto asked = spec.extended.find(name);
  const auto& columns = cycle_.state().nodes().extended;
  const auto column = columns.find(name);
  return {.kind = Kind::Extended,
          .weight = weight,
          .asked = asked == spec.extended.end() ? 0 : asked->second,
          .column = column == columns.end() ? nullptr : &column->second};
}

bool ResourceReader::asks_for_nothing() const {
  return std::all_of(sources_.begin(), sources_.end(),
                     [](const Source& one) { return one.asked == 0; });
}

ResourceUse ResourceReader::use(std::size_t i, NodeId node) const {
  const Source& source = sources_[i];
  const NodeColumns& nodes = cycle_.state().nodes();
  const auto of = [&](std::int64_t allocatable, std::int64_t free) {
    return ResourceUse{
        .allocatable = allocatable, .requested = allocatable - free, .asked = source.asked};
  };
  switch (source.kind) {
    case Kind::Cpu:
      if (!non_zero_) return of(nodes.cpu_allocatable[node].count(), nodes.cpu_free[node].count());
      return {.allocatable = nodes.cpu_allocatable[node].count(),
              .requested = cycle_.cache().nodes().non_zero(node).cpu,
              .asked = source.asked};
    case Kind::Memory:
      if (!non_zero_) {
        return of(nodes.memory_allocatable[node].count(), nodes.memory_free[node].count());
      }
      return {.allocatable = nodes.memory_allocatable[node].count(),
              .requested = cycle_.cache().nodes().non_zero(node).memory,
              .asked = source.asked};
    case Kind::Storage:
      return of(nodes.storage_allocatable[node].count(), nodes.storage_free[node].count());
    case Kind::Gpu:
      if (source.asked == 0) return {};
      return of(kWholeGpu.count() * nodes.gpu_count[node], nodes.gpu_free[node].count());
    case Kind::Extended:
      // One that the pod does not ask for does not count.
      if (source.asked == 0 || source.column == nullptr) return {};
      return of(source.column->allocatable[node], source.column->free[node]);
  }
  return {};
}

std::int64_t least_requested(std::int64_t used, std::int64_t allocatable) {
  return used > allocatable ? 0 : percent(allocatable - used, allocatable);
}

std::int64_t most_requested(std::int64_t used, std::int64_t allocatable) {
  return percent(std::min(used, allocatable), allocatable);
}

std::int64_t on_shape(std::span<const ShapePoint> shape, std::int64_t utilization) {
  constexpr std::int64_t kScale = 10;
  const auto score = [](const ShapePoint& point) { return point.score * kScale; };
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (utilization > shape[i].utilization) continue;
    if (i == 0) return score(shape[0]);
    const ShapePoint& low = shape[i - 1];
    const ShapePoint& high = shape[i];
    return score(low) + (score(high) - score(low)) * (utilization - low.utilization) /
                            (high.utilization - low.utilization);
  }
  return score(shape.back());
}

std::int64_t balance_of(std::span<const double> shares) {
  double deviation = 0;
  if (shares.size() == 2) {
    deviation = std::abs((shares[0] - shares[1]) / 2);
  } else if (shares.size() > 2) {
    double sum = 0;
    for (const double share : shares) sum += share;
    const double mean = sum / static_cast<double>(shares.size());
    double squares = 0;
    for (const double share : shares) squares += (share - mean) * (share - mean);
    deviation = std::sqrt(squares / static_cast<double>(shares.size()));
  }
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kBest));
}

}  // namespace orrery::policies::kube

#include "orrery/models/pod_spec.hpp"

#include <algorithm>

namespace orrery {
namespace {

template <class T>
void add(std::optional<T>& sum, const std::optional<T>& amount) {
  if (amount) sum = sum.value_or(T{}) + *amount;
}

template <class T>
void raise(std::optional<T>& most, const std::optional<T>& amount) {
  if (amount) most = most ? std::max(*most, *amount) : *amount;
}

void add(ResourceAmounts& sum, const ResourceAmounts& amounts) {
  add(sum.cpu, amounts.cpu);
  add(sum.memory, amounts.memory);
  add(sum.ephemeral_storage, amounts.ephemeral_storage);
  for (const auto& [name, amount] : amounts.others) sum.others[name] += amount;
}

void raise(ResourceAmounts& most, const ResourceAmounts& amounts) {
  raise(most.cpu, amounts.cpu);
  raise(most.memory, amounts.memory);
  raise(most.ephemeral_storage, amounts.ephemeral_storage);
  for (const auto& [name, amount] : amounts.others) {
    std::int64_t& own = most.others[name];
    own = std::max(own, amount);
  }
}

/// What a container that names none counts as.
struct Unnamed {
  std::optional<MilliCpu> cpu;
  std::optional<Bytes> memory;
};

ResourceAmounts named(const ContainerSpec& container, const Unnamed& unnamed) {
  ResourceAmounts requests = container.requests;
  if (!requests.cpu) requests.cpu = unnamed.cpu;
  if (!requests.memory) requests.memory = unnamed.memory;
  return requests;
}

ResourceAmounts of_containers(const PodSpec& spec, const Unnamed& unnamed) {
  ResourceAmounts sum;
  for (const ContainerSpec& container : spec.containers) add(sum, named(container, unnamed));
  ResourceAmounts sidecars;
  ResourceAmounts starting;
  for (const ContainerSpec& container : spec.init_containers) {
    ResourceAmounts own = named(container, unnamed);
    if (container.is_sidecar) {
      add(sum, own);
      add(sidecars, own);
      own = sidecars;
    } else {
      add(own, sidecars);
    }
    raise(starting, own);
  }
  raise(sum, starting);
  return sum;
}

ResourceAmounts requests(const PodSpec& spec, const Unnamed& unnamed) {
  ResourceAmounts sum = of_containers(spec, unnamed);
  if (spec.requests.cpu) sum.cpu = spec.requests.cpu;
  if (spec.requests.memory) sum.memory = spec.requests.memory;
  for (const auto& [name, amount] : spec.requests.others) sum.others[name] = amount;
  add(sum, spec.overhead);
  return sum;
}

}  // namespace

ResourceAmounts pod_requests(const PodSpec& spec) { return requests(spec, {}); }

ResourceAmounts pod_requests_for_scoring(const PodSpec& spec) {
  // pkg/scheduler/util/pod_resources.go
  constexpr MilliCpu kCpu{100};
  constexpr Bytes kMemory{std::int64_t{200} << 20};
  const bool has_own = spec.requests != ResourceAmounts{};
  const ResourceAmounts plain = pod_requests(spec);
  Unnamed unnamed;
  if (!has_own || !plain.cpu) unnamed.cpu = kCpu;
  if (!has_own || !plain.memory) unnamed.memory = kMemory;
  return requests(spec, unnamed);
}

}  // namespace orrery

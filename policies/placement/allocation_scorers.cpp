#include "orrery/policies/placement/allocation_scorers.hpp"

#include <cmath>

#include "orrery/policies/placement/vector_clones.hpp"

namespace orrery::policies {
namespace {

constexpr float kBest = 100;

/// One resource of a slice: what is free, 1 / allocatable, what the pod asks and the weight.
struct Resource {
  const float* free;
  const float* inverse;
  float asked;
  float weight;
};

Resource cpu_of(const AskedOf& asked, const NodeSlice& nodes, const ResourceWeights& weights) {
  return {nodes.cpu_free.data(), nodes.cpu_inverse.data(), asked.cpu, weights.cpu};
}
Resource memory_of(const AskedOf& asked, const NodeSlice& nodes, const ResourceWeights& weights) {
  return {nodes.memory_free.data(), nodes.memory_inverse.data(), asked.memory, weights.memory};
}
Resource gpu_of(const AskedOf& asked, const NodeSlice& nodes, const ResourceWeights& weights) {
  return {nodes.gpu_free.data(), nodes.gpu_inverse.data(), asked.gpu, weights.gpu};
}

/// scores = base + sign · 100 · weighted mean of the shares left, over two resources.
ORRERY_VECTOR_CLONES
void mean_left(const Resource a, const Resource b, float base, float sign, std::size_t count,
               float* __restrict scores) {
  for (std::size_t i = 0; i < count; ++i) {
    const float left = (a.free[i] - a.asked) * a.inverse[i] * a.weight +
                       (b.free[i] - b.asked) * b.inverse[i] * b.weight;
    const float weight =
        (a.inverse[i] > 0 ? a.weight : 0.0F) + (b.inverse[i] > 0 ? b.weight : 0.0F);
    scores[i] = base + sign * kBest * (left / (weight > 0 ? weight : 1.0F));
  }
}

/// The same over three.
ORRERY_VECTOR_CLONES
void mean_left(const Resource a, const Resource b, const Resource c, float base, float sign,
               std::size_t count, float* __restrict scores) {
  for (std::size_t i = 0; i < count; ++i) {
    const float left = (a.free[i] - a.asked) * a.inverse[i] * a.weight +
                       (b.free[i] - b.asked) * b.inverse[i] * b.weight +
                       (c.free[i] - c.asked) * c.inverse[i] * c.weight;
    const float weight = (a.inverse[i] > 0 ? a.weight : 0.0F) +
                         (b.inverse[i] > 0 ? b.weight : 0.0F) +
                         (c.inverse[i] > 0 ? c.weight : 0.0F);
    scores[i] = base + sign * kBest * (left / (weight > 0 ? weight : 1.0F));
  }
}

void mean_left(const AskedOf& asked, const NodeSlice& nodes, const ResourceWeights& weights,
               float base, float sign, std::span<float> scores) {
  const Resource cpu = cpu_of(asked, nodes, weights);
  const Resource memory = memory_of(asked, nodes, weights);
  if (weights.gpu > 0) {
    mean_left(cpu, memory, gpu_of(asked, nodes, weights), base, sign, nodes.size(), scores.data());
  } else {
    mean_left(cpu, memory, base, sign, nodes.size(), scores.data());
  }
}

/// The deviation of two numbers is half their distance.
ORRERY_VECTOR_CLONES
void balance(const Resource a, const Resource b, std::size_t count, float* __restrict scores) {
  for (std::size_t i = 0; i < count; ++i) {
    const float gap = (a.free[i] - a.asked) * a.inverse[i] - (b.free[i] - b.asked) * b.inverse[i];
    const float distance = gap < 0 ? -gap : gap;
    const bool has_both = (a.inverse[i] > 0) & (b.inverse[i] > 0);
    scores[i] = kBest - kBest * 0.5F * (has_both ? distance : 0.0F);
  }
}

ORRERY_VECTOR_CLONES
void balance(const Resource a, const Resource b, const Resource c, std::size_t count,
             float* __restrict scores) {
  for (std::size_t i = 0; i < count; ++i) {
    const float has_a = ((a.inverse[i] > 0) & (a.weight > 0)) ? 1.0F : 0.0F;
    const float has_b = ((b.inverse[i] > 0) & (b.weight > 0)) ? 1.0F : 0.0F;
    const float has_c = ((c.inverse[i] > 0) & (c.weight > 0)) ? 1.0F : 0.0F;
    const float resources = has_a + has_b + has_c;
    const float divisor = resources > 0 ? resources : 1.0F;
    const float left_a = (a.free[i] - a.asked) * a.inverse[i];
    const float left_b = (b.free[i] - b.asked) * b.inverse[i];
    const float left_c = (c.free[i] - c.asked) * c.inverse[i];
    const float mean = (has_a * left_a + has_b * left_b + has_c * left_c) / divisor;
    const float variance =
        (has_a * (left_a - mean) * (left_a - mean) + has_b * (left_b - mean) * (left_b - mean) +
         has_c * (left_c - mean) * (left_c - mean)) /
        divisor;
    scores[i] = kBest - kBest * std::sqrt(variance);
  }
}

ParameterSpec weight(const char* name, const char* default_json, const char* doc) {
  return {.name = name,
          .type = ParameterType::Number,
          .default_json = default_json,
          .doc = doc,
          .minimum = 0,
          .maximum = 1e6};
}

}  // namespace

std::vector<ParameterSpec> ResourceWeights::parameters() {
  return {weight("cpu_weight", "1", "Weight of CPU among the resources."),
          weight("memory_weight", "1", "Weight of memory among the resources."),
          weight("gpu_weight", "0", "Weight of GPU milli among the resources.")};
}

ResourceWeights::ResourceWeights(const Parameters& parameters)
    : cpu(static_cast<float>(parameters.number("cpu_weight"))),
      memory(static_cast<float>(parameters.number("memory_weight"))),
      gpu(static_cast<float>(parameters.number("gpu_weight"))) {}

LeastAllocated::LeastAllocated(const Parameters& parameters, const PolicyContext& /*context*/)
    : weights_(parameters) {}

void LeastAllocated::score_slice(const AskedOf& asked, const NodeSlice& nodes,
                                 std::span<const std::uint8_t> /*fits*/,
                                 std::span<float> scores) const {
  mean_left(asked, nodes, weights_, 0, 1, scores);
}

MostAllocated::MostAllocated(const Parameters& parameters, const PolicyContext& /*context*/)
    : weights_(parameters) {}

void MostAllocated::score_slice(const AskedOf& asked, const NodeSlice& nodes,
                                std::span<const std::uint8_t> /*fits*/,
                                std::span<float> scores) const {
  mean_left(asked, nodes, weights_, kBest, -1, scores);
}

BalancedAllocation::BalancedAllocation(const Parameters& parameters,
                                       const PolicyContext& /*context*/)
    : weights_(parameters) {}

void BalancedAllocation::score_slice(const AskedOf& asked, const NodeSlice& nodes,
                                     std::span<const std::uint8_t> /*fits*/,
                                     std::span<float> scores) const {
  const Resource cpu = cpu_of(asked, nodes, weights_);
  const Resource memory = memory_of(asked, nodes, weights_);
  if (weights_.gpu > 0 || weights_.cpu <= 0 || weights_.memory <= 0) {
    balance(cpu, memory, gpu_of(asked, nodes, weights_), nodes.size(), scores.data());
  } else {
    balance(cpu, memory, nodes.size(), scores.data());
  }
}

}  // namespace orrery::policies

#include "orrery/traces/kubernetes/nodes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "orrery/models/gpu.hpp"
#include "orrery/traces/kubernetes/containers.hpp"
#include "orrery/traces/kubernetes/labels.hpp"
#include "orrery/traces/kubernetes/names.hpp"
#include "orrery/traces/kubernetes/pods.hpp"

namespace orrery::traces::kubernetes {
namespace {

std::string label_of(const Labels& labels, std::string_view key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string() : found->second;
}

Taint read_taint(const Field& field) {
  Taint taint{.key = field["key"].required().text(), .value = field["value"].text()};
  if (!taint.key.empty() && !is_qualified_name(taint.key)) field["key"].wrong("a taint's key");
  if (!is_label_value(taint.value)) field["value"].wrong("a taint's value");
  field["effect"].required();
  taint.effect = read_enum(field["effect"], kEffects, TaintEffect::NoSchedule);
  return taint;
}

std::vector<Taint> read_taints(const Field& list) {
  std::vector<Taint> taints;
  for (const Field& field : list.elements()) {
    Taint taint = read_taint(field);
    for (const Taint& other : taints) {
      if (other.key == taint.key && other.effect == taint.effect) {
        field.refuse("two taints have the same key and effect");
      }
    }
    taints.push_back(std::move(taint));
  }
  return taints;
}

std::vector<NodeImage> read_images(const Field& list) {
  std::vector<NodeImage> images;
  for (const Field& image : list.elements()) {
    const Bytes size{image["sizeBytes"].integer(0, 0, INT64_MAX)};
    for (const Field& name : image["names"].elements()) {
      images.push_back({.name = image_with_tag(name.text()), .size = size});
    }
  }
  return images;
}

bool is_ready(const Field& conditions) {
  for (const Field& condition : conditions.elements()) {
    if (condition["type"].text() == "Ready") return condition["status"].text() == "True";
  }
  return true;
}

/// What the node offers beside CPU, memory and storage.
void read_others(const Field& offered, const ResourceAmounts& amounts, Node& node) {
  for (const auto& [name, amount] : amounts.others) {
    if (name == "pods") {
      node.pods = static_cast<std::int32_t>(std::min<std::int64_t>(amount, INT32_MAX));
    } else if (name == "nvidia.com/gpu") {
      if (amount > static_cast<std::int64_t>(kGpusPerNodeMax)) {
        offered["nvidia.com/gpu"].wrong(fmt::format("at most {} GPUs", kGpusPerNodeMax));
        continue;
      }
      node.gpus = static_cast<std::int32_t>(amount);
    } else if (amount > 0) {
      node.extended[name] = amount;
    }
  }
  if (node.gpus > 0) {
    node.gpu_model = label_of(node.labels, "nvidia.com/gpu.product");
    if (node.gpu_model.empty()) node.gpu_model = "GPU";
  }
}

}  // namespace

NodeObject read_node(const Field& object) {
  const Metadata metadata = read_metadata(object["metadata"]);
  const Field status = object["status"];
  const Field offered =
      status["allocatable"].is_there() ? status["allocatable"] : status["capacity"];
  if (offered.is_empty()) status.refuse("the node says neither allocatable nor capacity");
  const ResourceAmounts amounts = read_amounts(offered);
  Node node{.name = metadata.name.name,
            .cpu = amounts.cpu.value_or(MilliCpu{}),
            .memory = amounts.memory.value_or(Bytes{}),
            .ephemeral_storage = amounts.ephemeral_storage.value_or(Bytes{}),
            .labels = metadata.labels,
            .taints = read_taints(object["spec"]["taints"]),
            .images = read_images(status["images"]),
            .zone = label_of(metadata.labels, "topology.kubernetes.io/zone")};
  read_others(offered, amounts, node);
  return {.node = std::move(node),
          .is_ready = is_ready(status["conditions"]),
          .is_cordoned = object["spec"]["unschedulable"].flag(false)};
}

}  // namespace orrery::traces::kubernetes

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/labels.hpp"
#include "orrery/models/units.hpp"

namespace orrery {

/// The pods that a kubelet takes by default (pkg/kubelet/apis/config, maxPods).
inline constexpr std::int32_t kPodsPerNodeDefault = 110;

/// A container image that a node holds (core/v1 ContainerImage, one name).
struct NodeImage {
  std::string name;  ///< with its tag, as pods name it
  Bytes size;

  friend bool operator==(const NodeImage&, const NodeImage&) = default;
};

/// A machine as it registers with its API server: what it offers to pods.
struct Node {
  std::string name;
  MilliCpu cpu;
  Bytes memory;
  Bytes ephemeral_storage;
  std::int32_t pods = kPodsPerNodeDefault;
  std::int32_t gpus = 0;
  std::string gpu_model;
  std::map<std::string, std::int64_t> extended;  ///< named extended resources, whole units
  Labels labels;
  std::vector<Taint> taints;
  std::vector<NodeImage> images;
  std::string zone;  ///< topology.kubernetes.io/zone
  std::string rack;  ///< the failure domain between host and zone

  friend bool operator==(const Node&, const Node&) = default;
};

}  // namespace orrery

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "orrery/models/kubernetes_objects.hpp"
#include "orrery/models/result.hpp"
#include "orrery/traces/kubernetes/document_file.hpp"

namespace orrery::traces::kubernetes {

/// The objects of one cluster, each kind in the order of the files and documents. Equal manifests
/// are equal values.
struct Manifests {
  std::vector<NodeObject> nodes;
  std::vector<PodObject> pods;
  std::vector<Deployment> deployments;
  std::vector<ReplicaSet> replica_sets;
  std::vector<StatefulSet> stateful_sets;
  std::vector<Job> jobs;
  std::vector<HorizontalPodAutoscaler> autoscalers;
  std::vector<PodDisruptionBudget> budgets;
  std::vector<PriorityClass> priority_classes;
  std::vector<Service> services;
  std::vector<Namespace> namespaces;
  std::map<std::string, std::uint64_t>
      ignored;  ///< objects of unknown kinds, "v1 Secret": how many

  friend bool operator==(const Manifests&, const Manifests&) = default;
};

/// What to do with an object of a kind that Manifests has no place for.
enum class OnUnknownKind : std::uint8_t {
  Fail,   ///< it is the error
  Count,  ///< leave it out and count it
};

/// Reads a file, or all of a folder (manifest_files()): YAML of several documents, JSON, lists as
/// `kubectl get -o yaml` prints them. Every object is held against the fields of its type and the
/// API's rules for what is read (docs/manifests.md). An error names file, line, document and JSON
/// pointer. Errors are also: an object that is there twice, a pod on a node that is not there.
[[nodiscard]] Result<Manifests> read_manifests(const std::string& path,
                                               OnUnknownKind on_unknown = OnUnknownKind::Fail);
/// The same of files that have been read.
[[nodiscard]] Result<Manifests> read_manifests(std::vector<DocumentFile> files,
                                               OnUnknownKind on_unknown = OnUnknownKind::Fail);

}  // namespace orrery::traces::kubernetes

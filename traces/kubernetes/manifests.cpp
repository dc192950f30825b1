#include "orrery/traces/kubernetes/manifests.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/json_fields.hpp"
#include "orrery/traces/kubernetes/api_fields.hpp"
#include "orrery/traces/kubernetes/nodes.hpp"
#include "orrery/traces/kubernetes/pods.hpp"
#include "orrery/traces/kubernetes/small_objects.hpp"
#include "orrery/traces/kubernetes/workloads.hpp"

namespace orrery::traces::kubernetes {
namespace {

using nlohmann::json;

/// A kind of object that is read. What others refer to comes first.
struct Kind {
  const char* version;
  const char* name;
  bool is_cluster_wide;
  int rank;
};
constexpr Kind kKinds[] = {
    {"v1", "Namespace", true, 0},
    {"v1", "Node", true, 0},
    {"scheduling.k8s.io/v1", "PriorityClass", true, 0},
    {"v1", "Service", false, 0},
    {"apps/v1", "ReplicaSet", false, 1},
    {"apps/v1", "StatefulSet", false, 1},
    {"apps/v1", "Deployment", false, 2},
    {"batch/v1", "Job", false, 2},
    {"v1", "Pod", false, 2},
    {"autoscaling/v2", "HorizontalPodAutoscaler", false, 2},
    {"policy/v1", "PodDisruptionBudget", false, 2},
};

/// One object and where it stands.
struct Object {
  json value;
  const Kind* kind = nullptr;
  const DocumentFile* file = nullptr;
  Location at;
};

/// Takes documents and lists apart.
class Splitter {
 public:
  explicit Splitter(OnUnknownKind on_unknown) : on_unknown_(on_unknown) {}

  std::vector<Object> objects;
  std::map<std::string, std::uint64_t> ignored;

  std::optional<Error> take(DocumentFile& file) {
    for (Document& document : file.documents()) {
      if (document.value.is_null()) continue;
      if (auto error = take(document.value, "", file, file.at(document))) {
        return file.with_line(std::move(*error));
      }
      document.value = nullptr;
    }
    return std::nullopt;
  }

 private:
  /// `kind` is what the list around it says of its items: they may leave theirs out.
  std::optional<Error> take(json& value, const std::string& kind, const DocumentFile& file,
                            const Location& at) {
    if (!value.is_object()) return json_mismatch(value, at, "a Kubernetes object").value();
    for (const char* const member : {"kind", "apiVersion"}) {
      if (!value.contains(member) && !kind.empty()) {
        value[member] = std::string_view(member) == "kind" ? kind : list_version_;
      }
      if (!value.contains(member)) {
        return Error{.at = at, .message = fmt::format("'{}' is missing", member)};
      }
      if (!value[member].is_string()) {
        return json_mismatch(value[member], child(at, member), "a string").value();
      }
    }
    const std::string own = value["kind"].get<std::string>();
    const bool is_list = own.ends_with("List") && value.contains("items");
    return is_list ? take_items(value, own.substr(0, own.size() - 4), file, at)
                   : take_object(value, file, at);
  }

  std::optional<Error> take_items(json& list, const std::string& kind, const DocumentFile& file,
                                  const Location& at) {
    json& items = list["items"];
    if (items.is_null()) return std::nullopt;
    if (!items.is_array()) return json_mismatch(items, child(at, "items"), "a list").value();
    list_version_ = list["apiVersion"].get<std::string>();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (auto error = take(items[i], kind, file, child(child(at, "items"), i))) return error;
    }
    return std::nullopt;
  }

  std::optional<Error> take_object(json& value, const DocumentFile& file, const Location& at) {
    const std::string kind = value["kind"].get<std::string>();
    const std::string version = value["apiVersion"].get<std::string>();
    for (const Kind& known : kKinds) {
      if (kind == known.name && version == known.version) {
        objects.push_back({.value = std::move(value), .kind = &known, .file = &file, .at = at});
        return std::nullopt;
      }
    }
    if (on_unknown_ == OnUnknownKind::Fail) return unknown(kind, version, at);
    ++ignored[fmt::format("{} {}", version, kind)];
    return std::nullopt;
  }

  static Error unknown(const std::string& kind, const std::string& version, const Location& at) {
    std::vector<std::string> kinds;
    for (const Kind& known : kKinds) {
      if (kind == known.name) {
        return {.at = child(at, "apiVersion"),
                .message = fmt::format("{} is read in another version", kind),
                .found = version,
                .expected = known.version};
      }
      kinds.emplace_back(known.name);
    }
    const auto near = nearest(kind, kinds);
    return {.at = child(at, "kind"),
            .message = fmt::format("{} {} is not simulated", version, kind),
            .hint = near.empty() ? "leave it out, or have unknown kinds ignored: --ignore-unknown, "
                                   "\"ignore_unknown\": true"
                                 : suggest(kind, kinds)};
  }

  OnUnknownKind on_unknown_;
  std::string list_version_;
};

/// Reads object after object into their places.
class ManifestReader {
 public:
  Manifests manifests;

  std::optional<Error> read(Object& object) {
    if (auto error = check_fields(object.value, object.kind->name, object.at)) return error;
    Problems problems(object.at);
    const Field field(object.value, problems);
    read_kind(object.kind->name, field);
    if (!problems.first()) check_twice(object, field);
    if (!problems.first()) check_default_class(object.kind->name, field);
    return problems.first();
  }

  /// Once all nodes are there.
  std::optional<Error> check_bindings(const std::vector<Object>& objects) const {
    std::vector<std::string> names;
    for (const NodeObject& node : manifests.nodes) names.push_back(node.node.name);
    std::sort(names.begin(), names.end());
    for (const Object& object : objects) {
      if (std::string_view(object.kind->name) != "Pod") continue;
      Problems problems(object.at);
      const Field node = Field(object.value, problems)["spec"]["nodeName"];
      if (node.is_empty() || std::binary_search(names.begin(), names.end(), node.text())) continue;
      node.wrong("a Node that is there",
                 nearest(node.text(), names).empty() ? "" : suggest(node.text(), names));
      return object.file->with_line(*problems.first());
    }
    return std::nullopt;
  }

 private:
  void read_kind(std::string_view kind, const Field& field) {
    if (kind == "Namespace") return keep(manifests.namespaces, read_namespace(field));
    if (kind == "Node") return void(manifests.nodes.push_back(read_node(field)));
    if (kind == "PriorityClass") {
      return keep(manifests.priority_classes, read_priority_class(field));
    }
    if (kind == "Service") return keep(manifests.services, read_service(field));
    if (kind == "ReplicaSet") {
      return void(manifests.replica_sets.push_back(read_replica_set(field, pods_)));
    }
    if (kind == "StatefulSet") {
      return void(manifests.stateful_sets.push_back(read_stateful_set(field, pods_)));
    }
    if (kind == "Deployment") {
      return void(manifests.deployments.push_back(read_deployment(field, pods_)));
    }
    if (kind == "Job") return void(manifests.jobs.push_back(read_job(field, pods_)));
    if (kind == "Pod") return void(manifests.pods.push_back(pods_.read_pod(field)));
    if (kind == "HorizontalPodAutoscaler") {
      return void(manifests.autoscalers.push_back(read_autoscaler(field)));
    }
    manifests.budgets.push_back(read_budget(field));
  }

  /// A thing that pods may name.
  template <class T>
  void keep(std::vector<T>& list, T thing) {
    pods_.add(thing);
    list.push_back(std::move(thing));
  }

  void check_twice(const Object& object, const Field& field) {
    const Metadata metadata = read_metadata(field["metadata"]);
    const auto [first, is_new] = places_.emplace(
        std::tuple(std::string(object.kind->name),
                   object.kind->is_cluster_wide ? std::string() : metadata.name.name_space,
                   metadata.name.name),
        object.at);
    if (is_new) return;
    field["metadata"]["name"].refuse(
        fmt::format("{} {} is there twice", object.kind->name, metadata.name.name),
        fmt::format("the other: {}", to_string(first->second)));
  }

  void check_default_class(std::string_view kind, const Field& field) const {
    if (kind != "PriorityClass" || !manifests.priority_classes.back().is_default) return;
    for (const PriorityClass& other : manifests.priority_classes) {
      if (!other.is_default || &other == &manifests.priority_classes.back()) continue;
      field["globalDefault"].refuse(fmt::format("{} is the default already", other.name));
    }
  }

  PodReader pods_;
  std::map<std::tuple<std::string, std::string, std::string>, Location> places_;
};

}  // namespace

Result<Manifests> read_manifests(std::vector<DocumentFile> files, OnUnknownKind on_unknown) {
  Splitter splitter(on_unknown);
  for (DocumentFile& file : files) {
    if (auto error = splitter.take(file)) return failure(std::move(*error));
  }
  std::vector<Object>& objects = splitter.objects;
  std::stable_sort(objects.begin(), objects.end(),
                   [](const Object& a, const Object& b) { return a.kind->rank < b.kind->rank; });
  ManifestReader reader;
  for (Object& object : objects) {
    if (auto error = reader.read(object)) return failure(object.file->with_line(std::move(*error)));
  }
  if (auto error = reader.check_bindings(objects)) return failure(std::move(*error));
  reader.manifests.ignored = std::move(splitter.ignored);
  return std::move(reader.manifests);
}

Result<Manifests> read_manifests(const std::string& path, OnUnknownKind on_unknown) {
  const auto names = manifest_files(path);
  if (!names) return failure(names.error());
  std::vector<DocumentFile> files;
  for (const std::string& name : *names) {
    auto file = DocumentFile::read(name);
    if (!file) return failure(std::move(file.error()));
    files.push_back(std::move(*file));
  }
  return read_manifests(std::move(files), on_unknown);
}

}  // namespace orrery::traces::kubernetes

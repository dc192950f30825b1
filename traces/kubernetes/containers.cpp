#include "orrery/traces/kubernetes/containers.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "orrery/traces/kubernetes/labels.hpp"
#include "orrery/traces/kubernetes/names.hpp"

namespace orrery::traces::kubernetes {
namespace {

constexpr std::array<EnumName<ImagePullPolicy>, 3> kPullPolicies{
    {{ImagePullPolicy::IfNotPresent, "IfNotPresent"},
     {ImagePullPolicy::Always, "Always"},
     {ImagePullPolicy::Never, "Never"}}};
constexpr std::array<EnumName<RestartPolicy>, 3> kRestartPolicies{
    {{RestartPolicy::Always, "Always"},
     {RestartPolicy::OnFailure, "OnFailure"},
     {RestartPolicy::Never, "Never"}}};

bool is_native(const std::string& name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage";
}

bool is_resource_name(const std::string& name) {
  return is_native(name) || name.starts_with("hugepages-") ||
         (name.find('/') != std::string::npos && is_qualified_name(name));
}

void check_resource_name(const std::string& name, const Field& amount) {
  if (is_resource_name(name)) return;
  amount.refuse("containers have no such resource",
                suggest(name, {"cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"}));
}

/// Requests up to the limits; what cannot be shared needs a limit that equals its request.
void check_against_limits(const Field& resources) {
  const Field limits = resources["limits"];
  for (const auto& [name, request] : resources["requests"].members()) {
    const Field limit = limits[name];
    const KubernetesQuantity amount = request.quantity();
    const bool is_more = limit.is_there() && amount.milli() > limit.quantity().milli();
    if (is_native(name) && is_more) {
      request.wrong(fmt::format("at most its limit, {}", limit.text(limit.json().dump())));
    }
    if (is_native(name)) continue;
    if (!limit.is_there()) {
      request.refuse(fmt::format("{} needs a limit that equals its request", name));
    } else if (!(amount == limit.quantity())) {
      request.wrong(fmt::format("its limit, {}", limit.text(limit.json().dump())));
    }
  }
}

void check_resources(const Field& resources) {
  for (const char* const list : {"requests", "limits"}) {
    for (const auto& [name, amount] : resources[list].members()) {
      check_resource_name(name, amount);
      const KubernetesQuantity quantity = amount.quantity();
      const bool is_whole = quantity.milli() % 1000 == 0;
      if (!is_native(name) && !is_whole) amount.wrong("a whole number");
    }
  }
  check_against_limits(resources);
}

/// Where a request is not named, the limit stands for it.
ResourceAmounts with_limits(ResourceAmounts requests, const ResourceAmounts& limits) {
  if (!requests.cpu) requests.cpu = limits.cpu;
  if (!requests.memory) requests.memory = limits.memory;
  if (!requests.ephemeral_storage) requests.ephemeral_storage = limits.ephemeral_storage;
  requests.others.insert(limits.others.begin(), limits.others.end());
  return requests;
}

Probe read_probe(const Field& field, bool must_succeed_once) {
  const Probe plain;
  std::size_t handlers = 0;
  for (const char* const kind : {"exec", "httpGet", "tcpSocket", "grpc"}) {
    handlers += field[kind].is_there() ? 1U : 0U;
  }
  if (handlers != 1) field.refuse("a probe needs one of exec, httpGet, tcpSocket and grpc");
  // Zero stands for the default.
  const auto seconds = [&](const char* name, Duration otherwise) {
    const Duration given = field[name].seconds(0);
    return given == Duration::zero() ? otherwise : given;
  };
  const auto count = [&](const char* name, std::int32_t otherwise) {
    const std::int32_t given = field[name].integer32(0, 0);
    return given == 0 ? otherwise : given;
  };
  Probe probe{.initial_delay = field["initialDelaySeconds"].seconds(0),
              .period = seconds("periodSeconds", plain.period),
              .timeout = seconds("timeoutSeconds", plain.timeout),
              .success_threshold = count("successThreshold", plain.success_threshold),
              .failure_threshold = count("failureThreshold", plain.failure_threshold)};
  if (must_succeed_once && probe.success_threshold != 1) {
    field["successThreshold"].wrong("1 for liveness and startup");
  }
  return probe;
}

ImagePullPolicy read_pull_policy(const Field& container, const std::string& image) {
  const bool is_latest = image.ends_with(":latest");
  return read_enum(container["imagePullPolicy"], kPullPolicies,
                   is_latest ? ImagePullPolicy::Always : ImagePullPolicy::IfNotPresent);
}

ContainerSpec read_container(const Field& field) {
  ContainerSpec container;
  container.name = field["name"].text();
  if (field["name"].required().is_there() && !is_dns_label(container.name)) {
    field["name"].wrong("lower-case letters, digits and '-', at most 63");
  }
  container.image = image_with_tag(field["image"].text());
  field["image"].required();
  container.pull_policy = read_pull_policy(field, container.image);
  const Field resources = field["resources"];
  check_resources(resources);
  container.limits = read_amounts(resources["limits"]);
  container.requests = with_limits(read_amounts(resources["requests"]), container.limits);
  container.startup_probe =
      field["startupProbe"].optional([](const Field& probe) { return read_probe(probe, true); });
  container.readiness_probe =
      field["readinessProbe"].optional([](const Field& probe) { return read_probe(probe, false); });
  container.liveness_probe =
      field["livenessProbe"].optional([](const Field& probe) { return read_probe(probe, true); });
  container.pre_stop_sleep = field["lifecycle"]["preStop"]["sleep"]["seconds"].seconds(0);
  return container;
}

/// An init container; one that is always restarted is a sidecar and may have probes.
ContainerSpec read_init_container(const Field& field) {
  ContainerSpec container = read_container(field);
  const Field policy = field["restartPolicy"];
  container.is_sidecar =
      policy.is_there() &&
      read_enum(policy, kRestartPolicies, RestartPolicy::Never) == RestartPolicy::Always;
  if (container.is_sidecar) return container;
  for (const char* const probe : {"startupProbe", "readinessProbe", "livenessProbe", "lifecycle"}) {
    if (field[probe].is_there()) {
      field[probe].refuse("only an init container with restartPolicy: Always may have this");
    }
  }
  return container;
}

/// Requests of the pod as a whole, which limits of the whole bring along where containers do not
/// say (defaultPodRequests).
ResourceAmounts read_own_requests(const Field& resources, const PodSpec& spec) {
  check_resources(resources);
  ResourceAmounts own = read_amounts(resources["requests"]);
  if (!resources["limits"].is_empty()) {
    const ResourceAmounts limits = read_amounts(resources["limits"]);
    const ResourceAmounts containers =
        pod_requests({.init_containers = spec.init_containers, .containers = spec.containers});
    if (!own.cpu) own.cpu = containers.cpu ? containers.cpu : limits.cpu;
    if (!own.memory) own.memory = containers.memory ? containers.memory : limits.memory;
  }
  own.ephemeral_storage.reset();  // only of containers
  std::erase_if(own.others,
                [](const auto& other) { return !other.first.starts_with("hugepages-"); });
  return own;
}

}  // namespace

std::string image_with_tag(std::string name) {
  const auto place = [&](char c) {
    const std::size_t found = name.rfind(c);
    return found == std::string::npos ? std::ptrdiff_t{-1} : static_cast<std::ptrdiff_t>(found);
  };
  if (place(':') <= place('/')) name += ":latest";
  return name;
}

ResourceAmounts read_amounts(const Field& list) {
  ResourceAmounts amounts;
  for (const auto& [name, amount] : list.members()) {
    const KubernetesQuantity quantity = amount.quantity();
    if (name == "cpu") {
      amounts.cpu = MilliCpu{quantity.milli()};
    } else if (name == "memory") {
      amounts.memory = Bytes{quantity.value()};
    } else if (name == "ephemeral-storage") {
      amounts.ephemeral_storage = Bytes{quantity.value()};
    } else {
      amounts.others[name] = quantity.value();
    }
  }
  return amounts;
}

PodSpec read_pod_spec(const Field& pod_spec) {
  PodSpec spec;
  std::set<std::string> names;
  const auto take_name = [&](const Field& field) {
    if (!names.insert(field["name"].text()).second) {
      field["name"].wrong("a name that no other container of the pod has");
    }
  };
  for (const Field& field : pod_spec["initContainers"].elements()) {
    take_name(field);
    spec.init_containers.push_back(read_init_container(field));
  }
  pod_spec["containers"].required();
  for (const Field& field : pod_spec["containers"].elements()) {
    take_name(field);
    spec.containers.push_back(read_container(field));
  }
  spec.overhead = read_amounts(pod_spec["overhead"]);
  spec.requests = read_own_requests(pod_spec["resources"], spec);
  spec.restart_policy =
      read_enum(pod_spec["restartPolicy"], kRestartPolicies, RestartPolicy::Always);
  spec.termination_grace = pod_spec["terminationGracePeriodSeconds"].seconds(30);
  return spec;
}

std::vector<HostPort> read_host_ports(const Field& pod_spec) {
  std::vector<HostPort> ports;
  const bool is_on_host = pod_spec["hostNetwork"].flag(false);
  const auto take = [&](const Field& field) {
    const std::int32_t own = field["containerPort"].integer32(0, 1, 65'535);
    field["containerPort"].required();
    const HostPort port{.address = field["hostIP"].text(),
                        .protocol = read_enum(field["protocol"], kProtocols, Protocol::TCP),
                        .port = field["hostPort"].integer32(is_on_host ? own : 0, 0, 65'535)};
    if (is_on_host && port.port != 0 && port.port != own) {
      field["hostPort"].wrong("the containerPort, as the pod is on its host's network");
    }
    if (port.port == 0) return;
    for (const HostPort& other : ports) {
      if (other == port) field.refuse("the pod takes this port of its node twice");
    }
    ports.push_back(port);
  };
  for (const char* const list : {"initContainers", "containers"}) {
    for (const Field& container : pod_spec[list].elements()) {
      // The scheduler looks at sidecars, not at what has ended before the pod runs.
      const bool is_over = std::string_view(list) == "initContainers" &&
                           container["restartPolicy"].text() != "Always";
      for (const Field& port : container["ports"].elements()) {
        if (!is_over) take(port);
      }
    }
  }
  return ports;
}

}  // namespace orrery::traces::kubernetes

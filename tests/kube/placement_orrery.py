"""What Orrery is told of the API's objects: nodes and pods as placement_replay reads them.

Works on objects that the API server has returned, so that defaults and admission are in.
"""

from __future__ import annotations

import re
from typing import Any

from situations import NAMESPACES

Object = dict[str, Any]

_SUFFIXES = {
    "": 1,
    "m": 0.001,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
}
CORE = ("cpu", "memory", "ephemeral-storage", "pods")


def amount(text: str, unit: float = 1) -> int:
    """A quantity in units, rounded up."""
    number, suffix = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", text).groups()
    exact = float(number) * _SUFFIXES[suffix] / unit
    return -int(-(exact + (1e-9 if exact != int(exact) else 0)) // 1) if exact % 1 else int(exact)


def image_name(name: str) -> str:
    return name if name.rfind(":") > name.rfind("/") else name + ":latest"


def node(object_: Object) -> Object:
    size = object_["status"]["allocatable"]
    spec = object_["spec"]
    images = object_["status"].get("images", [])
    return {
        "op": "node",
        "name": object_["metadata"]["name"],
        "cpu": amount(size["cpu"], 0.001),
        "memory": amount(size["memory"]),
        "storage": amount(size["ephemeral-storage"]),
        "pods": amount(size["pods"]),
        "extended": {name: amount(size[name]) for name in size if name not in CORE},
        "labels": object_["metadata"].get("labels", {}),
        "taints": spec.get("taints", []),
        "unschedulable": spec.get("unschedulable", False),
        "images": [
            {"name": image_name(name), "size": one["sizeBytes"]}
            for one in images
            for name in one["names"]
        ],
    }


def budget(index: int, object_: Object) -> Object:
    return {
        "op": "budget",
        "index": index,
        "name": object_["metadata"]["name"],
        "namespace": object_["metadata"]["namespace"],
        "selector": selector(object_["spec"].get("selector")),
        "allowed": object_["status"]["disruptionsAllowed"],
    }


def pod(object_: Object, services: list[Object], sets: list[Object]) -> Object:
    spec, metadata = object_["spec"], object_["metadata"]
    requests = pod_requests(spec, {})
    counted = pod_requests(spec, {"cpu": 100, "memory": 200 << 20})
    containers = spec.get("initContainers", []) + spec["containers"]
    affinity = spec.get("affinity", {})
    template = {
        "namespace": metadata["namespace"],
        "labels": metadata.get("labels", {}),
        "priority": spec.get("priority", 0),
        "preempts": spec.get("preemptionPolicy") != "Never",
        "ephemeral_storage": f"{requests.get('ephemeral-storage', 0)}B",
        "extended": {name: value for name, value in requests.items() if name not in CORE},
        "node_selector": spec.get("nodeSelector", {}),
        "affinity": node_affinity(affinity.get("nodeAffinity", {})),
        "tolerations": [toleration(one) for one in spec.get("tolerations", [])],
        "pod_affinity": pod_affinity(affinity.get("podAffinity", {}), metadata),
        "pod_anti_affinity": pod_affinity(affinity.get("podAntiAffinity", {}), metadata),
        "topology_spread": [
            spread(one, metadata) for one in spec.get("topologySpreadConstraints", [])
        ],
        "host_ports": [
            {
                "port": port["hostPort"],
                "address": port.get("hostIP", ""),
                "protocol": port.get("protocol", "TCP"),
            }
            for container in containers
            for port in container.get("ports", [])
            if port.get("hostPort", 0) > 0
        ],
        "images": [image_name(container["image"]) for container in containers],
        "cpu_unnamed": f"{counted['cpu'] - requests.get('cpu', 0)}m",
        "memory_unnamed": f"{counted['memory'] - requests.get('memory', 0)}B",
        "default_spread_selector": default_selector(metadata, services, sets),
    }
    return {
        "op": "pod",
        "name": f"{metadata['namespace']}/{metadata['name']}",
        "cpu": requests.get("cpu", 0),
        "memory": requests.get("memory", 0),
        "template": template,
    }


def pod_requests(spec: Object, missing: dict[str, int]) -> dict[str, int]:
    """k8s.io/component-helpers/resource, PodRequests, v0.36.3, without overhead."""
    total: dict[str, int] = {}
    for container in spec["containers"]:
        _add(total, _requests(container, missing))
    sidecars: dict[str, int] = {}
    initial: dict[str, int] = {}
    for container in spec.get("initContainers", []):
        needs = dict(_requests(container, missing))
        if container.get("restartPolicy") == "Always":
            _add(total, needs)
            _add(sidecars, needs)
            needs = dict(sidecars)
        else:
            _add(needs, sidecars)
        _most(initial, needs)
    _most(total, initial)
    return total


def _requests(container: Object, missing: dict[str, int]) -> dict[str, int]:
    named = container.get("resources", {}).get("requests", {})
    amounts = {
        name: amount(value, 0.001 if name == "cpu" else 1) for name, value in named.items()
    }
    return {**{n: v for n, v in missing.items() if n not in amounts}, **amounts}


def _add(total: dict[str, int], more: dict[str, int]) -> None:
    for name, value in more.items():
        total[name] = total.get(name, 0) + value


def _most(total: dict[str, int], other: dict[str, int]) -> None:
    for name, value in other.items():
        total[name] = max(total.get(name, 0), value)


def selector(given: Object | None) -> list[Object] | None:
    """A label selector as a list of requirements; None selects nothing."""
    if given is None:
        return None
    labels = given.get("matchLabels", {})
    return [_in(key, [value]) for key, value in sorted(labels.items())] + [
        _requirement(one) for one in given.get("matchExpressions", [])
    ]


def _in(key: str, values: list[str]) -> Object:
    return {"key": key, "operator": "In", "values": values}


def _requirement(one: Object) -> Object:
    return {"key": one["key"], "operator": one["operator"], "values": one.get("values", [])}


def node_affinity(given: Object) -> Object:
    required = given.get("requiredDuringSchedulingIgnoredDuringExecution", {})
    preferred = given.get("preferredDuringSchedulingIgnoredDuringExecution", [])
    return {
        "required": [_term(one) for one in required.get("nodeSelectorTerms", [])],
        "preferred": [
            {"weight": one["weight"], "term": _term(one["preference"])} for one in preferred
        ],
    }


def _term(term: Object) -> list[Object]:
    return [_requirement(one) for one in term.get("matchExpressions", [])] + [
        {**_requirement(one), "field": True} for one in term.get("matchFields", [])
    ]


def toleration(given: Object) -> Object:
    result = {
        "key": given.get("key", ""),
        "operator": given.get("operator", "Equal"),
        "value": given.get("value", ""),
    }
    return result | ({"effect": given["effect"]} if given.get("effect") else {})


def pod_affinity(given: Object, metadata: Object) -> Object:
    preferred = given.get("preferredDuringSchedulingIgnoredDuringExecution", [])
    return {
        "required": [
            _pod_term(one, metadata)
            for one in given.get("requiredDuringSchedulingIgnoredDuringExecution", [])
        ],
        "preferred": [
            {"weight": one["weight"], "term": _pod_term(one["podAffinityTerm"], metadata)}
            for one in preferred
        ],
    }


def _pod_term(term: Object, metadata: Object) -> Object:
    # matchLabelKeys have been merged into the selector by the API server.
    namespaces = set(term.get("namespaces", []))
    chosen = term.get("namespaceSelector")
    if chosen:
        wanted = chosen["matchLabels"].items()
        namespaces |= {name for name, has in NAMESPACES.items() if wanted <= has.items()}
    elif chosen is None and not namespaces:
        namespaces = {metadata["namespace"]}
    return {
        "selector": selector(term.get("labelSelector")),
        "topology_key": term["topologyKey"],
        "namespaces": sorted(namespaces),
        "in_all_namespaces": chosen == {},
    }


def spread(given: Object, metadata: Object) -> Object:
    return {
        "topology_key": given["topologyKey"],
        "selector": selector(given.get("labelSelector")),
        "max_skew": given["maxSkew"],
        "when_unsatisfiable": given["whenUnsatisfiable"],
        "min_domains": given.get("minDomains") or 1,
        "honors_affinity": given.get("nodeAffinityPolicy", "Honor") == "Honor",
        "honors_taints": given.get("nodeTaintsPolicy", "Ignore") == "Honor",
    }


def default_selector(metadata: Object, services: list[Object], sets: list[Object]) -> list[Object]:
    """pkg/scheduler/framework/plugins/helper/spread.go, DefaultSelector, v1.36.3."""
    labels = metadata.get("labels", {})
    merged: dict[str, str] = {}
    for service in services:
        wanted = service["spec"]["selector"]
        same = service["metadata"]["namespace"] == metadata["namespace"]
        if same and wanted.items() <= labels.items():
            merged |= wanted
    result = [_in(key, [value]) for key, value in sorted(merged.items())]
    for owner in metadata.get("ownerReferences", []):
        for one in sets:
            names = (one["metadata"]["name"], one["metadata"]["namespace"])
            if names == (owner["name"], metadata["namespace"]):
                result += selector(one["spec"]["selector"])
    return result

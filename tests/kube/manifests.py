"""The objects that tests make: nodes that kwok plays, and pods, with only what a test varies."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

# kwok plays the nodes with this label; without it a node's lease is no longer renewed.
FAKE = {"kwok.x-k8s.io/node": "fake"}


def node(
    name: str,
    cpu: str = "16",
    memory: str = "64Gi",
    pods: int = 110,
    labels: dict[str, str] | None = None,
    taints: list[Object] | None = None,
    **resources: str,
) -> Object:
    """A fake node. Other resources: `**{"nvidia.com/gpu": "8"}`."""
    size = {"cpu": cpu, "memory": memory, "pods": str(pods), **resources}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {**FAKE, "kubernetes.io/hostname": name, **(labels or {})},
        },
        "spec": {"taints": taints or []},
        "status": {"capacity": size, "allocatable": size},
    }


def pod(
    name: str,
    cpu: str = "100m",
    memory: str = "128Mi",
    labels: dict[str, str] | None = None,
    **spec: Any,
) -> Object:
    """A pod of one container; `spec` adds to its spec, such as nodeName or priorityClassName."""
    container = {
        "name": "main",
        "image": "registry.invalid/main:1",  # nobody pulls it
        "resources": {"requests": {"cpu": cpu, "memory": memory}},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {"containers": [container], **spec},
    }


def budget(name: str, labels: dict[str, str], **spec: Any) -> Object:
    """A PodDisruptionBudget for the pods with these labels, such as minAvailable=2."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, **spec},
    }


def is_ready(node: Object) -> bool:
    """Ready, and free of taints that keep pods away."""
    conditions = {c["type"]: c["status"] for c in node["status"].get("conditions", [])}
    taints = [t["effect"] for t in node["spec"].get("taints", [])]
    return conditions.get("Ready") == "True" and "NoSchedule" not in taints

#!/usr/bin/env python3
"""Writes `recorded/`: what a real API server makes of `applied/shop.yaml` and of three nodes.

usage: tests/traces/kubernetes/shop/record.py  (needs PyYAML and the control plane of tests/kube)
"""

import sys
import time
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "kube"))

import client  # noqa: E402
import manifests  # noqa: E402
from cluster import Cluster  # noqa: E402
from components import Options  # noqa: E402

RESOURCES = {
    "Namespace": "namespaces",
    "PriorityClass": "priorityclasses",
    "Service": "services",
    "Deployment": "deployments",
    "ReplicaSet": "replicasets",
    "StatefulSet": "statefulsets",
    "Job": "jobs",
    "Pod": "pods",
    "PodDisruptionBudget": "poddisruptionbudgets",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers",
}
NODES = [
    manifests.node(
        f"node-{i}",
        cpu="7910m",
        memory="32Gi",
        labels={
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/zone": f"zone-{i}",
            **({"disk": "ssd"} if i == 0 else {"nvidia.com/gpu.product": "NVIDIA-L4"}),
        },
        taints=[{"key": "gpu", "value": "l4", "effect": "PreferNoSchedule"}] if i else [],
        **{"ephemeral-storage": "100Gi"},
        **({"nvidia.com/gpu": "4", "example.com/fpga": "1"} if i else {}),
    )
    for i in range(3)
]
IMAGES = [
    {
        "names": ["registry.example/web@sha256:" + "b" * 64, "registry.example/web:2.4"],
        "sizeBytes": 210_000_000,
    }
]


def settled(api: client.Client) -> bool:
    pods = api.items("pods", "shop")
    return len(pods) >= 10 and all(pod["spec"].get("nodeName") for pod in pods)


def write(path: Path, objects: list) -> None:
    """As `kubectl get -o yaml` prints a list: without managed fields."""
    for one in objects:
        one["metadata"].pop("managedFields", None)
    value = {"apiVersion": "v1", "items": objects, "kind": "List"}
    value["metadata"] = {"resourceVersion": ""}
    path.write_text(yaml.safe_dump(value, default_flow_style=False, width=80), encoding="utf-8")


def main() -> None:
    objects = list(yaml.safe_load_all((HERE / "applied/shop.yaml").read_text(encoding="utf-8")))
    with Cluster(Options(nodes=0)) as cluster, cluster.client() as api:
        for node in NODES:
            api.create("nodes", node)
            api.patch("nodes", node["metadata"]["name"], {"status": {"images": IMAGES}}, sub="status")
        for one in objects:
            api.create(RESOURCES[one["kind"]], one, one["metadata"].get("namespace", "default"))
        for _ in range(120):
            if settled(api):
                break
            time.sleep(0.5)
        time.sleep(2)  # for conditions to be written
        kinds = {kind: resource for kind, resource in RESOURCES.items() if kind != "Pod"}
        listed = []
        for kind, resource in kinds.items():
            for one in api.items(resource, ""):
                if one["metadata"].get("namespace", "shop") == "shop":
                    listed.append({"apiVersion": objects_version(kind, objects), "kind": kind, **one})
        write(HERE / "recorded/objects.yaml", listed)
        for resource in ("nodes", "pods"):
            kind = {"nodes": "Node", "pods": "Pod"}[resource]
            items = [{"apiVersion": "v1", "kind": kind, **one} for one in api.items(resource, "")]
            write(HERE / f"recorded/{resource}.yaml", items)


def objects_version(kind: str, objects: list) -> str:
    versions = {one["kind"]: one["apiVersion"] for one in objects}
    return versions.get(kind, "apps/v1")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Simulated controllers take as long as the real ones, milestone by milestone.

A real control plane with fake nodes scales a Deployment up and down, rolls it over, and loses a
zone of 20 nodes; `orrery run` simulates the same under SEEDS seeds. A milestone is the time at
which a number of pods are Ready or gone. Its real value must lie within 10 % or 2 s of what some
seed gives: phases of leases and loops are chance in both. Skips where the control plane is not
built (tests/kube/build).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any

from cluster import HERE, Cluster, find_binary
from components import Options
from manifests import FAKE

ORRERY = Path(os.environ.get("ORRERY", HERE.parents[1] / "build/dev/bin/orrery"))
SEEDS = 10
NODES = 40
PODS = 200
TOLERATION = 20
FLAGS = {"kube-controller-manager": ["--kube-api-qps=20", "--kube-api-burst=30"]}
Milestones = dict[str, float]


def setUpModule() -> None:
    if find_binary() is None:
        raise unittest.SkipTest("the control plane is not here: tests/kube/build makes it")


def deployment() -> dict[str, Any]:
    tolerations = [
        {
            "key": "node.kubernetes.io/unreachable",
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": TOLERATION,
        }
    ]
    resources = {"requests": {"cpu": "100m"}}
    container = {"name": "main", "image": "registry.invalid/main:1", "resources": resources}
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"tolerations": tolerations, "containers": [container]},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": template},
    }


class Watcher:
    """Notes when pods became Ready for the first time, were deleted, and were gone."""

    def __init__(self, cluster: Cluster):
        self.ready: dict[str, float] = {}
        self.deleted: dict[str, float] = {}
        self.gone: dict[str, float] = {}
        self.cluster = cluster
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with self.cluster.client() as admin:
            for event in admin.watch("pods", timeout=600):
                self._note(event, time.monotonic())

    def _note(self, event: dict[str, Any], now: float) -> None:
        pod = event["object"]
        name = pod["metadata"]["name"]
        conditions = {c["type"]: c["status"] for c in pod["status"].get("conditions", [])}
        if conditions.get("Ready") == "True":
            self.ready.setdefault(name, now)
        if "deletionTimestamp" in pod["metadata"]:
            self.deleted.setdefault(name, now)
        if event["type"] == "DELETED":
            self.gone.setdefault(name, now)


def after(times: list[float], since: float, rank: int) -> float:
    """When the rank-th of what came after `since` came, in seconds from then."""
    return sorted(t for t in times if t > since)[rank - 1] - since


def real() -> Milestones:
    seen: Milestones = {}
    with (
        Cluster(Options(nodes=NODES, zones=2, flags=FLAGS)) as cluster,
        cluster.client() as admin,
    ):
        admin.create("deployments", deployment())
        watcher = Watcher(cluster)

        def change(spec: dict[str, Any], done: Any) -> float:
            time.sleep(10)  # the clients' bursts are whole again
            begun = time.monotonic()
            admin.patch("deployments", "web", {"spec": spec})
            cluster.wait_for(lambda: done(begun), f"end of {spec}", 120)
            return begun

        def ready(since: float) -> int:
            return sum(t > since for t in list(watcher.ready.values()))

        def gone(since: float) -> int:
            return sum(t > since for t in list(watcher.gone.values()))

        begun = change({"replicas": PODS}, lambda since: ready(since) >= PODS)
        for rank in (PODS // 2, PODS):
            seen[f"0 → {PODS}: pod {rank} Ready"] = after(list(watcher.ready.values()), begun, rank)
        begun = change({"replicas": 50}, lambda since: gone(since) >= PODS - 50)
        for rank in (75, 150):
            seen[f"{PODS} → 50: pod {rank} gone"] = after(list(watcher.gone.values()), begun, rank)
        template = {"template": {"metadata": {"labels": {"app": "web", "version": "2"}}}}
        begun = change(template, lambda since: gone(since) >= 50)
        seen["rollout: pod 25 Ready"] = after(list(watcher.ready.values()), begun, 25)
        seen["rollout: pod 50 Ready"] = after(list(watcher.ready.values()), begun, 50)
        seen["rollout: old pod 50 gone"] = after(list(watcher.gone.values()), begun, 50)
        seen |= real_rack(cluster, admin, watcher)
    return seen


def real_rack(cluster: Cluster, admin: Any, watcher: Watcher) -> Milestones:
    """Loses zone 0; what is deleted is replaced at once, so replacements are the milestones."""
    nodes = {f"node-{i}" for i in range(0, NODES, 2)}
    lost = sum(pod["spec"].get("nodeName") in nodes for pod in admin.items("pods"))
    label = next(iter(FAKE))
    begun = time.monotonic()
    for node in sorted(nodes):
        admin.patch("nodes", node, {"metadata": {"labels": {label: None}}})
    cluster.wait_for(
        lambda: sum(t > begun for t in list(watcher.deleted.values())) >= lost, "evictions", 420
    )
    cluster.wait_for(
        lambda: sum(t > begun for t in list(watcher.ready.values())) >= lost, "replacements", 60
    )
    times = list(watcher.ready.values())
    return {
        "rack: first replacement Ready": after(times, begun, 1),
        "rack: middle replacement Ready": after(times, begun, lost // 2),
        "rack: last replacement Ready": after(times, begun, lost),
    }


def document() -> dict[str, Any]:
    """The same as real() does; each step begins at a time that is known."""
    size = {"count": NODES // 2, "cpu": 16, "memory": "64GiB"}
    web = {"name": "web", "replicas": 0, "cpu": "100m", "memory": "0GiB"}
    kubernetes = {"shutdown": "0s", "default_toleration": f"{TOLERATION}s", "deployments": [web]}
    incidents = [
        {"at": "100s", "scale": {"web": PODS}},
        {"at": "200s", "scale": {"web": 50}},
        {"at": "300s", "rollout": ["web"]},
        {"at": "400s", "crash": ["a-*"]},
    ]
    return {
        "orrery": 1,
        "name": "parity",
        "horizon": "800s",
        "clusters": [
            {
                "name": "one",
                "nodes": [
                    {**size, "name": "a-{}", "zones": ["a"]},
                    {**size, "name": "b-{}", "zones": ["b"]},
                ],
                "scheduler": {"policy": "least-allocated"},
                "delays": {"watch": "5ms", "scheduling": "1ms", "bind": "5ms"},
                "kubernetes": kubernetes,
                "incidents": incidents,
            }
        ],
        "workloads": [],
    }


def simulated(folder: Path, seed: int) -> Milestones:
    """Reads the milestones from the run's time line, whose times are microseconds."""
    path, line = folder / "parity.json", folder / "line.json"
    path.write_text(json.dumps(document()), encoding="utf-8")
    command = [ORRERY, "run", path, "--seed", seed, "--replications", 1, "--quiet"]
    command += ["--trace-out", line, "--out", folder / f"{seed}.db"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    events = json.loads(line.read_text(encoding="utf-8"))
    events = events["traceEvents"] if isinstance(events, dict) else events
    slices = [e for e in events if e["ph"] == "X" and e["name"].startswith("web ")]
    whole = [e for e in slices if "(starting)" not in e["name"]]
    ready = [e["ts"] / 1e6 for e in whole]
    gone = [
        (e["ts"] + e["dur"]) / 1e6
        for e in whole
        if e["args"]["outcome"] != "still there at the end"
    ]
    lost = sum(t > 400 for t in ready)
    return {
        f"0 → {PODS}: pod {PODS // 2} Ready": after(ready, 100, PODS // 2),
        f"0 → {PODS}: pod {PODS} Ready": after(ready, 100, PODS),
        f"{PODS} → 50: pod 75 gone": after(gone, 200, 75),
        f"{PODS} → 50: pod 150 gone": after(gone, 200, 150),
        "rollout: pod 25 Ready": after(ready, 300, 25),
        "rollout: pod 50 Ready": after(ready, 300, 50),
        "rollout: old pod 50 gone": after(gone, 300, 50),
        "rack: first replacement Ready": after(ready, 400, 1),
        "rack: middle replacement Ready": after(ready, 400, lost // 2),
        "rack: last replacement Ready": after(ready, 400, lost),
    }


class ControllersParity(unittest.TestCase):
    def test_milestones_come_when_the_real_ones_do(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            runs = [simulated(Path(folder), seed) for seed in range(1, SEEDS + 1)]
        for name, found in real().items():
            times = [run[name] for run in runs]
            print(f"| {name} | {found:.1f} | {min(times):.1f} … {max(times):.1f} |", flush=True)
            with self.subTest(name):
                nearest = min(times, key=lambda t: abs(t - found))
                self.assertLessEqual(abs(nearest - found), max(2.0, 0.1 * found), times)


if __name__ == "__main__":
    unittest.main()

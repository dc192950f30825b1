"""Random histories of scaled blocks: a HorizontalPodAutoscaler's spec, its pods and its metrics.

A world is what the controller can see at one sync. Each is drawn from the one before and from the
replicas that were decided in between; times lie around the moment at which it is drawn.
"""

from __future__ import annotations

import copy
import dataclasses
import random
from typing import Any

Object = dict[str, Any]

# The flags of the controller manager, in seconds: short, so that windows end within a history.
TOLERANCE = 0.1
DOWNSCALE_STABILIZATION = 9
CPU_INITIALIZATION = 10
READINESS_DELAY = 4

PODS_MAX = 9


@dataclasses.dataclass
class Container:
    name: str
    requests: dict[str, str]  # by resource
    is_sidecar: bool = False


@dataclasses.dataclass
class Pod:
    """Times are whole seconds since 1970, as the API has them."""

    name: str
    containers: list[Container]
    phase: str = "Pending"
    ready: str | None = None  # the condition's status
    ready_changed: int = 0
    started: int | None = None
    is_deleting: bool = False


@dataclasses.dataclass
class Sample:
    pod: str
    measured: int
    window: int | None  # in seconds; None leaves it out
    values: dict[tuple[str, str], str]  # by container and resource; ("", "") of a pods metric


@dataclasses.dataclass
class World:
    """`metrics` has a list for each metric that is served, by what is asked; None where it fails.

    ("resource", "") and ("pods", METRIC): Samples. ("object", METRIC) and ("external", METRIC):
    values.
    """

    pods: dict[str, Pod] = dataclasses.field(default_factory=dict)
    metrics: dict[tuple[str, str], list[Any] | None] = dataclasses.field(default_factory=dict)
    status_replicas: int = 0
    # Somebody sets the replicas by hand before this world.
    spec_replicas: int | None = None


def random_spec(draw: random.Random) -> Object:
    least = draw.choice([1, 1, 1, 2, 3])
    spec: Object = {
        "minReplicas": least,
        "maxReplicas": least + draw.choice([0, 3, 8, 12, 20, 30]),
        "metrics": [_random_metric(draw, index) for index in range(draw.choice([1, 1, 2, 3]))],
    }
    if least == 1 and draw.random() < 0.5:
        del spec["minReplicas"]
    if draw.random() < 0.7:
        sides = [side for side in ("scaleUp", "scaleDown") if draw.random() < 0.8]
        spec["behavior"] = {side: _random_rules(draw) for side in sides}
    return spec


def _random_metric(draw: random.Random, index: int) -> Object:
    kind = draw.choice(
        ["Resource"] * 4 + ["ContainerResource", "Pods", "Pods", "Object", "External"]
    )
    member = kind[0].lower() + kind[1:]
    if kind in ("Resource", "ContainerResource"):
        name = draw.choice(["cpu", "cpu", "memory"])
        if draw.random() < 0.65:
            percent = draw.choice([30, 50, 80, 100, 130])
            target: Object = {"type": "Utilization", "averageUtilization": percent}
        else:
            amount = draw.choice(["300m", "1"]) if name == "cpu" else draw.choice(["100Mi", "90M"])
            target = {"type": "AverageValue", "averageValue": amount}
        source: Object = {"name": name, "target": target}
        if kind == "ContainerResource":
            source["container"] = "main"
        return {"type": kind, member: source}
    target_types = {"Pods": ["AverageValue"]}.get(kind, ["Value", "AverageValue"])
    target_type = draw.choice(target_types)
    amount = draw.choice(["10", "2500m", "1k", "7"])
    field = target_type[0].lower() + target_type[1:]
    source = {
        "metric": {"name": f"{member}-{index}"},
        "target": {"type": target_type, field: amount},
    }
    if kind == "Object":
        source["describedObject"] = {"apiVersion": "v1", "kind": "Service", "name": "front"}
    return {"type": kind, member: source}


def _random_rules(draw: random.Random) -> Object:
    rules: Object = {}
    if draw.random() < 0.6:
        rules["stabilizationWindowSeconds"] = draw.choice([0, 0, 3, 6, 11])
    if draw.random() < 0.5:
        rules["selectPolicy"] = draw.choice(["Max", "Max", "Min", "Min", "Min", "Disabled"])
    if draw.random() < 0.7:
        rules["policies"] = [_random_limit(draw) for _ in range(draw.choice([1, 2, 3]))]
    if draw.random() < 0.3:
        rules["tolerance"] = draw.choice(["0", "50m", "0.25", "0.5"])
    return rules


def _random_limit(draw: random.Random) -> Object:
    kind = draw.choice(["Pods", "Percent"])
    value = draw.choice([1, 2, 4] if kind == "Pods" else [10, 50, 100, 200])
    return {"type": kind, "value": value, "periodSeconds": draw.choice([3, 7, 10, 15, 26])}


class History:
    """Draws the worlds of one block, one after another."""

    def __init__(self, seed: int):
        self._draw = random.Random(seed)
        self.spec = random_spec(self._draw)
        self.replicas_at_start = self._draw.choice([1, 2, 3, 4, 6, 9, 13])
        self._made = 0
        self._load = {name_of(metric): 1.0 for metric in self.spec["metrics"]}
        self._has_odd_pods = self._draw.random() < 0.1

    def first(self, now: int) -> World:
        world = World()
        for _ in range(min(self.replicas_at_start, PODS_MAX)):
            self._add_pod(world, now, is_settled=True)
        return self._measure(world, now)

    def next(self, world: World, replicas: int, now: int) -> World:
        """`replicas` is what the block has been told to have."""
        draw = self._draw
        world = copy.deepcopy(world)
        world.spec_replicas = None
        for name in [p.name for p in world.pods.values() if p.is_deleting]:
            if draw.random() < 0.5:
                del world.pods[name]
        wanted = max(0, min(replicas, PODS_MAX) + draw.choice([-1, 0, 0, 0, 0, 1]))
        for _ in range(2):
            alive = [pod for pod in world.pods.values() if not pod.is_deleting]
            if len(alive) < wanted:
                self._add_pod(world, now, is_settled=False)
            elif len(alive) > wanted:
                draw.choice(alive).is_deleting = True
        for pod in world.pods.values():
            if draw.random() < 0.25:
                self._change(pod, now)
        if draw.random() < 0.05:
            most = self.spec["maxReplicas"]
            world.spec_replicas = draw.choice([0, 1, most, most + 3, max(1, replicas - 1)])
        elif replicas == 0:
            world.spec_replicas = draw.choice([1, 2])
        if world.spec_replicas == replicas:
            world.spec_replicas = None
        return self._measure(world, now)

    def _add_pod(self, world: World, now: int, is_settled: bool) -> None:
        draw = self._draw
        cpu, memory = draw.choice([("500m", "128Mi"), ("1", "64Mi"), ("250m", "100M")])
        containers = [Container("main", {"cpu": cpu, "memory": memory})]
        if draw.random() < 0.3:
            is_sidecar = draw.random() < 0.5
            containers.append(Container("helper", {"cpu": "100m", "memory": "32Mi"}, is_sidecar))
        if self._has_odd_pods and draw.random() < 0.3:
            del containers[-1].requests["cpu"]
        pod = Pod(f"pod-{self._made}", containers)
        self._made += 1
        world.pods[pod.name] = pod
        if is_settled:
            pod.phase, pod.ready, pod.started = "Running", "True", now - 60
            pod.ready_changed = now - 55
        elif draw.random() < 0.6:
            self._change(pod, now)

    def _change(self, pod: Pod, now: int) -> None:
        draw = self._draw
        if pod.phase in ("Failed", "Succeeded"):
            return
        pod.phase = draw.choices(
            ["Running", "Pending", "Failed", "Succeeded"], [0.82, 0.08, 0.07, 0.03]
        )[0]
        age = draw.choice([1, 3, 5, 8, 9, 12, 20, 40])
        pod.started = None if draw.random() < 0.05 else now - age
        pod.ready = draw.choices(["True", "False", "Unknown", None], [0.65, 0.25, 0.04, 0.06])[0]
        pod.ready_changed = now - age + draw.randint(0, min(age, 8))

    def _measure(self, world: World, now: int) -> World:
        draw = self._draw
        for name in self._load:
            if draw.random() < 0.4:
                self._load[name] = draw.choice(
                    [0, 0.2, 0.4, 0.5, 0.7, 0.89, 0.9, 1, 1.1, 1.12, 1.3, 1.5, 1.7, 2.2, 9]
                )
        alive = len([pod for pod in world.pods.values() if not pod.is_deleting])
        world.status_replicas = max(0, alive + draw.choice([0, 0, 0, 0, 1, -1]))
        world.metrics = {}
        for metric in self.spec["metrics"]:
            key = key_of(metric)
            if key in world.metrics:
                continue
            if draw.random() < 0.06:
                world.metrics[key] = draw.choice([None, []])
            elif metric["type"] in ("Object", "External"):
                world.metrics[key] = self._values(metric, world)
            else:
                world.metrics[key] = self._samples(metric, world, now)
        return world

    def _values(self, metric: Object, world: World) -> list[str]:
        target = metric[metric["type"].lower()]["target"]
        total = self._load[name_of(metric)] * milli(target.get("value") or target["averageValue"])
        if "averageValue" in target:
            total *= max(1, world.status_replicas)
        parts = [1.0]
        if metric["type"] == "External":
            parts = self._draw.choice([[1.0], [0.5, 0.5], [0.2, 0.3, 0.5]])
        return [f"{round(total * part)}m" for part in parts]

    def _samples(self, metric: Object, world: World, now: int) -> list[Sample]:
        draw = self._draw
        samples = []
        for pod in world.pods.values():
            if draw.random() < 0.12 or (pod.phase == "Pending" and draw.random() < 0.8):
                continue
            samples.append(self._sample(metric, pod.name, pod.containers, now))
        if draw.random() < 0.08:
            gone = [Container("main", {"cpu": "500m", "memory": "128Mi"})]
            samples.append(self._sample(metric, "pod-gone", gone, now))
        draw.shuffle(samples)
        return samples

    def _sample(self, metric: Object, pod: str, containers: list[Container], now: int) -> Sample:
        draw = self._draw
        noise = draw.choice([1, 1, 1, 0.9, 1.1, 0.5, 1.5])
        measured = now - draw.choice([0, 1, 2, 5, 9, 14, 25])
        if metric["type"] == "Pods":
            load = self._load[name_of(metric)] * milli(metric["pods"]["target"]["averageValue"])
            window = draw.choice([None, 3, 15])
            return Sample(pod, measured, window, {("", ""): f"{round(load * noise)}m"})
        values = {}
        for other in self.spec["metrics"]:
            if key_of(other) != key_of(metric):
                continue
            resource = name_of(other)
            for container in containers:
                load = noise * self._load[resource] * _target_of(other, container, containers)
                is_memory = resource == "memory"
                amount = str(round(load / 1000)) if is_memory else f"{round(load)}m"
                values.setdefault((container.name, resource), amount)
        if draw.random() < 0.04:
            values.pop(draw.choice(list(values)))
        return Sample(pod, measured, draw.choice([2, 5, 10, 15]), values)


def source_of(metric: Object) -> Object:
    """What stands in the member that is named after the type."""
    kind = metric["type"]
    return metric[kind[0].lower() + kind[1:]]


def name_of(metric: Object) -> str:
    """The name of the resource or the metric."""
    source = source_of(metric)
    return source["name"] if "name" in source else source["metric"]["name"]


def key_of(metric: Object) -> tuple[str, str]:
    """Where a world keeps what a metric of a spec is answered with."""
    kind = metric["type"]
    if kind in ("Resource", "ContainerResource"):
        return ("resource", "")
    return (kind.lower(), name_of(metric))


def _target_of(metric: Object, container: Container, containers: list[Container]) -> float:
    """What the container uses when it is on target, in thousandths."""
    target = source_of(metric)["target"]
    if "averageValue" in target:
        return milli(target["averageValue"]) / len(containers)
    request = milli(container.requests.get(name_of(metric), "0"))
    return request * target["averageUtilization"] / 100


_SUFFIXES = {"m": 1, "k": 10**6, "M": 10**9, "Mi": 1000 << 20, "": 1000}


def milli(quantity: str) -> int:
    """Thousandths of one of the quantities that are written in this file."""
    digits = quantity.rstrip("kmMi")
    return int(digits) * _SUFFIXES[quantity[len(digits) :]]

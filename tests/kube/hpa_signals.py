"""What a world looks like to the API server, and to the policy: the same, told in two ways."""

from __future__ import annotations

import datetime
from typing import Any

from hpa_worlds import Container, Object, Pod, Sample, World, key_of, milli, name_of, source_of

SECOND = 10**9
DEFAULT_WINDOW = 60  # of a pods metric that says none


def rfc3339(seconds: int) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


# For the API server.


def pod_manifest(pod: Pod, labels: dict[str, str]) -> Object:
    def container(one: Container) -> Object:
        body: Object = {"name": one.name, "image": "registry.invalid/main:1"}
        if one.requests:
            body["resources"] = {"requests": one.requests}
        if one.is_sidecar:
            body["restartPolicy"] = "Always"
        return body

    return {
        "apiVersion": "v1",
        "kind": "Pod",
        # Nobody takes the finalizer away before the test does: pods stay while they are deleted.
        "metadata": {"name": pod.name, "labels": labels, "finalizers": ["orrery.test/kept"]},
        "spec": {
            "containers": [container(c) for c in pod.containers if not c.is_sidecar],
            "initContainers": [container(c) for c in pod.containers if c.is_sidecar],
        },
    }


def pod_status(pod: Pod) -> Object:
    conditions = []
    if pod.ready is not None:
        changed = rfc3339(pod.ready_changed)
        conditions = [{"type": "Ready", "status": pod.ready, "lastTransitionTime": changed}]
    started = None if pod.started is None else rfc3339(pod.started)
    return {"phase": pod.phase, "conditions": conditions, "startTime": started}


def answer(world: World, asked: tuple[str, ...]) -> list[Object] | None:
    """The items of the answer to one request of the metrics APIs; None: there is no such metric."""
    if asked[0] == "object":
        _, resource, name, metric = asked
        values = world.metrics.get(("object", metric))
        described = {"kind": "Service", "name": name}
        return values and [
            {
                "describedObject": described,
                "metric": {"name": metric},
                "timestamp": rfc3339(0),
                "value": v,
            }
            for v in values
            if resource == "services"
        ]
    if asked[0] == "external":
        values = world.metrics.get(("external", asked[1]))
        return values and [
            {"metricName": asked[1], "metricLabels": {}, "timestamp": rfc3339(0), "value": value}
            for value in values
        ]
    if asked[0] == "pods":
        samples = world.metrics.get(("pods", asked[1]))
        return samples and [_pods_value(asked[1], sample) for sample in samples]
    samples = world.metrics.get(("resource", ""))
    return samples and [_pod_metrics(sample) for sample in samples]


def _pods_value(metric: str, sample: Sample) -> Object:
    value = {
        "describedObject": {"kind": "Pod", "name": sample.pod, "apiVersion": "/v1"},
        "metric": {"name": metric},
        "timestamp": rfc3339(sample.measured),
        "value": sample.values["", ""],
    }
    return value if sample.window is None else {**value, "windowSeconds": sample.window}


def _pod_metrics(sample: Sample) -> Object:
    usage: dict[str, dict[str, str]] = {}
    for (container, resource), amount in sample.values.items():
        usage.setdefault(container, {})[resource] = amount
    return {
        "metadata": {"name": sample.pod},
        "timestamp": rfc3339(sample.measured),
        "window": f"{sample.window}s",
        "containers": [{"name": name, "usage": used} for name, used in usage.items()],
    }


# For the policy: hpa_replay.cpp reads it.


def signals(spec: Object, world: World) -> Object:
    pods = list(world.pods.values())
    return {
        "status_replicas": world.status_replicas,
        "pods": [_pod_signal(pod) for pod in pods],
        "metrics": [_reading(metric, world, pods) for metric in spec["metrics"]],
    }


def _pod_signal(pod: Pod) -> Object:
    return {
        "phase": pod.phase,
        "deleting": pod.is_deleting,
        "ready": pod.ready,
        "ready_changed": pod.ready_changed * SECOND,
        "started": None if pod.started is None else pod.started * SECOND,
    }


def _reading(metric: Object, world: World, pods: list[Pod]) -> Object:
    found = world.metrics[key_of(metric)] or []
    if metric["type"] in ("Object", "External"):
        return {"values": [milli(value) for value in found]}
    by_pod = {sample.pod: _sample(metric, sample) for sample in found}
    reading: Object = {"samples": [by_pod.pop(pod.name, None) for pod in pods]}
    reading["strangers"] = [sample for sample in by_pod.values() if sample is not None]
    if metric["type"] != "Pods":
        reading["requests"] = [_request(metric, pod) for pod in pods]
    return reading


def _sample(metric: Object, sample: Sample) -> list[int] | None:
    """Its value, the time and the window; None where a container that counts has no value."""
    window = DEFAULT_WINDOW if sample.window is None else sample.window
    if metric["type"] == "Pods":
        values: list[Any] = [sample.values["", ""]]
    else:
        wanted = source_of(metric).get("container")
        containers = dict.fromkeys(container for container, _ in sample.values)
        values = [
            sample.values.get((container, name_of(metric)))
            for container in containers
            if wanted in (None, container)
        ]
    if not values or None in values:
        return None
    return [sum(map(milli, values)), sample.measured * SECOND, window * SECOND]


def _request(metric: Object, pod: Pod) -> int | None:
    wanted = source_of(metric).get("container")
    counting = [c for c in pod.containers if wanted in (None, c.name)]
    requests = [c.requests.get(name_of(metric)) for c in counting]
    return sum(map(milli, requests)) if counting and None not in requests else None

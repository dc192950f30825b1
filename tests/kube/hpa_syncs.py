"""The syncs of the real controller, read from the API server's audit log."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Object = dict[str, Any]

USER = "system:serviceaccount:kube-system:horizontal-pod-autoscaler"
METRICS = ["metrics.k8s.io", "custom.metrics.k8s.io", "external.metrics.k8s.io"]


def write_policy(path: Path) -> None:
    """Writes an audit policy that notes what the controller does, and nothing else."""
    changed = [
        {"group": "apps", "resources": ["deployments/scale"]},
        {"group": "autoscaling", "resources": ["horizontalpodautoscalers/status"]},
    ]
    read = [{"group": group} for group in METRICS]
    rules = [
        {"level": "RequestResponse", "users": [USER], "resources": changed},
        {"level": "Metadata", "users": [USER], "resources": read},
        {"level": "None"},
    ]
    policy = {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": rules,
    }
    path.write_text(json.dumps(policy), encoding="utf-8")


@dataclasses.dataclass(frozen=True)
class Request:
    """One request of the controller. Times are nanoseconds since 1970."""

    namespace: str
    verb: str
    what: str  # "scale", "status" or "metric"
    code: int
    received: int
    answered: int
    answer: Object


class AuditLog:
    """Reads an audit log as it grows."""

    def __init__(self, path: Path):
        self._path = path
        self._at = 0

    def read(self) -> Iterator[Request]:
        """What is new."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._at)
            for line in file:
                if not line.endswith(b"\n"):
                    return  # half written
                self._at += len(line)
                request = _request(json.loads(line))
                if request is not None:
                    yield request


def _request(event: Object) -> Request | None:
    if event["stage"] != "ResponseComplete" or event["user"]["username"] != USER:
        return None
    of = event["objectRef"]
    if "namespace" not in of:
        return None
    is_metric = of.get("apiGroup") in METRICS
    return Request(
        namespace=of["namespace"],
        verb=event["verb"],
        what="metric" if is_metric else of["subresource"],
        code=event["responseStatus"]["code"],
        received=_nanoseconds(event["requestReceivedTimestamp"]),
        answered=_nanoseconds(event["stageTimestamp"]),
        answer=event.get("responseObject", {}),
    )


def _nanoseconds(text: str) -> int:
    moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    return (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000


@dataclasses.dataclass
class Sync:
    """What the controller saw of the scale, did and said.

    It looked at the clock at times between `first` and `last`; most decisions fall at `metrics`,
    when the last metric had come.
    """

    spec_replicas: int
    status_replicas: int
    first: int
    metrics: int
    last: int
    scaled_to: int | None = None
    scaled_at: int = 0
    status: Object | None = None  # None: it stayed as it was
    is_whole: bool = True  # nothing failed that the test does not want to fail


def syncs(requests: list[Request]) -> list[Sync]:
    """The syncs of one HorizontalPodAutoscaler, from all its requests in the order of time."""
    found: list[Sync] = []
    for request in requests:
        if (request.what, request.verb) == ("scale", "get"):
            found.append(_start(request))
        elif found:
            _go_on(found[-1], request)
    return found


def _start(request: Request) -> Sync:
    scale = request.answer if request.code == 200 else {"spec": {}, "status": {}}
    return Sync(
        spec_replicas=scale["spec"].get("replicas", 0),
        status_replicas=scale["status"].get("replicas", 0),
        first=request.answered,
        metrics=request.answered,
        last=request.answered,
        is_whole=request.code == 200,
    )


def _go_on(sync: Sync, request: Request) -> None:
    if request.what == "metric":
        sync.metrics = sync.last = max(sync.last, request.answered)
        return
    if request.code != 200:
        sync.is_whole = False
        return
    if sync.scaled_to is None and sync.status is None:
        sync.last = max(sync.last, request.received)
    if request.what == "scale":
        sync.scaled_to = request.answer["spec"].get("replicas", 0)
        sync.scaled_at = request.answered
    else:
        sync.status = request.answer["status"]

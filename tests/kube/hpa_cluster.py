"""Lets a real controller scale many blocks at once, each in a namespace of its own."""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import queue
import threading
import time
from pathlib import Path

import hpa_signals
import hpa_syncs
import hpa_worlds
from client import Client
from cluster import Cluster
from components import Options
from hpa_worlds import History, Object, World
from metrics_api import MetricsApi

# Between two syncs of one block. Every change is made in the middle of it.
PERIOD = 4.0
LABELS = {"app": "web"}
WORKERS = 6
CONTROLLER_MANAGER = [
    "--controllers=horizontal-pod-autoscaler-controller",
    f"--horizontal-pod-autoscaler-sync-period={PERIOD}s",
    "--concurrent-horizontal-pod-autoscaler-syncs=16",
    f"--horizontal-pod-autoscaler-tolerance={hpa_worlds.TOLERANCE}",
    f"--horizontal-pod-autoscaler-downscale-stabilization={hpa_worlds.DOWNSCALE_STABILIZATION}s",
    f"--horizontal-pod-autoscaler-cpu-initialization-period={hpa_worlds.CPU_INITIALIZATION}s",
    f"--horizontal-pod-autoscaler-initial-readiness-delay={hpa_worlds.READINESS_DELAY}s",
]


@dataclasses.dataclass
class Shown:
    """A world that was complete at `since` and untouched until `until`, in nanoseconds."""

    world: World
    since: int
    until: int | None = None


class Block:
    """One history on its way through the cluster."""

    def __init__(self, seed: int):
        self.seed = seed
        self.namespace = f"seed-{seed}"
        self.history = History(seed)
        self.shown: list[Shown] = []
        self.requests: list[hpa_syncs.Request] = []
        self.replicas = self.history.replicas_at_start
        self.syncs_seen = 0
        self.is_done = False
        self.failure: Exception | None = None

    @property
    def world(self) -> World:
        return self.shown[-1].world

    def start(self, admin: Client) -> None:
        """Makes everything, the HorizontalPodAutoscaler last."""
        meta = {"name": self.namespace}
        admin.create("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
        template = {
            "metadata": {"labels": LABELS},
            "spec": {"containers": [{"name": "main", "image": "registry.invalid/main:1"}]},
        }
        spec = {
            "replicas": self.replicas,
            "selector": {"matchLabels": LABELS},
            "template": template,
        }
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
        admin.create("deployments", {**deployment, "spec": spec}, self.namespace)
        self._show(admin, World(), self.history.first(int(time.time())))
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
        autoscaler = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": "web"},
            "spec": {**self.history.spec, "scaleTargetRef": target},
        }
        admin.create("horizontalpodautoscalers", autoscaler, self.namespace)

    def go_on(self, admin: Client) -> None:
        """Changes the world; the controller must not be looking."""
        self.shown[-1].until = time.time_ns()
        before = self.world
        after = self.history.next(before, self.replicas, int(time.time()))
        self._show(admin, before, after)
        if after.spec_replicas is not None:
            self.replicas = after.spec_replicas

    def end(self, admin: Client) -> None:
        self.shown[-1].until = time.time_ns()
        admin.delete("horizontalpodautoscalers", "web", self.namespace)
        self.is_done = True

    def _show(self, admin: Client, before: World, after: World) -> None:
        for pod in after.pods.values():
            old = before.pods.get(pod.name)
            if old is None:
                manifest = hpa_signals.pod_manifest(pod, LABELS)
                admin.create("pods", manifest, self.namespace)
            if old is None or hpa_signals.pod_status(old) != hpa_signals.pod_status(pod):
                status = {"status": hpa_signals.pod_status(pod)}
                admin.patch("pods", pod.name, status, self.namespace, sub="status")
            if pod.is_deleting and not (old and old.is_deleting):
                admin.delete("pods", pod.name, self.namespace, gracePeriodSeconds=0)
        for name, old in before.pods.items():
            if name not in after.pods:
                if not old.is_deleting:
                    admin.delete("pods", name, self.namespace, gracePeriodSeconds=0)
                free = {"metadata": {"finalizers": None}}
                admin.patch("pods", name, free, self.namespace)
        if before.status_replicas != after.status_replicas:
            status = {"status": {"replicas": after.status_replicas}}
            admin.patch("deployments", "web", status, self.namespace, sub="status")
        if after.spec_replicas is not None:
            spec = {"spec": {"replicas": after.spec_replicas}}
            admin.patch("deployments", "web", spec, self.namespace)
        self.shown.append(Shown(after, time.time_ns()))


class Run:
    """Takes blocks through a number of syncs each."""

    def __init__(self, folder: Path):
        policy = folder.parent / "audit-policy.json"
        hpa_syncs.write_policy(policy)
        audit = [f"--audit-policy-file={policy}", f"--audit-log-path={folder / 'audit.log'}"]
        flags = {"kube-apiserver": audit, "kube-controller-manager": CONTROLLER_MANAGER}
        # The controller starts when the metrics are there.
        self.cluster = Cluster(
            Options(scheduler=False, kwok=False, controller_manager=False, flags=flags), folder
        )
        self._log = hpa_syncs.AuditLog(folder / "audit.log")
        self._blocks: dict[str, Block] = {}
        self._jobs: queue.Queue[Block | None] = queue.Queue()
        self._workers: list[threading.Thread] = []
        self._syncs = 0

    def __enter__(self) -> Run:
        self.cluster.start()
        self._api = MetricsApi(self.cluster.folder / "pki", self._answer)
        with self.cluster.client() as admin:
            self._api.register(admin)
            self.cluster.wait_for(lambda: MetricsApi.is_available(admin), "metrics API")
        self.cluster.start_component("kube-controller-manager")
        for _ in range(WORKERS):
            worker = threading.Thread(target=self._work, daemon=True)
            worker.start()
            self._workers.append(worker)
        return self

    def __exit__(self, *_: object) -> None:
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            worker.join()
        self.cluster.stop()
        self._api.stop()

    def take(self, seeds: range, syncs: int) -> list[Block]:
        """Blocks of these seeds, after as many syncs each, in which they changed in between."""
        self._syncs = syncs
        blocks = [Block(seed) for seed in seeds]
        self._blocks |= {block.namespace: block for block in blocks}
        for block in blocks:
            self._jobs.put(block)
        waiting: list[tuple[float, int, Block]] = []
        order = itertools.count()
        deadline = time.monotonic() + 60 + len(blocks) + 3 * syncs * PERIOD
        while not all(block.is_done or block.failure for block in blocks):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the controller is slow; see {self.cluster.folder / 'logs'}")
            for block in self._seen():
                due = time.monotonic() + 0.45 * PERIOD
                heapq.heappush(waiting, (due, next(order), block))
            while waiting and waiting[0][0] <= time.monotonic():
                self._jobs.put(heapq.heappop(waiting)[2])
            time.sleep(0.02)
        return blocks

    def _seen(self) -> list[Block]:
        """The blocks whose sync has begun since the last call."""
        begun = []
        for request in self._log.read():
            block = self._blocks.get(request.namespace)
            if block is None:
                continue
            block.requests.append(request)
            if request.what == "scale" and request.code == 200:
                block.replicas = request.answer["spec"].get("replicas", 0)
            if (request.what, request.verb) == ("scale", "get"):
                block.syncs_seen += 1
                begun.append(block)
        return begun

    def _answer(self, namespace: str, asked: tuple[str, ...]) -> list[Object] | None:
        block = self._blocks.get(namespace)
        return hpa_signals.answer(block.world, asked) if block and block.shown else None

    def _work(self) -> None:
        with self.cluster.client() as admin:
            while (block := self._jobs.get()) is not None:
                try:
                    if not block.shown:
                        block.start(admin)
                    elif block.syncs_seen < self._syncs:
                        block.go_on(admin)
                    elif not block.is_done:
                        block.end(admin)
                except Exception as failure:  # told by the test
                    block.failure = failure

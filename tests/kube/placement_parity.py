#!/usr/bin/env python3
"""Holds kube-default against the real kube-scheduler, decision by decision.

Pods come one by one to a real scheduler (percentageOfNodesToScore 100, one worker) and to Orrery in
the same state. Compared are: whether the real node is one of ours that are equally good, the scores
of every plugin on every node, the reasons that unschedulable pods are given, and the victims of
preemption. As this plays the kubelets, nothing else happens meanwhile.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from client import ApiError, Client
from cluster import Cluster
from components import Options
from situations import NAMESPACES, PRIORITIES, Situation

Object = dict[str, Any]
Key = str  # namespace/name

CONFIG = """apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
parallelism: 1
percentageOfNodesToScore: 100
"""
SCORED = re.compile(
    r'"Plugin scored node for pod" pod="([^"]+)" plugin="([^"]+)" node="([^"]+)" score=(-?\d+)'
)
PLURAL = {
    "Node": "nodes",
    "Service": "services",
    "ReplicaSet": "replicasets",
    "PodDisruptionBudget": "poddisruptionbudgets",
}


def options() -> Options:
    return Options(
        nodes=0,
        controller_manager=False,
        kwok=False,
        scheduler_config=CONFIG,
        flags={"kube-scheduler": ["--vmodule=schedule_one=10"]},
    )


@dataclasses.dataclass
class Disagreement:
    seed: int
    pod: Key
    what: str
    real: Any
    ours: Any
    manifests: list[Object]

    def __str__(self) -> str:
        return f"seed {self.seed}, {self.pod}: {self.what}: real {self.real}, ours {self.ours}"


class Pods(contextlib.AbstractContextManager["Pods"]):
    """The pods as a watch reports them; waits for what is to come."""

    def __init__(self, client: Client):
        self._client = client
        self._changed = threading.Condition()
        self._latest: dict[Key, Object] = {}
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Pods:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        pass  # the thread ends with the cluster

    def _follow(self) -> None:
        with contextlib.suppress(OSError, ApiError):
            for event in self._client.watch(
                "pods", namespace="", timeout=3600, timeoutSeconds=7200
            ):
                pod = event["object"]
                key = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
                with self._changed:
                    if event["type"] == "DELETED":
                        self._latest.pop(key, None)
                    else:
                        self._latest[key] = pod
                    self._changed.notify_all()

    def wait(self, condition: Any, seconds: float = 20) -> Any:
        """The first true value of `condition(pods by key)`; None when it does not come in time."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (value := condition(self._latest)):
                left = deadline - time.monotonic()
                if left <= 0 or not self._changed.wait(left):
                    return condition(self._latest) or None
            return value


class Orrery:
    """placement_replay, one line at a time."""

    def __init__(self, program: Path):
        self._process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, **said: Any) -> None:
        self._process.stdin.write(json.dumps(said) + "\n")

    def ask(self, **said: Any) -> Object:
        self.tell(**said)
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Comparison:
    """One real cluster and one of ours, seed after seed."""

    def __init__(self, cluster: Cluster, program: Path, reads_scores: bool = True):
        self.cluster = cluster
        self.client = cluster.client()
        self.pods = Pods(cluster.client())
        self.orrery = Orrery(program)
        self.reads_scores = reads_scores
        self.log = cluster.log("kube-scheduler").open(encoding="utf-8", errors="replace")
        self.counts: Counter[str] = Counter()
        self.disagreements: list[Disagreement] = []
        self.namespaces: list[Object] = []

    def __enter__(self) -> Comparison:
        self.pods.__enter__()
        for name, labels in NAMESPACES.items():
            if name != "default":
                self.client.create("namespaces", {"metadata": {"name": name, "labels": labels}})
            made = self.client.get("namespaces", name)
            self.namespaces.append(_typed("v1", "Namespace", made))
        for name, value in PRIORITIES.items():
            policy = {"preemptionPolicy": "Never"} if name == "polite" else {}
            self.client.create(
                "priorityclasses", {"metadata": {"name": name}, "value": value} | policy
            )
        return self

    def __exit__(self, *_: object) -> None:
        self.orrery.close()
        self.log.close()
        self.client.close()

    # One seed

    def run(self, seed: int, pods: int) -> None:
        self.situation = Situation(seed)
        self.now = 1000  # virtual seconds; a pod starts at each
        self.places: dict[Key, str] = {}
        self.objects: dict[Key, Object] = {}
        self.real_nodes: list[Object] = []
        self.orrery.tell(op="reset", seed=seed)
        self._make_cluster()
        try:
            for _ in range(pods):
                self._disturb()
                self._decide_pod(self.situation.next_pod())
        finally:
            self._clear()

    def _make_cluster(self) -> None:
        situation = self.situation
        for node in situation.nodes:
            self.real_nodes.append(_typed("v1", "Node", self.client.create("nodes", node)))
            self.orrery.tell(op="node", objects=self.real_nodes[-1:])
        for one in [*situation.services, *situation.sets, *situation.budgets]:
            namespace = one["metadata"]["namespace"]
            self.client.create(PLURAL[one["kind"]], one, namespace)
        for index, budget in enumerate(situation.budgets):
            metadata = budget["metadata"]
            self.client.patch(
                "poddisruptionbudgets",
                metadata["name"],
                {"status": budget["status"]},
                metadata["namespace"],
                "status",
            )
            allowed = budget["status"]["disruptionsAllowed"]
            self.orrery.tell(op="budget", index=index, allowed=allowed, objects=[budget])
        # The scheduler hears of all this by watches of their own: let it catch up.
        time.sleep(0.3)

    def _disturb(self) -> None:
        """Now and then a pod ends, or begins to."""
        if self.places and self.situation.likely(0.1):
            self._end(self.situation.random.choice(sorted(self.places)))
        elif self.places and self.situation.likely(0.04):
            key = self.situation.random.choice(sorted(self.places))
            if "deletionTimestamp" not in self.objects[key]["metadata"]:
                self._terminate(key)

    def _terminate(self, key: Key) -> None:
        namespace, name = key.split("/")
        self.objects[key] = self.client.delete("pods", name, namespace)
        self.orrery.tell(op="terminating", name=key)
        self._settle()

    def _end(self, key: Key) -> None:
        namespace, name = key.split("/")
        self.client.delete("pods", name, namespace, gracePeriodSeconds=0)
        self.pods.wait(lambda pods: key not in pods)
        self.orrery.tell(op="ended", name=key)
        self.places.pop(key, None)
        self.objects.pop(key, None)
        self._settle()

    def _settle(self) -> None:
        time.sleep(0.01)  # the scheduler's watch is another than ours

    def _decide_pod(self, wanted: Object) -> None:
        namespace = wanted["metadata"]["namespace"]
        # Both must look at the same state, so ours is told first, with what the API makes of it.
        try:
            dry = self.client.request(
                "POST", f"/api/v1/namespaces/{namespace}/pods", wanted, dryRun="All"
            )
        except ApiError as error:
            self.counts["refused by the API"] += 1
            if error.code not in (400, 422):
                raise
            return
        key = f"{namespace}/{dry['metadata']['name']}"
        around = [*self.namespaces, *self.situation.services, *self.situation.sets]
        self.orrery.tell(op="pod", name=key, objects=[*around, _typed("v1", "Pod", dry)])
        expected = self.orrery.ask(op="decide", name=key, at=self.now)
        self.objects[key] = self.client.create("pods", wanted, namespace)
        self._compare(key, expected)

    def _compare(self, key: Key, expected: Object) -> None:
        outcome = self.pods.wait(lambda pods: _outcome(pods.get(key)))
        if outcome is None:
            self._report(key, "no decision in time", None, expected)
            self._end(key)
            return
        self.counts["decisions"] += 1
        node, message, nominated = outcome
        if node is not None:
            self._compare_node(key, node, expected)
            return
        if not expected["best"]:
            self.counts["unschedulable"] += 1
            self._compare_reasons(key, message, expected)
        else:
            self._report(key, "unschedulable", message, expected["best"])
        if nominated or expected["preemptions"]:
            self._compare_victims(key, nominated, expected)
        else:
            self._end(key)

    def _compare_node(self, key: Key, node: str, expected: Object) -> None:
        if node not in expected["best"]:
            ours = expected["best"] or expected["reasons"]
            self._report(key, "node", node, ours)
        self._compare_scores(key, expected)
        self.places[key] = node
        self.orrery.tell(op="bind", name=key, node=node, at=self.now)
        self.now += 1
        self._start(key)

    def _start(self, key: Key) -> None:
        """Plays the kubelet: the start is what preemption looks at."""
        namespace, name = key.split("/")
        began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now))
        status = {"phase": "Running", "startTime": began}
        self.client.patch("pods", name, {"status": status}, namespace, "status")
        self.orrery.tell(op="started", name=key, at=self.now)
        self._settle()

    def _compare_scores(self, key: Key, expected: Object) -> None:
        if not self.reads_scores:
            return
        real: dict[str, dict[str, int]] = {}
        for line in self.log:
            found = SCORED.search(line)
            if found and found[1] == key:
                real.setdefault(found[3], {})[found[2]] = int(found[4])
        ours = expected["scores"]
        if not real:  # a single feasible node is not scored
            return
        for node, scores in sorted(real.items()):
            if scores.get("DynamicResources") == 0:  # no pod here claims a device
                del scores["DynamicResources"]
            self.counts["scores"] += len(scores)
            differing = {
                plugin: (score, ours.get(node, {}).get(plugin))
                for plugin, score in scores.items()
                if ours.get(node, {}).get(plugin) != score
            }
            if differing:
                self._report(key, f"scores on {node}", differing, "second of each")
                return
        if real.keys() != ours.keys():
            self._report(key, "feasible nodes", sorted(real), sorted(ours))

    def _compare_reasons(self, key: Key, message: str, expected: Object) -> None:
        total = len(self.situation.nodes)
        reasons = sorted(f"{count} {reason}" for reason, count in expected["reasons"].items())
        ours = f"0/{total} nodes are available: {', '.join(reasons)}."
        real = message.split(" preemption: ")[0].strip()
        if " no new claims to deallocate" in real:
            real = real.replace(" no new claims to deallocate,", "")
        if real != ours:
            self._report(key, "reasons", real, ours)

    def _compare_victims(self, key: Key, nominated: str | None, expected: Object) -> None:
        ours = {one["node"]: sorted(one["victims"]) for one in expected["preemptions"]}
        if nominated is None:
            self._report(key, "no preemption", None, ours)
            self._end(key)
            return
        self.counts["preemptions"] += 1
        wanted = ours.get(nominated, [])
        before = {k for k, o in self.objects.items() if "deletionTimestamp" in o["metadata"]}

        def ending(pods: dict[Key, Object]) -> list[Key]:
            return sorted(
                name
                for name, pod in pods.items()
                if _is_preempted(pod) and self.places.get(name) == nominated
            )

        self.pods.wait(lambda pods: set(wanted) - before <= set(ending(pods)), seconds=5)
        time.sleep(0.05)
        victims = self.pods.wait(ending, seconds=1) or []
        if sorted(set(victims) | (set(wanted) & before)) != wanted:
            self._report(key, f"victims on {nominated}", victims, ours)
        self.orrery.tell(op="nominate", name=key, node=nominated, at=self.now)
        for victim in victims:
            self.orrery.tell(op="terminating", name=victim)
        gone = set(victims) | (set(wanted) & before)
        gone_objects = [self.objects[victim] for victim in gone]
        for victim in sorted(gone):
            self._end_quietly(victim)
        again = self.orrery.ask(op="decide", name=key, at=self.now)
        node = self.pods.wait(lambda pods: pods.get(key, {}).get("spec", {}).get("nodeName"), 8)
        if node is None and not again["best"]:
            self.counts["unschedulable after preemption"] += 1
            self._give_up(key)
            return
        if node is None and self._is_overlooked([self.objects[key], *gone_objects]):
            self.counts["overlooked by a queueing hint"] += 1
            self._end(key)
            return
        if node is None:
            self._report(key, "not placed after preemption", None, again)
            self._end(key)
            return
        self.counts["decisions"] += 1
        self._compare_node(key, node, again)

    def _give_up(self, key: Key) -> None:
        """Ends a pod that may have preempted once more, and those whom it did."""
        self._end(key)
        for victim, pod in self.pods.wait(lambda pods: dict(pods) or None).items():
            if _is_preempted(pod) and victim in self.places:
                self._end(victim)

    @staticmethod
    def _is_overlooked(pods: list[Object]) -> bool:
        """Does a queueing hint take no notice of a victim's end? `pods`: preemptor and victims.

        InterPodAffinity's hint asks whether the pod that has gone matches all terms of the waiting
        pod's required anti-affinity or the other way round, where the filter asks for any, and does
        not resolve their namespaceSelectors (plugins/interpodaffinity/plugin.go,
        isSchedulableAfterPodChange, v1.36.3). The preemptor then waits until the pool of
        unschedulable pods is flushed.
        """
        rule = "requiredDuringSchedulingIgnoredDuringExecution"
        all_terms = [
            pod["spec"].get("affinity", {}).get("podAntiAffinity", {}).get(rule, []) for pod in pods
        ]
        return any(
            len(terms) > 1 or any(term.get("namespaceSelector") for term in terms)
            for terms in all_terms
        )

    def _end_quietly(self, key: Key) -> None:
        namespace, name = key.split("/")
        self.client.delete("pods", name, namespace, gracePeriodSeconds=0)
        self.orrery.tell(op="ended", name=key)
        self.places.pop(key, None)
        self.objects.pop(key, None)

    def _report(self, key: Key, what: str, real: Any, ours: Any) -> None:
        manifests = [*self.real_nodes, *self.situation.services, *self.situation.sets]
        manifests += self.situation.budgets
        manifests += [
            {**pod, "spec": {**pod["spec"], "nodeName": self.places[name]}}
            for name, pod in self.objects.items()
            if name in self.places
        ]
        manifests.append(self.objects.get(key, {}))
        self.disagreements.append(
            Disagreement(self.situation.seed, key, what, real, ours, manifests)
        )

    def _clear(self) -> None:
        for key in list(self.objects):
            namespace, name = key.split("/")
            with contextlib.suppress(ApiError):
                self.client.delete("pods", name, namespace, gracePeriodSeconds=0)
        self.pods.wait(lambda pods: not pods or None, seconds=5)
        for one in [*self.situation.services, *self.situation.sets, *self.situation.budgets]:
            metadata = one["metadata"]
            self.client.delete(PLURAL[one["kind"]], metadata["name"], metadata["namespace"])
        for node in self.situation.nodes:
            self.client.delete("nodes", node["metadata"]["name"])
        time.sleep(0.3)


def _typed(version: str, kind: str, made: Object) -> Object:
    """As a manifest: answers leave out what the path of a request says."""
    return {"apiVersion": version, "kind": kind, **made}


def _outcome(pod: Object | None) -> tuple[str | None, str, str | None] | None:
    """(node, message, nominated node) once the scheduler has decided."""
    if pod is None:
        return None
    if pod["spec"].get("nodeName"):
        return pod["spec"]["nodeName"], "", None
    for condition in pod["status"].get("conditions", []):
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            return None, condition.get("message", ""), pod["status"].get("nominatedNodeName")
    return None


def _is_preempted(pod: Object) -> bool:
    conditions = pod["status"].get("conditions", [])
    return any(
        one["type"] == "DisruptionTarget" and one["reason"] == "PreemptionByScheduler"
        for one in conditions
    )


def compare(
    program: Path, seeds: range, pods: int = 100, reads_scores: bool = True
) -> tuple[Counter[str], list[Disagreement]]:
    """Runs all seeds in one cluster; what was compared, and all that differed."""
    with Cluster(options()) as cluster, Comparison(cluster, program, reads_scores) as comparison:
        for seed in seeds:
            comparison.run(seed, pods)
            if sys.stderr.isatty():
                print(f"\rseed {seed}: {dict(comparison.counts)}", end="", file=sys.stderr)
        return comparison.counts, comparison.disagreements


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="placement_replay")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--pods", type=int, default=100, help="for each seed")
    parser.add_argument("--dump", type=Path, help="where manifests of disagreements go")
    arguments = parser.parse_args()
    began = time.monotonic()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    counts, disagreements = compare(arguments.program, seeds, arguments.pods)
    for one in disagreements[:40]:
        print(one)
    if arguments.dump and disagreements:
        arguments.dump.write_text(
            json.dumps([dataclasses.asdict(one) for one in disagreements], indent=1), "utf-8"
        )
    print(dict(counts), len(disagreements), "disagreements", f"{time.monotonic() - began:.0f} s")
    return 1 if disagreements else 0


if __name__ == "__main__":
    sys.exit(main())

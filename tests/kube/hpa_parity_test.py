#!/usr/bin/env python3
"""The policy horizontal-pod-autoscaler decides as the real controller does, sync by sync.

SEEDS histories (120) with SYNCS syncs each (16): random specs, pods and metrics, which a real
controller manager sees through a real API server and a metrics API of ours. The program
hpa_replay is then told the same, and must set the same replicas for the same reasons. The first
seed is FIRST_SEED (0). Skips where the control plane is not built (tests/kube/build).
"""

from __future__ import annotations

import collections
import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import hpa_signals
import hpa_syncs
import hpa_worlds
from cluster import HERE, find_binary
from hpa_cluster import Block, Run
from hpa_syncs import Sync
from hpa_worlds import Object, World, name_of

REPLAY = Path(os.environ.get("HPA_REPLAY", HERE.parents[1] / "build/dev/bin/tests/hpa_replay"))
AT_ONCE = 60
# How long the controller may take to hear of a change, in nanoseconds: it has no pods of its own.
WATCH_DELAY = 500_000_000


def setUpModule() -> None:
    if find_binary() is None:
        raise unittest.SkipTest("the control plane is not here: tests/kube/build makes it")


@dataclasses.dataclass
class Step:
    """One sync, what the controller could see, and the status after it."""

    sync: Sync
    world: World
    status: Object

    @property
    def replicas(self) -> int:
        return self.sync.spec_replicas if self.sync.scaled_to is None else self.sync.scaled_to

    @property
    def conditions(self) -> dict[str, list[str]]:
        conditions = self.status.get("conditions") or []
        return {c["type"]: [c["status"], c["reason"]] for c in conditions}

    def message(self, condition: str) -> str:
        conditions = self.status.get("conditions") or []
        return next((c["message"] for c in conditions if c["type"] == condition), "")


def steps_of(block: Block, count: int) -> list[Step]:
    """The first syncs, up to one that may have seen a world change, or that failed by itself."""
    steps: list[Step] = []
    status: Object = {}
    for sync in hpa_syncs.syncs(block.requests)[:count]:
        seen = [s for s in block.shown if s.since < sync.first]
        if not sync.is_whole or not seen or sync.first < seen[-1].since + WATCH_DELAY:
            break
        until = seen[-1].until
        if until is not None and until < max(sync.last, sync.scaled_at):
            break
        status = status if sync.status is None else sync.status
        steps.append(Step(sync, seen[-1].world, status))
    return steps


def parameters_of(spec: Object) -> Object:
    return {
        **spec,
        "tolerance": hpa_worlds.TOLERANCE,
        "downscale_stabilization": f"{hpa_worlds.DOWNSCALE_STABILIZATION}s",
        "cpu_initialization_period": f"{hpa_worlds.CPU_INITIALIZATION}s",
        "initial_readiness_delay": f"{hpa_worlds.READINESS_DELAY}s",
    }


def lines_of(name: str, spec: Object, steps: list[Step], clock: str) -> list[Object]:
    """What the replay is told; `clock` is the field of Sync at which the policy looks."""
    lines: list[Object] = [{"policy": name, "parameters": parameters_of(spec)}]
    for step in steps:
        sync = step.sync
        seen = hpa_signals.signals(spec, step.world)
        seen |= {"now": getattr(sync, clock), "spec_replicas": sync.spec_replicas}
        lines.append({"sync": name, **seen, "status_replicas": sync.status_replicas})
        if sync.scaled_to is not None:
            change = {"from": sync.spec_replicas, "to": sync.scaled_to}
            lines.append({"scaled": name, "now": sync.scaled_at, **change})
    return lines


def replay(lines: list[Object]) -> list[Object]:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([REPLAY], input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


# What upstream calls a metric that decided, by type and target: the start of it.
MESSAGES = {
    ("Resource", "Utilization"): "{} resource utilization",
    ("ContainerResource", "Utilization"): "{} container resource utilization",
    ("Resource", "AverageValue"): "{} resource",
    ("ContainerResource", "AverageValue"): "{} resource",
    ("Pods", "AverageValue"): "pods metric {}",
    ("Object", "Value"): "Service metric {}",
    ("Object", "AverageValue"): "external metric {}(",
    ("External", "Value"): "external metric {}(",
    ("External", "AverageValue"): "external metric {}(",
}


def differences(step: Step, before: Step | None, ours: Object, spec: Object) -> list[str]:
    """Where our decision is not the real one."""
    found = []
    if ours["replicas"] != step.replicas:
        found.append(f"replicas: {step.replicas}, ours {ours['replicas']}")
    conditions = dict(ours["conditions"])
    if step.sync.scaled_to is not None:
        conditions["AbleToScale"] = ["True", "SucceededRescale"]
    if conditions != step.conditions:
        found.append(f"conditions: {step.conditions}, ours {conditions}")
    has_failed = conditions.get("ScalingActive", ["", ""])[1].startswith("Failed")
    was_clamped = step.sync.scaled_to is not None and ours["metric"] is None
    stays = before.status.get("desiredReplicas", 0) if before else 0
    desired = stays if has_failed and not was_clamped else ours["replicas"]
    if step.status.get("desiredReplicas", 0) != desired:
        found.append(f"status.desiredReplicas: {step.status.get('desiredReplicas')}, not {desired}")
    if ours["metric"] is not None:
        metric = spec["metrics"][ours["metric"]]
        target = hpa_worlds.source_of(metric)["target"]["type"]
        name = MESSAGES[metric["type"], target].format(name_of(metric))
        if f"replica count from {name}" not in step.message("ScalingActive"):
            found.append(f"metric: {step.message('ScalingActive')}, ours {name}")
    return found


def smallest(spec: Object, steps: list[Step], ours: Object) -> list[Object]:
    """The shortest end of the history after which the policy still decides so."""
    for start in range(len(steps) - 1, 0, -1):
        lines = lines_of("one", spec, steps[start:], "metrics")
        last = replay(lines)[-1]
        if (last["replicas"], last["metric"]) == (ours["replicas"], ours["metric"]):
            return lines
    return lines_of("one", spec, steps, "metrics")


class Parity(unittest.TestCase):
    def test_decides_as_the_real_controller_does(self) -> None:
        first, seeds = int(os.environ.get("FIRST_SEED", 0)), int(os.environ.get("SEEDS", 120))
        syncs = int(os.environ.get("SYNCS", 16))
        start = time.monotonic()
        blocks: list[Block] = []
        with tempfile.TemporaryDirectory() as scratch, Run(Path(scratch) / "cluster") as run:
            for low in range(first, first + seeds, AT_ONCE):
                blocks += run.take(range(low, min(low + AT_ONCE, first + seeds)), syncs)
        failures = [f"seed {b.seed}: {b.failure!r}" for b in blocks if b.failure]
        self.assertEqual(failures, [])
        self.counts: collections.Counter[str] = collections.Counter()
        self.problems: list[str] = []
        for block in blocks:
            self.compare(block, syncs)
        seconds = time.monotonic() - start
        print(f"{seeds} histories in {seconds:.0f} s: {dict(self.counts)}", file=sys.stderr)
        self.assertEqual(self.problems, [])
        self.assertGreaterEqual(self.counts["syncs"], 0.75 * seeds * syncs, "too many cut short")

    def compare(self, block: Block, syncs: int) -> None:
        spec = block.history.spec
        steps = steps_of(block, syncs)
        lines: list[Object] = []
        for clock in ("metrics", "first", "last"):
            lines += lines_of(clock, spec, steps, clock)
        answers = replay(lines)
        count = len(steps)
        self.counts["cut short"] += count < syncs
        for index, step in enumerate(steps):
            before = steps[index - 1] if index else None
            found = [
                differences(step, before, answers[index + part * count], spec) for part in range(3)
            ]
            self.note(step, equal=not found[0], by_the_clock=bool(found[0]) and [] in found)
            if [] not in found:
                told = smallest(spec, steps[: index + 1], answers[index])
                shown = "\n".join(map(json.dumps, told))
                self.problems.append(
                    f"seed {block.seed}, sync {index}: {'; '.join(found[0])}\n{shown}\n"
                )
                return

    def note(self, step: Step, equal: bool, by_the_clock: bool) -> None:
        self.counts["syncs"] += 1
        self.counts["equal"] += equal
        self.counts["equal at another instant of the sync"] += by_the_clock
        self.counts["rescaled"] += step.sync.scaled_to is not None
        for kind in step.conditions.values():
            self.counts[kind[1]] += 1


if __name__ == "__main__":
    unittest.main()

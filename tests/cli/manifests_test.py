"""Clusters from Kubernetes manifests, as users run them."""

import os
import re
import sqlite3
import unittest
from contextlib import closing
from pathlib import Path

from support import OrreryTest

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "tests/traces/kubernetes/shop"

NODE = """
apiVersion: v1
kind: Node
metadata: {name: NAME, labels: {disk: DISK}}
status: {capacity: {cpu: "4", memory: 8Gi}}
---
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  SPEC
  containers:
  - {name: main, image: main:1, resources: {requests: {cpu: CPU}}}
---
"""

SCHEDULER = """apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- pluginConfig:
  - name: NodeResourcesFit
    args:
      scoringStrategy:
        type: MostAllocated
  plugins:
    score:
      disabled: [{name: NodeResourcesBalancedAllocation}]
"""


def node(name, disk="hdd"):
    return NODE.replace("NAME", name).replace("DISK", disk)


def pod(name, cpu="1", spec="restartPolicy: Always"):
    return POD.replace("NAME", name).replace("CPU", f'"{cpu}"').replace("SPEC", spec)


class Manifests(OrreryTest):
    def folder(self, name, *objects):
        os.mkdir(self.path(name))
        self.write(f"{name}/all.yaml", "".join(objects))
        return name

    def metric(self, path, name):
        with closing(sqlite3.connect(self.path(path))) as database:
            row = database.execute(
                "SELECT value FROM metric_values WHERE metric = ?", (name,)
            ).fetchone()
        return row[0]

    def test_runs_a_recorded_cluster(self):
        said = self.orrery("run", "--from-manifests", str(SHOP / "recorded"), "--out", "r.db")
        self.assertIn("recorded: 1 runs finished", said)
        self.assertEqual(self.metric("r.db", "pods_running_mean"), 5)  # three web, two store
        self.assertIn("1 pod never ran:", said)
        self.assertRegex(said, r"recorded +default/gated +scheduling gates")

    def test_keeps_bound_pods_where_they_are(self):
        folder = self.folder(
            "c",
            node("a"),
            node("b"),
            pod("old", "3", "nodeName: b"),
            pod("new", "2"),
        )
        self.orrery("run", "--from-manifests", folder, "--out", "r.db")
        said = self.orrery("explain", "r.db", "--run", "1", "--pod", "2")
        self.assertIn("decision: bind to a", said)
        self.assertIn("1 nodes refused", said)

    def test_says_which_pods_never_ran_and_why(self):
        folder = self.folder(
            "c",
            node("a"),
            node("b", "ssd"),
            pod("huge", "5"),
            pod("picky", "1", "nodeSelector: {disk: nvme}"),
            pod("fits"),
        )
        said = self.orrery("run", "--from-manifests", folder, "--out", "r.db")
        self.assertIn("2 pods never ran:", said)
        self.assertRegex(said, r"c +default/huge +\S.*2 ×")
        self.assertRegex(said, r"c +default/picky +\S.*2 ×")
        again = self.orrery("explain", "r.db", "--run", "1")
        self.assertEqual(said.split("never ran:")[1].split("\ncompare")[0].strip(),
                         again.split("never ran:")[1].strip())

    def test_ends_pods_that_say_how_long_they_run(self):
        timed = pod("timed").replace("name: timed", 'name: timed, annotations: {orrery/run-time: 20m}')
        folder = self.folder("c", node("a"), timed, pod("other"))
        said = self.orrery("run", "--from-manifests", folder, "--out", "r.db")
        self.assertNotIn("never ran", said)
        self.assertEqual(self.metric("r.db", "pods_completed"), 1)

    def test_refuses_or_counts_what_it_does_not_know(self):
        secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
        folder = self.folder("c", node("a"), secret)
        said = self.orrery("run", "--from-manifests", folder, expect=2)
        self.assertIn("c/all.yaml:", said)
        self.assertIn("v1 Secret is not simulated", said)
        said = self.orrery("run", "--from-manifests", folder, "--ignore-unknown")
        self.assertIn("left out: 1 v1 Secret", said)

    def test_refuses_pods_that_do_not_fit_where_they_are(self):
        folder = self.folder("c", node("a"), pod("x", "3", "nodeName: a"), pod("z", "3", "nodeName: a"))
        said = self.orrery("run", "--from-manifests", folder, expect=2)
        self.assertIn("the pods that are bound to node a ask for more cpu than it offers", said)

    def test_leaves_nodes_alone_that_are_cordoned_or_not_ready(self):
        cordoned = node("a").replace("status:", "spec: {unschedulable: true}\nstatus:")
        silent = node("b").replace("8Gi}}", "8Gi}, conditions: [{type: Ready, status: Unknown}]}")
        folder = self.folder("c", cordoned, silent, pod("waits"))
        said = self.orrery("run", "--from-manifests", folder, "--out", "r.db")
        self.assertIn("1 × node(s) had untolerated taint(s), 1 × node(s) were unschedulable", said)

    def test_runs_the_examples_of_its_page(self):
        page = (ROOT / "docs/manifests.md").read_text(encoding="utf-8")
        blocks = dict(reversed(re.findall(r"```(yaml|json)\n(.*?)```", page, re.S)))
        os.mkdir(self.path("cluster"))
        self.write("cluster/all.yaml", blocks["yaml"])
        said = self.orrery("run", "--from-manifests", "cluster/", "--out", "r.db")
        self.assertIn("1 pod never ran:", said)
        self.write("e.json", blocks["json"])
        self.assertIn("which-policy: 1 runs finished", self.orrery("run", "e.json"))

    def test_takes_a_scheduler_configuration(self):
        """MostAllocated packs both pods on one node, where the default spreads them."""
        folder = self.folder("c", node("a"), node("b"), pod("first"), pod("second"))
        self.write("scheduler.yaml", SCHEDULER)
        policy = {"name": "kube-default", "configuration": "scheduler.yaml"}
        document = {
            "orrery": 1,
            "name": "packed",
            "horizon": "1h",
            "seeds": [1],
            "clusters": [{"name": "c", "manifests": folder, "scheduler": {"policy": policy}}],
            "workloads": [],
        }
        self.write("e.json", document)
        self.orrery("run", "e.json", "--out", "r.db")
        nodes = set()
        for number in "1", "2":
            said = self.orrery("explain", "r.db", "--run", "1", "--pod", number)
            nodes.add(re.search(r"decision: bind to (\w)", said)[1])
        self.assertEqual(len(nodes), 1)
        self.orrery("run", "--from-manifests", folder, "--out", "d.db")
        spread = {
            re.search(r"bind to (\w)", self.orrery("explain", "d.db", "--run", "1", "--pod", n))[1]
            for n in "12"
        }
        self.assertEqual(len(spread), 2)

        self.write("scheduler.yaml", SCHEDULER.replace("MostAllocated", "MostAlocated"))
        said = self.orrery("run", "e.json", expect=2)
        self.assertIn("scheduler.yaml:8: document 1: /profiles/0/pluginConfig/0/args", said)
        self.assertIn("did you mean 'MostAllocated'", said)

    def test_lists_what_was_preempted(self):
        urgent = (
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\n"
            "metadata: {name: urgent}\nvalue: 10\n---\n"
        )
        folder = self.folder(
            "c",
            node("a"),
            urgent,
            pod("low", "3", "nodeName: a"),
            pod("high", "3", "priorityClassName: urgent"),
        )
        said = self.orrery("run", "--from-manifests", folder, "--out", "r.db")
        self.assertIn("1 pod never ran:", said)
        self.assertNotIn("default/high", said)

    def test_needs_an_experiment_or_manifests(self):
        self.assertIn("--from-manifests", self.orrery("run", expect=2))


if __name__ == "__main__":
    unittest.main()

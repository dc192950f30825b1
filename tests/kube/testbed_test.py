#!/usr/bin/env python3
"""The testbed keeps its word: a real control plane that refuses what Kubernetes refuses, and ends.

Skips where the control plane is not built (tests/kube/build). Prints how long starts take.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from client import ApiError
from cluster import EXECUTOR_TOKEN, HERE, Cluster, TestbedError, end_remembered, find_binary
from components import Options
from manifests import FAKE, budget, is_ready, node, pod
from processes import Process, kill

# Of a scheduler that is not there: pods go where the tests say.
LATER = {"schedulerName": "nobody"}


def setUpModule() -> None:
    if find_binary() is None:
        raise unittest.SkipTest("the control plane is not here: tests/kube/build makes it")


class Case(unittest.TestCase):
    def refused(self, code: int, call, *arguments, **named) -> ApiError:
        with self.assertRaises(ApiError) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception


class Page(Case):
    def test_its_snippet_runs(self) -> None:
        page = (HERE.parents[1] / "docs" / "kube-testbed.md").read_text("utf-8")
        snippet = re.search(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
        made: dict[str, object] = {}
        exec(snippet.group(1), made)
        self.assertEqual(len(made["nodes"]), 50)


class FiftyNodes(Case):
    """One cluster with everything on, for the tests that leave it as it was but for their pods."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.cluster = cls.enterClassContext(Cluster(Options(nodes=50, audit=True)))
        print(f"50 nodes: {cls.cluster.seconds}", file=sys.stderr)
        cls.admin = cls.enterClassContext(cls.cluster.client())
        cls.executor = cls.enterClassContext(cls.cluster.client("executor"))

    def phase(self, name: str) -> str:
        return self.admin.get("pods", name)["status"]["phase"]

    def test_nodes_are_ready_and_free_of_taints(self) -> None:
        nodes = self.admin.items("nodes")
        self.assertEqual(len(nodes), 50)
        self.assertTrue(all(map(is_ready, nodes)))
        zones = {n["metadata"]["labels"]["topology.kubernetes.io/zone"] for n in nodes}
        self.assertEqual(zones, {"zone-0", "zone-1", "zone-2"})

    def test_server_says_the_pinned_version(self) -> None:
        pinned = [
            line.split()[1]
            for line in (HERE / "control_plane" / "go.mod").read_text().splitlines()
            if line.split()[:1] == ["k8s.io/kubernetes"]
        ]
        self.assertEqual([self.admin.request("GET", "/version")["gitVersion"]], pinned)

    def test_real_scheduler_binds_and_kwok_runs(self) -> None:
        self.admin.create("pods", pod("scheduled"))
        self.cluster.wait_for(lambda: self.phase("scheduled") == "Running", "running pod")
        self.assertIn("nodeName", self.admin.get("pods", "scheduled")["spec"])

    def test_controllers_make_the_pods_of_a_deployment(self) -> None:
        labels = {"app": "web"}
        template = {"metadata": {"labels": labels}, "spec": pod("x")["spec"]}
        spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": template}
        deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}}
        self.admin.create("deployments", {**deployment, "spec": spec})

        def available() -> int:
            return self.admin.get("deployments", "web")["status"].get("availableReplicas", 0)

        self.cluster.wait_for(lambda: available() == 3, "deployment of 3")
        self.executor.patch("deployments", "web", {"spec": {"replicas": 1}}, sub="scale")
        self.cluster.wait_for(lambda: available() == 1, "deployment of 1")

    def test_bind_happens_once_and_to_the_pod_that_was_meant(self) -> None:
        uid = self.admin.create("pods", pod("bound", **LATER))["metadata"]["uid"]
        other = "00000000-0000-0000-0000-000000000000"
        self.refused(409, self.executor.bind, "bound", "node-1", uid=other)
        self.executor.bind("bound", "node-1", uid=uid)
        self.assertEqual(self.admin.get("pods", "bound")["spec"]["nodeName"], "node-1")
        self.refused(409, self.executor.bind, "bound", "node-2", uid=uid)
        self.refused(404, self.executor.bind, "missing", "node-1")
        self.assertEqual(self.admin.get("pods", "bound")["spec"]["nodeName"], "node-1")

    def test_eviction_respects_the_budget(self) -> None:
        labels = {"app": "kept"}
        for name in ("kept-0", "kept-1"):
            self.admin.create("pods", pod(name, labels=labels, nodeName="node-3"))
        self.admin.create("poddisruptionbudgets", budget("kept", labels, minAvailable=1))

        def allowed() -> int:
            status = self.admin.get("poddisruptionbudgets", "kept").get("status", {})
            return status.get("disruptionsAllowed", 0)

        self.cluster.wait_for(lambda: allowed() == 1, "budget that allows one")
        self.assertEqual(self.executor.evict("kept-0")["status"], "Success")
        self.refused(429, self.executor.evict, "kept-1")

        def names() -> list[str]:
            return [
                p["metadata"]["name"] for p in self.admin.items("pods", labelSelector="app=kept")
            ]

        self.cluster.wait_for(lambda: names() == ["kept-1"], "end of the evicted pod")

    def test_says_who_may_do_what(self) -> None:
        with self.cluster.client(token="wrong") as stranger:
            self.refused(401, stranger.list, "pods")
        with self.cluster.client(token=EXECUTOR_TOKEN) as executor:
            self.assertEqual(len(executor.items("nodes")), 50)
            self.refused(403, executor.list, "secrets")
        self.refused(403, self.executor.delete, "nodes", "node-0")

    def test_lists_come_in_pages(self) -> None:
        page = self.admin.list("nodes", limit=20)
        self.assertEqual((len(page["items"]), page["metadata"]["remainingItemCount"]), (20, 30))
        rest = self.admin.list("nodes", limit=100, continue_=page["metadata"]["continue"])
        self.assertEqual(len(rest["items"]), 30)

    def test_watch_tells_what_happens(self) -> None:
        start = self.admin.list("pods")["metadata"]["resourceVersion"]
        self.admin.create("pods", pod("watched", **LATER))
        self.admin.delete("pods", "watched")
        only = "metadata.name=watched"
        seen = self.executor.watch("pods", since=start, fieldSelector=only)
        self.assertEqual(next(seen)["type"], "ADDED")
        self.assertIn("DELETED", (event["type"] for event in seen))

    def test_audit_log_has_the_binding(self) -> None:
        self.admin.create("pods", pod("audited", **LATER))
        self.executor.bind("audited", "node-5")
        lines = (self.cluster.folder / "audit.log").read_text().splitlines()
        entries = {
            (entry["objectRef"]["name"], entry["objectRef"].get("subresource")): entry
            for entry in map(json.loads, lines)
            if "name" in entry.get("objectRef", {})
        }
        entry = entries["audited", "binding"]
        self.assertEqual(entry["user"]["username"], "orrery-executor")
        self.assertEqual(entry["requestObject"]["target"]["name"], "node-5")


class OwnCluster(Case):
    """What changes a cluster, or needs two."""

    def setUp(self) -> None:
        self.scratch = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def launch(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, HERE / "testbed.py", "run", *arguments]
        environment = {**os.environ, "TMPDIR": str(self.scratch)}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)

    def test_old_watch_is_gone_after_a_restart(self) -> None:
        options = Options(controller_manager=False, scheduler=False, kwok=False)
        with Cluster(options) as cluster, cluster.client() as admin:
            admin.create("pods", pod("before"))
            old = admin.get("pods", "before")["metadata"]["resourceVersion"]
            for index in range(3):  # what the new server has not seen happen
                admin.patch("pods", "before", {"metadata": {"labels": {"n": str(index)}}})
            cluster.stop_component("kube-apiserver")
            with self.assertRaises(OSError):
                admin.get("pods", "before")
            start = time.monotonic()
            cluster.start_component("kube-apiserver")
            print(f"restart: {time.monotonic() - start:.2f} s", file=sys.stderr)
            self.assertEqual(admin.get("pods", "before")["metadata"]["labels"], {"n": "2"})
            event = next(admin.watch("pods", since=old))
            self.assertEqual((event["type"], event["object"]["code"]), ("ERROR", 410))

    def test_old_lists_and_watches_are_gone_after_a_compaction(self) -> None:
        alone = Options(controller_manager=False, scheduler=False, kwok=False, watch_cache=False)
        cluster = self.enterContext(Cluster(alone))
        admin = self.enterContext(cluster.client())
        for name in ("a", "b", "c"):
            admin.create("pods", pod(name))
        page = admin.list("pods", limit=1)["metadata"]
        admin.delete("pods", "b")
        cluster.compact()
        refusal = self.refused(410, admin.list, "pods", limit=1, continue_=page["continue"])
        rest = admin.list("pods", continue_=refusal.status["metadata"]["continue"])
        self.assertEqual([p["metadata"]["name"] for p in rest["items"]], ["c"])
        event = next(admin.watch("pods", since=page["resourceVersion"]))
        self.assertEqual((event["type"], event["object"]["code"]), ("ERROR", 410))

    def test_two_clusters_do_not_know_each_other(self) -> None:
        one = self.enterContext(Cluster(Options(nodes=1)))
        two = self.enterContext(Cluster(Options(nodes=2)))
        first = self.enterContext(one.client())
        second = self.enterContext(two.client())
        self.assertEqual((len(first.items("nodes")), len(second.items("nodes"))), (1, 2))
        two.stop()
        first.create("nodes", node("another"))
        self.assertEqual(len(first.items("nodes")), 2)

    def test_scheduler_can_be_configured(self) -> None:
        config = Options().scheduler_config + "profiles:\n- schedulerName: mine\n"
        cluster = self.enterContext(Cluster(Options(nodes=1, scheduler_config=config)))
        admin = self.enterContext(cluster.client())
        admin.create("pods", pod("other"))  # for a scheduler that is not there
        admin.create("pods", pod("web", schedulerName="mine"))
        cluster.wait_for(lambda: "nodeName" in admin.get("pods", "web")["spec"], "bound pod")
        self.assertNotIn("nodeName", admin.get("pods", "other")["spec"])

    def test_node_without_its_label_is_lost_until_it_has_it_again(self) -> None:
        grace = ["--node-monitor-grace-period=15s"]  # leases are renewed every 10 s
        options = Options(nodes=2, flags={"kube-controller-manager": grace})
        cluster = self.enterContext(Cluster(options))
        admin = self.enterContext(cluster.client())

        def ready() -> list[bool]:
            return [is_ready(admin.get("nodes", name)) for name in ("node-0", "node-1")]

        label = next(iter(FAKE))
        admin.patch("nodes", "node-0", {"metadata": {"labels": {label: None}}})
        cluster.wait_for(lambda: ready() == [False, True], "lost node")
        taints = {t["key"] for t in admin.get("nodes", "node-0")["spec"]["taints"]}
        self.assertIn("node.kubernetes.io/unreachable", taints)
        admin.patch("nodes", "node-0", {"metadata": {"labels": FAKE}})
        cluster.wait_for(lambda: ready() == [True, True], "node that is back")

    def test_bad_flag_is_reported_with_the_log(self) -> None:
        folder = self.scratch / "cluster"
        cluster = Cluster(Options(flags={"kube-apiserver": ["--no-such-flag"]}), folder)
        with self.assertRaisesRegex(TestbedError, "(?s)kube-apiserver has ended.*unknown flag"):
            cluster.start()
        self.assertEqual(cluster.processes, {})
        self.assertFalse((folder / "cluster.json").exists())

    def test_end_leaves_nothing(self) -> None:
        cluster = Cluster(Options(nodes=1))
        cluster.start()
        started = list(cluster.processes.values())
        self.assertEqual(len(started), 5)
        self.assertTrue(all(p.is_running() for p in started))
        start = time.monotonic()
        cluster.stop()
        print(f"end: {time.monotonic() - start:.2f} s", file=sys.stderr)
        self.assertNothingLeft(started, cluster.ports)
        self.assertFalse(cluster.folder.exists())

    def test_killed_launcher_takes_all_with_it(self) -> None:
        with self.launch("--nodes", "1") as launcher:
            described = json.loads(launcher.stdout.readline())
            started = [Process(**p) for p in described["processes"].values()]
            self.addCleanup(kill, started)
            self.assertTrue(all(p.is_running() for p in started))
            launcher.send_signal(signal.SIGKILL)
        self.assertNothingLeft(started, described["ports"])

    def test_run_ends_with_its_input(self) -> None:
        with self.launch("--nodes", "0", "--no-controller-manager") as launcher:
            described = json.loads(launcher.stdout.readline())
            launcher.stdin.close()
            self.assertEqual(launcher.wait(60), 0)
        started = [Process(**p) for p in described["processes"].values()]
        self.assertEqual(len(started), 4)
        self.assertNothingLeft(started, described["ports"])
        self.assertEqual(list(self.scratch.iterdir()), [])

    def assertNothingLeft(self, started: list[Process], ports: dict[str, int]) -> None:  # noqa: N802
        deadline = time.monotonic() + 30  # the kernel's, after a kill
        while any(p.is_running() for p in started) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual([p for p in started if p.is_running()], [])
        for port in ports.values():
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0, port)


class ByHand(unittest.TestCase):
    def test_up_stays_until_down(self) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "cluster"
            self.addCleanup(end_remembered, folder)
            up = self.call("up", "--nodes", "2", "--folder", folder)
            self.assertEqual(up.returncode, 0, up.stderr)
            self.assertIn(f"export KUBECONFIG={folder}/admin.kubeconfig", up.stdout)
            state = json.loads((folder / "cluster.json").read_text())
            started = [Process(**p) for p in state["processes"].values()]
            self.assertTrue(all(p.is_running() for p in started))
            again = self.call("up", "--folder", folder)
            self.assertEqual(again.returncode, 2)
            self.assertIn("a cluster is there already", again.stderr)
            self.assertEqual(self.call("down", "--folder", folder).returncode, 0)
            self.assertFalse(any(p.is_running() for p in started))
            self.assertIn("no cluster is there", self.call("down", "--folder", folder).stderr)

    def call(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(HERE / "testbed.py"), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    unittest.main()

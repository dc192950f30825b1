"""Holds the JSON Schema and the loader together, on good and on bad documents."""

import json
import os
import re
import sqlite3
import subprocess
import sys
import unittest
from contextlib import closing

import jsonschema

from support import SMALL, OrreryTest, changed

MODEL = {"uptime": {"exponential": {"mean": "5d"}}, "repair": "2h"}
NODE = "/clusters/0/nodes/0"

ALONE = {k: v for k, v in SMALL.items() if k not in ("matrix", "baseline")}

GOOD = {
    "small": SMALL,
    "one variant": ALONE,
    "list of seeds": changed("/seeds", [3, 1, 2]),
    "horizon and warm-up": changed("/warm_up", "mser-5", changed("/horizon", "1h30m")),
    "no horizon": changed("/horizon", None),
    "policy with parameters": changed(
        "/clusters/0/scheduler/policy",
        {"name": "filter-score", "scorers": [{"name": "least-allocated"}]},
        ALONE,
    ),
    "failures": changed("/horizon", "1h", changed("/clusters/0/failures", [{"node": MODEL}])),
    "racks": changed(
        "/horizon", "1h",
        changed("/clusters/0/failures", {"rack": MODEL}, changed(NODE + "/rack_size", 2)),
    ),
    "incidents": changed(
        "/clusters/0/incidents", [{"at": "1m", "crash": ["*"]}, {"at": "2m", "repair": ["*"]}]),
    "partitions": changed(
        "/horizon", "1h",
        changed("/clusters/0/failures", {"kind": "partition", "node": MODEL},
                changed("/clusters/0/kubernetes", "1.36")),
    ),
    "another Kubernetes": changed(
        "/clusters/0/kubernetes",
        {"node_monitor_grace_period": "40s", "node_eviction_rate": 1, "shutdown": "2s"},
    ),
    "deployments": changed(
        "/horizon", "1h",
        changed(
            "/clusters/0/kubernetes",
            {"deployments": [{"name": "web", "replicas": 3, "cpu": 1, "memory": "1GiB",
                              "max_surge": "50%", "max_unavailable": 0}]},
            changed("/clusters/0/incidents",
                    [{"at": "1m", "scale": {"web": 2}, "rollout": ["web"]}])),
    ),
    "taints": changed(NODE + "/taints", ["dedicated=x:NoSchedule"]),
    "a template": changed(
        NODE, {"use": "node", "name": "n"},
        changed("/templates/node", {"cpu": "500m", "memory": "1.5GiB"}),
    ),
    "listed variants": changed(
        "/variants", [{"name": "slow", "set": {"/clusters/*/delays": {"scheduling": "1s"}}}]
    ),
}

# What both must refuse, and a part of what the loader says.
BAD = {
    "newer format": (changed("/orrery", 2), "/orrery"),
    "unknown member": (changed("/horizont", "1d"), "did you mean 'horizon'"),
    "no seeds": (changed("/seeds", []), "/seeds"),
    "zero replications": (changed("/seeds/count", 0), "/seeds/count"),
    "negative seed": (changed("/seeds/first", -1), "/seeds/first"),
    "negative horizon": (changed("/horizon", "-1d"), "/horizon"),
    "no clusters": (changed("/clusters", []), "/clusters"),
    "no nodes": (changed("/clusters/0/nodes", []), "/clusters/0/nodes"),
    "negative memory": (changed(NODE + "/memory", "-1GiB"), NODE + "/memory"),
    "negative cpu": (changed(NODE + "/cpu", -1), NODE + "/cpu"),
    "too many GPUs": (changed(NODE + "/gpus", 17), NODE + "/gpus"),
    "bad taint": (changed(NODE + "/taints", ["x"]), NODE + "/taints/0"),
    "unknown incident": (
        changed("/clusters/0/incidents", [{"at": "1m", "crsh": ["*"]}]), "did you mean 'crash'"),
    "empty incident": (
        changed("/clusters/0/incidents", [{"at": "1m"}]), "/clusters/0/incidents/0"),
    "unknown Kubernetes": (
        changed("/clusters/0/kubernetes", "1.7"), "/clusters/0/kubernetes"),
    "unknown flag": (
        changed("/clusters/0/kubernetes", {"shutdwn": "1s"}), "did you mean 'shutdown'"),
    "bad surge": (
        changed("/clusters/0/kubernetes",
                {"deployments": [{"name": "web", "replicas": 3, "cpu": 1, "memory": "1GiB",
                                  "max_surge": "many"}]}),
        "/clusters/0/kubernetes/deployments/0/max_surge"),
    "unknown queue": (changed("/clusters/0/scheduler/queue", "lifo"), "did you mean 'fifo'"),
    "unknown delay": (changed("/clusters/0/delays", {"wach": "1s"}), "did you mean 'watch'"),
    "share above one": (changed("/clusters/0/typical_pods", 1.5), "/clusters/0/typical_pods"),
    "two workloads in one": (
        changed("/workloads/0/openb", {"pods": "x"}), "/workloads/0"),
    "unknown workload": (changed("/workloads/0", {"synthetik": {}}), "did you mean 'synthetic'"),
    "empty axes": (changed("/matrix/axes", {}), "/matrix/axes"),
    "settings without pointer": (
        changed("/variants", [{"name": "a", "set": {"horizon": "1d"}}]), "a JSON pointer"),
}

# What only the loader can know.
LOADER_ONLY = {
    "zero horizon": (changed("/horizon", "0s"), "above zero"),
    "incident of no node": (
        changed("/clusters/0/incidents", [{"at": "1m", "crash": ["nobody"]}]),
        "/clusters/0/incidents/0/crash/0"),
    "unknown deployment": (
        changed("/clusters/0/kubernetes",
                {"deployments": [{"name": "web", "replicas": 3, "cpu": 1, "memory": "1GiB"}]},
                changed("/clusters/0/incidents", [{"at": "1m", "rollout": ["wep"]}])),
        "did you mean 'web'"),
    "partition without Kubernetes": (
        changed("/clusters/0/incidents", [{"at": "1m", "partition": ["*"]}]),
        'give the cluster "kubernetes"'),
    "unknown policy": (changed("/clusters/0/scheduler/policy", "fdg", ALONE), "did you mean 'fgd'"),
    "unknown parameter": (
        changed("/clusters/0/scheduler/policy", {"name": "first-fit", "x": 1}, ALONE),
        "/clusters/0/scheduler/policy/x"),
    "circular reference": (
        changed("/templates", {"a": {"use": "b"}, "b": {"use": "a"}}), "a → b → a"),
    "nowhere to set": (
        changed("/variants", [{"name": "a", "set": {"/cluster/0/name": "x"}}]),
        "did you mean 'clusters'"),
    "absent trace": (changed("/workloads/0", {"openb": {"pods": "no/x.csv"}}), "is not there"),
}


def blocks(page, language):
    """The code of a page in docs/."""
    docs = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
    with open(os.path.join(docs, page), encoding="utf-8") as file:
        return re.findall(rf"```{language}\n(.*?)```", file.read(), re.DOTALL)


class Documents(OrreryTest):
    def setUp(self):
        super().setUp()
        schema = json.loads(self.orrery("validate", "--schema"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def test_both_accept_good_documents(self):
        for name, document in GOOD.items():
            with self.subTest(name):
                self.validator.validate(document)
                self.orrery("validate", self.write("e.json", document))

    def test_both_refuse_bad_documents(self):
        for name, (document, message) in BAD.items():
            with self.subTest(name):
                self.assertFalse(self.validator.is_valid(document))
                said = self.orrery("validate", self.write("e.json", document), expect=2)
                self.assertIn(message, said)
                self.assertIn("e.json:", said)

    def test_the_loader_refuses_what_a_schema_cannot_know(self):
        for name, (document, message) in LOADER_ONLY.items():
            with self.subTest(name):
                said = self.orrery("validate", self.write("e.json", document), expect=2)
                self.assertIn(message, said)

    def test_the_embedded_experiments_follow_the_schema(self):
        for name in "quickstart", "openb-study", "mesh-failures", "philly", "rack-failure":
            self.validator.validate(json.loads(self.orrery("experiments", name)))

    def test_names_the_line_of_broken_json(self):
        path = self.write("e.json", '{\n "orrery": 1,\n "name" "x"\n}\n')
        said = self.orrery("run", path, expect=2)
        self.assertIn("e.json:3: broken JSON at column", said)

    def test_the_pages_show_what_works(self):
        document, _ = blocks("experiment-format.md", "json")
        self.validator.validate(json.loads(document))
        self.orrery("run", self.write("e.json", document), "--out", "results/quickstart.db", expect=2)
        os.mkdir(self.path("results"))
        self.orrery("run", self.path("e.json"), "--out", "results/quickstart.db")
        (python,) = blocks("results-format.md", "python")
        (sql,) = blocks("results-format.md", "text")
        check = "\nassert len(points) > 100\n"
        subprocess.run([sys.executable, "-c", python + check], cwd=self.directory, check=True)
        with closing(sqlite3.connect(self.path("results/quickstart.db"))) as results:
            self.assertEqual(len(results.execute(sql).fetchall()), 2)


if __name__ == "__main__":
    unittest.main()

"""Runs the orrery command in a directory of its own."""

import copy
import json
import os
import subprocess
import tempfile
import unittest

ORRERY = os.environ["ORRERY"]

SMALL = {
    "orrery": 1,
    "name": "small",
    "seeds": {"first": 1, "count": 3},
    "baseline": "first-fit",
    "clusters": [
        {
            "name": "one",
            "nodes": [{"name": "node-{}", "count": 4, "cpu": 8, "memory": "16GiB"}],
            "scheduler": {"policy": "first-fit"},
        }
    ],
    "workloads": [
        {
            "synthetic": {
                "count": 200,
                "arrivals": "2/s",
                "classes": [
                    {
                        "name": "pod",
                        "cpu": {"uniform": {"min": 1, "max": 4}},
                        "memory": "1GiB",
                        "duration": {"exponential": {"mean": "5s"}},
                    }
                ],
            }
        }
    ],
    "matrix": {
        "axes": {
            "policy": {
                "first-fit": {"/clusters/0/scheduler/policy": "first-fit"},
                "random": {"/clusters/0/scheduler/policy": "random"},
            }
        }
    },
}


def changed(pointer, value, document=SMALL):
    """A copy of the document with `value` at the JSON pointer."""
    result = copy.deepcopy(document)
    place = result
    *path, last = [token for token in pointer.split("/")[1:]]
    for token in path:
        place = place[int(token)] if isinstance(place, list) else place.setdefault(token, {})
    if isinstance(place, list):
        place[int(last) : int(last) + 1] = [value]
    else:
        place[last] = value
    return result


class OrreryTest(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory(prefix="orrery-")
        self.addCleanup(self._directory.cleanup)
        self.directory = self._directory.name

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, content):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(content if isinstance(content, str) else json.dumps(content, indent=1))
        return self.path(name)

    def orrery(self, *arguments, expect=0, **options):
        """Runs the command, checks its exit code and returns what it said."""
        done = subprocess.run(
            [ORRERY, *arguments],
            cwd=self.directory,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
            **options,
        )
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

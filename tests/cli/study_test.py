"""The GPU-sharing study against its published tables, through the command as users run it.

Published: mean over ten seeds of each (pod list, policy) in the data set fgd-expected. Bounds as the
project set them: mean gap of the allocation 0.2 points, no cell above 0.75; fragmentation 1 point.
"""

import collections
import csv
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ORRERY = os.environ["ORRERY"]
POLICIES = {"01-Random": "random", "05-BestFit": "best-fit", "06-FGD": "fgd"}
SOURCE = pathlib.Path(__file__).resolve().parents[2]
SHARED = pathlib.Path(os.environ.get("ORRERY_SHARED", SOURCE.parent / "shared"))


def published(name, percents):
    """{(variant, percent): mean over the seeds} of one published table."""
    values = collections.defaultdict(list)
    with open(SHARED / "traces" / "fgd-expected" / name, newline="") as file:
        for row in csv.DictReader(file):
            pods = row["workload"].removeprefix("openb_pod_list_")
            for percent in percents:
                key = f"{pods}/{POLICIES[row['sc_policy']]}", percent
                values[key].append(float(row[str(percent)]))
    return {key: sum(seeds) / len(seeds) for key, seeds in values.items()}


class Study(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        needed = [SHARED / "traces" / name for name in ("openb", "fgd-expected")]
        if missing := [str(path) for path in needed if not path.is_dir()]:
            raise unittest.SkipTest(f"the data sets are not here: {', '.join(missing)}")
        with tempfile.TemporaryDirectory() as folder:
            results = os.path.join(folder, "study.db")
            only = [f"--only=*/{policy}" for policy in POLICIES.values()]
            subprocess.run(
                [ORRERY, "run", "openb-study", f"--set=/traces={needed[0]}", "--out", results, *only],
                check=True, capture_output=True)
            table = subprocess.run([ORRERY, "compare", results, "--format", "csv"],
                                   check=True, capture_output=True, text=True).stdout
        cls.measured = {(row["variant"], row["metric"]): float(row["mean"])
                        for row in csv.DictReader(table.splitlines())}

    def gaps(self, table, metric, percents):
        cells = published(table, percents)
        self.assertEqual(len(cells), 10 * len(POLICIES) * len(percents))
        return {key: abs(self.measured[key[0], f"{metric}_at_{key[1]:03}"] - value)
                for key, value in cells.items()}

    def test_allocation(self):
        gaps = self.gaps("allocation_ratio.csv", "gpu_allocated_percent", (80, 100, 120, 130))
        self.assertLessEqual(sum(gaps.values()) / len(gaps), 0.2)
        self.assertLessEqual(max(gaps.values()), 0.75, max(gaps, key=gaps.get))

    def test_fragmentation_of_all_gpus(self):
        gaps = self.gaps("frag_amount.csv", "gpu_fragmented_percent", (80,))
        self.assertLessEqual(max(gaps.values()), 1, max(gaps, key=gaps.get))

    def test_fragmentation_of_idle_gpus(self):
        gaps = self.gaps("frag_ratio.csv", "gpu_fragmented_percent_of_idle", (80,))
        self.assertLessEqual(max(gaps.values()), 1, max(gaps, key=gaps.get))


if __name__ == "__main__":
    sys.exit(unittest.main())

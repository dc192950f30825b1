#!/usr/bin/env python3
"""kube-default decides as the real kube-scheduler does; SEEDS says how many clusters (default 10).

Skips where the control plane is not built (tests/kube/build).
"""

from __future__ import annotations

import json
import os
import sys
import unittest
from pathlib import Path

from cluster import find_binary
from placement_parity import compare

SEEDS = int(os.environ.get("SEEDS", "10"))
FIRST = int(os.environ.get("FIRST_SEED", "1"))


def setUpModule() -> None:
    if find_binary() is None:
        raise unittest.SkipTest("the control plane is not here: tests/kube/build makes it")


class PlacementParity(unittest.TestCase):
    def test_every_decision_is_one_that_the_real_scheduler_may_make(self) -> None:
        program = Path(os.environ["PLACEMENT_REPLAY"])
        counts, disagreements = compare(program, range(FIRST, FIRST + SEEDS))
        print(f"{SEEDS} seeds: {dict(counts)}", file=sys.stderr)
        for one in disagreements[:10]:
            print(one, file=sys.stderr)
        if disagreements:
            print(json.dumps(disagreements[0].manifests), file=sys.stderr)
        self.assertEqual(len(disagreements), 0)
        # Otherwise little was compared.
        self.assertGreater(counts["decisions"], 80 * SEEDS)
        self.assertGreater(counts["scores"], 500 * SEEDS)
        self.assertGreater(counts["unschedulable"], 10 * SEEDS)
        self.assertGreater(counts["preemptions"], SEEDS)


if __name__ == "__main__":
    unittest.main()

"""orrery fork: the past is that of the stored run, the futures are shared by all policies."""

import sqlite3
import unittest
from contextlib import closing

from support import SMALL, OrreryTest


def metrics_of(path, variant, seed):
    with closing(sqlite3.connect(path)) as database:
        query = "SELECT metric, value FROM metric_values WHERE variant = ? AND seed = ?"
        return dict(database.execute(query, (variant, seed)).fetchall())


class Forks(OrreryTest):
    def setUp(self):
        super().setUp()
        self.write("e.json", SMALL)
        self.orrery("run", "e.json", "--out", "r.db")

    def fork(self, *more, run="random@2", at="50s", policy="best-fit", expect=0):
        return self.orrery(
            "fork", "r.db", "--run", run, "--at", at, "--policy", policy, "--out", "f.db", *more,
            expect=expect,
        )  # fmt: skip

    def test_compares_policies_over_futures(self):
        said = self.fork("--policy", "worst-fit", "--seeds", "4")
        self.assertIn("small-random-2-from-50s: 12 runs finished", said)
        self.assertIn("difference to unchanged", said)
        with closing(sqlite3.connect(self.path("f.db"))) as database:
            runs = database.execute(
                "SELECT name, seed FROM runs JOIN variants ON variants.id = variant "
                "ORDER BY runs.id"
            ).fetchall()
        names = ("unchanged", "best-fit", "worst-fit")
        self.assertEqual(runs, [(name, seed) for name in names for seed in (2, 3, 4, 5)])

    def test_the_first_future_is_that_of_the_run_itself(self):
        self.fork("--seeds", "2")
        self.orrery("run", "e.json", "--set", "/warm_up=50s", "--out", "after.db")
        after = metrics_of(self.path("after.db"), "random", 2)
        self.assertGreater(after["pods_completed"], 50)
        self.assertEqual(metrics_of(self.path("f.db"), "unchanged", 2), after)
        self.assertNotEqual(metrics_of(self.path("f.db"), "unchanged", 3), after)
        self.assertNotEqual(metrics_of(self.path("f.db"), "best-fit", 2), after)

    def test_goes_on_with_more_futures(self):
        self.fork("--seeds", "2")
        self.assertIn("4 runs finished", said := self.fork("--seeds", "4"))
        self.assertIn("4 were there before", said)

    def test_adds_futures_until_the_interval_is_narrow(self):
        said = self.fork("--seeds", "40", "--until-ci", "20%", "--until-metric", "slowdown_mean")
        self.assertIn("finished", said)

    def test_a_policy_with_parameters_has_a_name_of_its_own(self):
        packed = 'packed={"name": "filter-score", "scorers": ["most-allocated"]}'
        self.assertIn("packed", self.fork("--seeds", "2", policy=packed))

    def test_a_fork_can_be_explained_but_not_forked_again(self):
        self.fork("--seeds", "2")
        said = self.orrery("explain", "f.db", "--run", "best-fit@2", "--pod", "150")
        self.assertIn("decision: bind", said)
        refused = self.orrery(
            "fork", "f.db", "--run", "1", "--at", "60s", "--policy", "random", expect=2
        )
        self.assertIn("a fork itself", refused)

    def test_says_what_is_wrong(self):
        for arguments, message in (
            ({"run": "random@9"}, "the number of a run, 1 to 6, or VARIANT@SEED"),
            ({"at": "noon"}, "--at"),
            ({"at": "1d"}, "an instant before its end, 1m"),
            ({"policy": "best-fti"}, "did you mean 'best-fit'"),
            ({"policy": "unchanged"}, "two variants of one name"),
            ({"policy": '{"nam": 1}'}, 'NAME={"name"'),
        ):
            with self.subTest(arguments):
                self.assertIn(message, self.fork(expect=2, **arguments))


if __name__ == "__main__":
    unittest.main()

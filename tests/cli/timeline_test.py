"""The time line that --trace-out draws, held against the Trace Event Format and the results."""

import collections
import json
import sqlite3
import unittest
from contextlib import closing

from support import OrreryTest

ONE_RUN = ("run", "quickstart", "--only", "fgd", "--seed", "7", "--replications", "1",
           "--set", "/horizon=6h", "--set", "/warm_up=0s", "--quiet")  # fmt: skip
# The members that each kind of event must have, besides those of all ("Trace Event Format", 2016).
MEMBERS = {"M": {"args"}, "X": {"ts", "dur", "args"}, "i": {"ts", "s", "args"}, "C": {"ts", "args"}}


class TimeLine(OrreryTest):
    def draw(self, *more):
        self.orrery(*ONE_RUN, "--out", "r.db", "--trace-out", "line.json", *more)
        with open(self.path("line.json"), encoding="utf-8") as file:
            return json.load(file)["traceEvents"]

    def metric(self, name):
        with closing(sqlite3.connect(self.path("r.db"))) as database:
            query = "SELECT value FROM metric_values WHERE metric = ?"
            return database.execute(query, (name,)).fetchone()[0]

    def test_every_event_has_the_members_of_its_kind(self):
        events = self.draw()
        for event in events:
            self.assertLessEqual({"ph", "pid", "tid", "name"} | MEMBERS[event["ph"]], set(event))
            self.assertGreaterEqual(event.get("ts", 0), 0)
            self.assertGreaterEqual(event.get("dur", 0), 0)
        named = {event["pid"] for event in events if event["name"] == "process_name"}
        self.assertEqual(named, {event["pid"] for event in events})

    def test_slices_of_one_track_never_overlap(self):
        tracks = collections.defaultdict(list)
        for event in self.draw():
            if event["ph"] == "X":
                tracks[event["pid"], event["tid"]].append((event["ts"], event["dur"]))
        self.assertGreater(len(tracks), 10)
        for slices in tracks.values():
            slices.sort()
            for (begin, length), (following, _) in zip(slices, slices[1:]):
                self.assertLessEqual(begin + length, following + 1e-3)

    def test_shows_what_the_results_count(self):
        events = self.draw()
        outcomes = collections.Counter(
            event["args"].get("outcome") for event in events if event["ph"] == "X"
        )
        self.assertEqual(outcomes["succeeded"], self.metric("pods_completed"))
        bound = [e for e in events if e["ph"] == "i" and e["name"] == "bind"]
        self.assertGreaterEqual(len(bound), outcomes["succeeded"])
        groups = {e["args"]["name"] for e in events if e["name"] == "process_name"}
        self.assertEqual(sum(name.endswith("/ scheduler") for name in groups), 3)

    def test_draws_a_run_that_is_stored_already(self):
        self.assertEqual(self.draw(), self.draw())

    def test_says_what_it_cannot_draw(self):
        said = self.orrery("run", "quickstart", "--trace-out", "line.json", expect=2)
        self.assertIn("--trace-out draws one run: found '50 runs'", said)
        said = self.orrery(*ONE_RUN, "--trace-out", "no-folder/line.json", expect=2)
        self.assertIn("no-folder/line.json: cannot write the time line", said)


if __name__ == "__main__":
    unittest.main()

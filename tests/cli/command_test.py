"""What the commands print, store and refuse."""

import csv
import io
import os
import re
import resource
import signal
import sqlite3
import subprocess
import time
import unittest
from contextlib import closing

from support import ORRERY, SMALL, OrreryTest, changed


def stored_values(path):
    """Everything in a results file that must not depend on how it was made."""
    with closing(sqlite3.connect(path)) as database:
        return [
            database.execute(query).fetchall()
            for query in (
                "SELECT * FROM metric_values ORDER BY variant, seed, metric",
                "SELECT id, variant, seed, status, fingerprint, events FROM runs ORDER BY id",
                "SELECT * FROM series ORDER BY run, name",
                "SELECT * FROM curves ORDER BY run, name",
                "SELECT * FROM heat_maps ORDER BY run, name",
                "SELECT * FROM quantiles ORDER BY run, distribution, probability",
            )
        ]


def finished_keys(path):
    """Variant and seed of each run that is stored and ended well."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            query = "SELECT variant, seed FROM runs WHERE status = 'ok'"
            return set(database.execute(query).fetchall())
    except sqlite3.OperationalError:
        return set()


def finished_runs(path):
    return len(finished_keys(path))


class Runs(OrreryTest):
    def test_runs_and_compares(self):
        self.write("e.json", SMALL)
        said = self.orrery("run", "e.json", "--out", "r.db")
        self.assertIn("small: 6 runs finished", said)
        table = self.orrery("compare", "r.db", "--metric", "waiting_seconds_mean")
        self.assertIn("waiting_seconds_mean (s), lower is better", table)
        rows = list(csv.DictReader(io.StringIO(self.orrery("compare", "r.db", "-f", "csv"))))
        self.assertEqual(
            list(rows[0]),
            "variant,metric,unit,n,mean,ci_low,ci_high,baseline,diff,diff_low,diff_high,verdict"
            .split(","),
        )
        self.assertEqual({row["variant"] for row in rows}, {"first-fit", "random"})
        self.assertEqual({row["n"] for row in rows if row["metric"] == "pods_completed"}, {"3"})

    def test_stores_the_same_on_any_number_of_threads(self):
        self.write("e.json", changed("/series", {"nodes": 3}))
        for jobs in "1", "2", "8":
            self.orrery("run", "e.json", "--jobs", jobs, "--out", f"{jobs}.db")
        one = stored_values(self.path("1.db"))
        self.assertGreater(len(one[0]), 100)
        self.assertEqual(one, stored_values(self.path("2.db")))
        self.assertEqual(one, stored_values(self.path("8.db")))

    def test_goes_on_with_more_seeds_and_variants(self):
        self.write("e.json", SMALL)
        self.orrery("run", "e.json", "--only", "random", "--out", "r.db")
        said = self.orrery("run", "e.json", "--replications", "5", "--out", "r.db")
        self.assertIn("7 runs finished", said)
        self.assertIn("3 were there before", said)
        self.assertEqual(os.listdir(self.directory).count("r.db-wal"), 0)

    def test_adds_seeds_until_the_interval_is_narrow(self):
        self.write("e.json", changed("/metrics", ["waiting_seconds_mean"]))
        said = self.orrery("run", "e.json", "--out", "r.db", "--until-ci", "20%")
        self.assertIn("waiting_seconds_mean is known to ±", said)
        seeds = finished_runs(self.path("r.db")) // 2
        self.assertGreaterEqual(seeds, 10)
        self.assertLess(seeds, 1000)
        half, mean = re.findall(r"known to ± ([0-9.e+-]+) s of ([0-9.e+-]+) s", said)[-1]
        self.assertLessEqual(float(half), 0.201 * float(mean))
        # The same again finds enough and runs nothing.
        again = self.orrery("run", "e.json", "--out", "r.db", "--until-ci", "20%")
        self.assertEqual(finished_runs(self.path("r.db")) // 2, seeds, again)

    def test_stops_adding_seeds_at_the_most(self):
        self.write("e.json", changed("/metrics", ["waiting_seconds_mean"]))
        words = ["run", "e.json", "--until-ci", "0.0000001%", "--replications", "12"]
        self.orrery(*words, "--out", "r.db")
        self.assertEqual(finished_runs(self.path("r.db")), 24)

    def test_names_what_is_wrong_with_until(self):
        self.write("e.json", SMALL)
        for words, message in (
            (["--until-ci", "narrow"], "1% is a share of the mean"),
            (["--until-ci", "5%", "--until-metric", "waiting_seconds_men"], "did you mean"),
            (["--until-ci", "5%"], "--until-metric NAME"),
        ):
            with self.subTest(words):
                said = self.orrery("run", "e.json", "--out", "r.db", *words, expect=2)
                self.assertIn(message, said)

    def test_explains_a_decision(self):
        self.write("e.json", SMALL)
        self.orrery("run", "e.json", "--out", "r.db")
        said = self.orrery("explain", "r.db", "--run", "first-fit@1", "--pod", "3")
        self.assertIn("decision: bind to node-", said)
        self.assertIn("→", said)
        self.assertIn("1 to 6", self.orrery("explain", "r.db", "--run", "9", "--pod", "3", expect=2))
        self.assertIn(
            "no scheduler has tried",
            self.orrery("explain", "r.db", "--run", "1", "--pod", "999999", expect=2),
        )

    def test_replays_what_it_journals(self):
        self.write("e.json", SMALL)
        self.orrery("run", "e.json", "--journals", "journals", "--out", "r.db")
        self.orrery("run", "e.json", "--out", "plain.db")
        self.assertEqual(stored_values(self.path("r.db")), stored_values(self.path("plain.db")))
        journals = sorted(os.listdir(self.path("journals")))
        self.assertEqual(len(journals), 6)
        self.assertEqual(journals[0], "first-fit-1-one.journal")
        for journal in journals:
            said = self.orrery("replay", os.path.join("journals", journal))
            self.assertRegex(said, "[0-9]{3,} inputs gave the same [0-9]{3,} decisions")

    def test_names_a_journal_that_cannot_be_written(self):
        self.write("e.json", SMALL)
        self.write("taken", "")
        said = self.orrery("run", "e.json", "--out", "r.db", "--journals", "taken", expect=1)
        self.assertIn("taken/first-fit-1-one.journal: cannot be written", said)

    def test_names_what_is_wrong_with_a_journal(self):
        self.write("e.json", SMALL)
        self.orrery("run", "e.json", "--journals", "journals", "--out", "r.db")
        with open(self.path("journals/random-2-one.journal"), "rb") as file:
            journal = file.read()
        for name, content, error in (
            ("cut", journal[:-5], "is cut off"),
            ("flipped", journal[:500] + bytes([journal[500] ^ 1]) + journal[501:], "checksum"),
            ("newer", journal[:8] + bytes([9]) + journal[9:], "version 9"),
            ("text", b"x" * 99, "is not a decision journal"),
        ):
            with open(self.path(name), "wb") as file:
                file.write(content)
            said = self.orrery("replay", name, expect=2)
            self.assertIn(f"orrery: error: {name}", said)
            self.assertIn(error, said)
        self.assertIn("cannot be opened", self.orrery("replay", "none", expect=2))

    def test_survives_being_killed(self):
        self.write("e.json", changed("/workloads/0/synthetic/count", 20000))
        command = [ORRERY, "run", "e.json", "-j", "2", "--out", "r.db", "--replications", "500"]
        process = subprocess.Popen(command, cwd=self.directory, stderr=subprocess.DEVNULL)
        while finished_runs(self.path("r.db")) < 3:
            self.assertIsNone(process.poll(), "it ended before it was killed")
            time.sleep(0.01)
        process.kill()
        process.wait()
        kept = finished_keys(self.path("r.db"))
        said = self.orrery("run", "e.json", "--out", "r.db", "--replications", "3")
        # Two threads: the third seed may have been the one that was killed.
        first = min(variant for variant, _ in kept)
        wanted = {(variant, seed) for variant in (first, first + 1) for seed in (1, 2, 3)}
        self.assertEqual(finished_keys(self.path("r.db")), kept | wanted)
        self.assertIn("were there before", said)

    def test_keeps_finished_runs_on_ctrl_c(self):
        self.write("e.json", changed("/workloads/0/synthetic/count", 20000))
        command = [ORRERY, "run", "e.json", "-j", "2", "--out", "r.db", "--replications", "500"]
        process = subprocess.Popen(
            command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        while finished_runs(self.path("r.db")) < 3:
            self.assertIsNone(process.poll(), "it ended before it was interrupted")
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"interrupted: the same command goes on", said)
        self.assertFalse(os.path.exists(self.path("r.db-wal")))
        with closing(sqlite3.connect(self.path("r.db"))) as database:
            failed = database.execute("SELECT count(*) FROM runs WHERE status = 'failed'")
            self.assertEqual(failed.fetchone()[0], 0)

    def test_says_that_the_disk_is_full(self):
        self.write("e.json", SMALL)

        def limit_file_size():
            resource.setrlimit(resource.RLIMIT_FSIZE, (220_000, 220_000))

        said = self.orrery(
            "run", "e.json", "--out", "r.db", "--replications", "400", expect=2,
            preexec_fn=limit_file_size,
        )
        self.assertIn("is the disk full?", said)
        kept = finished_runs(self.path("r.db"))
        with closing(sqlite3.connect(self.path("r.db"))) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone()[0], "ok")
        self.assertIn("runs finished", self.orrery("run", "e.json", "--out", "r.db"))
        self.assertGreaterEqual(finished_runs(self.path("r.db")), max(kept, 6))


class Refusals(OrreryTest):
    def test_names_what_is_wrong_with_results_files(self):
        self.write("e.json", SMALL)
        self.write("text", "not a database, and long enough to be sure of it" * 4)
        self.orrery("run", "e.json", "--out", "r.db")
        self.orrery("run", "e.json", "--out", "newer.db", "--replications", "1")
        with closing(sqlite3.connect(self.path("newer.db"))) as database:
            database.execute("PRAGMA user_version = 99")
            database.commit()
        self.write("other.json", changed("/name", "other"))
        cases = [
            (("run", "e.json", "--out", "text"), "not a results file of orrery"),
            (("run", "e.json", "--out", "newer.db"), "newer orrery"),
            (("compare", "newer.db"), "results format 99"),
            (("compare", "none.db"), "no such results file"),
            (("run", "e.json", "--out", "no/where.db"), "directory does not exist"),
            (("run", "other.json", "--out", "r.db"), "holds another experiment, 'small'"),
            (
                ("run", "e.json", "--set", "/horizon=1h", "--out", "r.db"),
                "/horizon is absent there and \"1h\" here",
            ),
            (("compare", "r.db", "--metric", "waiting_seconds_men"), "did you mean 'waiting_sec"),
            (("compare", "r.db", "--baseline", "rndom"), "did you mean 'random'"),
            (("compare", "r.db", "--format", "tble"), "did you mean 'table'"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.assertIn(message, self.orrery(*arguments, expect=2))

    def test_suggests_commands_options_and_names(self):
        cases = [
            (("rum", "e.json"), "did you mean 'run'"),
            (("reprt", "e.db"), "did you mean 'report'"),
            (("run", "e.json", "--job", "2"), "did you mean '--jobs'"),
            (("run",), "experiment or --from-manifests is required"),
            (("run", "quickstrt"), "did you mean 'quickstart'"),
            (("run", "nowhere/e.json"), "cannot read this file"),
            (("policies", "fdg"), "did you mean 'fgd'"),
            (("traces", "opnb"), "did you mean 'openb'"),
            (("experiments", "quikstart"), "did you mean 'quickstart'"),
            (("completion", "bsh"), "did you mean 'bash'"),
            (("trace", "describe", "x.bin"), "say --format"),
            ((), "A subcommand is required"),
        ]
        for arguments, message in cases:
            with self.subTest(arguments):
                self.assertIn(message, self.orrery(*arguments, expect=2))


class ExternalCommands(OrreryTest):
    def install(self, name, text):
        path = self.write(name, text)
        os.chmod(path, 0o755)
        return {**os.environ, "PATH": self.directory + os.pathsep + os.environ["PATH"]}

    def test_runs_programs_of_that_name_from_path(self):
        environment = self.install("orrery-hello", '#!/bin/sh\necho "hello $1|$2"; exit 7\n')
        said = self.orrery("hello", "--to", "a b", expect=7, env=environment)
        self.assertEqual(said, "hello --to|a b\n")

    def test_names_the_report_where_there_is_one(self):
        self.write("e.json", SMALL)
        environment = self.install("orrery-report", "#!/bin/sh\n")
        said = self.orrery("run", "e.json", "--out", "r.db", env=environment)
        self.assertIn("report:   orrery report r.db", said)

    def test_own_commands_come_first(self):
        environment = self.install("orrery-policies", "#!/bin/sh\necho mine\n")
        self.assertIn("best-fit", self.orrery("policies", env=environment))

    def test_suggests_them(self):
        environment = self.install("orrery-hello", "#!/bin/sh\n")
        self.assertIn("did you mean 'hello'", self.orrery("helo", expect=2, env=environment))

    def test_says_how_to_get_the_report(self):
        environment = {**os.environ, "PATH": self.directory}
        said = self.orrery("report", "x.db", expect=2, env=environment)
        self.assertIn("pip install 'orrery[report]'", said)

    def test_tells_when_one_cannot_be_run(self):
        environment = self.install("orrery-broken", "#!/nowhere/interpreter\n")
        self.assertIn("cannot run", self.orrery("broken", expect=2, env=environment))


class Words(OrreryTest):
    def test_helps_everywhere_with_examples(self):
        self.assertIn("Exit codes", self.orrery("--help"))
        for command in "run", "compare", "validate", "policies", "traces", "explain", "experiments":
            self.assertIn("Examples:", self.orrery(command, "--help"))
        self.assertRegex(self.orrery("--version"), r"^orrery \d+\.\d+\.\d+")

    def test_lists_what_there_is(self):
        self.assertIn("fgd", self.orrery("policies"))
        self.assertIn("source:", self.orrery("policies", "fgd"))
        self.assertIn("canonical", self.orrery("traces"))
        self.assertIn("openb-study", self.orrery("experiments"))

    def test_prints_an_experiment_that_runs(self):
        self.write("mine.json", self.orrery("experiments", "quickstart"))
        self.assertIn("50 runs", self.orrery("validate", "mine.json"))

    def test_completes_in_three_shells(self):
        for shell in "bash", "zsh", "fish":
            self.assertIn("compare", self.orrery("completion", shell))
        script = self.write("completion.bash", self.orrery("completion", "bash"))
        completed = subprocess.run(
            ["bash", "-c", f'source {script}; COMP_WORDS=(orrery comp); COMP_CWORD=1; _orrery; '
             'echo "${COMPREPLY[@]}"'],
            capture_output=True, text=True, check=True,
        )
        self.assertEqual(completed.stdout.split(), ["compare", "completion"])


if __name__ == "__main__":
    unittest.main()

import json
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import orrery


class FirstFit(orrery.PlacementPolicy):
    """The lowest node that fits."""

    def place(self, view, pod):
        fits = view.feasible(pod)
        return int(np.argmax(fits)) if fits.any() else None


def fingerprints(results):
    return dict(
        zip(zip(results.runs["variant"], results.runs["seed"]), results.runs["fingerprint"])
    )


def test_names_what_comes_along():
    assert "quickstart" in orrery.library()


def test_runs_a_document_of_its_own(small):
    results = orrery.run(small, out="small.db")
    assert results.variants == ["default"]
    assert results.run_counts == (3, 3)


def test_gives_what_the_command_gives(small, command):
    with open("small.json", "w") as file:
        json.dump(small, file)
    subprocess.run([command, "run", "small.json", "--out", "c.db", "-q"], check=True)
    ours = orrery.run("small.json", out="python.db")
    theirs = orrery.open("c.db")
    assert fingerprints(ours) == fingerprints(theirs)
    assert ours.metrics.to_dict() == theirs.metrics.to_dict()
    assert ours.provenance["document_digest"] == theirs.provenance["document_digest"]


def test_goes_on_with_a_file_of_the_command(small, command):
    with open("small.json", "w") as file:
        json.dump(small, file)
    subprocess.run([command, "run", "small.json", "--out", "c.db", "-q"], check=True)
    assert orrery.run("small.json", out="c.db", seeds=5).run_counts == (5, 5)


def test_every_policy_is_a_variant(small):
    results = orrery.run(
        small,
        policies=["best-fit", {"name": "worst-fit", "parameters": {}}, FirstFit, FirstFit()],
        seeds=1,
    )
    assert results.variants == ["best-fit", "worst-fit", "FirstFit", "FirstFit-2"]
    assert set(results.comparison()["baseline"]) == {"best-fit"}


def test_policies_can_be_named(small):
    results = orrery.run(small, policies={"mine": FirstFit, "theirs": "first-fit"}, seeds=1)
    assert results.variants == ["mine", "theirs"]


def test_a_class_can_have_arguments(small):
    class Spread(FirstFit):
        def __init__(self, most):
            self.most = most

    results = orrery.run(small, policies=[{"name": Spread, "most": 3}], seeds=1)
    assert results.variants == ["Spread(most=3)"]


def test_policies_take_the_place_of_those_of_the_document():
    results = orrery.run(
        "quickstart",
        policies=["worst-fit", "random"],
        seeds=1,
        set={"/horizon": "8h", "/warm_up": "1h"},
    )
    assert results.variants == ["worst-fit", "random"]
    assert set(results.comparison()["baseline"]) == {"random"}


def test_policies_cross_the_other_axes(small):
    small["matrix"] = {
        "names": "{nodes} nodes",
        "axes": {"nodes": {"4": {}, "8": {"/clusters/0/nodes/0/count": 8}}},
    }
    small["baseline"] = "*/first-fit"
    results = orrery.run(small, policies=["first-fit", "random"], seeds=1)
    assert results.variants == [
        "4 nodes/first-fit",
        "4 nodes/random",
        "8 nodes/first-fit",
        "8 nodes/random",
    ]


def test_policies_cross_listed_variants(small):
    small["variants"] = [{"name": "a"}, {"name": "b", "set": {"/clusters/0/nodes/0/count": 8}}]
    results = orrery.run(small, policies=["first-fit", "random"], seeds=1)
    assert results.variants == ["a/first-fit", "a/random", "b/first-fit", "b/random"]


def test_python_and_core_decide_alike(small):
    results = orrery.run(small, policies=["first-fit", FirstFit], jobs=2)
    prints = fingerprints(results)
    for seed in (1, 2, 3):
        assert prints["first-fit", seed] == prints["FirstFit", seed]


def test_any_number_of_jobs_gives_the_same(small):
    one = orrery.run(small, policies=[FirstFit, "random"], jobs=1, out="one.db", seeds=4)
    many = orrery.run(small, policies=[FirstFit, "random"], jobs=4, out="many.db", seeds=4)
    assert fingerprints(one) == fingerprints(many)
    assert one.metrics.to_dict() == many.metrics.to_dict()


def test_seeds_settings_and_selection(small):
    results = orrery.run(
        small,
        policies=["first-fit", "random"],
        seeds=[7, 9],
        only="r*",
        set={"/workloads/0/synthetic/count": 50},
    )
    assert [(row["variant"], row["seed"]) for row in results.runs.rows()] == [
        ("random", 7),
        ("random", 9),
    ]


def test_other_settings_have_another_file(small):
    one = orrery.run(small, seeds=1)
    two = orrery.run(small, seeds=1, set={"/workloads/0/synthetic/count": 50})
    again = orrery.run(small, seeds=2)
    assert one.path != two.path
    assert one.path == again.path


def test_progress_is_told(small):
    told = []
    orrery.run(
        small,
        seeds=4,
        jobs=1,
        progress=lambda done, total, failed, seconds: told.append((done, total, failed)),
    )
    assert told[-1] == (4, 4, 0)


def test_a_progress_function_that_raises_ends_the_run(small):
    def broken(done, total, failed, seconds):
        if done:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        orrery.run(small, seeds=2000, jobs=1, progress=broken, out="out.db")
    done, total = orrery.open("out.db").run_counts
    assert 0 < done < total == 2000


INTERRUPTED = """
import sys, time, numpy as np, orrery
class Slow(orrery.PlacementPolicy):
    def place(self, view, pod):
        {body}
        fits = view.feasible(pod)
        return int(np.argmax(fits)) if fits.any() else None
def progress(done, total, failed, seconds):
    if done >= 2: print("two", flush=True)
try:
    orrery.run(sys.argv[1], policies=["first-fit", Slow], seeds=500, jobs=2, out="out.db",
               progress=progress)
except KeyboardInterrupt:
    print("interrupted", orrery.open("out.db").run_counts, flush=True)
"""


@pytest.mark.parametrize("body", ["pass", "time.sleep(0.001)"])
def test_ctrl_c_ends_within_a_second_and_keeps_what_is_finished(small, body):
    with open("small.json", "w") as file:
        json.dump(small, file)
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(body=body), "small.json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "two\n"
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=30)[0]
    assert time.monotonic() - start < 1
    assert "interrupted" in rest
    done, total = orrery.open("out.db").run_counts
    assert 2 <= done < total


def test_ctrl_c_reaches_a_policy_that_never_ends(small):
    with open("small.json", "w") as file:
        json.dump(small, file)
    body = "print('two', flush=True)\n        while True: pass"
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED.format(body=body), "small.json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    time.sleep(0.3)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert time.monotonic() - start < 1.5


def test_runs_from_another_thread(small):
    got = []
    thread = threading.Thread(target=lambda: got.append(orrery.run(small, policies=[FirstFit])))
    thread.start()
    thread.join()
    assert got[0].run_counts == (3, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"experiment": "quickstrat"}, "quickstart"),
        ({"experiment": 7}, "experiment: found int, expected the name"),
        ({"seeds": 0}, "seeds: found 0, expected at least 1"),
        ({"seeds": "many"}, "seeds: found 'many'"),
        ({"jobs": 0}, "jobs: found 0"),
        ({"policies": []}, "policies: found none"),
        ({"policies": "best-fit"}, "policies: found 'best-fit', expected a list"),
        ({"policies": ["best-fitt"]}, "best-fit"),
        ({"policies": [3]}, "policies: found 3, expected the name of a policy"),
        ({"policies": ["best-fit", "best-fit"]}, "'best-fit' is there twice"),
        ({"policies": [{"name": "best-fit", "parameters": {"no": 1}}]}, "unknown parameter"),
        ({"set": {"/nowhere/at/all": 1}}, "nothing to set"),
        ({"only": "nothing"}, "name of a variant"),
        ({"out": "no/such/folder/file.db"}, "directory does not exist"),
        ({"baseline": "nobody"}, "nobody"),
    ],
)
def test_wrong_arguments_say_what_is_right(small, arguments, message):
    with pytest.raises(orrery.Error) as caught:
        orrery.run(**{"experiment": small, "out": "out.db", **arguments})
    assert message in str(caught.value)


def test_importing_is_quick_and_brings_no_data_frames():
    script = (
        "import time; start = time.perf_counter(); import orrery; "
        "seconds = time.perf_counter() - start; import sys; "
        "assert not {'pandas', 'altair', 'numpy', 'tqdm'} & set(sys.modules); print(seconds)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert float(done.stdout) < 0.3

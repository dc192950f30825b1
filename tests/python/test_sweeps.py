"""Sweeps give what run gives, whatever the executor and whatever dies on the way."""

import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import sqlite3

import dask
import distributed
import numpy as np
import pytest

import orrery
from orrery import sweeps

TABLES = {
    "runs": "id",
    "metric_values": "variant, seed, metric",
    "counters": "run, name",
    "series": "run, name",
    "curves": "run, name",
    "heat_maps": "run, name",
    "distributions": "run, name",
    "quantiles": "run, distribution, probability",
}


def stored(results):
    """Everything in a results file but how long the runs took."""
    with contextlib.closing(sqlite3.connect(results.path)) as file:
        return {
            table: file.execute(f"SELECT * FROM {table} ORDER BY {order}").fetchall()
            for table, order in TABLES.items()
        }


class MostFree(orrery.PlacementPolicy):
    """The node with most CPU left."""

    def place(self, view, pod):
        fits = view.feasible(pod)
        return int(np.argmax(np.where(fits, view.nodes.cpu_free, -1))) if fits.any() else None


class Refuses(orrery.PlacementPolicy):
    """Fails under even seeds."""

    def start(self, context):
        self.seed = context.seed

    def place(self, view, pod):
        if self.seed % 2 == 0:
            raise ValueError("an even seed")
        return next((n for n in range(view.node_count) if view.unfit(n, pod) is None), None)


@contextlib.contextmanager
def cluster(workers=2):
    """A Dask cluster of processes, each with a supervisor that replaces it when it dies."""
    settings = {
        "distributed.scheduler.allowed-failures": 1,  # so that tasks are seen to be given up
        "distributed.comm.timeouts.connect": "5s",
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client


@pytest.fixture
def expected(small):
    """What run stores for two policies, one in Python, under five seeds."""
    return stored(orrery.run(small, policies=["random", MostFree], seeds=5, out="expected.db"))


def swept(small, executor, **more):
    return orrery.sweep(
        small, executor=executor, policies=["random", MostFree], seeds=5, out="swept.db", **more
    )


def test_gives_what_run_gives_on_threads(small, expected):
    with concurrent.futures.ThreadPoolExecutor(3) as threads:
        assert stored(swept(small, threads)) == expected


def test_gives_what_run_gives_on_processes(small, expected):
    spawned = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=spawned) as processes:
        assert stored(swept(small, processes)) == expected


def test_gives_what_run_gives_on_a_dask_cluster_whose_workers_are_killed(small):
    slow = {"/workloads/0/synthetic/count": 20_000}
    arguments = {"policies": ["random", "best-fit", MostFree], "seeds": 6, "set": slow}
    expected = stored(orrery.run(small, out="expected.db", **arguments))
    killed = []
    with cluster() as client:

        def kill(done, total, failed, seconds):
            if done in (2, 5, 8):
                alive = [nanny.pid for nanny in client.cluster.workers.values() if nanny.pid]
                killed.append(alive[len(killed) % len(alive)])
                os.kill(killed[-1], signal.SIGKILL)

        results = orrery.sweep(small, executor=client, out="swept.db", progress=kill, **arguments)
    assert len(set(killed)) == 3
    assert stored(results) == expected


def test_goes_on_after_a_lost_scheduler(small, expected):
    reached = []
    with cluster() as client:

        def lose(done, total, failed, seconds):
            reached.append(done)
            if done == 2:
                client.cluster.scheduler.loop.add_callback(client.cluster.scheduler.close)

        with contextlib.suppress(orrery.Error):  # it may be through before it notices
            swept(small, client, progress=lose)
    before = orrery.open("swept.db").run_counts[0]
    assert before >= 2
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        assert stored(swept(small, threads)) == expected


def test_keeps_what_is_finished_when_a_pool_breaks(small, expected):
    spawned = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawned) as pool:

        def break_pool(done, total, failed, seconds):
            if done == 1:
                for pid in list(pool._processes):
                    os.kill(pid, signal.SIGKILL)

        with pytest.raises(orrery.Error, match=r"the executor is lost .* goes on"):
            swept(small, pool, progress=break_pool)
    assert 1 <= orrery.open("swept.db").run_counts[0] < 10
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        assert stored(swept(small, threads)) == expected


def test_keeps_what_is_finished_when_it_is_interrupted(small, expected):
    def interrupt(done, total, failed, seconds):
        if done == 3:
            raise KeyboardInterrupt

    with concurrent.futures.ThreadPoolExecutor(1) as threads:
        with pytest.raises(KeyboardInterrupt):
            swept(small, threads, progress=interrupt)
        assert orrery.open("swept.db").run_counts[0] == 3
        assert stored(swept(small, threads)) == expected


def test_does_nothing_again_that_is_stored(small, expected):
    with concurrent.futures.ThreadPoolExecutor(2) as threads:
        swept(small, threads)
        asked = []
        assert stored(swept(small, threads, progress=lambda *now: asked.append(now))) == expected
    assert asked == []


def test_tells_of_runs_that_failed_and_keeps_the_others(small):
    with (
        concurrent.futures.ThreadPoolExecutor(2) as threads,
        pytest.raises(orrery.RunFailed, match=r"2 of 4 runs failed[\s\S]*an even seed") as raised,
    ):
        orrery.sweep(small, executor=threads, policies=[Refuses], seeds=[1, 2, 3, 4], out="r.db")
    assert sorted(failure["seed"] for failure in raised.value.failures) == [2, 4]
    assert raised.value.results.run_counts[0] == 2


def test_tells_of_a_worker_with_another_version(small, monkeypatch):
    class Elsewhere(concurrent.futures.ThreadPoolExecutor):
        def submit(self, function, task):
            other = sweeps._Work(task.work.arguments, task.work.digest, "0.0.9")
            return super().submit(function, sweeps._Task(other, task.variant, task.seed))

    with Elsewhere(1) as threads, pytest.raises(orrery.Error, match="install the same version"):
        swept(small, threads)


def test_tells_of_a_worker_that_reads_something_else(small):
    class Elsewhere(concurrent.futures.ThreadPoolExecutor):
        def submit(self, function, task):
            other = sweeps._Work(task.work.arguments, "xxh3:other", task.work.version)
            return super().submit(function, sweeps._Task(other, task.variant, task.seed))

    with Elsewhere(1) as threads, pytest.raises(orrery.Error, match="reads another experiment"):
        swept(small, threads)


def test_says_what_is_no_executor(small):
    with pytest.raises(orrery.Error, match=r"executor: found int, expected a concurrent"):
        swept(small, 4)


def test_names_tasks_by_what_they_compute():
    one = sweeps._Work(b"arguments", "digest", "1")
    keys = {
        sweeps._Task(work, variant, seed).key
        for work in (one, sweeps._Work(b"", "other", "1"), sweeps._Work(b"", "digest", "2"))
        for variant in ("a", "b")
        for seed in (1, 2)
    }
    assert len(keys) == 12
    same = sweeps._Work(b"pickled in another way", "digest", "1")
    assert sweeps._Task(one, "a", 1).key == sweeps._Task(same, "a", 1).key

import gc
import subprocess
import sys

import numpy as np
import pytest

import orrery


class FirstFit(orrery.PlacementPolicy):
    def place(self, view, pod):
        fits = view.feasible(pod)
        return int(np.argmax(fits)) if fits.any() else None


def run(small, policy, **arguments):
    return orrery.run(small, policies=[policy], **{"seeds": 1, "jobs": 1, **arguments})


def failure(small, policy, **arguments):
    with pytest.raises(orrery.RunFailed) as caught:
        run(small, policy, **arguments)
    return str(caught.value)


kept = []


def test_columns_share_memory_with_the_core(small):
    class Look(FirstFit):
        def __init__(self):
            self.free = None
            self.seen = 0

        def place(self, view, pod):
            if self.free is None:
                self.free = view.nodes.cpu_free
                self.before = None
            now = view.nodes.cpu_free
            assert np.shares_memory(self.free, now)
            assert now.tolist() == self.free.tolist()
            # The last pod's room was taken by the core, and this old array shows it.
            if self.before is not None:
                node, left = self.before
                assert self.free[node] <= left or self.seen > 1
            self.seen += 1
            node = super().place(view, pod)
            if node is not None:
                self.before = node, int(self.free[node])
            kept.append(now)
            return node

        def on_change(self, view, change):
            if change.kind == "PodAssumed" and self.free is not None:
                node, left = self.before
                assert node == change.node
                assert self.free[node] == left - view.pod(change.pod).cpu

    kept.clear()
    run(small, Look)
    assert len(kept) > 100


def test_columns_refuse_writes(small):
    class Write(FirstFit):
        def place(self, view, pod):
            for name in ("cpu_free", "gpu_devices", "blocked"):
                column = getattr(view.nodes, name)
                assert not column.flags.writeable
                assert not column.flags.owndata
                with pytest.raises(ValueError, match="read-only"):
                    column[0] = 7
                with pytest.raises(ValueError, match="WRITEABLE"):
                    column.flags.writeable = True
            return super().place(view, pod)

    run(small, Write)


def test_arrays_outlive_the_run(small):
    class Keep(FirstFit):
        def place(self, view, pod):
            kept.append(view.nodes.cpu_free[1:])
            kept.append(view.nodes.gpu_devices)
            return super().place(view, pod)

        def on_change(self, view, change):
            if change.kind == "NodeAdded":  # the columns move as they grow
                kept.append(view.nodes.memory_free)

    kept.clear()
    run(small, Keep)
    gc.collect()
    total = sum(int(array.sum()) for array in kept)
    assert total > 0
    assert len({len(array) for array in kept}) > 2


def test_the_view_closes_with_the_call(small):
    class Keep(FirstFit):
        def place(self, view, pod):
            kept.append((view, view.nodes, pod))
            return super().place(view, pod)

    kept.clear()
    run(small, Keep)
    view, nodes, pod = kept[0]
    for use in (
        lambda: view.now,
        lambda: view.nodes,
        lambda: nodes.cpu_free,
        lambda: len(nodes),
        lambda: view.feasible(pod),
        lambda: view.pod(0),
    ):
        with pytest.raises(orrery.Error, match="valid only during the call"):
            use()
    assert pod.cpu > 0  # a pod is a value of its own


def test_what_a_policy_sees(small):
    seen = {}

    class See(FirstFit):
        def place(self, view, pod):
            nodes = view.nodes
            seen.setdefault("node_count", view.node_count)
            seen.setdefault("names", nodes.names)
            seen.setdefault("gpu_model", nodes.gpu_model.tolist())
            seen.setdefault("gpu_models", view.gpu_models)
            seen.setdefault("devices", nodes.gpu_devices.shape)
            seen.setdefault("cpu", nodes.cpu_allocatable.tolist())
            seen["now"] = view.now
            assert view.now_ns == round(view.now * 1e9)
            if pod.gpus:
                assert (pod.gpus, pod.gpu_milli) == (1, 500)
                assert view.feasible(pod).tolist()[:4] == [False] * 4
                assert view.unfit(0, pod) in {"insufficient gpu", "insufficient cpu"}
            for node in range(view.node_count):
                assert view.feasible(pod)[node] == (view.unfit(node, pod) is None)
            return super().place(view, pod)

    run(small, See)
    assert seen["node_count"] == 6
    assert seen["names"][:2] == ["cpu-0", "cpu-1"]
    assert seen["gpu_model"] == [-1, -1, -1, -1, 0, 0]
    assert seen["gpu_models"] == ["GPU"]
    assert seen["devices"] == (6, 16)
    assert seen["cpu"] == [8000] * 6
    assert seen["now"] > 10


def test_devices_can_be_chosen(small):
    class LastDevice(FirstFit):
        def place(self, view, pod):
            if not pod.gpus:
                return super().place(view, pod)
            for node in np.flatnonzero(view.feasible(pod)):
                free = np.flatnonzero(view.nodes.gpu_devices[node] >= pod.gpu_milli)
                return orrery.Placement(int(node), devices=[int(free[-1])])
            return None

        def on_change(self, view, change):
            if change.kind == "PodAssumed" and view.pod(change.pod).gpus:
                kept.append(view.pod(change.pod).devices)

    kept.clear()
    run(small, LastDevice)
    assert kept[0] == 0b1000


def test_each_run_has_a_policy_of_its_own(small):
    class Count(FirstFit):
        def __init__(self):
            self.pods = 0
            self.random = None

        def start(self, context):
            self.random = context.random
            kept.append((context.seed, self))

        def place(self, view, pod):
            self.pods += 1
            return super().place(view, pod)

    kept.clear()
    one = Count()
    run(small, one, seeds=3)
    assert one.pods == 0
    assert sorted(seed for seed, _ in kept) == [1, 2, 3]
    assert len({policy.random.integers(1 << 60) for _, policy in kept}) == 3
    assert all(policy.pods >= 200 for _, policy in kept)


def test_gangs_go_all_or_nothing(small):
    one = small["workloads"][0]["synthetic"]["classes"][0]
    one["gang_size"] = 3
    one["cpu"] = 4

    class Gangs(FirstFit):
        def place_gang(self, view, pods):
            kept.append(len(pods))
            free = view.nodes.cpu_free.copy()
            answer = []
            for pod in pods:
                fits = view.feasible(pod) & (free >= pod.cpu)
                if not fits.any():
                    return None
                node = int(np.argmax(fits))
                free[node] -= pod.cpu
                answer.append(node)
            return answer

    kept.clear()
    ours = run(small, Gangs)
    assert set(kept) == {3}
    default = run(small, FirstFit)
    core = run(small, "first-fit")
    prints = {results.runs["fingerprint"][0] for results in (ours, default, core)}
    assert len(prints) == 1


def test_scorers_and_filters_in_python(small):
    class FewPods(orrery.Scorer):
        def score(self, view, pod):
            return 100 * view.nodes.pods_free / view.nodes.pods_allocatable

    class NotFirst(orrery.Filter):
        def admits(self, view, pod):
            return np.arange(view.node_count) != 0

    class Same(orrery.PlacementPolicy):
        def place(self, view, pod):
            fits = view.feasible(pod) & (np.arange(view.node_count) != 0)
            if not fits.any():
                return None
            return int(np.argmax(np.where(fits, view.nodes.pods_free, -1)))

    composed = {
        "name": "filter-score",
        "filters": [NotFirst],
        "scorers": [{"name": FewPods, "weight": 2}],
    }
    composed = orrery.run(small, policies={"composed": composed, "same": Same}, seeds=1)
    assert len(set(composed.runs["fingerprint"])) == 1


def test_an_exception_ends_its_run_alone(small):
    class Breaks(FirstFit):
        def place(self, view, pod):
            if view.now > 20 and pod.uid % 7 == 0:
                nothing = 0
                1 / nothing
            return super().place(view, pod)

    with pytest.raises(orrery.RunFailed) as caught:
        orrery.run(small, policies=["first-fit", Breaks, FirstFit], seeds=2)
    text = str(caught.value)
    assert "2 of 6 runs failed" in text
    assert "policy 'Breaks': place() raised ZeroDivisionError: division by zero" in text
    assert "1 / nothing" in text and __file__ in text
    assert "virtual time 2" in text and "seed 1" in text
    assert caught.value.results.run_counts == (4, 6)
    assert [one["seed"] for one in caught.value.failures] == [1, 2]
    assert "ZeroDivisionError" in caught.value.results.runs["error"][2]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (6, "returned node 6, but the cluster has nodes 0 to 5"),
        (2**80, "but the cluster has nodes 0 to 5"),
        (
            -1,
            "returned node -1, but the cluster has nodes 0 to 5 (return None to let the pod wait)",
        ),
        (float("nan"), "returned nan (float): expected the index of a node"),
        (1.0, "returned 1.0 (float)"),
        (np.float64(1), "returned np.float64(1.0) (numpy.float64)"),
        (True, "returned True (bool)"),
        ("cpu-0", "returned 'cpu-0' (str)"),
        (np.array([1, 2]), "array([1, 2])"),
        (orrery.Placement(9), "returned node 9"),
        (orrery.Placement(0, devices=[0]), "returned device 0 of node 0, which has 0 devices"),
    ],
)
def test_answers_that_make_no_sense(small, answer, message):
    class Wrong(orrery.PlacementPolicy):
        def place(self, view, pod):
            return answer

    assert message in failure(small, Wrong)


def test_a_node_without_room(small):
    class Full(orrery.PlacementPolicy):
        def place(self, view, pod):
            return 0

    text = failure(small, Full)
    assert "returned node 0 (cpu-0), which cannot take pod" in text
    assert "insufficient" in text and "view.feasible(pod)" in text


def test_a_gang_of_another_size(small):
    small["workloads"][0]["synthetic"]["classes"][0]["gang_size"] = 2

    class Short(FirstFit):
        def place_gang(self, view, pods):
            return [0]

    assert "expected a list of 2 placements" in failure(small, Short)


def test_scores_that_make_no_sense(small):
    class Short(orrery.Scorer):
        def score(self, view, pod):
            return [1, 2]

    class NotANumber(orrery.Scorer):
        def score(self, view, pod):
            return np.full(view.node_count, np.nan)

    policy = {"name": "filter-score", "scorers": [Short]}
    assert "score() returned 2 values for 6 nodes" in failure(small, policy)
    policy = {"name": "filter-score", "scorers": [NotANumber]}
    assert "score() returned NaN for node" in failure(small, policy)


def test_a_policy_that_cannot_be_made(small):
    class Wants(FirstFit):
        def __init__(self, something):
            pass

    assert "policy 'Wants' cannot be made: TypeError" in failure(small, Wants)


def test_a_policy_without_place(small):
    class Nothing(orrery.PlacementPolicy):
        pass

    assert "place() is missing" in failure(small, Nothing)


def test_names_of_the_core_are_taken(small):
    with pytest.raises(orrery.Error, match="there is a placement policy of this name already"):
        orrery.run(small, policies={"best-fit": FirstFit})


def test_a_scorer_is_no_placement_policy(small):
    class Score(orrery.Scorer):
        def score(self, view, pod):
            return view.nodes.cpu_free

    with pytest.raises(orrery.Error, match="not a placement"):
        orrery.run(small, policies={"mine": Score})
    with pytest.raises(orrery.Error, match="filter-score"):
        orrery.run(small, policies=[Score])


def test_another_source_is_another_policy(small):
    def make(node):
        class Fixed(FirstFit):
            def __init__(self):
                self.node = node

        return Fixed

    orrery.run(small, policies=[make(1)()], seeds=1, out="same.db")
    orrery.run(small, policies=[make(1)()], seeds=1, out="same.db")
    with pytest.raises(orrery.Error, match="other settings"):
        orrery.run(small, policies=[make(2)()], seeds=1, out="same.db")


def test_explains_a_decision_with_its_own_scores(small):
    class Scored(FirstFit):
        def explain(self, view, pod):
            free = view.nodes.cpu_free - pod.cpu
            return {"left": free, "total": -free}

    text = orrery.explain(small, 7, policy=Scored, seed=3)
    assert "one, pod 7 (CPU" in text
    assert "decision: bind to" in text
    assert " left " in text and " total" in text
    assert orrery.explain(small, 7, policy="first-fit", seed=3) != text
    with pytest.raises(orrery.Error, match="no scheduler has tried a pod 999"):
        orrery.explain(small, 999, policy=Scored)


def test_explanations_that_make_no_sense(small):
    class Short(FirstFit):
        def explain(self, view, pod):
            return {"left": [1, 2]}

    class Text(FirstFit):
        def explain(self, view, pod):
            return "because"

    with pytest.raises(orrery.Error, match="column 'left' of another length than the 6 nodes"):
        orrery.explain(small, 7, policy=Short)
    with pytest.raises(orrery.Error, match="must return a dict"):
        orrery.explain(small, 7, policy=Text)


def test_explaining_one_of_several_variants():
    with pytest.raises(orrery.Error, match="variant: name one of random, first-fit"):
        orrery.explain("quickstart", 3)
    text = orrery.explain("quickstart", 3, variant="best-fit", cluster="tokyo")
    assert text.startswith("tokyo, pod 3")


TYPED = """
import orrery
class Typed(orrery.PlacementPolicy):
    def place(self, view, pod):
        return {answer} if (lambda: True)() else None
print(orrery.policies.NamedPolicies([Typed]).entries["Typed"]["source"])
"""


def test_a_class_without_source_is_told_by_its_code():
    def digest(answer):
        code = TYPED.format(answer=answer).replace("orrery.policies", "policies")
        code = "from orrery import policies" + code
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        return done.stdout

    assert digest(1) == digest(1) != digest(2)

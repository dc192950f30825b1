"""Random clusters and pods for comparing placements: small, full and as awkward as the API allows.

Everything comes from one seed. Objects are as a user would send them; `api` makes defaults of them.
"""

from __future__ import annotations

import random
from typing import Any

Object = dict[str, Any]

ZONE, REGION, HOST = (
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "kubernetes.io/hostname",
)
NAMESPACES = {"default": {}, "blue": {"team": "blue"}, "green": {"team": "green"}}
PRIORITIES = {"low": -10, "middle": 100, "high": 1000, "polite": 1000}  # polite: never preempts
APPS = ["a", "b", "c"]
TIERS = ["front", "back"]
DONGLE = "example.com/dongle"
IMAGES = {
    "registry.example/tiny:1": 5 << 20,
    "registry.example/small:1": 40 << 20,
    "registry.example/web:2": 180 << 20,
    "registry.example/model:7": 1400 << 20,
    "registry.example/cuda:12": 3000 << 20,
}
TAINTS = [
    {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"},
    {"key": "dedicated", "value": "batch", "effect": "NoSchedule"},
    {"key": "maintenance", "value": "", "effect": "NoExecute"},
    {"key": "slow", "value": "yes", "effect": "PreferNoSchedule"},
    {"key": "old", "value": "", "effect": "PreferNoSchedule"},
]


class Situation:
    """The objects of one seed: what is there at first, and pods to come one by one."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.seed = seed
        self.zones = self.random.randint(1, 4)
        self.nodes = [self._node(index) for index in range(self.random.randint(4, 14))]
        self.services = [self._service(index) for index in range(self.random.randint(0, 2))]
        self.sets = [self._replica_set(index) for index in range(self.random.randint(0, 2))]
        self.budgets = [self._budget(index) for index in range(self.random.randint(0, 2))]
        # How likely pods are to have rules at all: some situations are plain and soon full.
        self.rules = self.random.choice([0.1, 0.3, 0.5])
        self._count = 0

    def likely(self, chance: float) -> bool:
        return self.random.random() < chance

    def some(self, choices: list[Any], most: int) -> list[Any]:
        return self.random.sample(choices, self.random.randint(0, min(most, len(choices))))

    def _node(self, index: int) -> Object:
        labels = {"disk": self.random.choice(["ssd", "hdd"])}
        if self.likely(0.97):
            labels[HOST] = f"n{index}"
        if self.likely(0.9):
            labels[ZONE] = f"z{self.random.randrange(self.zones)}"
        if self.likely(0.5):
            labels[REGION] = "r"
        if self.likely(0.5):
            labels["generation"] = str(self.random.randint(1, 5))
        size = {
            "cpu": self.random.choice(["2", "3500m", "4", "8", "16"]),
            "memory": self.random.choice(["4Gi", "6000Mi", "8Gi", "32Gi"]),
            "ephemeral-storage": self.random.choice(["10Gi", "40Gi"]),
            "pods": str(self.random.choice([4, 8, 20, 110])),
        }
        if self.likely(0.3):
            size[DONGLE] = str(self.random.randint(1, 3))
        images = self.some(sorted(IMAGES), 3) if self.likely(0.6) else []
        return {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": f"n{index}", "labels": labels},
            "spec": {
                "taints": self._taints() if self.likely(0.35) else [],
                **({"unschedulable": True} if self.likely(0.05) else {}),
            },
            "status": {
                "capacity": size,
                "allocatable": size,
                "images": [{"names": [name], "sizeBytes": IMAGES[name]} for name in images],
            },
        }

    def _taints(self) -> list[Object]:
        """One of each key and effect, as the API demands."""
        chosen = self.some(TAINTS, 2)
        return list({(one["key"], one["effect"]): one for one in chosen}.values())

    def _service(self, index: int) -> Object:
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": f"s{index}", "namespace": self._namespace()},
            "spec": {"selector": self._labels(1.0), "ports": [{"port": 80}]},
        }

    def _replica_set(self, index: int) -> Object:
        labels = {"app": self.random.choice(APPS), "set": f"rs{index}"}
        container = {"name": "main", "image": "registry.example/tiny:1"}
        return {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": f"rs{index}", "namespace": self._namespace()},
            "spec": {
                "replicas": 0,
                "selector": {
                    "matchLabels": {"set": f"rs{index}"},
                    "matchExpressions": [{"key": "app", "operator": "Exists"}],
                },
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        }

    def _budget(self, index: int) -> Object:
        return {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": f"pdb{index}", "namespace": self._namespace()},
            "spec": {"minAvailable": 1, "selector": self._selector()},
            "status": {
                "disruptionsAllowed": self.random.randint(0, 2),
                "currentHealthy": 3,
                "desiredHealthy": 1,
                "expectedPods": 3,
            },
        }

    def _namespace(self) -> str:
        return self.random.choices(sorted(NAMESPACES), weights=[1, 4, 1])[0]

    def _labels(self, chance: float) -> dict[str, str]:
        labels = {}
        if self.likely(chance):
            labels["app"] = self.random.choice(APPS)
        if self.likely(chance * 0.5):
            labels["tier"] = self.random.choice(TIERS)
        return labels

    def _selector(self) -> Object:
        kind = self.random.random()
        if kind < 0.6:
            return {"matchLabels": {"app": self.random.choice(APPS)}}
        if kind < 0.9:
            return {"matchExpressions": [self._expression()]}
        return {
            "matchLabels": {"tier": self.random.choice(TIERS)},
            "matchExpressions": [self._expression()],
        }

    def _expression(self) -> Object:
        key, values = self.random.choice([("app", APPS), ("tier", TIERS), ("set", ["rs0", "rs1"])])
        operator = self.random.choice(["In", "NotIn", "Exists", "DoesNotExist"])
        named = self.some(values, 2) or values[:1]
        return {"key": key, "operator": operator} | (
            {"values": named} if operator in ("In", "NotIn") else {}
        )

    def next_pod(self) -> Object:
        """A pod that nobody has seen yet."""
        self._count += 1
        owner = self.random.choice(self.sets) if self.sets and self.likely(0.25) else None
        metadata: Object = {
            "name": f"p{self._count}",
            "namespace": self._namespace(),
            "labels": self._labels(0.8),
        }
        spec: Object = {"containers": self._containers(), "terminationGracePeriodSeconds": 30}
        if owner is not None:
            metadata |= {
                "namespace": owner["metadata"]["namespace"],
                "labels": dict(owner["spec"]["template"]["metadata"]["labels"]),
                "ownerReferences": [
                    {
                        "apiVersion": "apps/v1",
                        "kind": "ReplicaSet",
                        "name": owner["metadata"]["name"],
                        "uid": "unknown",
                        "controller": True,
                    }
                ],
            }
        if self.likely(0.2):
            spec["initContainers"] = [self._container("init", 2.0)]
            if self.likely(0.5):
                spec["initContainers"].insert(
                    self.random.randint(0, 1),
                    self._container("sidecar", 0.5) | {"restartPolicy": "Always"},
                )
        if self.likely(0.5):
            spec["priorityClassName"] = self.random.choice(sorted(PRIORITIES))
        self._add_rules(metadata, spec)
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}

    def _containers(self) -> list[Object]:
        count = self.random.choices([1, 2, 3], weights=[6, 2, 1])[0]
        containers = [self._container(f"c{index}", 1.0) for index in range(count)]
        if self.likely(0.12):
            port = {"containerPort": 80, "hostPort": self.random.choice([8080, 8081])}
            if self.likely(0.3):
                port["hostIP"] = self.random.choice(["127.0.0.1", "0.0.0.0", "10.1.2.3"])
            if self.likely(0.2):
                port["protocol"] = "UDP"
            containers[0]["ports"] = [port]
        return containers

    def _container(self, name: str, scale: float) -> Object:
        requests = {}
        if self.likely(0.85):
            requests["cpu"] = f"{int(self.random.choice([10, 100, 250, 700, 1500]) * scale)}m"
        if self.likely(0.85):
            requests["memory"] = f"{int(self.random.choice([64, 200, 512, 1500, 3000]) * scale)}Mi"
        if self.likely(0.1):
            requests["ephemeral-storage"] = self.random.choice(["1Gi", "8Gi"])
        resources: Object = {"requests": requests}
        if self.likely(0.06):
            resources["limits"] = {DONGLE: "1"}
        image = self.random.choice([*sorted(IMAGES), "registry.example/nowhere:1"])
        return {"name": name, "image": image, "resources": resources}

    def _add_rules(self, metadata: Object, spec: Object) -> None:
        if self.likely(0.3):
            spec["tolerations"] = self.some(self._tolerations(), 2)
        if self.likely(self.rules * 0.4):
            spec["nodeSelector"] = {"disk": self.random.choice(["ssd", "hdd"])}
        affinity: Object = {}
        if self.likely(self.rules * 0.7):
            affinity["nodeAffinity"] = self._node_affinity()
        if self.likely(self.rules * 0.6):
            affinity["podAffinity"] = self._pod_affinity(0.5)
        if self.likely(self.rules * 0.6):
            affinity["podAntiAffinity"] = self._pod_affinity(0.5)
        if affinity:
            spec["affinity"] = affinity
        if self.likely(self.rules):
            keys = self.random.sample([HOST, ZONE, REGION, "disk"], self.random.randint(1, 2))
            spec["topologySpreadConstraints"] = [self._spread(key, metadata) for key in keys]

    def _tolerations(self) -> list[Object]:
        return [
            {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"},
            {"key": "dedicated", "operator": "Exists"},
            {"key": "slow", "operator": "Exists", "effect": "PreferNoSchedule"},
            {"key": "maintenance", "operator": "Exists", "effect": "NoExecute"},
            {"operator": "Exists"},
            {"key": "node.kubernetes.io/unschedulable", "operator": "Exists"},
        ]

    def _node_affinity(self) -> Object:
        affinity: Object = {}
        if self.likely(0.5):
            terms = [self._node_term() for _ in range(self.random.randint(1, 2))]
            affinity["requiredDuringSchedulingIgnoredDuringExecution"] = {
                "nodeSelectorTerms": terms
            }
        if not affinity or self.likely(0.5):
            affinity["preferredDuringSchedulingIgnoredDuringExecution"] = [
                {"weight": self.random.randint(1, 100), "preference": self._node_term()}
                for _ in range(self.random.randint(1, 3))
            ]
        return affinity

    def _node_term(self) -> Object:
        if self.likely(0.1):
            names = [node["metadata"]["name"] for node in self.nodes]
            # The API takes one name only in a field selector.
            value = [self.random.choice(names)]
            operator = self.random.choice(["In", "In", "NotIn"])
            return {
                "matchFields": [{"key": "metadata.name", "operator": operator, "values": value}]
            }
        expressions = [
            {"key": "disk", "operator": "In", "values": [self.random.choice(["ssd", "hdd"])]},
            {"key": ZONE, "operator": "In", "values": [f"z{self.random.randrange(4)}"]},
            {"key": ZONE, "operator": "NotIn", "values": [f"z{self.random.randrange(4)}"]},
            {"key": "generation", "operator": "Gt", "values": [str(self.random.randint(0, 5))]},
            {"key": "generation", "operator": "Lt", "values": [str(self.random.randint(1, 6))]},
            {"key": REGION, "operator": "Exists"},
            {"key": REGION, "operator": "DoesNotExist"},
        ]
        return {"matchExpressions": self.some(expressions, 2) or expressions[:1]}

    def _pod_affinity(self, chance: float) -> Object:
        affinity: Object = {}
        if self.likely(chance):
            affinity["requiredDuringSchedulingIgnoredDuringExecution"] = [
                self._pod_term() for _ in range(self.random.choices([1, 2], weights=[3, 1])[0])
            ]
        if not affinity or self.likely(0.4):
            affinity["preferredDuringSchedulingIgnoredDuringExecution"] = [
                {"weight": self.random.randint(1, 100), "podAffinityTerm": self._pod_term()}
                for _ in range(self.random.randint(1, 2))
            ]
        return affinity

    def _pod_term(self) -> Object:
        term: Object = {
            "topologyKey": self.random.choice([HOST, ZONE, ZONE, REGION, "disk"]),
            "labelSelector": self._selector(),
        }
        kind = self.random.random()
        if kind < 0.15:
            term["namespaces"] = self.some(sorted(NAMESPACES), 2) or ["blue"]
        elif kind < 0.25:
            term["namespaceSelector"] = {}
        elif kind < 0.35:
            term["namespaceSelector"] = {"matchLabels": {"team": "blue"}}
        elif kind < 0.42:
            term["matchLabelKeys"] = ["tier"]
        elif kind < 0.49:
            term["mismatchLabelKeys"] = ["tier"]
        return term

    def _spread(self, key: str, metadata: Object) -> Object:
        must = self.likely(0.5)
        own = {"matchLabels": dict(metadata["labels"])} if metadata["labels"] else self._selector()
        constraint: Object = {
            "maxSkew": self.random.choice([1, 1, 2, 4]),
            "topologyKey": key,
            "whenUnsatisfiable": "DoNotSchedule" if must else "ScheduleAnyway",
            "labelSelector": own if self.likely(0.7) else self._selector(),
        }
        if must and self.likely(0.2):
            constraint["minDomains"] = self.random.randint(1, 5)
        if self.likely(0.2):
            constraint["nodeAffinityPolicy"] = "Ignore"
        if self.likely(0.2):
            constraint["nodeTaintsPolicy"] = "Honor"
        if self.likely(0.15):
            constraint["matchLabelKeys"] = ["tier"]
        if self.likely(0.05):
            del constraint["labelSelector"]
            constraint.pop("matchLabelKeys", None)
        elif self.likely(0.05):
            constraint["labelSelector"] = {}
        return constraint

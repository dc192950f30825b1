"""How each component of the control plane is started: its flags, and why they are as they are."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SERVICE_RANGE = "10.0.0.0/24"
POD_RANGE = "10.64.0.0/12"


@dataclasses.dataclass(frozen=True)
class Options:
    """What a test may choose about its cluster."""

    # Fake nodes made at the start, in this many zones by turns.
    nodes: int = 0
    zones: int = 3
    # What runs besides etcd and the API server.
    scheduler: bool = True
    controller_manager: bool = True
    kwok: bool = True
    # The text of a KubeSchedulerConfiguration in YAML. How the scheduler connects and that it
    # elects no leader is added, so it must not say either.
    scheduler_config: str = (
        "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n"
    )
    # Requests a second of the scheduler and the controller manager; None leaves upstream's
    # defaults (50 and 20), for tests that compare times.
    scheduler_qps: int | None = 5000
    controller_manager_qps: int | None = 2000
    # Writes each change to audit.log in the cluster's folder.
    audit: bool = False
    # Without it, the API server answers watches from etcd: a compaction then expires them.
    watch_cache: bool = True
    # What else to say to a component, by its name: {"kube-scheduler": ["--v=10"]}. Later flags win.
    flags: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    # Another file of kwok's stages: how the fake kubelets behave.
    stages: Path = HERE / "kwok_stages.yaml"


# The ports that a cluster needs; the API server's and etcd's come first.
PORTS = ("kube-apiserver", "etcd", "etcd-peer", "kube-controller-manager", "kube-scheduler")


def enabled(options: Options) -> list[str]:
    """The components that run, in the order in which they are started."""
    optional = {
        "kube-controller-manager": options.controller_manager,
        "kube-scheduler": options.scheduler,
        "kwok": options.kwok,
    }
    return ["etcd", "kube-apiserver", *(name for name, wanted in optional.items() if wanted)]


def command(name: str, folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    """The arguments of a component: its name and its flags. Writes the files that these name."""
    flags = _FLAGS[name](folder, ports, options)
    return [name, *flags, *options.flags.get(name, [])]


def _etcd(folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    return [
        f"--data-dir={folder / 'etcd'}",
        f"--client-url=http://127.0.0.1:{ports['etcd']}",
        f"--peer-url=http://127.0.0.1:{ports['etcd-peer']}",
    ]


def _apiserver(folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    pki = folder / "pki"
    # Pods need no token here, and nobody makes the service account that they would name.
    unwanted = ["ServiceAccount"]
    if not options.controller_manager:
        unwanted.append("TaintNodesByCondition")  # nobody would take the taint away again
    flags = [
        f"--etcd-servers=http://127.0.0.1:{ports['etcd']}",
        "--bind-address=127.0.0.1",
        f"--secure-port={ports['kube-apiserver']}",
        f"--tls-cert-file={pki / 'kube-apiserver.crt'}",
        f"--tls-private-key-file={pki / 'kube-apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        # APIs served by others, such as metrics: how it shows them who asks.
        f"--proxy-client-cert-file={pki / 'front-proxy.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy.key'}",
        f"--requestheader-client-ca-file={pki / 'ca.crt'}",
        "--requestheader-allowed-names=front-proxy",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=Node,RBAC",
        f"--service-account-key-file={pki / 'service-accounts.key'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        "--endpoint-reconciler-type=none",  # its own address is a loopback one, which it refuses
        f"--disable-admission-plugins={','.join(unwanted)}",
        "--max-requests-inflight=4000",
        "--max-mutating-requests-inflight=2000",
        f"--watch-cache={str(options.watch_cache).lower()}",
    ]
    return flags + (_audit(folder) if options.audit else [])


def _audit(folder: Path) -> list[str]:
    """Who changed what, with the objects; reads are left out."""
    policy = folder / "audit-policy.yaml"
    rules = [
        {"level": "None", "verbs": ["get", "list", "watch"]},
        {"level": "Request", "omitStages": ["RequestReceived"]},
    ]
    _write_json(policy, {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules})
    return [f"--audit-policy-file={policy}", f"--audit-log-path={folder / 'audit.log'}"]


def _controller_manager(folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    pki = folder / "pki"
    kubeconfig = folder / "kube-controller-manager.kubeconfig"
    flags = [
        *_serving(pki, kubeconfig, ports["kube-controller-manager"]),
        f"--kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--use-service-account-credentials=true",  # RBAC gives the rights to these, not to it
        f"--service-account-private-key-file={pki / 'service-accounts.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
    ]
    if options.controller_manager_qps is not None:
        qps = options.controller_manager_qps
        flags += [f"--kube-api-qps={qps}", f"--kube-api-burst={2 * qps}"]
    return flags


def _scheduler(folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    kubeconfig = folder / "kube-scheduler.kubeconfig"
    connection: dict[str, Any] = {"kubeconfig": str(kubeconfig)}
    if options.scheduler_qps is not None:
        connection |= {"qps": options.scheduler_qps, "burst": 2 * options.scheduler_qps}
    path = folder / "kube-scheduler.yaml"
    added = {"clientConnection": connection, "leaderElection": {"leaderElect": False}}
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in added.items()]
    path.write_text("".join([options.scheduler_config.rstrip(), "\n", *lines]), encoding="utf-8")
    serving = _serving(folder / "pki", kubeconfig, ports["kube-scheduler"])
    return [*serving, f"--config={path}"]


def _kwok(folder: Path, ports: dict[str, int], options: Options) -> list[str]:
    return [
        f"--kubeconfig={folder / 'kwok.kubeconfig'}",
        f"--config={options.stages}",
        "--manage-nodes-with-label-selector=kwok.x-k8s.io/node=fake",
        f"--cidr={POD_RANGE}",
        "--node-lease-duration-seconds=40",
    ]


def _serving(pki: Path, kubeconfig: Path, port: int) -> list[str]:
    """Health and metrics over HTTPS, for those whom the API server lets."""
    return [
        "--bind-address=127.0.0.1",
        f"--secure-port={port}",
        f"--tls-cert-file={pki / 'kube-apiserver.crt'}",
        f"--tls-private-key-file={pki / 'kube-apiserver.key'}",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
    ]


def _write_json(path: Path, content: Any) -> None:  # JSON is YAML, too
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


_FLAGS = {
    "etcd": _etcd,
    "kube-apiserver": _apiserver,
    "kube-controller-manager": _controller_manager,
    "kube-scheduler": _scheduler,
    "kwok": _kwok,
}

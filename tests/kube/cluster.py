"""One test cluster: its processes, files and fake nodes, from start() to stop()."""

from __future__ import annotations

import atexit
import dataclasses
import json
import random
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import client
import components
import manifests
import pki
import processes
from components import Options

HERE = Path(__file__).resolve().parent
# Says who asks without a certificate: the executor, as `Authorization: Bearer …`.
EXECUTOR_TOKEN = "executor-token"


class TestbedError(Exception):
    """The cluster did not do what it was started for; says where its logs are."""


def find_binary() -> Path | None:
    """The control plane that tests/kube/build has built, or None: nothing is built here."""
    build = [str(HERE / "build"), "--path"]
    path = Path(subprocess.run(build, capture_output=True, text=True, check=True).stdout.strip())
    return path if path.exists() else None


class Cluster:
    """One control plane, from start() to stop(); a context manager does both.

    folder: holds logs/, the kubeconfigs and cluster.json; it is emptied first and kept. Without
        one, all is in a temporary folder that goes with the cluster.
    outlive: whether the cluster goes on when this program ends. Otherwise its processes are killed
        with the thread that started them.
    """

    def __init__(
        self, options: Options | None = None, folder: Path | None = None, outlive: bool = False
    ):
        self.options = options or Options()
        self.outlive = outlive
        self.temporary = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="orrery-kube-")).resolve()
        self.binary = find_binary()
        self.ports: dict[str, int] = {}
        self.processes: dict[str, processes.Process] = {}
        self.seconds: dict[str, float] = {}  # how long each step of the start took

    @property
    def server(self) -> str:
        return f"https://127.0.0.1:{self.ports['kube-apiserver']}"

    def __enter__(self) -> Cluster:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Returns when the API server is ready and all nodes are; raises TestbedError if not."""
        if self.binary is None:
            raise TestbedError(f"the control plane is not built: run {HERE / 'build'}")
        if not self.outlive:
            atexit.register(self.stop)
        try:
            self._timed("files", self._write_files)
            self._timed("api server", self._start_api_server)
            for name in components.enabled(self.options)[2:]:
                self.start_component(name)
            self._timed("nodes", self._make_nodes)
        except BaseException:
            self.temporary = False  # keeps the logs
            self.stop()
            raise

    def stop(self) -> None:
        """Kills all processes, as nothing of them is kept; returns when none is left."""
        processes.kill(self.processes.values())
        self.processes.clear()
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            shutil.rmtree(self.folder / "etcd", ignore_errors=True)
            (self.folder / "cluster.json").unlink(missing_ok=True)
        atexit.unregister(self.stop)

    def kubeconfig(self, user: str = "admin") -> Path:
        """The path of a user's kubeconfig: one of pki.USERS."""
        return self.folder / f"{user}.kubeconfig"

    def client(self, user: str = "admin", token: str | None = None) -> client.Client:
        return client.Client(self.kubeconfig(user), token)

    def log(self, component: str) -> Path:
        return self.folder / "logs" / f"{component}.log"

    def start_component(self, name: str) -> None:
        """Starts one component, again perhaps; the API server is ready on return."""
        command = components.command(name, self.folder, self.ports, self.options)
        environment = {"HOME": str(self.folder)}  # kwok reads a configuration there
        self.processes[name] = processes.start(
            [str(self.binary), *command], self.log(name), environment, self.outlive
        )
        self._write_state()
        if name == "kube-apiserver":
            self.wait_for(self._is_ready, "the API server")

    def stop_component(self, name: str) -> None:
        processes.ask_to_end(self.processes.pop(name))
        self._write_state()

    def compact(self) -> None:
        """Makes etcd forget what was before now, so that old lists are gone (410).

        Watches are too, where Options.watch_cache is off or the API server is started again.
        """
        now = self._ask_etcd("range", {"key": "AA=="})["header"]["revision"]
        self._ask_etcd("compaction", {"revision": now, "physical": True})

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
        """Waits for the condition; raises TestbedError when it is late or a process has ended."""
        deadline = time.monotonic() + seconds
        while not condition():
            for name, process in self.processes.items():
                if not process.is_running():
                    raise TestbedError(f"{name} has ended: {self._tail(name)}")
            if time.monotonic() > deadline:
                raise TestbedError(f"no {what} within {seconds} s; see {self.folder / 'logs'}")
            time.sleep(0.02)

    def describe(self) -> dict[str, Any]:
        """What another program needs to know: cluster.json."""
        return {
            "server": self.server,
            "kubeconfigs": {user: str(self.kubeconfig(user)) for user in pki.USERS},
            "executor_token": EXECUTOR_TOKEN,
            "logs": str(self.folder / "logs"),
            "ports": self.ports,
            "processes": {name: dataclasses.asdict(p) for name, p in self.processes.items()},
        }

    def _write_files(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "logs").mkdir(parents=True)
        self.ports = _free_ports()
        pki.make_certificates(self.folder / "pki")
        for user in pki.USERS:
            pki.write_kubeconfig(self.kubeconfig(user), self.folder / "pki", user, self.server)
        name = pki.USERS["executor"][0]
        (self.folder / "tokens.csv").write_text(f"{EXECUTOR_TOKEN},{name},{name}\n")

    def _start_api_server(self) -> None:
        for name in ("etcd", "kube-apiserver"):
            self.start_component(name)
        with self.client() as admin:
            for manifest in json.loads((HERE / "executor_role.json").read_text()):
                admin.create(manifest["kind"].lower() + "s", manifest)
            self.wait_for(
                lambda: any(n["metadata"]["name"] == "default" for n in admin.items("namespaces")),
                "default namespace",
            )

    def _make_nodes(self) -> None:
        count, zones = self.options.nodes, self.options.zones
        with self.client() as admin:
            for index in range(count):
                labels = {"topology.kubernetes.io/zone": f"zone-{index % zones}"}
                admin.create("nodes", manifests.node(f"node-{index}", labels=labels))
            if self.options.kwok and count > 0:
                self.wait_for(
                    lambda: sum(map(manifests.is_ready, admin.items("nodes"))) >= count,
                    f"{count} nodes that are Ready",
                )

    def _ask_etcd(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.ports['etcd']}/v3/kv/{method}"
        with urllib.request.urlopen(url, json.dumps(body).encode(), timeout=10) as answer:
            return json.load(answer)

    def _is_ready(self) -> bool:
        try:
            with self.client() as admin:
                return admin.request("GET", "/readyz") == "ok"
        except (OSError, ssl.SSLError, client.ApiError):
            return False

    def _timed(self, step: str, action: Callable[[], None]) -> None:
        start = time.monotonic()
        action()
        self.seconds[step] = round(time.monotonic() - start, 2)

    def _tail(self, component: str) -> str:
        lines = self.log(component).read_text(errors="replace").splitlines()
        return "\n".join([str(self.log(component)), *lines[-5:]])

    def _write_state(self) -> None:
        text = json.dumps(self.describe(), indent=2) + "\n"
        (self.folder / "cluster.json").write_text(text, encoding="utf-8")


def end_remembered(folder: Path) -> bool:
    """Ends a cluster that outlived its launcher, by its cluster.json; False if there is none."""
    state = folder / "cluster.json"
    if not state.exists():
        return False
    remembered = json.loads(state.read_text(encoding="utf-8"))["processes"].values()
    processes.kill(processes.Process(**p) for p in remembered)
    shutil.rmtree(folder / "etcd", ignore_errors=True)
    state.unlink()
    return True


def _free_ports() -> dict[str, int]:
    """Free ports, outside the range from which the system takes those of outgoing connections."""
    ports: dict[str, int] = {}
    while len(ports) < len(components.PORTS):
        port = random.SystemRandom().randrange(20000, 32768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in ports.values():
            ports[components.PORTS[len(ports)]] = port
    return ports

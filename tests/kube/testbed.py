#!/usr/bin/env python3
"""A real Kubernetes control plane for tests, without containers; the nodes are fake (kwok).

By hand: `make kube-up NODES=10` and `make kube-down`. In Python: cluster.Cluster. From a program in
another language: start `testbed.py run --nodes 10` with a pipe as its standard input, read the one
line of JSON that it prints, and close the pipe (or just end) when done. See docs/kube-testbed.md.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from cluster import HERE, Cluster, TestbedError, end_remembered
from components import Options

DEFAULT_FOLDER = HERE.parents[1] / "build" / "kube" / "cluster"


def _up(arguments: argparse.Namespace) -> int:
    folder = arguments.folder
    if (folder / "cluster.json").exists():
        print(f"a cluster is there already: {folder}; `make kube-down` ends it", file=sys.stderr)
        return 2
    cluster = Cluster(_options(arguments), folder, outlive=True)
    cluster.start()
    steps = ", ".join(f"{step} {seconds} s" for step, seconds in cluster.seconds.items())
    print(f"{arguments.nodes} nodes at {cluster.server} ({steps})")
    print(f"logs in {cluster.folder / 'logs'}; `make kube-down` ends it")
    print(f"export KUBECONFIG={cluster.kubeconfig()}")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    if not end_remembered(arguments.folder):
        print(f"no cluster is there: {arguments.folder}", file=sys.stderr)
    return 0


def _run(arguments: argparse.Namespace) -> int:
    with Cluster(_options(arguments)) as cluster:
        print(json.dumps(cluster.describe()), flush=True)
        sys.stdin.read()
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    config = arguments.scheduler_config
    given = {} if config is None else {"scheduler_config": config.read_text(encoding="utf-8")}
    return Options(
        nodes=arguments.nodes,
        zones=arguments.zones,
        scheduler=not arguments.no_scheduler,
        controller_manager=not arguments.no_controller_manager,
        audit=arguments.audit,
        **given,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="testbed.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True)
    for name, action, summary in (
        ("up", _up, "start a cluster that stays until `down`"),
        ("run", _run, "start a cluster that stays until standard input ends"),
        ("down", _down, "end the cluster that `up` has started"),
    ):
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(action=action)
        if name != "run":
            command.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="its files")
        if name != "down":
            _add_options(command)
    return parser


def _add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--nodes", type=int, default=10, help="fake nodes (default: 10)")
    command.add_argument("--zones", type=int, default=3, help="zones that they are in (default: 3)")
    command.add_argument("--no-scheduler", action="store_true", help="leave pods to be bound by us")
    command.add_argument("--no-controller-manager", action="store_true")
    command.add_argument("--scheduler-config", type=Path, help="a KubeSchedulerConfiguration, YAML")
    command.add_argument("--audit", action="store_true", help="write audit.log: who changed what")


def main() -> int:
    arguments = _parser().parse_args()
    try:
        status: int = arguments.action(arguments)
        return status
    except TestbedError as error:
        print(f"testbed.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

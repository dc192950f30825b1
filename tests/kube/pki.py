"""The certificates of one test cluster, made by openssl: who talks to its API server, as whom.

All keys are ECDSA P-256, for speed; the certificates last a week.
"""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path

# Users by the name of their kubeconfig: common name and group, as RBAC sees them.
USERS = {
    "admin": ("admin", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", None),
    "kube-scheduler": ("system:kube-scheduler", None),
    "kwok": ("kwok", "system:masters"),
    "executor": ("orrery-executor", None),  # may do what executor_role.json lists
}
SERVER = "kube-apiserver"


def make_certificates(folder: Path) -> None:
    """Fills the folder with NAME.crt and NAME.key: the authority ca, the server and each user.

    service-accounts.key signs the tokens of service accounts.
    """
    folder.mkdir(mode=0o700, parents=True)
    # Instead of the machine's configuration, which adds extensions of its own.
    (folder / "openssl.cnf").write_text("[req]\ndistinguished_name = none\n[none]\n")
    authority = ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign")
    _request(folder, "ca", "/CN=orrery-test", *authority)
    names = "subjectAltName=DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.0.1"
    _signed(folder, SERVER, f"/CN={SERVER}", names)
    _signed(folder, "front-proxy", "/CN=front-proxy")  # the API server, to APIs that others serve
    for name, (common_name, group) in USERS.items():
        _signed(folder, name, (f"/O={group}" if group else "") + f"/CN={common_name}")
    # In the form of SEC 1, the only one of which the API server reads the public half.
    curve = ("-name", "prime256v1")
    _openssl("ecparam", "-genkey", "-noout", *curve, "-out", folder / "service-accounts.key")


def write_kubeconfig(path: Path, certificates: Path, user: str, server: str) -> None:
    """Writes a kubeconfig that needs no other file. It is JSON, which is YAML as well."""

    def encoded(name: str) -> str:
        return base64.b64encode((certificates / name).read_bytes()).decode()

    credentials = {
        "client-certificate-data": encoded(f"{user}.crt"),
        "client-key-data": encoded(f"{user}.key"),
    }
    cluster = {"server": server, "certificate-authority-data": encoded("ca.crt")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "orrery-test", "cluster": cluster}],
        "users": [{"name": user, "user": credentials}],
        "contexts": [{"name": "orrery-test", "context": {"cluster": "orrery-test", "user": user}}],
        "current-context": "orrery-test",
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _signed(folder: Path, name: str, subject: str, *extensions: str) -> None:
    usages = ("keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth,clientAuth")
    signer = ("-CA", folder / "ca.crt", "-CAkey", folder / "ca.key")
    _request(folder, name, subject, *usages, *extensions, signer=signer)


def _request(
    folder: Path, name: str, subject: str, *extensions: str, signer: tuple[str | Path, ...] = ()
) -> None:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")
    files = ("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.crt")
    added = [word for extension in extensions for word in ("-addext", extension)]
    config = ("-config", folder / "openssl.cnf")
    _openssl("req", "-x509", "-days", "7", *config, *key, "-subj", subject, *added, *signer, *files)


def _openssl(*arguments: str | Path) -> None:
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr}")

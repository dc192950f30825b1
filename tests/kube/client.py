"""A small client of the Kubernetes API over plain HTTPS, for tests: objects are dictionaries.

One client keeps one connection and is used by one thread; a watch has a connection of its own.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import select
import ssl
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

Object = dict[str, Any]
Objects = list[Object]

# Where each kind of object lives; those in CLUSTER_WIDE have no namespace.
GROUPS = {
    "": "bindings configmaps endpoints events namespaces nodes persistentvolumeclaims "
    "persistentvolumes pods replicationcontrollers secrets serviceaccounts services",
    "apps/v1": "daemonsets deployments replicasets statefulsets",
    "autoscaling/v2": "horizontalpodautoscalers",
    "batch/v1": "cronjobs jobs",
    "coordination.k8s.io/v1": "leases",
    "discovery.k8s.io/v1": "endpointslices",
    "policy/v1": "poddisruptionbudgets",
    "rbac.authorization.k8s.io/v1": "clusterroles clusterrolebindings roles rolebindings",
    "scheduling.k8s.io/v1": "priorityclasses",
    "storage.k8s.io/v1": "storageclasses",
}
CLUSTER_WIDE = {
    "clusterrolebindings",
    "clusterroles",
    "namespaces",
    "nodes",
    "persistentvolumes",
    "priorityclasses",
    "storageclasses",
}
_ROOTS = {
    resource: f"/apis/{group}" if group else "/api/v1"
    for group, resources in GROUPS.items()
    for resource in resources.split()
}


class ApiError(Exception):
    """An answer that says no. `code` is the HTTP status, `status` the server's Status object."""

    def __init__(self, method: str, path: str, code: int, body: bytes):
        try:
            self.status: Object = json.loads(body)
        except ValueError:
            self.status = {"message": body.decode(errors="replace")}
        self.code = code
        self.reason: str = self.status.get("reason", "")
        super().__init__(f"{method} {path}: {code} {self.reason}: {self.status.get('message')}")


def path_of(resource: str, name: str = "", namespace: str = "default", sub: str = "") -> str:
    """The path of an object, or of all of a kind; namespace "" means all of them.

    `sub` is a subresource, such as "status" or "binding".
    """
    parts = [_ROOTS[resource]]
    if namespace and resource not in CLUSTER_WIDE:
        parts += ["namespaces", quote(namespace)]
    parts.append(resource)
    parts += [quote(part) for part in (name, sub) if part]
    return "/".join(parts)


class Client:
    """Talks to one API server as one user."""

    def __init__(self, kubeconfig: str | Path, token: str | None = None):
        """Reads one of the testbed's kubeconfigs. With a token, that says who asks instead."""
        config = json.loads(Path(kubeconfig).read_text(encoding="utf-8"))
        cluster = config["clusters"][0]["cluster"]
        self._address = urlsplit(cluster["server"]).netloc
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._tls = ssl.create_default_context(cadata=authority)
        self._headers = {"Accept": "application/json"}
        if token is None:
            self._load_certificate(config["users"][0]["user"])
        else:
            self._headers["Authorization"] = f"Bearer {token}"
        self._connection: http.client.HTTPSConnection | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
        **query: Any,
    ) -> Any:
        """Sends one request; returns the JSON of the answer (its text if it is none).

        Raises ApiError for an answer of 400 and more, OSError or HTTPException for none.
        """
        path = _with_query(path, query)
        connection = self._usable_connection()
        try:
            connection.request(method, path, *_encoded(body, content_type, self._headers))
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        if answer.status >= 400:
            raise ApiError(method, path, answer.status, content)
        if answer.headers.get_content_type() == "application/json":
            return json.loads(content)
        return content.decode()

    def get(self, resource: str, name: str, namespace: str = "default") -> Object:
        return self.request("GET", path_of(resource, name, namespace))

    def list(self, resource: str, namespace: str = "default", **query: Any) -> Object:
        """One page: a list object. `query`: limit, continue_, labelSelector, …"""
        return self.request("GET", path_of(resource, namespace=namespace), **query)

    def items(self, resource: str, namespace: str = "default", **query: Any) -> Objects:
        """All objects, page by page."""
        items: Objects = []
        token = None
        while token != "":
            page = self.list(resource, namespace, limit=500, continue_=token, **query)
            items += page["items"]
            token = page["metadata"].get("continue", "")
        return items

    def create(self, resource: str, body: Object, namespace: str = "default") -> Object:
        return self.request("POST", path_of(resource, namespace=namespace), body)

    def patch(
        self, resource: str, name: str, patch: Object, namespace: str = "default", sub: str = ""
    ) -> Object:
        """A merge patch: null removes."""
        path = path_of(resource, name, namespace, sub)
        return self.request("PATCH", path, patch, "application/merge-patch+json")

    def delete(
        self, resource: str, name: str, namespace: str = "default", **options: Any
    ) -> Object:
        """`options` are those of DeleteOptions, such as gracePeriodSeconds=0."""
        return self.request("DELETE", path_of(resource, name, namespace), options or None)

    def bind(
        self, pod: str, node: str, namespace: str = "default", uid: str | None = None
    ) -> Object:
        """Says that a pod runs on a node, as a scheduler does. With a uid, only that pod."""
        metadata = {"name": pod, "namespace": namespace, **({"uid": uid} if uid else {})}
        target = {"apiVersion": "v1", "kind": "Node", "name": node}
        body = {"apiVersion": "v1", "kind": "Binding", "metadata": metadata, "target": target}
        return self.request("POST", path_of("pods", pod, namespace, "binding"), body)

    def evict(self, pod: str, namespace: str = "default") -> Object:
        """Asks for a pod's end; disruption budgets may refuse (429)."""
        metadata = {"name": pod, "namespace": namespace}
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": metadata}
        return self.request("POST", path_of("pods", pod, namespace, "eviction"), body)

    def watch(
        self,
        resource: str,
        namespace: str = "default",
        since: str = "",
        timeout: float = 90,
        **query: Any,
    ) -> Iterator[Object]:
        """Yields events ({"type", "object"}), errors among them, until the server ends it.

        `since` is a resourceVersion; without one, what is there comes first, as ADDED.

        Raises ApiError where the watch itself is refused, OSError after `timeout` seconds in which
        nothing came.
        """
        query |= {"watch": "true", "resourceVersion": since}
        path = _with_query(path_of(resource, namespace=namespace), query)
        connection = self._connect(timeout)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=self._headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise ApiError("GET", path, answer.status, answer.read())
            for line in answer:
                yield json.loads(line)

    def _load_certificate(self, user: Object) -> None:
        with tempfile.NamedTemporaryFile() as both:  # ssl reads files only
            for part in ("client-certificate-data", "client-key-data"):
                both.write(base64.b64decode(user[part]))
            both.flush()
            self._tls.load_cert_chain(both.name)

    def _connect(self, timeout: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._address, timeout=timeout, context=self._tls)

    def _usable_connection(self) -> http.client.HTTPSConnection:
        kept = self._connection
        if kept is not None and (kept.sock is None or select.select([kept.sock], [], [], 0)[0]):
            self.close()  # the server has closed it: nothing else comes unasked
        if self._connection is None:
            self._connection = self._connect(timeout=60)
        return self._connection


def _encoded(
    body: Any, content_type: str, headers: dict[str, str]
) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, headers
    return json.dumps(body).encode(), {**headers, "Content-Type": content_type}


def _with_query(path: str, query: dict[str, Any]) -> str:
    # A trailing underscore lets a name be a keyword of Python: continue_.
    given = {key.rstrip("_"): value for key, value in query.items() if value is not None}
    return f"{path}?{urlencode(given)}" if given else path

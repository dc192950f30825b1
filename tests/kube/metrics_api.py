"""A test's own metrics: the APIs metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io.

They are served over HTTPS to the API server, which passes on what is asked of them. The one who
asks in a test is the controller of HorizontalPodAutoscalers.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from client import Client

Object = dict[str, Any]
# The items of a list, or None: there is no such metric (404).
Items = list[Object] | None

# Each API with its version, the kind of its lists and of its resources.
APIS = {
    "metrics.k8s.io": ("v1beta1", "PodMetricsList", "pods"),
    "custom.metrics.k8s.io": ("v1beta2", "MetricValueList", "pods/any"),
    "external.metrics.k8s.io": ("v1beta1", "ExternalMetricValueList", "any"),
}


class MetricsApi:
    """Serves what `answer` says until stop().

    answer: called, by several threads, with the namespace and what was asked of it: ("resource",),
        ("pods", METRIC), ("object", RESOURCE, NAME, METRIC) or ("external", METRIC).
    certificates: the folder of a cluster's certificates; the API server does not check ours.
    """

    def __init__(self, certificates: Path, answer: Callable[[str, tuple[str, ...]], Items]):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(
            certificates / "kube-apiserver.crt", certificates / "kube-apiserver.key"
        )
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def register(self, admin: Client) -> None:
        """Tells the API server where the APIs are."""
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "test-metrics"},
            "spec": {"type": "ExternalName", "externalName": "localhost"},
        }
        admin.create("services", service)
        for group, (version, _, _) in APIS.items():
            spec = {
                "group": group,
                "version": version,
                "insecureSkipTLSVerify": True,
                "groupPriorityMinimum": 100,
                "versionPriority": 100,
                "service": {"namespace": "default", "name": "test-metrics", "port": self.port},
            }
            body = {
                "apiVersion": "apiregistration.k8s.io/v1",
                "kind": "APIService",
                "metadata": {"name": f"{version}.{group}"},
                "spec": spec,
            }
            admin.request("POST", "/apis/apiregistration.k8s.io/v1/apiservices", body)

    @staticmethod
    def is_available(admin: Client) -> bool:
        """Does the API server pass requests on?"""
        items = admin.request("GET", "/apis/apiregistration.k8s.io/v1/apiservices")["items"]
        available = {
            item["spec"].get("group")
            for item in items
            for condition in item.get("status", {}).get("conditions", [])
            if condition["type"] == "Available" and condition["status"] == "True"
        }
        return available >= set(APIS)


def _handler(answer: Callable[[str, tuple[str, ...]], Items]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            code, body = _reply(urlsplit(self.path).path, answer)
            content = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _reply(path: str, answer: Callable[[str, tuple[str, ...]], Items]) -> tuple[int, Object]:
    parts = [unquote(part) for part in path.strip("/").split("/")]
    if parts[0] != "apis" or len(parts) < 3 or parts[1] not in APIS:
        return _not_found(path)
    group, version, rest = parts[1], parts[2], parts[3:]
    if version != APIS[group][0]:
        return _not_found(path)
    if not rest:
        return 200, _resources(group)
    if rest[0] != "namespaces" or len(rest) < 3:
        return _not_found(path)
    items = answer(rest[1], _asked(group, rest[2:]))
    if items is None:
        return _not_found(path)
    kind = APIS[group][1]
    return 200, {"apiVersion": f"{group}/{version}", "kind": kind, "metadata": {}, "items": items}


def _asked(group: str, rest: list[str]) -> tuple[str, ...]:
    if group == "metrics.k8s.io":
        return ("resource",)
    if group == "external.metrics.k8s.io":
        return ("external", rest[0])
    resource, name, metric = rest
    return ("pods", metric) if (resource, name) == ("pods", "*") else ("object", *rest)


def _resources(group: str) -> Object:
    version, kind, name = APIS[group]
    resource = {
        "name": name,
        "singularName": "",
        "namespaced": True,
        "kind": kind.removesuffix("List"),
        "verbs": ["get", "list"],
    }
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/{version}",
        "resources": [resource],
    }


def _not_found(path: str) -> tuple[int, Object]:
    status = {"status": "Failure", "reason": "NotFound", "code": 404, "message": f"no {path}"}
    return 404, {"kind": "Status", "apiVersion": "v1", "metadata": {}, **status}

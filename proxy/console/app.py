"""The console as one aiohttp application: routes, guard, and what goes with every answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from aiohttp import web

from proxy.console import api, assets, pages
from proxy.console.api import Api, ApiError
from proxy.console.downloads import Downloads
from proxy.console.guard import HEADERS, Guard
from proxy.console.pages import MissingError, Pages
from proxy.console.proofs import ProofApi
from proxy.console.reading import Patient
from proxy.console.reports import Reports
from proxy.console.sources import Sources
from proxy.console.stream import Stream

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BODY_LIMIT: Final = 16 * 1024
"""Bytes of a request body: the sign-in form is the only one."""

_PAGES: Final = frozenset({"/", "/overview", "/groups", "/report"})
"""What people open: without a token they are led to the sign-in."""

log = logging.getLogger(__name__)


def make_app(sources: Sources) -> web.Application:
    """Build the console. Raises `GuardError` when it would be open to others without a token."""
    return _Console(sources).app()


class _Console:
    """Routes requests to pages, API and stream."""

    def __init__(self, sources: Sources) -> None:
        sources = msgspec.structs.replace(sources, ledger=Patient(sources.ledger))
        self._sources = sources
        console = sources.settings.console
        self._guard = Guard(console.listen, console.token_file)
        self._assets = assets.load()
        self._pages = Pages(sources, self._assets)
        self._api = Api(sources)
        self._proofs = ProofApi(sources)
        self._stream = Stream(sources)
        self._reports = Reports(sources)
        self._downloads = Downloads(sources)

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._dress, self._judge], client_max_size=BODY_LIMIT)
        app.add_routes(
            [
                web.get("/", self._first),
                web.get("/overview", self._overview),
                web.get("/groups", self._groups),
                web.get("/events", self._events, allow_head=False),
                web.get("/report", self._report),
                web.get("/chart.svg", self._chart),
                web.get("/table.csv", self._table),
                web.get("/api/v1/kpis", self._api.kpis),
                web.get("/api/v1/days", self._api.days),
                web.get("/api/v1/retention", self._api.retention),
                web.get("/api/v1/assistants", self._api.assistants),
                web.get("/api/v1/status", self._api.status),
                web.get("/api/v1/evidence", self._proofs.evidence),
                web.get("/api/v1/what-if", self._proofs.what_if),
                web.get("/healthz", self._healthz),
                web.get("/readyz", self._readyz),
                web.get("/login", self._login),
                web.post("/login", self._sign_in),
                web.post("/logout", self._sign_out),
                web.get("/static/{name}", self._static),
            ]
        )
        if self._sources.settings.export.prometheus:
            app.add_routes([web.get("/metrics", self._metrics)])
        app.on_response_prepare.append(_harden)
        app.on_shutdown.append(self._close)
        return app

    @web.middleware
    async def _dress(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn whatever goes wrong into JSON for programs and a page for people."""
        try:
            return await handler(request)
        except ApiError as error:
            return api.failure(error)
        except MissingError:
            return self._pages.problem(request, 404, "missing", "assistant")
        except web.HTTPException as error:
            if error.status < 400:
                raise
            return self._refused(request, error)
        except Exception:
            log.exception("a console request failed: %s", request.rel_url.path)
            if _wants_json(request):
                return api.failure(ApiError(500, "fault", "this request failed", "the reason is in the log"))
            return self._pages.problem(request, 500, "fault")

    @web.middleware
    async def _judge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._guard.right_host(request):
            if _wants_json(request):
                hint = "use localhost, 127.0.0.1 or [::1]"
                raise ApiError(421, "host", "the console does not answer under this name", hint)
            return self._pages.problem(request, 421, "refused")
        if not self._guard.admits(request):
            if request.path in _PAGES:
                return web.Response(status=303, headers={"Location": str(request.rel_url.with_path("/login", keep_query=True))})
            error = ApiError(401, "token", "a token is needed", "send Authorization: Bearer with the token of console.token_file")
            response = api.failure(error)
            response.headers["WWW-Authenticate"] = 'Bearer realm="kpi-proxy"'
            return response
        return await handler(request)

    def _refused(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        if not _wants_json(request):
            return self._pages.problem(request, error.status, "missing")
        hint = "the paths are /api/v1/kpis, days, retention, assistants, status, evidence and what-if, all read with GET"
        response = api.failure(ApiError(error.status, "path", error.reason, hint))
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response

    async def _first(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.first(request, signed_in=self._guard.asks)

    async def _overview(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.overview(request, signed_in=self._guard.asks)

    async def _groups(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.groups(request, signed_in=self._guard.asks)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        return await self._stream.run(request, self._pages.choice(request), self._pages.words(request))

    async def _chart(self, request: web.Request) -> web.StreamResponse:
        return await self._downloads.chart(self._pages.choice(request), self._pages.words(request))

    async def _table(self, request: web.Request) -> web.StreamResponse:
        return await self._downloads.table(self._pages.choice(request))

    async def _report(self, request: web.Request) -> web.StreamResponse:
        return await self._reports.report(request, self._pages.words(request).language)

    async def _metrics(self, _: web.Request) -> web.StreamResponse:
        body, content_type = await self._sources.scrape()
        return web.Response(body=body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    async def _healthz(self, _: web.Request) -> web.StreamResponse:
        return api.reply({"status": "alive"})

    async def _readyz(self, _: web.Request) -> web.StreamResponse:
        """Ready while a relay passes traffic; without the store, what is learned waits in the outbox."""
        health = self._sources.health()
        ready = health.relays > 0
        content = {
            "status": "ready" if ready else "not ready",
            "relays": {"connected": health.relays, "wanted": health.relays_wanted},
            "store": "up" if health.store_up else "down, outbox in use",
            "outbox": health.books,
        }
        return api.reply(content, 200 if ready else 503)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        return self._pages.login(request, wrong=False)

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        given = (await request.post()).get("token", "")
        if isinstance(given, str) and self._guard.right_token(given.strip()):
            return pages.sign_in(self._guard, request)
        return self._pages.login(request, wrong=True)

    async def _sign_out(self, _: web.Request) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/login"})
        self._guard.sign_out(response)
        return response

    async def _static(self, request: web.Request) -> web.StreamResponse:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return assets.respond(request, asset)

    async def _close(self, _: web.Application) -> None:
        self._stream.end()


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a report has a policy of its own
    response.headers.pop("Server", None)


def _wants_json(request: web.Request) -> bool:
    return request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", "")

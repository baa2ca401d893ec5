"""The console as one aiohttp application: its doors, and what goes with every answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from aiohttp import web

from proxy.console import api, assets, openapi
from proxy.console.api import Api
from proxy.console.clerk import Clerk
from proxy.console.cookies import COOKIE
from proxy.console.doors import Call, Door, table
from proxy.console.downloads import Downloads
from proxy.console.guard import HEADERS, Guard
from proxy.console.pages import Pages
from proxy.console.porter import Porter
from proxy.console.proofs import ProofApi
from proxy.console.readers import READER
from proxy.console.reading import Patient
from proxy.console.reports import Reports
from proxy.console.reviews import ReviewApi
from proxy.console.sidebyside import SideBySideApi
from proxy.console.sources import Sources
from proxy.console.stream import Stream
from proxy.console.surveys import SurveyApi
from proxy.console.trials import RULE, SAMPLE
from proxy.console.workshop import WorkshopApi

BODY_LIMIT: Final = 6 * (SAMPLE + RULE)
"""Bytes of a request body: the workshop's, each character escaped by a form as two bytes of UTF-8."""


def make_app(sources: Sources) -> web.Application:
    """Build the console. Raises `GuardError` when it would be open to others without a token."""
    return _Console(sources).app()


class _Console:
    """Routes requests to pages, API and stream."""

    def __init__(self, sources: Sources) -> None:
        sources = msgspec.structs.replace(sources, ledger=Patient(sources.ledger))
        self._sources = sources
        self._assets = assets.load()
        self._clerk = Clerk(sources)
        self._pages = Pages(self._clerk, self._assets)
        guard = Guard(sources.settings, sources.key, sources.now)
        self._porter = Porter(guard, self._pages)
        self._api = Api(self._clerk)
        self._proofs = ProofApi(self._clerk)
        self._workshop_api = WorkshopApi(self._clerk)
        self._stream = Stream(self._clerk)
        self._reports = Reports(sources)
        self._downloads = Downloads(self._clerk)
        self._surveys = SurveyApi(sources, self._pages, guard.client)
        self._porter.doors = self._doors = table(self._table())
        self._description = msgspec.json.encode(openapi.description(self._doors.values()))

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._porter.dress, self._porter.judge], client_max_size=BODY_LIMIT)
        for (method, path), door in self._doors.items():
            app.router.add_route(method, path, door.handler)
        app.on_response_prepare.append(_harden)
        app.on_shutdown.append(self._close)
        return app

    def _table(self) -> Iterator[Door]:
        """Every path there is. What is not said of a door: viewers open it, those of a department do not."""
        yield Door(path="/", handler=self._first, page=True, department=True)
        yield Door(path="/realtime", handler=self._realtime, page=True, department=True)
        yield Door(path="/quality", handler=self._quality, page=True, department=True)
        yield Door(path="/strategic", handler=self._strategic, page=True, department=True)
        yield Door(path="/overview", handler=self._overview, page=True, department=True)
        yield Door(path="/groups", handler=self._groups, page=True, department=True)
        yield Door(path="/value", handler=self._value, page=True)
        yield Door(path="/compare", handler=self._compare, page=True)
        yield Door(path="/evidence", handler=self._evidence, page=True, needs="auditor")
        yield Door(path="/events", handler=self._events, endless=True)
        yield Door(path="/report", handler=self._report, page=True)
        yield Door(path="/workshop", handler=self._workshop, page=True, needs="admin")
        yield Door(path="/workshop", handler=self._workshop, page=True, needs="admin", method="POST")
        yield Door(path="/reviews", handler=self._review, page=True, needs="reviewer")
        yield Door(path="/reviews", handler=self._review, page=True, needs="reviewer", method="POST")
        yield Door(path="/chart.svg", handler=self._chart, department=True)
        yield Door(path="/table.csv", handler=self._table_of, department=True)
        yield from self._api.doors()
        yield from self._proofs.doors()
        yield from self._surveys.doors()
        yield Door(path="/widget.js", handler=self._widget, needs=None)
        yield from SideBySideApi(self._clerk).doors()
        yield from self._workshop_api.doors()
        yield from ReviewApi(self._clerk).doors()
        yield Door(path=openapi.ADDRESS, handler=self._openapi, department=True, call=Call(answers=(dict[str, Any],)))
        yield Door(path="/healthz", handler=self._healthz, needs=None)
        yield Door(path="/readyz", handler=self._readyz, needs=None)
        yield Door(path="/login", handler=self._porter.login, needs=None)
        yield Door(path="/login", handler=self._porter.sign_in, needs=None, method="POST")
        yield Door(path="/logout", handler=self._porter.sign_out, needs=None, method="POST")
        yield Door(path="/static/{name}", handler=self._static, needs=None)
        if self._sources.settings.export.prometheus:
            yield Door(path="/metrics", handler=self._metrics)

    async def _first(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "glance", signed_in=COOKIE in request.cookies)

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "realtime", signed_in=COOKIE in request.cookies)

    async def _quality(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "quality", signed_in=COOKIE in request.cookies)

    async def _strategic(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.view(request, "strategic", signed_in=COOKIE in request.cookies)

    async def _overview(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.overview(request, signed_in=COOKIE in request.cookies)

    async def _groups(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.groups(request, signed_in=COOKIE in request.cookies)

    async def _value(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.value(request, signed_in=COOKIE in request.cookies)

    async def _compare(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.compare(request, signed_in=COOKIE in request.cookies)

    async def _workshop(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.workshop(request, signed_in=COOKIE in request.cookies)

    async def _review(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.reviews(request, signed_in=COOKIE in request.cookies)

    async def _evidence(self, request: web.Request) -> web.StreamResponse:
        return await self._pages.evidence(request, signed_in=COOKIE in request.cookies)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        choice, words = self._pages.choice(request), self._pages.frame.words(request)
        return await self._stream.run(request, choice, words, lambda: self._porter.admitted(request))

    async def _chart(self, request: web.Request) -> web.StreamResponse:
        choice, words = self._pages.choice(request), self._pages.frame.words(request)
        return await self._downloads.chart(request[READER], choice, request.query.get("panel"), words)

    async def _table_of(self, request: web.Request) -> web.StreamResponse:
        choice, words = self._pages.choice(request), self._pages.frame.words(request)
        return await self._downloads.table(request[READER], choice, request.query.get("panel"), words)

    async def _report(self, request: web.Request) -> web.StreamResponse:
        return await self._reports.report(request, self._pages.frame.words(request).language)

    async def _openapi(self, _: web.Request) -> web.StreamResponse:
        """This description."""
        return web.Response(body=self._description, content_type="application/json")

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

    async def _static(self, request: web.Request) -> web.StreamResponse:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return assets.respond(request, asset)

    async def _widget(self, request: web.Request) -> web.StreamResponse:
        """The script for pages of others: the one file that they may load (Cross-Origin-Resource-Policy)."""
        response = assets.respond(request, self._assets["widget.js"])
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    async def _close(self, _: web.Application) -> None:
        await self._stream.end()


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a report has a policy of its own
    response.headers.pop("Server", None)

"""The workshop of rules: what passed lately by its shape, what nothing understood, and a bench to try rules on pasted samples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from proxy.console.api import ApiError, assistant_of, reply
from proxy.console.clerk import Clerk
from proxy.console.doors import Call, Door
from proxy.console.shapes import ExchangesAnswer, Seen
from proxy.console.trials import KINDS, Attempt, Tried
from proxy.console.unanswered import Busy
from proxy.meaning.outlines import Field
from proxy.settings.model import Assistant
from proxy.words import formats
from proxy.words.catalogue import Words

ROUTES: Final = 50
"""Routes of a page; the API gives all of them."""
RECENT: Final = 20
"""Exchanges of a page, the newest: each may have hundreds of fields, and a page is to weigh 150 kB at most. The API gives all."""


class WorkshopApi:
    """Handlers of the API's part."""

    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    def doors(self) -> Iterator[Door]:
        """Where they are: admins', since names of fields and words of paths are the operator's business."""
        shown = Call(answers=(ExchangesAnswer,), parameters=("assistant",))
        yield Door(path="/api/v1/exchanges", handler=self.exchanges, needs="admin", call=shown)
        made = Call(answers=(Tried,), body=Attempt)
        yield Door(path="/api/v1/try", handler=self.attempt, needs="admin", method="POST", call=made)

    async def exchanges(self, request: web.Request) -> web.Response:
        """Shapes of recent exchanges, and routes that nothing understood, by volume; of this host."""
        assistant = assistant_of(request.query, self._clerk.settings.assistants)
        return reply(self._clerk.exchanges(assistant))

    async def attempt(self, request: web.Request) -> web.Response:
        """Try an expression, a phrase or a whole exchange on a pasted sample, which is kept nowhere."""
        if request.content_type != "application/json":
            raise ApiError(415, "media_type", "this is no JSON", "send Content-Type: application/json")
        try:
            attempt = msgspec.json.decode(await request.read(), type=Attempt)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise ApiError(400, "attempt", f"this can't be tried: {error}", "the fields are those of the description") from error
        return reply(await tried(self._clerk, attempt))


async def tried(clerk: Clerk, attempt: Attempt) -> Tried:
    """Try; raises `ApiError` for an assistant that there is not, and while another attempt runs."""
    names = [each.name for each in clerk.settings.assistants]
    if attempt.assistant is None and len(names) > 1:
        raise ApiError(400, "assistant_missing", "there are several assistants", f"add assistant, one of: {', '.join(names)}")
    if attempt.assistant not in (None, *names):
        raise ApiError(404, "assistant_unknown", "there is no assistant of this name", f"the names are: {', '.join(names)}")
    try:
        return await clerk.attempt(attempt)
    except Busy as error:
        raise ApiError(503, "busy", "another attempt runs", "ask again in a few seconds") from error


async def posted(clerk: Clerk, request: web.Request, assistant: Assistant) -> tuple[Attempt, Tried]:
    """What the page's form asks for, and what came of it."""
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    try:
        attempt = msgspec.convert(
            {
                "kind": form.get("kind", ""),
                "rule": form.get("rule", ""),
                "sample": form.get("sample", "").replace("\r\n", "\n"),
                "assistant": assistant.name,
            },
            Attempt,
        )
    except msgspec.ValidationError as error:
        empty = Attempt(kind=KINDS[0], sample="", assistant=assistant.name)
        return empty, Tried(problem=str(error))
    try:
        return attempt, await tried(clerk, attempt)
    except ApiError as error:
        return attempt, Tried(problem=f"{error}: {error.hint}")


def shown(clerk: Clerk, assistant: Assistant, words: Words, attempt: Attempt | None, result: Tried | None) -> dict[str, Any]:
    """What the page is written from."""
    found = clerk.exchanges(assistant)
    return {
        "kinds": KINDS,
        "attempt": attempt or Attempt(kind=KINDS[0], sample=""),
        "result": result,
        "unmatched": [(each.route, formats.number(each.count, words.language)) for each in found.unmatched[:ROUTES]],
        "recent": [_row(each, assistant, words) for each in found.recent[:RECENT]],
    }


def _row(seen: Seen, assistant: Assistant, words: Words) -> dict[str, Any]:
    language = words.language
    at = datetime.fromisoformat(seen.at).astimezone(ZoneInfo(assistant.time_zone))
    return {
        "seen": seen,
        "when": f"{formats.day(at.date(), language)}, {at:%H:%M:%S}",
        "outcome": _outcome(seen.outcome, words),
        "sides": [
            (words("workshop.request"), formats.number(seen.request_size, language), _fields(seen.request, words)),
            (words("workshop.answer"), formats.number(seen.answer_size, language), _fields(seen.answer, words)),
        ],
    }


def _outcome(name: str, words: Words) -> str:
    match name:
        case "turn":
            return words("workshop.outcome.turn")
        case "rating":
            return words("workshop.outcome.rating")
        case reason:
            return words("workshop.outcome.neither", reason=reason or formats.NONE)


def _fields(fields: tuple[Field, ...], words: Words) -> list[tuple[str, str, str, str]]:
    language = words.language
    return [
        (
            field.place,
            words(f"workshop.kind.{field.kind}"),
            formats.number(field.count, language),
            f"{formats.number(field.least, language)}–{formats.number(field.most, language)}" if field.kind == "text" else "",
        )
        for field in fields
    ]

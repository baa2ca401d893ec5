"""The company's conversations as the records that a relay would have shipped, all days in one order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from proxy.records import Answered, Ending, Opened, Record, Segment, segment
from tests.company.scenario import Back, Person, Recommended, Said, Size, Talk, Thumb, day

ASKED: Final = {"request": "Je veux parler à un conseiller", "thanks": "Merci beaucoup !"}
ANSWERED: Final = {
    "no_answer": "Je n'ai pas trouvé d'information sur ce sujet.",
    "handover": "Je vous mets en relation avec un conseiller.",
    "thanks": "Avec plaisir.",
}
JSON: Final = (("content-type", "application/json"),)
_EPOCH: Final = date(1970, 1, 1)
STREAM: Final = (("content-type", "text/event-stream"),)


def records(size: Size, everybody: list[Person], until: float) -> Iterator[Record]:
    """Each exchange as one record, in order of its end; what would end after `until` (Unix seconds) never happened."""
    waiting: list[tuple[float, str, Record]] = []
    number = 0
    for offset in range(size.days + 30):
        on = size.last - timedelta(days=size.days - 1 - offset)
        if offset < size.days:
            for talk in day(size, everybody, on):
                for index, (ended, record) in enumerate(exchanges(talk)):
                    heapq.heappush(waiting, (ended, f"{talk.id}/{index}", record))
        # Nothing of a later day ends before this day does, but for the hour that a time change may take.
        horizon = (on - _EPOCH).days * 86400 + 86400 - 3 * 3600
        while waiting and (waiting[0][0] < horizon or offset == size.days + 29):
            ended, _, record = heapq.heappop(waiting)
            if ended < until:
                number += 1
                yield Record(number, number, record.assistant, record.opened, record.segments, record.answered, record.ending)


def exchanges(talk: Talk) -> Iterator[tuple[float, Record]]:
    """A conversation's exchanges: end in Unix seconds, and record."""
    for event in talk.events:
        match event:
            case Said():
                yield event.at + event.took, _said(talk, event)
            case Thumb():
                body = {"message_id": event.answer, "user": talk.person.user, "rating": "up" if event.good else "down"}
                yield event.at + 0.01, _call(talk, event.at, "/v1/feedback", msgspec.json.encode(body))
            case Recommended():
                survey = msgspec.json.encode({"message_id": event.answer, "user": talk.person.user, "nps": event.score})
                yield event.at + 0.01, _call(talk, event.at, "/v1/feedback", survey)
            case Back():
                path = f"/api/v1/accounts/1/conversations/{talk.id}/toggle_status"
                yield event.at + 0.01, _call(talk, event.at, path, b'{"status":"pending"}')


def _said(talk: Talk, said: Said) -> Record:
    question = msgspec.json.encode(
        {
            "model": "gpt",
            "user": talk.person.user,
            "messages": [{"role": "user", "content": ASKED.get(said.kind, "Comment poser des congés ?")}],
            "metadata": {"conversation_id": talk.id},
            "stream": said.kind == "cancelled" or said.first is not None,
        }
    )
    status, head, text = 200, JSON, ANSWERED.get(said.kind, "Dans le portail, rubrique Absences.")
    answer = msgspec.json.encode(
        {"id": said.id, "model": "gpt", "choices": [{"index": 0, "message": {"content": text}, "finish_reason": "stop"}]}
    )
    if said.kind == "error":
        status, answer = 500, b'{"error":{"message":"internal"}}'
    elif said.kind == "cancelled":
        head, answer = STREAM, b'data: {"id":"x","choices":[{"index":0,"delta":{"content":"Dans"}}]}\n\n'
    answered = Segment(False, 0, answer, (said.took,))
    if said.first is not None:
        head = STREAM
        answered = _streamed(said, text)
    return Record(
        0,
        0,
        talk.assistant,
        Opened(said.at, "127.0.0.1", "POST", "/v1/chat/completions", (), JSON),
        (Segment(True, 0, question, (0.0,)), answered),
        Answered(answered.times[0], status, head),
        Ending(said.took, "client_gone" if said.kind == "cancelled" else "complete", len(question), len(answered.data), 0.0),
    )


def _streamed(said: Said, text: str) -> Segment:
    """An answer in events: the role long before any text, a first word, the rest."""
    first = said.first or 0.0
    half = len(text) // 2
    pieces = [
        (_event(said.id, {"role": "assistant", "content": ""}), first / 2),
        (_event(said.id, {"content": text[:half]}), first),
        (_event(said.id, {"content": text[half:]}), said.took),
        (b'data: {"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n', said.took),
    ]
    return segment(False, 0, [piece for piece, _ in pieces], [at for _, at in pieces])


def _event(name: str, delta: dict[str, str]) -> bytes:
    return b"data: " + msgspec.json.encode({"id": name, "model": "gpt", "choices": [{"index": 0, "delta": delta}]}) + b"\n\n"


def _call(talk: Talk, at: float, path: str, body: bytes) -> Record:
    opened = Opened(at, "127.0.0.1", "POST", path, (), JSON)
    segments = (Segment(True, 0, body, (0.0,)), Segment(False, 0, b"{}", (0.01,)))
    return Record(0, 0, talk.assistant, opened, segments, Answered(0.01, 200, JSON), Ending(0.01, "complete", len(body), 2, 0.0))

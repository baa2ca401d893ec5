"""The history: the same again, readable by the real decoders, and plausible."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import pytest

from proxy.demo import answers
from proxy.demo.history import TIME_ZONE, Span, records
from proxy.demo.people import LISTED, everyone
from proxy.demo.visit import CHAT, FEEDBACK
from proxy.records import Ending, Opened, Record, Segment
from proxy.wire.exchange import Body
from proxy.wire.messages import DONE, read_messages

UNTIL = 1_795_000_000.0  # 2026-11-18 13:06:40 in Paris
SPAN = Span(UNTIL)


class Past(NamedTuple):
    record: Record
    opened: Opened
    ending: Ending


def past(record: Record) -> Past:
    assert record.opened is not None
    assert record.ending is not None
    return Past(record, record.opened, record.ending)


@pytest.fixture(scope="module")
def history() -> list[Past]:
    return [past(record) for record in records(SPAN)]


def test_the_same_span_gives_the_same_bytes() -> None:
    def digest() -> str:
        made = hashlib.sha256()
        for record in records(Span(UNTIL, weeks=1)):
            made.update(msgspec.msgpack.encode(record))
        return made.hexdigest()

    assert digest() == digest()
    assert Span(UNTIL).relay == Span(UNTIL).relay != Span(UNTIL + 1).relay


def test_numbers_rise_by_one_and_time_never_falls(history: list[Past]) -> None:
    assert [each.record.seq for each in history] == list(range(1, len(history) + 1))
    assert [each.record.exchange for each in history] == list(range(1, len(history) + 1))
    ends = [each.opened.at + each.ending.after for each in history]
    assert ends == sorted(ends)
    assert ends[-1] < UNTIL
    zone = ZoneInfo(TIME_ZONE)
    assert SPAN.launched == date(2026, 9, 23)
    assert datetime.fromtimestamp(ends[0], zone).date() >= SPAN.launched
    assert 8_000 < len(history) < 12_000


def body_of(past: Past, *, request: bool) -> tuple[Body, dict[str, str]]:
    found = [segment for segment in past.record.segments if segment.request == request]
    head = past.opened if request else past.record.answered
    assert head is not None
    segment = found[0] if found else Segment(request, 0, b"", (0.0,))
    cut = not request and past.ending.reason == "client_gone"
    return Body(segment.data, segment.timeline, chunked=head.chunked, cut=cut), dict(head.headers)


def test_the_real_decoders_read_every_exchange(history: list[Past]) -> None:
    for each in history:
        asked = read_messages(*body_of(each, request=True))
        assert not asked.gaps
        assert len(asked.messages) == 1
        if each.record.answered is None:
            assert each.ending.reason == "client_gone"
            continue
        body, headers = body_of(each, request=False)
        got = read_messages(body, headers)
        assert got.stream == (headers["content-type"] == "text/event-stream")
        times = [message.after for message in got.messages if message.after is not None]
        assert len(times) == len(got.messages)
        assert times == sorted(times)
        assert all(0 <= time <= each.ending.after for time in times)
        if each.ending.reason == "complete":
            assert not got.gaps
            assert got.messages
            failed = any(message.value != DONE and "error" in message.value for message in got.messages)
            assert not got.stream or failed or got.messages[-1].value == DONE
            assert (len(body.data)) == each.ending.response_size


def test_sizes_and_times_agree(history: list[Past]) -> None:
    for each in history:
        sent = {True: 0, False: 0}
        for segment in each.record.segments:
            assert segment.offset == 0
            sent[segment.request] += len(segment.data)
            assert segment.timeline[-1][0] == len(segment.data)
        assert sent[True] == each.ending.request_size == int(dict(each.opened.headers)["content-length"])
        assert sent[False] == each.ending.response_size
        assert each.opened.path in (CHAT, FEEDBACK)


def test_people_come_on_working_days_and_more_of_them_each_week(history: list[Past]) -> None:
    zone = ZoneInfo(TIME_ZONE)
    listed = {person.user for person in everyone() if person.listed}
    weekend = 0
    active: dict[tuple[int, int], set[str]] = defaultdict(set)
    for each in history:
        at = datetime.fromtimestamp(each.opened.at, zone)
        weekend += at.weekday() >= 5
        user = msgspec.json.decode(each.record.segments[0].data)["user"]
        if user in listed:
            active[at.isocalendar()[:2]].add(user)
        assert 7 <= at.hour < 21
    assert weekend / len(history) < 0.06
    shares = [len(active[week]) / LISTED for week in sorted(active)][1:-1]  # whole ISO weeks
    assert len(shares) == 7
    assert shares[0] < 0.25
    assert 0.40 < shares[-1] < 0.52
    assert all(later > earlier for earlier, later in zip(shares, shares[3:], strict=False))


def test_outcomes_are_plausible(history: list[Past]) -> None:
    """Judged by what was said, roughly as the definitions do; the exact count is the pipeline's."""
    started = [text for texts in answers._STARTED.values() for text in texts]
    last: dict[str, str] = {}
    handed: set[str] = set()
    happy: Counter[bool] = Counter()
    for each in history:
        request = msgspec.json.decode(each.record.segments[0].data)
        if each.opened.path == FEEDBACK:
            happy[request["rating"] in ("up", 4, 5)] += 1
            if request["rating"] in ("down", 1, 2):
                last[request["conversation_id"]] = "unhappy"
            continue
        conversation = request["metadata"]["conversation_id"]
        if each.ending.reason == "client_gone":
            last[conversation] = "gone"
            continue
        body, headers = body_of(each, request=False)
        values = [message.value for message in read_messages(body, headers).messages if message.value != DONE]
        choices = [choice.get("delta") or choice.get("message") or {} for value in values for choice in value.get("choices", ())]
        text = "".join(choice.get("content") or "" for choice in choices)
        tools = [call["function"]["name"] for choice in choices for call in choice.get("tool_calls", ())]
        if answers.HANDOVER_TOOL in tools or any(phrase in text for phrase in started):
            handed.add(conversation)
        if any("error" in value for value in values):
            last[conversation] = "failed"
        elif any(text.startswith(phrase) for phrase in answers._FALLBACK.values()):
            last[conversation] = "no_answer"
        else:
            last[conversation] = "refused" if text in answers._CLOSED.values() else "answered"
    shares = Counter("handed_over" if conversation in handed else end for conversation, end in last.items())
    assert 0.55 < shares["answered"] / len(last) < 0.70
    assert 0.12 < shares["handed_over"] / len(last) < 0.18
    assert 0.82 < happy[True] / happy.total() < 0.88
    assert set(shares) == {"answered", "handed_over", "failed", "no_answer", "refused", "gone", "unhappy"}


def test_some_come_back_at_once_and_some_not_within_a_week(history: list[Past]) -> None:
    """What re-contact and durable resolution of the demo rest on: by each conversation's beginning, whatever came of it."""
    begun: dict[str, dict[str, float]] = defaultdict(dict)
    for each in history:
        if each.opened.path == CHAT:
            request = msgspec.json.decode(each.record.segments[0].data)
            begun[request["user"]].setdefault(request["metadata"]["conversation_id"], each.opened.at)
    gaps = [
        after - before
        for times in begun.values()
        for before, after in pairwise([*sorted(times.values()), UNTIL + 30 * 86_400])
        if before < UNTIL - 8 * 86_400
    ]
    assert 0.12 < sum(gap < 86_400 for gap in gaps) / len(gaps) < 0.25
    assert 0.25 < sum(gap > 7 * 86_400 for gap in gaps) / len(gaps) < 0.45

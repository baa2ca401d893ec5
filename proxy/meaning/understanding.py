"""The one way from an exchange to events: what it was, who took part, how it went.

Nothing that passed on the wire can make `read` raise. What could not be read is counted by reason in `counts`, what was
neither turn nor rating is a `Skipped` with one of the reasons in `skipping`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from proxy.kpi.events import Event, Skipped, Turn
from proxy.meaning.answering import answered
from proxy.meaning.choosing import Call, Choice, Choosing, FeedbackChoice
from proxy.meaning.directory import Person
from proxy.meaning.facts import Answer, Asked, FactReader
from proxy.meaning.feedback import FeedbackReader
from proxy.meaning.hashing import Keyed
from proxy.meaning.identity import IdentityReader
from proxy.meaning.markers import MarkerFile, Markers
from proxy.meaning.named import chosen, known
from proxy.meaning.opinions import Opinions
from proxy.meaning.polled import Polled
from proxy.meaning.presets import Preset, compile_presets
from proxy.meaning.results import Verdict, verdict
from proxy.meaning.sentiment import Scorer
from proxy.meaning.shapes import kind
from proxy.meaning.signs import Signs
from proxy.meaning.skipping import apart, idle, unmatched
from proxy.meaning.sources import Seen
from proxy.meaning.spoken import ANSWER, QUESTION, Spoken
from proxy.meaning.synthetic import Artificial
from proxy.meaning.talk import Talk, TalkState
from proxy.meaning.topics import Sealing
from proxy.meaning.turn import Read, marks_of, tried, turn_of
from proxy.settings.model import Assistant
from proxy.wire.exchange import Body, Exchange
from proxy.wire.gaps import Gap
from proxy.wire.messages import Messages, read_messages
from proxy.wire.polling import is_polling, read_packets

_TASK_PROMPT: Final = "### Task:"
"""How Open WebUI's prompts for titles, tags and queries begin; no person writes so."""

_SIGNS: Final = compile_presets({"http": {"id": "http", "title": "Signs on HTTP, of the settings"}})["http"]
"""Stands for a preset where there is none: a call of which only its signs are known."""

_BESIDE: Final = Verdict("ok")
"""Of a call beside the conversation, which has no result of its own."""


class Understanding:
    """Understands the exchanges of one assistant; raises `RulesError` for settings that name what is not there."""

    def __init__(
        self,
        settings: Assistant,
        presets: Mapping[str, Preset],
        markers: Mapping[str, MarkerFile],
        directory: Mapping[str, Person],
        secret: bytes,
        scorer: Scorer | None = None,
    ) -> None:
        """`scorer` judges how messages sound; without one nothing does."""
        known(settings, presets, markers)
        self._facts = FactReader()
        self._choosing = Choosing(presets, chosen(settings), self._facts)
        self._guessed = False  # an answer was read by shape alone
        self._keyed = Keyed(secret)
        self._identity = IdentityReader(settings.identity, self._facts, self._keyed)
        self._artificial = Artificial(settings.synthetic)
        self._markers = Markers(
            [markers[name] for name in settings.markers.files],
            handover_tools=settings.markers.handover_tools,
            phrases=settings.markers.phrases,
        )
        self._trial = Markers([markers[name] for name in settings.markers.trial]) if settings.markers.trial else None
        self._signs = Signs(settings.markers.http)
        self._people = directory
        self._sealing = Sealing(secret, settings.name, settings.topics.people) if settings.topics.kept else None
        self._feedback = FeedbackReader(self._facts, self._identity, self._keyed)
        self._channel = settings.channel
        self._zone = settings.time_zone
        self._opinions = Opinions(scorer, typed=settings.opinions.typed)
        self._routes = sorted(settings.routes, key=len, reverse=True)
        self._counts: Counter[tuple[str, str]] = Counter()
        self.hear: Callable[[Spoken], None] | None = None  # who is told what was asked and answered

    def know(self, people: Mapping[str, Person], aliases: Mapping[str, str]) -> None:
        """Go by another directory from now on."""
        self._people = people
        self._keyed.aliases = aliases

    def counts(self) -> Mapping[tuple[str, str], int]:
        """What happened since the start: gap by reason, expression by preset, choice by preset and sureness, shape of unknown."""
        expressions = {("expression", preset): count for preset, count in self._facts.unreadable.items()}
        return {**self._counts, **expressions}

    def read(self, exchange: Exchange) -> tuple[Event, ...]:
        """The events of an exchange: one, or the ratings of a feedback call."""
        try:
            found = self._read(exchange)
            if isinstance(found, str):
                found = self._sign(exchange) or found
            if found == "unknown":
                self._shaped(exchange)
        except Exception:  # noqa: BLE001 - the last line: one hostile payload must not end the observer; a test holds the count at 0
            self._counts["gap", "fault"] += 1
            found = "fault"
        if not isinstance(found, Turn) and (artificial := self._artificial.reason(exchange)) is not None:
            found = artificial
        match found:
            case str() as reason:
                return (Skipped(id=exchange.id, assistant=exchange.assistant, at=exchange.at, reason=reason),)
            case tuple():
                return found
            case _:
                return (found,)

    def socket(self, head: Exchange, state: TalkState | None = None) -> Talk | None:
        """The reader of an upgraded connection's messages, None when no preset knows it; `state` of a reader before."""
        if apart(head) not in (None, "tunnel"):
            return None
        call = Call(head.method, head.path, {}, head.headers, head.response_headers, socket=True)
        choice = self._choosing.choose(call)
        if not isinstance(choice, Choice):
            return None
        if state is None:
            self._counts["chosen", f"{choice.preset.id}/{choice.confidence}"] += 1
        trusted = self._identity.trusts(head.client)
        return Talk(head, choice.preset, choice.groups, self._facts, self._made, trusted=trusted, state=state)

    def gaps(self, gaps: Iterable[Gap]) -> None:
        """Count what could not be read of a socket."""
        for gap in gaps:
            self._counts["gap", gap.reason] += 1

    def fault(self) -> None:
        """Count a fault of this program on a socket."""
        self._counts["gap", "fault"] += 1

    def _read(self, exchange: Exchange) -> Event | tuple[Event, ...] | str:
        if (reason := apart(exchange)) is not None:
            return reason
        if is_polling(exchange.query) and (found := self._polled(exchange)):
            return found
        request = read_messages(exchange.request, exchange.headers)
        body = _body(request)
        call = Call(exchange.method, exchange.path, body, exchange.headers, exchange.response_headers)
        match self._choosing.choose(call):
            case None:
                return unmatched(exchange)
            case str() as reason:
                return reason
            case FeedbackChoice() as feedback:
                self.gaps(request.gaps)
                return self._feedback.ratings(exchange, feedback, body)
            case Choice() as choice:
                self.gaps(request.gaps)
                seen = Seen(exchange.headers, exchange.query, choice.groups, body)
                return self._turn(exchange, choice, seen, unread=bool(request.gaps))

    def _polled(self, exchange: Exchange) -> tuple[Event, ...]:
        """The turns of an exchange that stands for a piece of a socket; empty where no preset reads that, or nothing is said."""
        call = Call("GET", exchange.path, {}, exchange.headers, exchange.response_headers, socket=True)
        choice = self._choosing.choose(call)
        if not isinstance(choice, Choice) or choice.preset.socket is None or not choice.preset.socket.engineio:
            return ()
        revision = exchange.query["EIO"]
        said = read_packets(exchange.request, exchange.headers, revision)
        heard = read_packets(exchange.response, exchange.response_headers, revision)
        self.gaps((*said.gaps, *heard.gaps))
        trusted = self._identity.trusts(exchange.client)
        turns = Polled(exchange, choice.preset, choice.groups, self._facts, self._made, trusted=trusted).turns(said, heard)
        if any(not turn.continues for turn in turns):
            self._counts["chosen", f"{choice.preset.id}/{choice.confidence}"] += 1
        return tuple([turn for turn in turns if not turn.aside or turn.marks or turn.messages])

    def _turn(self, exchange: Exchange, choice: Choice, seen: Seen, *, unread: bool) -> Event | str:
        preset = choice.preset
        asked = self._facts.asked(preset, seen, trusted=self._identity.trusts(exchange.client))
        if asked.background or asked.text.lstrip().startswith(_TASK_PROMPT):
            return "background"
        status = exchange.status
        if status is not None and 300 <= status < 400:
            return "redirected"
        if (asked.aside or asked.delivers) and (exchange.own or status is None or status >= 400):
            return idle(exchange)  # nothing came of it
        response = Body() if preset.silent else exchange.response
        messages = read_messages(response, exchange.response_headers, elements=preset.elements)
        self.gaps(messages.gaps)
        answer = answered(self._facts, preset, messages)
        if choice.confidence == "guess" and not self._believable(asked, answer, exchange):
            return unmatched(exchange)
        broken = status is not None and status < 300 and any(gap.reason != "cut" for gap in messages.gaps)
        torn = broken or (not answer.ended and (messages.cut or exchange.ending != "complete"))
        partial = unread or exchange.request.cut or exchange.response.cut or broken
        if asked.delivers and (torn or _nothing(answer, preset)):
            return idle(exchange)
        self._counts["chosen", f"{preset.id}/{choice.confidence}"] += 1
        turn = self._made(exchange, preset, asked, answer, seen, partial=partial, torn=torn)
        return turn if not asked.aside or turn.marks else idle(exchange)

    def _made(
        self, exchange: Exchange, preset: Preset, asked: Asked, answer: Answer, seen: Seen, *, partial: bool, torn: bool
    ) -> Turn:
        """The turn of what was asked and answered."""
        who = self._identity.who(preset, asked.user, seen, exchange.client)
        conversation = self._identity.conversation(asked.conversation, seen, preset.id) or answer.conversation
        readable = answer.understood and not torn
        judged = _BESIDE if asked.aside else verdict(exchange, answer, preset, readable=readable)
        artificial = self._artificial.reason(exchange) is not None
        signs = self._signs.of(exchange).marks
        read = Read(preset, asked, answer, judged, who, conversation, partial, torn, artificial, signs)
        turn = turn_of(exchange, read, marks_of(read, self._markers), self._keyed, self._people, self._channel, self._zone)
        if self._trial is not None and (marks := tried(read, self._trial)):
            turn = msgspec.structs.replace(turn, trial=marks)
        turn = self._opinions.of(turn, asked.text, "" if torn else answer.text)
        if self.hear is not None and not (turn.excluded or partial or torn):
            self._tell(self.hear, turn, asked.text, answer.text or asked.said)
        if self._sealing is not None and not turn.continues:
            turn = msgspec.structs.replace(turn, topics=self._sealing.shares(asked.text, turn.user, turn.result, turn.marks))
        route = next((start for start in self._routes if exchange.path.startswith(start)), "")
        return msgspec.structs.replace(turn, route=route) if route else turn

    def _tell(self, hear: Callable[[Spoken], None], turn: Turn, question: str, answer: str) -> None:
        """Tell the words of a turn that has both, and those of either side where the other comes by another exchange."""
        question, answer = "" if turn.continues else question.strip(), answer.strip()
        if not turn.continues and (not question or (not answer and turn.result != "ok")):
            return
        conversation = turn.conversation or turn.id
        named = turn.targets or (*([turn.parent] if turn.parent else ()), *turn.sooner, conversation)
        hear(
            Spoken(
                turn=turn.id,
                assistant=turn.assistant,
                at=turn.at,
                conversation=conversation,
                user=turn.user,
                place=self._keyed.place(turn.assistant, conversation),
                question=question[:QUESTION],
                answer=answer[:ANSWER],
                names=(*turn.later, *turn.messages),
                follows=named if turn.continues else (),
            )
        )

    def _sign(self, exchange: Exchange) -> Turn | None:
        """What an exchange that is no turn means by its signs, beside the conversation; None without one."""
        if apart(exchange) is not None or not (signs := self._signs.of(exchange)).marks:
            return None
        seen = Seen(exchange.headers, exchange.query, {}, _body(read_messages(exchange.request, exchange.headers)))
        asked = Asked(conversation=signs.conversation, aside=True, continues=True)
        return self._made(exchange, _SIGNS, asked, Answer(), seen, partial=False, torn=False)

    def _shaped(self, exchange: Exchange) -> None:
        """Count what no preset knows by the shape of its bodies."""
        request = read_messages(exchange.request, exchange.headers)
        response = read_messages(exchange.response, exchange.response_headers)
        self._counts["shape", f"{kind(request)} -> {kind(response)}"] += 1

    def _believable(self, asked: Asked, answer: Answer, exchange: Exchange) -> bool:
        """Whether an exchange that only has the shape of a chat is one: a text was asked, and another one was answered.

        A failed answer counts where the operator named the preset, or once the guess has read one that did not fail: of an API
        whose answers are not understood, failures would be all that is counted.
        """
        if not asked.text and not asked.continues:
            return False
        refused = exchange.status is None or exchange.status >= 400
        if self._choosing.named:
            return bool(answer.text or answer.marks) or refused or exchange.ending != "complete"
        if refused:
            return self._guessed
        said = answer.text.strip() != asked.text.strip() if answer.text else bool(answer.marks)  # an echo stores, or forwards
        self._guessed = self._guessed or said
        return said


def _nothing(answer: Answer, preset: Preset) -> bool:
    """Whether the answer that is awaited has not come."""
    if preset.results.get(answer.finish) == "pending":
        return True
    return not (answer.text or answer.parts or answer.tools or answer.marks or answer.error or answer.finish)


def _body(messages: Messages) -> Any:
    """The request's value; an empty mapping for an empty body, None for one that could not be read."""
    if messages.messages:
        value = messages.messages[0].value
        return {} if value is None else value
    return None if messages.gaps else {}

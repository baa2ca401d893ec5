"""One question to a judge and its reply, at an OpenAI-compatible endpoint (Chat Completions). What goes wrong is a value.

Strict on the way back: the reply is one JSON object with one of the four scores, or it is none of them. A judge that writes
prose is not interpreted: a reading of its mood would be a judge of our own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import aiohttp
import msgspec

from proxy.kpi.agreement import Score
from proxy.settings.reviews import Judge

REPLY: Final = 64
"""Tokens of a reply: the object has some ten."""
SIZE: Final = 256 * 1024
"""Bytes of an answer that are read; one has a few hundred."""
BYTES: Final = 3
"""Of a text for a token, at least, in English or French: what a call may take is set aside by it."""
WAIT: Final = 60.0
"""Seconds of a Retry-After that are waited for at most."""

Fault = Literal["timeout", "unreachable", "refused", "limited", "broken", "no_answer"]
"""No answer in time; no connection; a 4xx; a 429; a 5xx; an answer that is no Chat Completion."""
AGAIN: Final[frozenset[Fault]] = frozenset({"timeout", "unreachable", "limited", "broken"})
"""Faults that may be over soon."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A reply. `unread`: it was no score, and counts as undecided. Tokens as the endpoint reported them, None if it did not."""

    score: Score
    unread: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """No reply. `after`: seconds that the endpoint asks to wait."""

    fault: Fault
    after: float | None = None


class _Said(msgspec.Struct, frozen=True):
    content: str | None = None


class _Choice(msgspec.Struct, frozen=True):
    message: _Said


class _Usage(msgspec.Struct, frozen=True):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct, frozen=True):
    choices: list[_Choice]
    usage: _Usage | None = None


class _Scored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    score: Score


def body(judge: Judge, rubric: str, question: str, answer: str) -> bytes:
    """What is posted. Question and answer are data in a JSON object of their own, so that neither can pose as the other."""
    material = msgspec.json.encode({"question": question, "answer": answer}).decode()
    messages = [{"role": "system", "content": rubric}, {"role": "user", "content": material}]
    return msgspec.json.encode({"model": judge.model, "messages": messages, "temperature": 0, "max_tokens": REPLY})


def estimate(posted: bytes) -> int:
    """Tokens that a call takes at most, as far as its size tells."""
    return len(posted) // BYTES + REPLY


async def ask(session: aiohttp.ClientSession, judge: Judge, key: str, posted: bytes) -> Verdict | Failed:
    """Ask once. Redirects are not followed: they might lead texts elsewhere."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    timeout = aiohttp.ClientTimeout(total=judge.timeout)
    try:
        async with session.post(
            f"{judge.url.rstrip('/')}/chat/completions", data=posted, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            if response.status != 200:
                return Failed(fault=_fault(response.status), after=_after(response.headers))
            content = bytearray()
            async for piece in response.content.iter_any():
                content += piece
                if len(content) > SIZE:
                    return Failed(fault="no_answer")
    except TimeoutError:
        return Failed(fault="timeout")
    except (aiohttp.ClientError, OSError, ValueError):
        return Failed(fault="unreachable")
    return read(bytes(content))


def read(content: bytes) -> Verdict | Failed:
    """The verdict of an answer's body."""
    try:
        found = msgspec.json.decode(content, type=_Completion)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Failed(fault="no_answer")
    if not found.choices:
        return Failed(fault="no_answer")
    usage = found.usage
    tokens: dict[str, Any] = {} if usage is None else {"tokens_in": usage.prompt_tokens, "tokens_out": usage.completion_tokens}
    try:
        scored = msgspec.json.decode(_bare(found.choices[0].message.content or ""), type=_Scored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Verdict(score="unsure", unread=True, **tokens)
    return Verdict(score=scored.score, **tokens)


def _bare(content: str) -> str:
    """A reply without the fence that models put around code."""
    text = content.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        text = text.partition("\n")[2].removesuffix("```").strip()
    return text


def _fault(status: int) -> Fault:
    if status == 429:
        return "limited"
    return "broken" if status >= 500 else "refused"


def _after(headers: Mapping[str, str]) -> float | None:
    given = headers.get("Retry-After", "")
    return min(float(given), WAIT) if given.isdecimal() else None

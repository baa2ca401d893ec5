"""What settings must hold beyond the shape of each value: names that exist, addresses that do not meet, sane limits.

Reads the few files that settings name (directory, token, certificates), so that a fault in them is told before a socket opens.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from proxy.settings.address import place
from proxy.settings.model import Annotation, Assistant, Markers, Probe, Session, Settings, Sign, Survey, Targets, preset_names
from proxy.settings.opinions import Opinions
from proxy.settings.people import Identity, People, Synthetic
from proxy.settings.problem import Problem, did_you_mean
from proxy.settings.readers import check_readers
from proxy.settings.reviewing import check_judge, check_reviews
from proxy.settings.tokens import HEADER, check_tokens
from proxy.settings.valuing import check_value
from proxy.settings.ways import check_sharing, check_store, check_ways, readable, target
from proxy.settings.written import is_path

NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
"""A name becomes a label value, a part of a key and of a URL: the characters that need no escape in any of them."""

PRESET: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

WORKERS: Final = 256  # relay processes; more than the cores of any host, so a slip
THEMES: Final = 100  # people of a theme: as many parts of its key are made for each question without an answer
SMALLEST: Final = 5  # people of a group that is shown; below it figures point at persons
TRACES: Final = 400 * 86400.0  # s; as long as days of the ledger
ANNOTATION_LIMIT: Final = 120  # characters: one line under a chart
SHORTEST: Final = 1.0  # s, of a session's idle and settle time: the settling runs once a second

INVITED: Final = 30 * 86400.0  # s; a session takes ratings for as long

_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_SOURCE: Final = re.compile(r"(?:header|hash|cookie|query|body|claim):.+|jwt:[^#]+#.+")
_SOURCES: Final = ("header", "jwt", "claim", "hash", "cookie", "body", "query")


class Known(msgspec.Struct, frozen=True):
    """The names that settings may refer to."""

    presets: frozenset[str]
    markers: frozenset[str]


def check(settings: Settings, known: Known) -> Iterator[Problem]:
    """Every fault of settings whose values are read."""
    if not settings.assistants:
        yield Problem("assistants", "at least one is needed", "give --upstream URL, or list assistants in the file")
    for at, assistant in enumerate(settings.assistants):
        yield from _assistant(assistant, f"assistants[{at}]", known)
    yield from _meetings(settings)
    if not 1 <= settings.workers <= WORKERS:
        yield Problem("workers", f"{settings.workers} is not within 1 and {WORKERS}")
    yield from check_readers(settings)
    yield from check_store(settings.store)
    if settings.capture.limit > settings.capture.total:
        yield Problem("capture.limit", "is more than capture.total")
    if settings.capture.records < 1:
        yield Problem("capture.records", "must be at least 1")
    if settings.reports.keep < 0:
        yield Problem("reports.keep", f"{settings.reports.keep} is negative", "0 keeps all months")
    for name in ("connections", "client_connections", "headers", "pool"):
        if (number := getattr(settings.limits, name)) < 0:
            yield Problem(f"limits.{name}", f"{number} is negative", "0 means no limit")
    if settings.export.series_limit < 1:
        yield Problem("export.series_limit", "must be at least 1")


def _assistant(assistant: Assistant, path: str, known: Known) -> Iterator[Problem]:
    yield from _name(assistant.name, f"{path}.name")
    if assistant.channel:
        yield from _name(assistant.channel, f"{path}.channel")
    for at, route in enumerate(assistant.routes):
        if not route.startswith("/"):
            yield Problem(f"{path}.routes[{at}]", f'"{route}" is no start of a path', f'a path begins with "/": "/{route}"')
    several = isinstance(assistant.preset, tuple)
    for at, preset in enumerate(preset_names(assistant)):
        where = f"{path}.preset[{at}]" if several else f"{path}.preset"
        if is_path(preset):
            yield from readable(preset, where)
            if Path(preset).stem in known.presets:
                yield Problem(where, f'"{Path(preset).stem}" is the name of a preset that ships', "give the file another name")
            elif not PRESET.fullmatch(Path(preset).stem) or not preset.endswith(".yaml"):
                yield Problem(where, 'a preset\'s file is called by its name: a-z, 0-9 and "-", and .yaml')
        elif preset not in known.presets and (several or preset != "auto"):
            yield Problem(where, f'there is no preset "{preset}"', did_you_mean(preset, known.presets | {"auto"}))
    yield from check_ways(assistant, path)
    yield from _session(assistant.session, f"{path}.session")
    yield from _identity(assistant.identity, f"{path}.identity")
    yield from _synthetic(assistant.synthetic, f"{path}.synthetic")
    yield from _people(assistant.people, f"{path}.people")
    yield from _targets(assistant.targets, f"{path}.targets")
    yield from _markers(assistant.markers, f"{path}.markers", known)
    if not SMALLEST <= assistant.topics.people <= THEMES:
        hint = "fewer would point at persons, more would show nothing"
        yield Problem(f"{path}.topics.people", f"must be within {SMALLEST} and {THEMES}", hint)
    yield from _probes(assistant.probes, f"{path}.probes")
    yield from _survey(assistant.survey, f"{path}.survey")
    yield from _opinions(assistant.opinions, f"{path}.opinions")
    yield from check_reviews(assistant.reviews, f"{path}.reviews")
    yield from check_judge(assistant.judge, assistant.value, f"{path}.judge")
    for at, note in enumerate(assistant.annotations):
        if fault := annotation_fault(note):
            yield Problem(f"{path}.annotations[{at}]", fault)
    yield from check_value(assistant.value, f"{path}.value")


def _name(name: str, path: str) -> Iterator[Problem]:
    if not NAME.fullmatch(name):
        usable = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]
        advice = f'did you mean "{usable}"?' if usable else ""
        yield Problem(path, f'"{name[:80]}" can\'t be a label: a-z, 0-9, "_" and "-", at most 63', advice)


def _session(session: Session, path: str) -> Iterator[Problem]:
    for name in ("idle", "settle"):
        if getattr(session, name) < SHORTEST:
            yield Problem(f"{path}.{name}", f"is shorter than {SHORTEST:g} s")
    if session.traces > TRACES:
        yield Problem(f"{path}.traces", f"is longer than {TRACES / 86400:g} days", "figures are kept no longer either")


def _identity(identity: Identity, path: str) -> Iterator[Problem]:
    for name in ("user", "conversation", "department", "profile"):
        for at, source in enumerate(getattr(identity, name)):
            if not _SOURCE.fullmatch(source):
                kind, colon, rest = source.partition(":")
                if kind == "jwt" and rest:
                    advice = "write jwt:HEADER#CLAIM, as in jwt:authorization#sub"
                elif colon and rest:
                    advice = did_you_mean(kind, _SOURCES)
                else:
                    advice = "write header:, jwt:HEADER#CLAIM, claim:, cookie:, hash:HEADER, body:EXPRESSION or query:NAME"
                yield Problem(f"{path}.{name}[{at}]", f'"{source[:80]}" is not a source', advice)
    for at, network in enumerate(identity.trusted):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            yield Problem(f"{path}.trusted[{at}]", f'"{network[:80]}" is not a network', "write it as 10.0.0.0/8 or fd00::/8")
    yield from check_tokens(identity, path)


def _synthetic(synthetic: Synthetic, path: str) -> Iterator[Problem]:
    for at, rule in enumerate(synthetic.headers):
        name = rule.partition(":")[0].strip()
        if not HEADER.fullmatch(name):
            yield Problem(f"{path}.headers[{at}]", f'"{rule[:80]}" names no header', 'write NAME, or "NAME: VALUE"')
        elif name.lower() in ("authorization", "proxy-authorization", "cookie", "x-api-key", "api-key"):
            yield Problem(
                f"{path}.headers[{at}]", f"{name} is a credential, and does not leave the relay", "name its user instead"
            )
    for name in ("agents", "paths"):
        for at, glob in enumerate(getattr(synthetic, name)):
            if not glob.strip("* "):
                yield Problem(f"{path}.{name}[{at}]", "would take all traffic for synthetic")


def _people(people: People, path: str) -> Iterator[Problem]:
    if people.directory is not None:
        yield from readable(people.directory, f"{path}.directory")
    if people.aliases is not None:
        yield from readable(people.aliases, f"{path}.aliases")
    if people.absences is not None:
        yield from readable(people.absences, f"{path}.absences")
        if people.directory is None:
            yield Problem(f"{path}.absences", "whose absences they are is not known", "give people.directory as well")
    if people.exact < 1:
        yield Problem(f"{path}.exact", "must be at least 1")
    if people.eligible is not None and people.directory is not None:
        yield Problem(f"{path}.eligible", "the directory already says who is eligible", "give one of the two")
    elif people.eligible is not None and people.eligible < 1:
        yield Problem(f"{path}.eligible", "must be at least 1")
    for name in ("smallest", "smallest_pair"):
        if getattr(people, name) < SMALLEST:
            yield Problem(f"{path}.{name}", f"must be at least {SMALLEST}", "a smaller group would point at persons")


def _targets(targets: Targets, path: str) -> Iterator[Problem]:
    for name in ("automation", "handover"):
        low, high = getattr(targets, name)
        if low > high:
            yield Problem(f"{path}.{name}", "the lower bound is above the upper one", f"did you mean [{high:g}, {low:g}]?")
    if targets.response <= 0:
        yield Problem(f"{path}.response", "must be more than 0")


def _markers(markers: Markers, path: str, known: Known) -> Iterator[Problem]:
    stems: dict[str, str] = {}
    for at, name in enumerate(markers.named):
        where = f"{path}.files[{at}]" if at < len(markers.files) else f"{path}.trial[{at - len(markers.files)}]"
        if is_path(name):
            yield from readable(name, where)
        elif name not in known.markers:
            yield Problem(where, f'there is no marker file "{name}"', did_you_mean(name, known.markers))
        if first := stems.get(stem := Path(name).stem):
            yield Problem(where, f'"{stem}" is the name of {first} too', "each marker file needs its own, evidence shows it")
        stems[stem] = where
    yield from _signs(markers.http, f"{path}.http")


def _signs(signs: tuple[Sign, ...], path: str) -> Iterator[Problem]:
    names: dict[str, str] = {}
    for at, sign in enumerate(signs):
        where = f"{path}[{at}]"
        yield from _name(sign.name, f"{where}.name")
        if first := names.get(sign.name):
            yield Problem(f"{where}.name", f'"{sign.name}" is the name of {first} too', "evidence shows it: give each its own")
        names.setdefault(sign.name, where)
        if not (sign.path or sign.status or sign.header):
            yield Problem(where, "fits every exchange", "give a path, a status or a header")
        if not all(100 <= status <= 599 for status in sign.status):
            yield Problem(f"{where}.status", "is no list of statuses", "write [202]")
        if sign.header and not HEADER.fullmatch(sign.header.partition(":")[0].strip()):
            yield Problem(f"{where}.header", f'"{sign.header[:80]}" names no header', "write NAME, or NAME: VALUE")


def annotation_fault(note: Annotation) -> str | None:
    """Say what is wrong with an annotation."""
    try:
        date.fromisoformat(note.on)
    except ValueError:
        return f"{note.on[:20]!r} is no day like 2026-10-31"
    if not note.text.strip() or len(note.text) > ANNOTATION_LIMIT or not note.text.isprintable():
        return f"the text is one line of at most {ANNOTATION_LIMIT} characters"
    return None


def _probes(probes: tuple[Probe, ...], path: str) -> Iterator[Problem]:
    names: dict[str, str] = {}
    for at, probe in enumerate(probes):
        where = f"{path}[{at}]"
        yield from _name(probe.name, f"{where}.name")
        if first := names.get(probe.name):
            yield Problem(f"{where}.name", f'"{probe.name}" is the name of {first} too', "give each probe its own")
        names.setdefault(probe.name, where)
        if probe.interval < SHORTEST:
            yield Problem(f"{where}.interval", f"is shorter than {SHORTEST:g} s")
        if not 0 < probe.timeout <= probe.interval:
            yield Problem(f"{where}.timeout", "is not within 0 and the interval", "a question ends before the next is asked")
        if not probe.path.startswith("/") or not probe.path.isascii() or re.search(r"[\s#]", probe.path):
            yield Problem(f"{where}.path", f'"{probe.path[:80]}" is not a path', "write it as /health, encoded where needed")
        if not probe.status or not all(100 <= status <= 599 for status in probe.status):
            yield Problem(f"{where}.status", "is no list of statuses", "write [200]")
        if probe.headers_file is not None:
            yield from readable(probe.headers_file, f"{where}.headers_file")


def _opinions(opinions: Opinions, path: str) -> Iterator[Problem]:
    if opinions.words is not None:
        yield from readable(opinions.words, f"{path}.words")
        if not opinions.sentiment:
            yield Problem(f"{path}.words", "is for sentiment, which is off", f"{path}.sentiment: true")


def _survey(survey: Survey, path: str) -> Iterator[Problem]:
    for at, origin in enumerate(survey.origins):
        if not _ORIGIN.fullmatch(origin):
            what = f'"{origin[:80]}" is not an origin'
            yield Problem(
                f"{path}.origins[{at}]", what, "write scheme, host and port alone, in lower case: https://intranet.example.org"
            )
    if not SHORTEST <= survey.valid <= INVITED:
        yield Problem(
            f"{path}.valid", f"is not within {SHORTEST:g} s and {INVITED / 86400:g} days", "ratings are taken for 30 days"
        )


def _meetings(settings: Settings) -> Iterator[Problem]:
    """Two assistants of one name, two listeners of one address, an upstream that is one of the own listeners."""
    names: dict[str, str] = {}
    taken = [("console.listen", place(settings.console.listen))]
    for at, assistant in enumerate(settings.assistants):
        path = f"assistants[{at}]"
        if first := names.get(assistant.name):
            yield Problem(f"{path}.name", f'"{assistant.name}" is the name of {first} too', "give each assistant its own")
        names.setdefault(assistant.name, path)
        here = place(assistant.listen)
        beside = [each for each in settings.assistants[:at] if each.listen == assistant.listen]
        if beside:
            yield from check_sharing(assistant, beside, path)
        elif other := next((other for other, there in taken if here.meets(there)), None):
            yield Problem(f"{path}.listen", f"{assistant.listen} is taken by {other}", "give each listener its own port")
        taken.append((f"{path}.listen", here))
    for at, assistant in enumerate(settings.assistants):
        for where, upstream in (
            ("upstream", assistant.upstream),
            *((f"replicas[{n}]", u) for n, u in enumerate(assistant.replicas)),
        ):
            if own := next((other for other, there in taken if target(upstream).meets(there)), None):
                yield Problem(f"assistants[{at}].{where}", f"{upstream} is the proxy itself ({own})")

"""The people of each assistant, from its files."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from proxy.kpi.groups import NONE, WHOLE, Labels, Scope, people_scopes
from proxy.meaning.directory import Person, RowFault, read_aliases, read_directory
from proxy.meaning.hashing import Keyed
from proxy.settings.model import Assistant

log = logging.getLogger(__name__)


class Known(msgspec.Struct, frozen=True):
    """What is known of an assistant's people, by hashes."""

    people: Mapping[str, Person] = {}
    aliases: Mapping[str, str] = {}


class PeopleError(Exception):
    """A file of people can't be used at all; the text is for the operator."""


def read_people(assistant: Assistant, secret: bytes) -> Known:
    """Read directory and aliases. Lines that can't be read are logged by number, and the others taken. Raises `PeopleError`."""
    keyed = Keyed(secret)
    aliases: Mapping[str, str] = {}
    people: Mapping[str, Person] = {}
    if assistant.people.aliases is not None:
        aliases, faults = read_aliases(_text(assistant.people.aliases), keyed)
        _tell(assistant.name, "aliases", faults)
    if assistant.people.directory is not None:
        people, faults = read_directory(_text(assistant.people.directory), Keyed(secret, aliases))
        _tell(assistant.name, "directory", faults)
        if not people:
            raise PeopleError(f"{assistant.people.directory} lists nobody")
    return Known(people, aliases)


def _text(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise PeopleError(f"{name} can't be read: {error.strerror}") from error


def _tell(assistant: str, what: str, faults: Sequence[RowFault]) -> None:
    for fault in faults:
        if fault.whole:
            raise PeopleError(f"line {fault.line} of the {what}: {fault.message}")
    for fault in faults[:20]:
        log.warning("%s: line %d of the %s: %s", assistant, fault.line, what, fault.message)
    if len(faults) > 20:
        log.warning("%s: %d more lines of the %s were not taken", assistant, len(faults) - 20, what)


def eligible(assistant: Assistant, people: Mapping[str, Person]) -> Mapping[Labels, int]:
    """How many people are meant to use the assistant, by department and profile; empty when nobody said."""
    if assistant.people.directory is not None:
        return Counter([Labels(department=person.department, profile=person.profile) for person in people.values()])
    return {} if assistant.people.eligible is None else {NONE: assistant.people.eligible}


def by_group(heads: Mapping[Labels, int]) -> Mapping[Scope, int]:
    """The same by group, the whole among them."""
    found: dict[Scope, int] = {}
    for labels, count in heads.items():
        for scope in (WHOLE, *people_scopes(labels)):
            found[scope] = found.get(scope, 0) + count
    return found

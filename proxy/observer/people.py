"""The people of each assistant, from its files."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import msgspec

from proxy.kpi.groups import NONE, WHOLE, Labels, Scope, people_scopes
from proxy.meaning.directory import Person, RowFault, read_absences, read_aliases, read_directory
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
        if assistant.people.absences is not None:
            people, faults = read_absences(_text(assistant.people.absences), people, Keyed(secret, aliases))
            _tell(assistant.name, "absences", faults)
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


class Roll:
    """How many people are meant to use an assistant, week by week (their Mondays)."""

    def __init__(self, assistant: Assistant, people: Mapping[str, Person]) -> None:
        self._settings = assistant.people
        self._people = people
        self._known: dict[date, Mapping[Scope, int]] = {}

    def heads(self, week: date) -> Mapping[Labels, int]:
        """By department and profile; empty when nobody said."""
        if self._settings.directory is not None:
            return Counter([_labels(person) for person in self._people.values() if person.counts(week)])
        return {} if self._settings.eligible is None else {NONE: self._settings.eligible}

    def present(self, week: date) -> Mapping[Labels, int]:
        """The same without those who are away all week; empty when nobody says who is."""
        if self._settings.directory is None or self._settings.absences is None:
            return {}
        return Counter([_labels(each) for each in self._people.values() if each.counts(week) and not each.away(week)])

    def groups(self, week: date) -> Mapping[Scope, int]:
        """The heads by group, the whole among them."""
        if week not in self._known:
            self._known = {week: by_group(self.heads(week))}  # asked for the present week, over and over
        return self._known[week]


def _labels(person: Person) -> Labels:
    return Labels(department=person.department, profile=person.profile)


def by_group(heads: Mapping[Labels, int]) -> Mapping[Scope, int]:
    """The same by group, the whole among them."""
    found: dict[Scope, int] = {}
    for labels, count in heads.items():
        for scope in (WHOLE, *people_scopes(labels)):
            found[scope] = found.get(scope, 0) + count
    return found

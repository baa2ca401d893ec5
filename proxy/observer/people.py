"""The people of each assistant, from its directory file."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from proxy.kpi.groups import NONE, WHOLE, Labels, Scope, people_scopes
from proxy.meaning.directory import Person, read_directory
from proxy.meaning.hashing import Keyed
from proxy.settings.model import Assistant

log = logging.getLogger(__name__)


def read_people(assistant: Assistant, secret: bytes) -> Mapping[str, Person]:
    """Read the directory; lines that can't be read are logged by number, and the others taken."""
    name = assistant.people.directory
    if name is None:
        return {}
    try:
        text = Path(name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        log.error("%s: the directory can't be read, adoption is not given: %s", assistant.name, error)  # noqa: TRY400
        return {}
    people, faults = read_directory(text, Keyed(secret))
    for fault in faults[:20]:
        log.warning("%s: line %d of the directory: %s", assistant.name, fault.line, fault.message)
    if len(faults) > 20:
        log.warning("%s: %d more lines of the directory were not taken", assistant.name, len(faults) - 20)
    return people


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

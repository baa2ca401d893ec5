"""`kpi-proxy forget`: takes a person out of the figures' store, and says what can't be taken out and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path

from proxy.meaning.hashing import Keyed
from proxy.observer.people import PeopleError, read_people
from proxy.settings.model import Assistant, Settings
from proxy.settings.secret import FILE_NAME, FILE_VARIABLE, SECRET_VARIABLE, secret
from proxy.store.connect import AWAY, connect
from proxy.store.embedded import Embedded
from proxy.store.erasure import Erased, Eraser

EMBEDDED = "embedded"


class ForgetError(Exception):
    """The store can't be reached; the text is for the operator."""


def forget(settings: Settings, user: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Forget a user as traffic names it, in all assistants; gives the lines that say what was done. Raises `ForgetError`."""
    state = Path(settings.state).expanduser()
    if not (state / FILE_NAME).exists() and not {SECRET_VARIABLE, FILE_VARIABLE} & environ.keys():
        raise ForgetError(f"there is no secret in {state}: without the one of the hosts nobody can be found; give --state")
    key = secret(state, environ)
    url = Embedded(state).url if settings.store.url == EMBEDDED else settings.store.url
    try:
        hashes = {each.name: _hashes(each, key, user) for each in settings.assistants}
        found, others = asyncio.run(_forget(settings, url, Keyed(key), hashes))
    except PeopleError as error:
        raise ForgetError(f"who else this person is can't be told: {error}") from error
    except AWAY as error:
        running = "; with the embedded store, kpi-proxy has to run" if settings.store.url == EMBEDDED else ""
        raise ForgetError(f"the store can't be reached: {error}{running}") from error
    for name, done in found.items():
        if more := len(hashes[name]) - 1:
            yield f"{name}: with {more} other ids of the same person, as the aliases say"
        yield (
            f"{name}: taken out of {done.sets} daily sets of people and {done.conversations} conversations,"
            f" with {done.traces} traces of turns and ratings"
            + (f", and {done.texts} texts that were kept to be scored" if done.texts else "")
            + (f"; made a stranger in {done.shared} conversations with others" if done.shared else "")
        )
    if others:
        yield f"NOT looked at, since these settings do not name them: {', '.join(others)}; give --config"
    yield "What stays, and why:"
    yield "- sums by hour and day: they are numbers of all people together, and nobody can be found in them"
    if any(done.counts for done in found.values()):
        counts = sum(done.counts for done in found.values())
        yield f"- {counts} counts of more people than people.exact (HyperLogLog): nothing can be taken out, nobody can be found"
    yield "- traces of conversations that were forgotten before (after 31 days): they name no user, and end with session.traces"
    yield "- what an observer has read and keeps in its outbox for minutes; with the store away, for as long: then do this again"
    yield "- backups made before, the directory file, and what the assistant itself and its logs have"


def _hashes(assistant: Assistant, key: bytes, user: str) -> set[str]:
    """A person under each id that the assistant's aliases give: what came before an alias was listed stands under its own."""
    aliases = read_people(assistant, key).aliases
    named = Keyed(key).listed(user)
    one = aliases.get(named, named)
    return {named, one, *[other for other, person in aliases.items() if person == one]}


async def _forget(
    settings: Settings, url: str, keyed: Keyed, hashes: Mapping[str, set[str]]
) -> tuple[dict[str, Erased], list[str]]:
    """What was erased by assistant, and the assistants of the store that were not looked at."""
    client = connect(url, settings.store)
    try:
        eraser = Eraser(client, {each.name: each for each in settings.assistants})
        done = {}
        for name, users in hashes.items():
            each = [await eraser.forget(name, user, keyed.derived(name, user)) for user in sorted(users)]
            done[name] = Erased(**{field: sum(getattr(one, field) for one in each) for field in Erased.__struct_fields__})
            done[name].counts = each[0].counts  # the same HyperLogLogs each time
        return done, [name for name in await eraser.assistants() if name not in done]
    finally:
        await client.aclose()

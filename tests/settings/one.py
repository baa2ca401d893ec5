"""Settings of one assistant, of which a test says one field: read as a file's would be, in the room of settings alone."""

from __future__ import annotations

from pathlib import Path

from proxy.settings.checks import Known
from proxy.settings.load import settings_of
from proxy.settings.model import Markers, Settings
from proxy.settings.problem import SettingsError
from proxy.settings.sources import Given

NOWHERE = Path("/nowhere")
KNOWN = Known(presets=frozenset(), markers=frozenset(Markers().files))


def one(fields: str, base: Path = NOWHERE) -> Settings:
    """Settings whose one assistant has these fields, as YAML on one line; raises `SettingsError`."""
    text = f"assistants: [{{upstream: 'http://rasa:5005', {fields}}}]"
    found = settings_of(text, "x", Given(values={}, origins={}), base=base, here=base, known=KNOWN)
    if not isinstance(found, Settings):
        raise SettingsError(found)
    return found


def one_or_faults(fields: str, base: Path = NOWHERE) -> Settings | dict[str, str]:
    """The same, or what is wrong by its place in the assistant."""
    try:
        return one(fields, base)
    except SettingsError as error:
        return {each.path.removeprefix("assistants[0]."): f"{each.what}; {each.advice}" for each in error.problems}

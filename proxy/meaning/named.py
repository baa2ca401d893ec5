"""The presets and marker files that an assistant's settings name."""

from __future__ import annotations

from collections.abc import Mapping

from proxy.meaning.markers import MarkerFile
from proxy.meaning.presets import Preset
from proxy.meaning.tables import Fault, RulesError, nearest
from proxy.settings.model import Assistant, preset_names


def chosen(settings: Assistant) -> tuple[str, ...]:
    """The names of an assistant's presets: one of the operator's own, named by path, is called as its file."""
    return tuple([name.rpartition("/")[2].removesuffix(".yaml") for name in preset_names(settings)])


def known(settings: Assistant, presets: Mapping[str, Preset], markers: Mapping[str, MarkerFile]) -> None:
    """See that there is what the settings name; raises `RulesError`."""
    named = chosen(settings)
    faults = [
        Fault("preset", f'there is no preset "{name}"', nearest(name, presets))
        for name in named
        if name != "auto" and name not in presets
    ]
    faults += [
        Fault(f"markers.{where}[{at}]", f'there is no marker file "{name}"', nearest(name, markers))
        for where in ("files", "trial")
        for at, name in enumerate(getattr(settings.markers, where))
        if name not in markers
    ]
    if faults:
        raise RulesError(tuple(faults))

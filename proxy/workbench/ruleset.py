"""The rules of a settings file, ready to read exchanges with: what an observer has, without the process around it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.markers import Markers
from proxy.meaning.presets import Preset, compile_presets
from proxy.meaning.understanding import Understanding
from proxy.observer.people import Known, PeopleError, read_people
from proxy.observer.scorers import scorers
from proxy.plans import wanted_of
from proxy.settings.files import own_presets, raw_markers, raw_presets
from proxy.settings.model import Assistant, Settings
from proxy.workbench import exports
from proxy.workbench.material import Kind, Material, read
from proxy.workbench.terms import WorkError


class Ruleset:
    """Presets and markers of one settings file. The settings have been checked with their rules."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.presets: Mapping[str, Preset] = compile_presets(raw_presets(own_presets(settings)))
        names = {name for each in settings.assistants for name in each.markers.named}
        self._markers = compile_markers(raw_markers(names))
        self._scorers = scorers(settings.assistants)

    def assistant(self, name: str | None, kind: Kind) -> Assistant:
        """The assistant of a name, or the only one; of an export it speaks what exports are made into. Raises `WorkError`."""
        every = self._settings.assistants
        found = [each for each in every if name in (None, each.name)]
        if len(found) != 1:
            names = ", ".join(each.name for each in every)
            raise WorkError(f'no assistant is called "{name}": {names}' if name else f"which assistant? --assistant {names}")
        return msgspec.structs.replace(found[0], preset=exports.PRESET) if kind == "export" else found[0]

    def material(self, file: str, name: str | None, secret: bytes) -> tuple[Material, Assistant]:
        """Read a file as the assistant's relay would have let it pass. Raises `WorkError`."""
        assistant = self.assistant(name, "capture")
        material = read(file, wanted_of(assistant, self.presets, traces=False), secret)
        return material, self.assistant(name, material.kind)

    def with_preset(self, name: str, raw: Mapping[str, object], assistant: Assistant, secret: bytes) -> Understanding:
        """What an observer would read exchanges with if the assistant had a preset that is only proposed."""
        presets = compile_presets(raw)
        changed = msgspec.structs.replace(assistant, preset=name)
        return Understanding(changed, presets, self._markers, {}, secret, self._scorers.get(assistant.name))

    def markers(self, assistant: Assistant) -> Markers:
        """The marker rules of an assistant."""
        return Markers([self._markers[name] for name in assistant.markers.files])

    def people(self, assistant: Assistant, secret: bytes) -> Known:
        """The people of an assistant's files. Raises `WorkError`."""
        try:
            return read_people(assistant, secret)
        except PeopleError as error:
            raise WorkError(str(error)) from error

    def understanding(self, assistant: Assistant, known: Known, secret: bytes) -> Understanding:
        """What an observer would read exchanges with."""
        made = Understanding(assistant, self.presets, self._markers, {}, secret, self._scorers.get(assistant.name))
        made.know(known.people, known.aliases)
        return made

"""Rules as `kpi-proxy check` and `serve` see them: read, compiled, their own examples run, every fault told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from proxy.meaning.examples import marker_faults, preset_faults
from proxy.meaning.lexicons import compile_lexicons, compile_own
from proxy.meaning.markerfiles import compile_markers
from proxy.meaning.patterns import Pattern, PatternError
from proxy.meaning.presets import compile_presets
from proxy.meaning.tables import Fault, RulesError
from proxy.settings.files import known_names, own_presets, raw_lexicons, raw_markers, raw_presets, raw_words
from proxy.settings.model import Assistant, Settings
from proxy.settings.problem import Problem
from proxy.settings.yaml import YamlError

Rules = TypeVar("Rules")


def rules_problems(settings: Settings | None) -> list[Problem]:
    """Every fault of the presets, markers and words that ship, and of those by path that the settings name."""
    assistants = settings.assistants if settings else ()
    names = known_names().markers | {name for each in assistants for name in each.markers.named}
    own = own_presets(settings) if settings else ()
    words = {each.opinions.words for each in assistants if each.opinions.words is not None}
    return [
        *_faults("presets", lambda: raw_presets(own), compile_presets, preset_faults),
        *_faults("markers", lambda: raw_markers(sorted(names)), compile_markers, marker_faults),
        *_faults("sentiment", raw_lexicons, compile_lexicons, lambda _: ()),
        *_faults("words", lambda: raw_words(sorted(words)), compile_own, lambda _: ()),
        *_patterns(assistants),
    ]


def _patterns(assistants: Iterable[Assistant]) -> Iterator[Problem]:
    """Patterns of probes and signs: what a pattern is, only the room that runs them knows."""
    for at, assistant in enumerate(assistants):
        probes = [(f"probes[{number}].expect", probe.expect) for number, probe in enumerate(assistant.probes)]
        signs = [(f"markers.http[{number}].path", sign.path) for number, sign in enumerate(assistant.markers.http)]
        for where, text in (*probes, *signs):
            try:
                Pattern(text)
            except PatternError as error:
                yield Problem(f"assistants[{at}].{where}", f"is no RE2 pattern: {error}")


def _faults(
    what: str,
    read: Callable[[], Mapping[str, object]],
    make: Callable[[Mapping[str, object]], Mapping[str, Rules]],
    examples: Callable[[Rules], Iterable[Fault]],
) -> list[Problem]:
    try:
        faults: Iterable[Fault] = [fault for rules in make(read()).values() for fault in examples(rules)]
    except YamlError as error:
        return [Problem("", str(error))]
    except (OSError, UnicodeDecodeError) as error:
        return [Problem(what, str(error))]
    except RulesError as error:
        faults = error.faults
    return [Problem(f"{what}/{fault.path}", fault.message, fault.suggestion) for fault in faults]

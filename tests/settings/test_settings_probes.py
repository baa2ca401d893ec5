"""Probes in the settings: each fault is told with its path, a pattern's by the room that runs it."""

import pytest

from proxy.rules import rules_problems
from proxy.settings.model import Probe, Settings
from proxy.settings.problem import SettingsError
from tests.settings.one import one


def load(probes: str) -> Settings:
    return one(f"probes: {probes}")


def test_a_probe_is_read():
    (probe,) = (
        load("[{name: canary, interval: 5m, path: /chat, question: '{}', expect: '25', status: [200, 201]}]").assistants[0].probes
    )
    assert probe == Probe(name="canary", interval=300.0, path="/chat", question="{}", expect="25", status=(200, 201))


@pytest.mark.parametrize(
    ("probes", "path"),
    [
        ("[{name: 'My probe'}]", "assistants[0].probes[0].name"),
        ("[{}, {}]", "assistants[0].probes[1].name"),
        ("[{interval: 0.5}]", "assistants[0].probes[0].interval"),
        ("[{timeout: 40s}]", "assistants[0].probes[0].timeout"),
        ("[{path: health}]", "assistants[0].probes[0].path"),
        ("[{path: '/a b'}]", "assistants[0].probes[0].path"),
        ("[{status: []}]", "assistants[0].probes[0].status"),
        ("[{status: [20]}]", "assistants[0].probes[0].status"),
        ("[{headers_file: /nowhere/at/all}]", "assistants[0].probes[0].headers_file"),
        ("[{every: 3s}]", "assistants[0].probes[0].every"),
    ],
)
def test_faults_are_told_with_their_path(probes: str, path: str):
    with pytest.raises(SettingsError) as caught:
        load(probes)
    assert path in {problem.path for problem in caught.value.problems}


def test_a_pattern_is_checked_by_the_room_that_runs_it():
    assert not [problem for problem in rules_problems(load("[{expect: '2[0-9] days'}]")) if "probes" in problem.path]
    (problem,) = [problem for problem in rules_problems(load("[{expect: '(?=lookahead)'}]")) if "probes" in problem.path]
    assert problem.path == "assistants[0].probes[0].expect"

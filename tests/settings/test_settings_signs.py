"""Signs on HTTP in the settings: each fault is told with its path, a pattern's by the room that runs it."""

import pytest

from proxy.rules import rules_problems
from proxy.settings.model import Settings, Sign
from proxy.settings.problem import SettingsError
from tests.settings.one import one


def load(signs: str) -> Settings:
    return one(f"markers: {{http: {signs}}}")


def test_a_sign_is_read():
    settings = load("[{name: moved, mark: handover_started, methods: [POST], path: /t$, status: [202], header: 'x-to: agent*'}]")
    assert settings.assistants[0].markers.http == (
        Sign(name="moved", mark="handover_started", methods=("POST",), path="/t$", status=(202,), header="x-to: agent*"),
    )


@pytest.mark.parametrize(
    ("sign", "path"),
    [
        ("{mark: closed, path: /}", ".name"),
        ("{name: a, path: /}", ".mark"),
        ("{name: a, mark: thanks, path: /}", ".mark"),
        ("{name: 'A b', mark: closed, path: /}", ".name"),
        ("{name: a, mark: closed, status: [20]}", ".status"),
        ("{name: a, mark: closed, header: 'x y: 1'}", ".header"),
        ("{name: a, mark: closed, methods: [POST]}", ""),
        ("{name: a, mark: closed, pth: /}", ".pth"),
    ],
)
def test_faults_are_told_with_their_path(sign: str, path: str):
    with pytest.raises(SettingsError) as caught:
        load(f"[{sign}]")
    assert f"assistants[0].markers.http[0]{path}" in {problem.path for problem in caught.value.problems}


def test_each_has_a_name_of_its_own():
    with pytest.raises(SettingsError) as caught:
        load("[{name: a, mark: closed, path: /x}, {name: a, mark: resolved, path: /y}]")
    assert [problem.path for problem in caught.value.problems] == ["assistants[0].markers.http[1].name"]


def test_a_pattern_is_checked_by_the_room_that_runs_it():
    faults = rules_problems(load("[{name: a, mark: closed, path: '(?=x)'}, {name: b, mark: closed, path: '/b$'}]"))
    assert [problem.path for problem in faults] == ["assistants[0].markers.http[0].path"]

"""Files of people are read again when they change; a bad one changes nothing, and is said."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from proxy.kpi.groups import WHOLE, Labels
from proxy.meaning.hashing import Keyed
from proxy.observer.directories import Directories
from proxy.observer.people import Known
from proxy.settings.model import Assistant
from proxy.settings.people import People

SECRET = b"s" * 32
KEYED = Keyed(SECRET)


def write(file: Path, text: str) -> None:
    """Replace a file as editors do; the time differs whatever the clock's grain."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text)
    before = file.stat().st_mtime_ns if file.exists() else 0
    os.utime(fresh, ns=(before + 10**9, before + 10**9))
    fresh.rename(file)


@pytest.fixture
def files(tmp_path):
    write(tmp_path / "people.csv", "user,department\nann,RH\nbob,IT\n")
    write(tmp_path / "aliases.csv", "alias,user\nann@x.org,ann\n")
    people = People(directory=str(tmp_path / "people.csv"), aliases=str(tmp_path / "aliases.csv"))
    return tmp_path, Directories([Assistant(upstream="http://a", name="rh", people=people)], SECRET)


def look(directories: Directories) -> list[str]:
    """Look twice: a file counts as new when it has stopped to change."""
    assert directories.look() == []
    return directories.look()


def test_a_new_file_is_taken_when_it_has_stopped_to_change(files):
    folder, directories = files
    rolls, week = directories.rolls, date(2026, 10, 19)
    assert rolls["rh"].groups(week)[WHOLE] == 2
    write(folder / "people.csv", "user,department\nann,RH\n")
    assert directories.look() == []
    write(folder / "people.csv", "user,department\nann,RH\nbob,IT\neve,IT\n")
    assert look(directories) == ["rh"]
    assert rolls["rh"].groups(week)[WHOLE] == 3
    assert KEYED.user("eve") in directories.known["rh"].people
    assert directories.look() == []


@pytest.mark.parametrize("text", ["", "name,team\nann,RH\n", "user,department\n", 'user,department\n"ann\x00', "\ufeff\n\n"])
def test_a_bad_file_leaves_what_was_known(files, text, caplog):
    folder, directories = files
    before = directories.known["rh"]
    write(folder / "people.csv", text)
    assert look(directories) == []
    assert directories.known["rh"] is before
    assert "rh" in directories.stale
    assert "the people known before stay" in caplog.text
    write(folder / "people.csv", "user,department\nann,RH\n")
    assert look(directories) == ["rh"]
    assert directories.stale == {}


def test_a_file_that_is_gone_leaves_what_was_known(files):
    folder, directories = files
    (folder / "people.csv").unlink()
    assert look(directories) == []
    assert len(directories.known["rh"].people) == 2
    assert "can't be read" in directories.stale["rh"]


def test_a_bad_file_at_the_start_is_said_and_mended_later(tmp_path, caplog):
    write(tmp_path / "people.csv", "nobody\n")
    assistant = Assistant(upstream="http://a", name="rh", people=People(directory=str(tmp_path / "people.csv")))
    directories = Directories([assistant], SECRET)
    assert directories.known["rh"] == Known()
    assert "adoption is not given" in caplog.text
    write(tmp_path / "people.csv", "user\nann\n")
    assert look(directories) == ["rh"]
    assert directories.stale == {}


def test_aliases_are_read_again_too(files):
    folder, directories = files
    assert directories.known["rh"].aliases == {KEYED.user("ann@x.org"): KEYED.user("ann")}
    write(folder / "aliases.csv", "alias,user\nbob@x.org,bob\n")
    assert look(directories) == ["rh"]
    assert directories.known["rh"].aliases == {KEYED.user("bob@x.org"): KEYED.user("bob")}


def test_who_joined_who_left_and_who_is_away(tmp_path):
    """From the first full week on, up to the week of leaving; who is away for all five working days is not there."""
    write(tmp_path / "people.csv", "user,department,joined,left\nann,RH,,\nbob,IT,2026-10-14,2026-10-28\neve,IT,2026-10-26,\n")
    write(
        tmp_path / "away.csv", "user,from,to\nann,2026-10-19,2026-10-21\nann,2026-10-22,2026-10-25\nbob,2026-10-20,2026-11-30\n"
    )
    people = People(directory=str(tmp_path / "people.csv"), absences=str(tmp_path / "away.csv"))
    roll = Directories([Assistant(upstream="http://a", name="rh", people=people)], SECRET).rolls["rh"]
    weeks = [date(2026, 10, 12), date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2)]
    hr, it = Labels(department="RH"), Labels(department="IT")
    assert [roll.heads(week) for week in weeks] == [{hr: 1}, {hr: 1, it: 1}, {hr: 1, it: 2}, {hr: 1, it: 1}]
    assert [roll.present(week) for week in weeks] == [{hr: 1}, {it: 1}, {hr: 1, it: 1}, {hr: 1, it: 1}]
    assert [roll.groups(week).get((("department", "IT"),), 0) for week in weeks] == [0, 1, 2, 1]

"""The demo's people and their directory."""

from __future__ import annotations

import csv
from pathlib import Path

from proxy.demo.people import LISTED, VISITORS, everyone, visitors, write_directory


def test_everyone_is_one_person() -> None:
    users = [person.user for person in everyone()]
    assert len(set(users)) == len(users)
    assert len(visitors()) == VISITORS
    assert everyone() == everyone()


def test_some_visitors_are_not_in_the_directory_and_some_of_the_directory_never_visit() -> None:
    assert any(not person.listed for person in visitors())
    assert any(person.listed and not person.visits for person in everyone())


def test_the_directory_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "people.csv"
    write_directory(path)
    write_directory(path)
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert len(rows) == LISTED
    assert set(rows[0]) == {"user", "department", "profile"}
    assert {row["user"] for row in rows} == {person.user for person in everyone() if person.listed}
    assert all(row["department"] and row["profile"] for row in rows)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["people.csv"]

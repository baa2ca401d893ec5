"""What ended the observer twice is not read a third time."""

from __future__ import annotations

from pathlib import Path

from proxy.observer.suspects import Suspects


def die_of(directory: Path, exchange: str) -> None:
    """An observer that ends while it reads an exchange: nothing is put away."""
    Suspects(directory).work(exchange)


def test_one_death_may_be_chance_and_two_are_not(tmp_path: Path) -> None:
    die_of(tmp_path, "r.7")
    assert "r.7" not in Suspects(tmp_path)
    die_of(tmp_path, "r.7")
    known = Suspects(tmp_path)
    assert "r.7" in known
    assert "r.8" not in known


def test_an_observer_that_ends_in_order_suspects_nobody(tmp_path: Path) -> None:
    for _ in range(3):
        suspects = Suspects(tmp_path)
        suspects.work("r.7")
        suspects.rest()
        suspects.close()
    assert "r.7" not in Suspects(tmp_path)


def test_a_file_that_was_half_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "suspects.json").write_text('{"r.7": ')
    die_of(tmp_path, "r.7")
    die_of(tmp_path, "r.7")
    assert "r.7" in Suspects(tmp_path)

"""Tokens of the console: made once, kept as hashes, taken away; the command around them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest

from proxy.access import tokens
from proxy.access.roles import Reader
from proxy.cli import main
from proxy.settings.problem import SettingsError
from proxy.verbs import options, token

DAY = date(2026, 11, 23)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / tokens.FILE


def test_a_token_is_good_up_to_its_last_day() -> None:
    token, kept = tokens.made("jeanne", "viewer", DAY, department="HR", until=DAY)
    assert token.startswith(tokens.PREFIX)
    assert len(token) >= 40
    assert kept.reader == Reader("jeanne", "viewer", "HR")
    assert (kept.good(DAY), kept.good(DAY + timedelta(days=1))) == (True, False)
    assert tokens.made("jeanne", "viewer", DAY)[0] != token


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("", {}, "no name"),
        ("a b", {}, "no name"),
        ("a" * 65, {}, "no name"),
        ("a\n", {}, "no name"),
        ("a", {"department": " "}, "no name"),
        ("a", {"until": DAY - timedelta(days=1)}, "is over"),
    ],
)
def test_what_makes_no_token(name, more, said) -> None:
    with pytest.raises(tokens.TokensError, match=said):
        tokens.made(name, "viewer", DAY, **more)


def test_a_department_has_viewers_only() -> None:
    with pytest.raises(tokens.TokensError, match="viewer's"):
        tokens.made("a", "auditor", DAY, department="HR")


def test_a_name_is_taken_once_and_can_be_revoked(file: Path) -> None:
    _, kept = tokens.made("a", "viewer", DAY)
    tokens.add(file, kept)
    with pytest.raises(tokens.TokensError, match="already"):
        tokens.add(file, kept)
    with pytest.raises(tokens.TokensError, match="there are: a"):
        tokens.revoke(file, "b")
    tokens.revoke(file, "a")
    assert tokens.read(file) == ()


def test_commands_at_once_lose_nothing(file: Path) -> None:
    def add(at: int) -> None:
        tokens.add(file, tokens.made(f"n{at}", "viewer", DAY)[1])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))
    assert len(tokens.read(file)) == 24


@pytest.mark.parametrize("content", ["{", '{"tokens": [{"name": "a"}]}', '{"tokens": [], "more": 1}', "x" * (tokens.LARGEST + 1)])
def test_a_file_that_is_none_is_told(file: Path, content: str) -> None:
    file.write_text(content)
    with pytest.raises(tokens.TokensError):
        tokens.read(file)


def test_the_file_has_an_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    tokens.add(file, tokens.made("a", "viewer", DAY)[1])
    with pytest.raises(tokens.TokensError, match="the most there can be"):
        tokens.add(file, tokens.made("b", "viewer", DAY)[1])


class Noon(datetime):
    """The clock of a day that does not end meanwhile."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls(DAY.year, DAY.month, DAY.day, 12, tzinfo=tz)


def test_the_command_makes_lists_and_revokes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token, "datetime", Noon)

    def said(*arguments: str, status: int = 0) -> str:
        assert main(["token", *arguments, "--state", str(tmp_path / "state")]) == status
        out = capsys.readouterr()
        return (out.err if status else out.out).strip()

    shown = said("add", "jeanne", "--department", "HR", "--until", "2999-12-31")
    assert shown.startswith(tokens.PREFIX)
    said("add", "ops", "--role", "admin")
    assert said("list").splitlines() == [
        f"jeanne: viewer, of HR, made {DAY}, good until 2999-12-31",
        f"ops: admin, made {DAY}",
    ]
    assert "already" in said("add", "ops", status=1)
    said("revoke", "jeanne")
    assert "jeanne" not in said("list")
    assert "there is no token" in said("revoke", "jeanne", status=1)
    state = tmp_path / "state"
    assert [oct(each.stat().st_mode & 0o777) for each in (state, state / tokens.FILE)] == ["0o700", "0o600"]


@pytest.mark.parametrize("arguments", [["add"], ["add", "a", "--role", "king"], ["add", "a", "--until", "soon"], []])
def test_what_is_asked_wrongly_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["token", *arguments])
    assert caught.value.code == 2


def test_off_loopback_the_first_token_lets_the_product_start(tmp_path: Path) -> None:
    text = f"assistants: [{{upstream: 'http://127.0.0.1:1'}}]\nstate: {tmp_path}\nconsole: {{listen: ':8081'}}\n"
    config = tmp_path / "kpi-proxy.yaml"
    config.write_text(text)
    parsed = type("Parsed", (), {"config": str(config)})()
    with pytest.raises(SettingsError, match="kpi-proxy token add NAME"):
        options.checked(parsed, {})
    assert main(["token", "list", "--config", str(config)]) == 0
    tokens.add(tmp_path / tokens.FILE, tokens.made("a", "viewer", DAY)[1])
    assert options.checked(parsed, {}).console.listen == ":8081"

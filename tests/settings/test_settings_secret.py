import stat

import pytest

from proxy.settings.problem import SettingsError
from proxy.settings.secret import secret


def test_made_once_for_its_owner_alone(tmp_path):
    state = tmp_path / "a" / "state"
    first = secret(state, {})
    assert len(first) == 64
    assert secret(state, {}) == first
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "secret").stat().st_mode) == 0o600
    assert [file.name for file in state.iterdir()] == ["secret"]


def test_given(tmp_path):
    file = tmp_path / "secret"
    file.write_text("0123456789abcdef\n")
    assert secret(tmp_path, {"KPI_PROXY_SECRET_FILE": str(file)}) == b"0123456789abcdef"
    assert secret(tmp_path, {"KPI_PROXY_SECRET": "fedcba9876543210"}) == b"fedcba9876543210"


@pytest.mark.parametrize(
    "environ",
    [
        {"KPI_PROXY_SECRET": "short"},
        {"KPI_PROXY_SECRET_FILE": "/nowhere/secret"},
        {"KPI_PROXY_SECRET": "0123456789abcdef", "KPI_PROXY_SECRET_FILE": "/nowhere/secret"},
    ],
)
def test_what_can_not_be_used_is_told(tmp_path, environ):
    with pytest.raises(SettingsError):
        secret(tmp_path / "state", environ)


def test_an_emptied_file_is_not_taken_for_a_secret(tmp_path):
    (tmp_path / "secret").touch()
    with pytest.raises(SettingsError, match="0 bytes"):
        secret(tmp_path, {})

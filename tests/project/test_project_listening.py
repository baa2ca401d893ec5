"""The supervisor's listening sockets: on every interface, on one port for all relays, on Unix paths that are free."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from proxy.listening import listen, listeners, shown
from proxy.settings.address import Place
from proxy.settings.problem import SettingsError


def answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def test_a_socket_that_was_left_behind_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listen(Place(unix=str(path)), "listen").close()
    assert not answered(path)
    with listen(Place(unix=str(path)), "listen") as listening:
        assert answered(path)
        assert shown(listening) == f"unix:{path}"


def test_a_socket_in_use_is_left_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with listen(Place(unix=str(path)), "listen"):
        with pytest.raises(SettingsError, match="in use"):
            listen(Place(unix=str(path)), "listen")
        assert answered(path)


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_socket_is_not_touched(tmp_path: Path, kind: str) -> None:
    path, precious = tmp_path / "s", tmp_path / "precious"
    precious.write_text("all the work")
    match kind:
        case "file":
            path.write_text("more work")
        case "directory":
            path.mkdir()
        case _:
            path.symlink_to(precious)
    with pytest.raises(SettingsError, match="no socket"):
        listen(Place(unix=str(path)), "listen")
    assert path.exists()
    assert precious.read_text() == "all the work"


def test_relays_have_sockets_of_their_own_on_one_port() -> None:
    opened = listeners(Place(host="127.0.0.1"), "listen", 3)
    assert len({each.getsockname()[1] for each in opened}) == 1
    assert len({each.fileno() for each in opened}) == 3
    for each in opened:
        each.close()


def test_a_port_in_use_is_told_with_its_setting() -> None:
    said = pytest.raises(SettingsError, match=r"rh: listen.*can't listen on 127\.0\.0\.1")
    with listen(Place(host="127.0.0.1"), "listen") as first, said:
        listen(Place(host="127.0.0.1", port=first.getsockname()[1]), "rh: listen")


def test_every_interface_is_ipv6_and_ipv4() -> None:
    with listen(Place(), "listen") as listening:
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "::1") if listening.family == socket.AF_INET6 else ("127.0.0.1",):
            socket.create_connection((host, port)).close()

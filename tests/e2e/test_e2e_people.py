"""People of whom only a cookie or a key is seen, named by the operator: of the directory, or not counted at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Start
from tests.e2e.product import until
from tests.e2e.servers import Server, chat
from tests.e2e.talk import say

pytestmark = pytest.mark.e2e

SEEN = (
    *[{"Cookie": f"theme=dark; sid=c={number}"} for number in range(4)],
    {"X-Api-Key": "k-bob"},
    {"Cookie": "sid=bob-2"},
    {"Cookie": "sid=stranger"},
    {"Cookie": "sid=robot"},
)
"""Five people whom the directory lists, one of them twice, and two whom it does not. Fewer would be too few to be shown."""


def test_who_is_known_by_a_cookie_or_a_key_is_in_the_directory_or_excluded(start: Start, tmp_path: Path) -> None:
    directory, aliases = tmp_path / "people.csv", tmp_path / "aliases.csv"
    directory.write_text("user,department\n" + "".join(f"cookie:c={n},HR\n" for n in range(4)) + "bob@x.org,HR\neve@x.org,IT\n")
    aliases.write_text("alias,user\nhash:k-bob,bob@x.org\ncookie:bob-2,bob@x.org\n")
    settings: dict[str, Any] = {
        "name": "chat",
        "session": {"idle": "1s", "settle": "1s"},
        "identity": {"user": ["cookie:sid", "hash:x-api-key"], "exclude": ["cookie:robot"]},
        "people": {"directory": str(directory), "aliases": str(aliases)},
    }
    with Server(chat) as upstream:
        product = start({"assistants": [{**settings, "upstream": upstream.url}]})
        for number, headers in enumerate(SEEN):
            say(product.listen["chat"], f"Question {number}", user="", headers=headers)

        def settled() -> dict[str, Any] | None:
            found = product.kpis("chat")
            return found if found["outcomes"]["excluded"] and found["open_sessions"] == 0 else None

        found = until(settled, "the sessions are settled, the robot's among them")
        kpis = found["kpis"]
        assert found["outcomes"]["excluded"] == 1
        assert (kpis["turns"]["value"], kpis["mau"]["value"]) == (7, 6)
        assert (kpis["adoption"]["numerator"], kpis["adoption"]["denominator"]) == (5, 6)

        # Bob is looked for under the key that one of his two ways in has, and goes with the other as well.
        command = [str(Path(sys.executable).parent / "kpi-proxy"), "forget", "--config", str(product.config)]
        for name in ("cookie:c=0", "hash:k-bob"):
            told = subprocess.run(
                [*command, name], check=True, capture_output=True, text=True, env=product.environment, timeout=60
            )
            assert "and 0 conversations" not in told.stdout
        assert "chat: with 2 other ids of the same person" in told.stdout
        until(lambda: product.kpis("chat")["kpis"]["mau"]["value"] == 4, "two people less are counted")
        assert product.kpis("chat")["kpis"]["turns"]["value"] == 7, "sums stay"

"""Every sentence of the catalogue that the pages and the report use is there, and none is left over."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import proxy
from proxy.console.tiles import ASIDE, FIVE
from proxy.kpi.outcome import FROM_BEST
from proxy.kpi.report import Status
from proxy.records import LEVELS
from proxy.words.catalogue import CATALOGUE
from proxy.words.written import ICONS

ROOM = Path(proxy.__file__).parent / "console"


def test_each_key_that_the_room_uses_exists_and_none_is_left_over() -> None:
    source = "".join(path.read_text() for path in [*ROOM.glob("*.py"), *ROOM.glob("templates/*")])
    used = set(re.findall(r"""(?:words|\bt)\(\s*["']([a-z_.0-9]*[a-z_0-9])["']""", source))
    assert used <= CATALOGUE.keys()
    families = {
        *(f"{family}{name}" for name in FIVE for family in ("", "about.", "aside.", "of.")),
        *(f"status.{name}" for name in get_args(Status)),
        *(f"outcome.{name}" for name in FROM_BEST),
        *(f"days.{days}" for days in (7, 28, 90)),
        *(f"basis.{stage}" for stage in ("captured", "decoded", "attributed")),
        *(f"{kind}.{part}" for kind in ("missing", "fault", "refused") for part in ("title", "text")),
        *("chart.soft", "soft", "settled", "missing.assistant"),
        *(f"live.level.{level}" for level in LEVELS[1:]),
        *("live.rate", "live.p95", "live.errors", "live.open"),
        *(key for key in CATALOGUE if key.startswith("reason.")),
    }
    assert families <= CATALOGUE.keys()
    assert CATALOGUE.keys() == used | families
    assert set(ICONS) == set(get_args(Status))
    assert set(ASIDE) == set(FIVE)

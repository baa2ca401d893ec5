"""`python -m config.grafana.source` writes the dashboards that are checked in beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from config.grafana.source.parts import LANGUAGES
from config.grafana.source.quality import QUALITY
from config.grafana.source.realtime import REALTIME
from config.grafana.source.strategic import STRATEGIC

DASHBOARDS: Final = (REALTIME, QUALITY, STRATEGIC)
HOME: Final = Path(__file__).resolve().parents[1] / "dashboards"


def files() -> Iterator[tuple[Path, str]]:
    """Each dashboard in each language: where it stands, and its text."""
    for language in LANGUAGES:
        for dashboard in DASHBOARDS:
            text = json.dumps(dashboard.json(language), ensure_ascii=False, indent=1)
            yield HOME / language / f"{dashboard.uid}.json", f"{text}\n"


def main() -> None:
    """Write them all."""
    for path, text in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

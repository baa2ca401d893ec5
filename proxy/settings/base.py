"""What every section of the settings is made of: how values are written in YAML, and the base of the sections.

A `Duration` is "30m", "24h", "1.5s" or seconds as a number; a `Size` is "1MiB", "64 KiB" or bytes; an `Address` is "HOST:PORT",
":PORT" or "unix:/path"; a `Share` is 0..1 or "60%".
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

Duration = Annotated[float, Meta(extra={"written": "duration"})]
Size = Annotated[int, Meta(extra={"written": "size"})]
Address = Annotated[str, Meta(extra={"written": "address"})]
Share = Annotated[float, Meta(extra={"written": "share"})]
Url = Annotated[str, Meta(extra={"written": "url"})]
Date = Annotated[str, Meta(extra={"written": "date"})]
TimeZone = Annotated[str, Meta(extra={"written": "time_zone"})]
Path = Annotated[str, Meta(extra={"written": "path"})]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every section: immutable, keyword only, unknown keys refused."""

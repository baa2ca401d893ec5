"""How single values are written: "30m" is 1800 seconds, "64 KiB" is 65536 bytes, "60%" is 0.6.

Each reader takes a YAML scalar and returns the value of the model; it raises ValueError with words for the operator.
`spelled` is the way back, for the summary and the documentation.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeGuard
from urllib.parse import urlsplit

from proxy.settings.address import place
from proxy.settings.problem import did_you_mean

SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
BYTES: Final = {"": 1, "B": 1, "kB": 1000, "KB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}

_DURATION: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?\s*(?:ms|[dhms])\s*)+", re.ASCII)
_DURATION_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|[dhms])", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)", re.ASCII)
_SHARE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%", re.ASCII)
_LONGEST: Final = 400 * 86400.0  # what the ledger keeps; anything longer is a slip of units


def duration(value: object) -> float:
    """Seconds."""
    text = str(value).strip() if _is_number(value) or isinstance(value, str) else ""
    if _NUMBER.fullmatch(text):
        seconds = float(text)
    elif _DURATION.fullmatch(text):
        seconds = math.fsum(float(number) * SECONDS[unit] for number, unit in _DURATION_PART.findall(text))
    else:
        raise ValueError(f'{shown(value)} is not a duration, write "30m", "24h", "1.5s" or seconds as a number')
    if seconds > _LONGEST:
        raise ValueError(f"{shown(value)} is longer than 400 days")
    return seconds


def as_duration(seconds: float) -> str:
    """Seconds as an operator writes them: "24h", "1h 30m", "5s"; `duration` gives them back, to the millisecond."""
    left, parts = round(seconds * 1000), []
    for unit, length in SECONDS.items():
        count, left = divmod(left, round(length * 1000))
        if count and not (unit == "d" and (left or count == 1)):  # 24h and 36h say more than 1d and 1d 12h
            parts.append(f"{count}{unit}")
        else:
            left += count * round(length * 1000)
    return " ".join(parts) or "0s"


def size(value: object) -> int:
    """Bytes."""
    match = _SIZE.fullmatch(str(value).strip()) if _is_number(value) or isinstance(value, str) else None
    if not match or match[2] not in BYTES:
        advice = did_you_mean(f"{match[1]} {match[2]}", [f"{match[1]} {unit}" for unit in BYTES if unit]) if match else ""
        raise ValueError(f"{shown(value)} is not a size, {advice or 'write 1MiB, 64 KiB or bytes as a number'}")
    amount = float(match[1]) * BYTES[match[2]]
    if amount > 2**50:
        raise ValueError(f"{shown(value)} is more than 1 PiB")
    return round(amount)


def share(value: object) -> float:
    """A number from 0 to 1."""
    if isinstance(value, str) and (match := _SHARE.fullmatch(value.strip())):
        number = round(float(match[1]) / 100, 12)
    elif _is_number(value):
        number = float(value)
    else:
        raise ValueError(f'{shown(value)} is not a share, write 0.6 or "60%"')
    if not 0 <= number <= 1:
        raise ValueError(f"{shown(value)} is not within 0 and 1" + (f', did you mean "{value}%"?' if 1 < number <= 100 else ""))
    return number


def address(value: object) -> str:
    """An address as `address.place` reads it."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value, "an address")
    place(text)
    return text


def url(value: object) -> str:
    """An origin: "http://HOST[:PORT]", "https://..." or "unix:/path". No path: the clients' paths pass as they are."""
    text = _text(value, "a URL")
    if text.startswith("unix:"):
        place(text)
        return text
    if "://" not in text:
        raise ValueError(f'{shown(value)} has no scheme, did you mean "http://{text}"?')
    parts = urlsplit(text)  # itself raises ValueError for a broken [IPv6] address
    if parts.scheme not in ("http", "https"):
        raise ValueError(f'the scheme "{parts.scheme}" is not served, write http:// or https://')
    if parts.username is not None or parts.password is not None:
        raise ValueError("a user or password in the URL would not be sent; clients bring their own credentials")
    try:
        port = parts.port
    except ValueError:
        raise ValueError(f"{shown(value)} has no valid port") from None
    if not parts.hostname or port == 0 or any(c.isspace() for c in text):
        raise ValueError(f'{shown(value)} names no host, write "http://HOST:PORT"')
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f'only the origin is wanted, did you mean "{parts.scheme}://{parts.netloc}"?')
    return text.rstrip("/")


def date(value: object) -> str:
    """A day as YYYY-MM-DD."""
    text = _text(value, "a date")
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"{shown(value)} is not a date, write YYYY-MM-DD") from None


def time_zone(value: object) -> str:
    """A name of the IANA time zone database."""
    text = _text(value, "a time zone")
    names = zoneinfo.available_timezones()
    if text not in names:
        near = did_you_mean(text, names)
        raise ValueError(f"{shown(value)} is not a time zone, {near or 'write a name such as Europe/Paris'}")
    return text


def path(value: object, base: Path) -> str:
    """An absolute path; a relative one starts at `base`, "~" at the home directory."""
    text = _text(value, "a path")
    try:
        return str(base / Path(text).expanduser())
    except RuntimeError:  # "~nobody-of-this-name"
        raise ValueError(f"{shown(value)}: there is no such home directory") from None


def is_path(name: str) -> bool:
    """Whether the name of a preset or marker file is a path to one of the operator's own."""
    return "/" in name or name.endswith((".yaml", ".yml"))


READERS: Final[dict[str, Callable[[object], object]]] = {
    "duration": duration,
    "size": size,
    "share": share,
    "address": address,
    "url": url,
    "date": date,
    "time_zone": time_zone,
}


def shown(value: object) -> str:
    """A scalar for a message, cut to one short line; of anything else only what it is."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"{value:.12g}"
        case str():
            return f'"{value if len(value) <= 60 else value[:57] + "..."}"'
        case dict():
            return "a mapping"
        case _:
            return "a list"


def spelled(value: object, written: str | None) -> str:
    """A value of the model as an operator would write it."""
    if written == "duration" and isinstance(value, float):
        for unit, seconds in SECONDS.items():
            if value and (count := value / seconds) == int(count):
                return f"{int(count)}{unit}"
        return f"{value:g}s" if value else "0"
    if written == "size" and isinstance(value, int):
        for unit in ("GiB", "MiB", "KiB"):
            if value and value % BYTES[unit] == 0:
                return f"{value // BYTES[unit]}{unit}"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(spelled(each, written) for each in value)}]"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not {what}")  # noqa: TRY004 - every reader raises ValueError, one thing to catch
    if not value.strip() or "\0" in value:
        raise ValueError(f"empty, {what} is wanted")
    return value.strip()

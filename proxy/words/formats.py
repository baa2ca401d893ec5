"""Numbers and dates as a language writes them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final, Literal

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "fr")

NONE: Final = "–"
_THIN: Final = "\u202f"  # narrow no-break space: French thousands, and before % and unit
HARD: Final = "\u00a0"  # no-break space: before a unit
MINUS: Final = "\u2212"
_WHOLE_MONTHS: Final = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
}
_MONTHS: Final = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


_WEEKDAYS: Final = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
}


_GLUED: Final = re.compile(r" (?=[:;!?»%])|(?<=«) ")


def spaced(text: str) -> str:
    """French with the spaces before : ; ! ? % and within « » narrow and unbreakable, so that no line begins with a sign."""
    return _GLUED.sub(_THIN, text)


def number(value: float, language: Language, digits: int = 0) -> str:
    """1,234.5 or 1 234,5; \u22121.5."""
    text = f"{value:,.{digits}f}".replace("-", MINUS)
    return text if language == "en" else text.replace(",", _THIN).replace(".", ",")


def signed(value: float, language: Language, digits: int = 0) -> str:
    """+3.1, \u22122.0, 0."""
    shown = round(value, digits)
    if shown == 0:
        return "0"
    return ("+" if shown > 0 else MINUS) + number(abs(shown), language, digits)


def percent(share: float, language: Language, digits: int = 1) -> str:
    """A share of 0..1: 62.4% or 62,4 %. Nothing that is not all or none is rounded to 100 or 0."""
    value = share * 100
    shown = round(value, digits)
    if shown == 100 and value < 100:
        shown = 100 - 10**-digits
    elif shown == 0 and value > 0:
        shown = 10**-digits
    return number(shown, language, 0 if shown in (0, 100) else digits) + ("%" if language == "en" else _THIN + "%")


def percents(low: float, high: float, language: Language, digits: int = 1) -> str:
    """A range of shares: 61.0–63.8%."""
    return f"{percent(low, language, digits).rstrip(_THIN + '%')}–{percent(high, language, digits)}"


def limit(value: float, language: Language) -> str:
    """A round time, of a target or an axis: 10 s, 2.5 s."""
    return (
        seconds(value, language)
        if value < 1 or value >= 100
        else number(value, language, 0 if value % 1 == 0 else 1) + HARD + "s"
    )


def seconds(value: float, language: Language) -> str:
    """A time of an answer: 320 ms, 3.2 s, 2 min 5 s."""
    if value < 0.9995:
        return f"{value * 1000:.0f}{HARD}ms"
    if value < 99.95:
        return number(value, language, 2 if value < 2 else 1) + HARD + "s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}{HARD}min" + (f"{HARD}{rest}{HARD}s" if rest else "")


_SYMBOLS: Final = {"EUR": "€", "USD": "$", "GBP": "£"}


def money(value: float, currency: str, language: Language) -> str:
    """An amount, the finer the smaller: €1,700, €0.057; 1 700 €. A currency that is not known by its sign has its letters."""
    digits = 0 if abs(value) >= 1000 or value == 0 else 2 if abs(value) >= 1 else 3
    sign, amount = MINUS if value < 0 else "", number(abs(value), language, digits)
    symbol = _SYMBOLS.get(currency, currency)
    if language == "fr":
        return f"{sign}{amount}{HARD}{symbol}".rstrip(HARD)
    return f"{sign}{symbol}{HARD if len(symbol) > 1 else ''}{amount}"


def hours(value: float, language: Language) -> str:
    """Seconds of people's work as hours: 480 h, 3.5 h."""
    count = value / 3600
    return number(count, language, 0 if count >= 10 or count % 1 == 0 else 1) + HARD + "h"


def day(value: date, language: Language) -> str:
    """23 Nov, or 23 nov. The first of a month in French is "1er"."""
    first = "1er" if language == "fr" and value.day == 1 else str(value.day)
    return f"{first}{HARD}{_MONTHS[language][value.month - 1]}"


def full_day(value: date, language: Language) -> str:
    """23 Nov 2026."""
    return f"{day(value, language)}{HARD}{value.year}"


def month(value: date, language: Language) -> str:
    """October 2026, octobre 2026: the month in which a day lies."""
    return f"{_WHOLE_MONTHS[language][value.month - 1]}{HARD}{value.year}"


def short_month(value: date, language: Language) -> str:
    """Oct, oct.: the month in which a day lies, on an axis."""
    return _MONTHS[language][value.month - 1]


def hour(value: int, language: Language) -> str:
    """An hour of the day: 14:00, or 14 h."""
    return f"{value}:00" if language == "en" else f"{value}{HARD}h"


def weekday(value: int, language: Language) -> str:
    """The name of a day of the week, Monday being 0."""
    return _WEEKDAYS[language][value]


def preferred(accept: str, fallback: Language = "en") -> Language:
    """The language that an Accept-Language header likes best (RFC 9110 12.5.4)."""
    best: Language = fallback
    best_quality = 0.0
    for part in accept.lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        for language in LANGUAGES:
            if tag.split("-")[0] == language and quality > best_quality:
                best, best_quality = language, quality
    return best

"""What the settings of reviews and of the judge must hold: a key that is one, an endpoint, sane limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from proxy.settings.problem import Problem
from proxy.settings.reviews import Judge, Reviews
from proxy.settings.value import Value, fits
from proxy.settings.ways import readable

LONGEST: Final = 30 * 86400.0  # s; conversations are known for 31 days, by which forget finds the texts of a person
MOST: Final = 10_000  # conversations a day; a team of reviewers scores hundreds
TOGETHER: Final = 2  # calls at a time: a judge is in no hurry, and must not crowd the assistant at the same provider
ATTEMPTS: Final = 10

KEY: Final = re.compile(rb"[0-9a-fA-F]{64}")
"""256 bits in hex, as `openssl rand -hex 32` prints them."""


def check_reviews(reviews: Reviews, path: str) -> Iterator[Problem]:
    """Faults of one assistant's `reviews`."""
    yield from _share(reviews.share, f"{path}.share")
    if reviews.on and reviews.key_file is None:
        yield Problem(f"{path}.key_file", "is missing: texts are kept sealed or not at all", _MAKE)
    if reviews.key_file is not None:
        problems = list(readable(reviews.key_file, f"{path}.key_file"))
        yield from problems
        if not problems and not KEY.fullmatch(Path(reviews.key_file).read_bytes().strip()):
            yield Problem(f"{path}.key_file", f"{reviews.key_file} does not hold 64 hex digits", _MAKE)
    if not 1 <= reviews.daily <= MOST:
        yield Problem(f"{path}.daily", f"{reviews.daily} is not within 1 and {MOST}")
    if not 3600 <= reviews.keep <= LONGEST:
        yield Problem(f"{path}.keep", "is not within 1 h and 30 days")
    if reviews.reviewers not in (1, 2):
        yield Problem(f"{path}.reviewers", f"{reviews.reviewers} is neither 1 nor 2")


_MAKE: Final = "make one with: openssl rand -hex 32 > reviews.key; chmod 600 reviews.key"


def check_judge(judge: Judge, value: Value, path: str) -> Iterator[Problem]:
    """Faults of one assistant's `judge`; `value` has the prices that a limit of money needs."""
    yield from _share(judge.share, f"{path}.share")
    if judge.on or judge.url:
        yield from _url(judge.url, f"{path}.url")
    if judge.on and not judge.model:
        yield Problem(f"{path}.model", "is missing: the name by which the endpoint knows the model")
    for name in ("key_file", "rubric"):
        if (file := getattr(judge, name)) is not None:
            yield from readable(file, f"{path}.{name}")
    if judge.timeout < 1:
        yield Problem(f"{path}.timeout", "is shorter than 1 s")
    for name, most in (("attempts", ATTEMPTS), ("together", TOGETHER)):
        if not 1 <= (number := getattr(judge, name)) <= most:
            yield Problem(f"{path}.{name}", f"{number} is not within 1 and {most}")
    for name in ("day_tokens", "month_tokens"):
        if (number := getattr(judge, name)) < 0:
            yield Problem(f"{path}.{name}", f"{number} is negative", "0 asks nothing")
    costs = [name for name in ("day_cost", "month_cost") if getattr(judge, name) is not None]
    for name in costs:
        if (amount := getattr(judge, name)) < 0:
            yield Problem(f"{path}.{name}", f"{amount:g} is negative", "leave it out for no limit of money")
    if judge.on and costs and not (value.list_prices or any(fits(price.model, judge.model) for price in value.prices)):
        message = f"{judge.model} has no price, so that nothing would be asked"
        yield Problem(f"{path}.{costs[0]}", message, "give a row of value.prices, or set value.list_prices")


def _share(share: float, path: str) -> Iterator[Problem]:
    if not 0 <= share <= 1:
        yield Problem(path, f"{share:g} is not within 0 and 1")


def _url(url: str, path: str) -> Iterator[Problem]:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.username
    except ValueError:
        good = False
    if not good:
        yield Problem(path, f'"{url[:80]}" is no base URL', "as https://api.example.org/v1")

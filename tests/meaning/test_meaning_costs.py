"""Golden answers of five providers, priced: what the pipeline makes of them is what a person reckons from the bills.

Prices are those of a table made for this test, a million tokens each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import msgspec
import pytest

from proxy.kpi.costs import Spell, Spent, spent
from proxy.kpi.events import Turn
from proxy.kpi.prices import Prices
from proxy.kpi.rules import Rules
from proxy.kpi.sums import alone
from proxy.settings.value import Cost, Price, Value
from proxy.wire.exchange import Body
from tests.meaning.test_meaning_corpus import CORPUS, EXPECTED, MEDIA

ON = date(2026, 9, 1)
TABLE = (
    Price(from_="2026-01-01", model="gpt-5*", input=1.25, cached=0.125, output=10.0),
    Price(from_="2026-01-01", model="claude-sonnet-4-5*", input=3.0, cached=0.3, written=3.75, output=15.0),
    Price(from_="2026-01-01", model="claude-sonnet-4-5*", input=6.0, cached=0.6, written=7.5, output=22.5, above=200_000),
    Price(from_="2026-01-01", model="gemini-2.5-pro", input=1.25, cached=0.31, output=10.0),
    Price(from_="2026-01-01", model="gemini-2.5-pro", input=2.5, cached=0.625, output=15.0, above=200_000),
    Price(from_="2026-01-01", model="*nova-pro*", input=0.8, cached=0.2, output=3.2),
    Price(from_="2026-01-01", model="mistral-small*", input=0.1, output=0.3),
)

BILLS = {
    # 4,000 at 1.25, 8,000 at 0.125, 900 with reasoning at 10
    "openai-chat/usage.sse": 0.005 + 0.001 + 0.009,
    # 240,000 in the whole are above 200,000: 30,000 at 6, 190,000 at 0.6, 20,000 at 7.5, 500 at 22.5
    "anthropic-messages/cache.sse": 0.18 + 0.114 + 0.15 + 0.01125,
    # 250,000 are above 200,000, too: 200,000 at 2.5, 50,000 at 0.625, 1,000 with thoughts at 15
    "gemini/thoughts.sse": 0.5 + 0.03125 + 0.015,
    # 1,000 at 0.8, 3,000 at 0.2, 500 written at the price of the input, 200 at 3.2
    "bedrock-converse/cache.json": 0.0008 + 0.0006 + 0.0004 + 0.00064,
    # 5 at 0.1, 3 at 0.3
    "mistral-chat/stream.sse": 0.0000005 + 0.0000009,
}
UNKNOWN = ("openai-chat/no-usage.sse", "ollama-chat/stream.ndjson")
"""No usage in the stream; usage of a model without a price."""

Read = Callable[[str], Turn]


@pytest.fixture
def read(understanding, exchange) -> Read:
    def reading(name: str) -> Turn:
        file = CORPUS / name
        expected = json.loads(file.with_name(file.stem + EXPECTED).read_text("utf-8"))
        data = file.read_bytes()
        at = datetime(2026, 9, 1, 12, tzinfo=UTC).timestamp()
        media = {"content-type": MEDIA[file.suffix]}
        asked = exchange(
            expected["path"], expected["request"], response=Body(data, ((len(data), 0.5),)), response_headers=media, at=at
        )
        (turn,) = understanding().read(asked)
        assert isinstance(turn, Turn)
        return msgspec.structs.replace(turn, conversation=None, id=name)

    return reading


def bill(turns: Sequence[Turn]) -> Spent:
    sums: dict[str, int] = {}
    for turn in turns:
        for (_, name, _), count in alone(turn, Rules()).items():
            sums[name] = sums.get(name, 0) + count
    value = Value(prices=TABLE, costs=(Cost(from_="2026-01-01"),))
    return spent(value, Prices(value, None), Spell(ON, ON, sums), ON, whole=True)


@pytest.mark.parametrize("name", BILLS)
def test_a_bill_is_the_hand_sum(name, read):
    found = bill([read(name)])
    assert found.tokens == pytest.approx(BILLS[name], rel=1e-12)
    assert found.unknown == 0


def test_bills_add_up_and_what_is_not_known_is_counted(read):
    found = bill([read(name) for name in (*BILLS, *UNKNOWN, *BILLS)])
    assert found.tokens == pytest.approx(2 * sum(BILLS.values()), rel=1e-12)
    assert (found.turns, found.unknown) == (12, 2)
    assert {each.model: each.amount for each in found.models}["llama3.2"] is None

"""Tokens as the ledger keeps them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Turn
from proxy.kpi.sums import total
from proxy.kpi.usage import CALLS, Usage, band, cells, joined, unknown, unreported, usage_of, usages
from proxy.settings.value import BANDS
from tests.kpi.making import RULES, sessions_of, turn

COUNTS = st.integers(min_value=0, max_value=10**9)


def spent(at: float, tokens_in: int | None, tokens_out: int | None = 0, *, model: str = "m", **more: object) -> Turn:
    changed = {"tokens_in": tokens_in, "tokens_out": tokens_out, "model": model, **more}
    return msgspec.structs.replace(turn(at), **changed)


def of(*turns: Turn) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, name, _), count in total(sessions_of(turns), RULES).items():
        if name.startswith(("tokens:", "usage:", "turns")):
            found[name] = found.get(name, 0) + count
    return {name: count for name, count in found.items() if count}


def test_each_token_is_of_one_kind():
    call = usage_of(spent(0, 100, 50, tokens_cached=60, tokens_written=10, tokens_reasoning=20))
    assert call == Usage("m", 0, (30, 60, 10, 30, 20))


@given(*[st.none() | COUNTS for _ in range(5)])
def test_a_report_that_contradicts_itself_is_never_negative(read, out, cached, written, reasoning):
    call = usage_of(spent(0, read, out, tokens_cached=cached, tokens_written=written, tokens_reasoning=reasoning))
    assert call is None or (min(call.counts) >= 0 and sum(call.counts) == (read or 0) + (out or 0))


def test_a_band_begins_above_its_bound():
    assert [band(tokens) for tokens in (0, 200_000, 200_001, 10**9)] == [0, 3, BANDS.index(200_000), len(BANDS) - 1]


def test_calls_of_a_turn_are_added_up_by_model_and_band():
    tool = msgspec.structs.replace(spent(2, 300_000, 7, model="deep"), continues=True)
    assert of(spent(0, 10, 5), msgspec.structs.replace(spent(1, 20, 6), continues=True), tool) == {
        "tokens:in:0:m": 30,
        "tokens:out:0:m": 11,
        "tokens:in:6:deep": 300_000,
        "tokens:out:6:deep": 7,
        "turns": 1,
        "usage:known": 1,
        "usage:of:m": 1,
        "usage:of:deep": 1,
    }


def test_a_call_that_says_nothing_makes_its_turn_unknown_and_keeps_what_the_others_said():
    silent = msgspec.structs.replace(spent(1, None, None), continues=True)
    found = of(spent(0, 10, 5), silent)
    assert found == {"turns": 1, "tokens:in:0:m": 10, "tokens:out:0:m": 5}
    assert unknown(found) == 1


def test_a_failure_without_a_text_took_no_tokens_that_we_know_of():
    refused = msgspec.structs.replace(spent(0, None, None), result="error", first_text=None, duration=None)
    broken = msgspec.structs.replace(spent(0, None, None), result="error")
    assert (unreported(refused), unreported(broken)) == (False, True)
    assert of(refused) == {"turns": 1, "usage:none": 1}
    assert (unknown(of(refused)), unknown(of(broken))) == (0, 1)


def test_what_no_person_made_is_no_cost_of_serving_people():
    assert of(msgspec.structs.replace(spent(0, 10, 5), excluded=True)) == {}


def test_an_awaited_answer_is_paid_for_once():
    asked = msgspec.structs.replace(spent(0, None, None), result="ok", awaits=1792490400.0, duration=None, messages=("a",))
    came = msgspec.structs.replace(spent(5, 10, 5), continues=True, delivers=1792490405.0)
    assert of(asked, came) == of(asked, came, msgspec.structs.replace(came, id="again", at=came.at + 1))
    assert of(asked, came)["tokens:in:0:m"] == 10


@given(st.lists(st.tuples(st.sampled_from(["a", "b:c", ""]), COUNTS), max_size=6))
def test_sums_are_read_back_as_they_were_written(calls):
    known = joined([], [Usage(model, band(count), (count, 1, 0, 0, 0)) for model, count in calls])
    sums = dict(cells(known))
    assert sorted(usages(sums), key=lambda each: each.place) == sorted(known, key=lambda each: each.place)


def test_a_turn_of_very_many_models_keeps_every_token():
    many = joined([], [Usage(f"m{number}", 0, (1, 0, 0, 0, 0)) for number in range(3 * CALLS)])
    assert len(many) == CALLS
    assert sum(each.counts[0] for each in many) == 3 * CALLS

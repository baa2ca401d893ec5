"""Groups: which sums something is counted in, and that groups add up to the whole."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from proxy.kpi.events import Rating, Turn
from proxy.kpi.groups import DIMENSIONS, NONE, WHOLE, Labels, kept, people_scopes, scopes
from proxy.kpi.sums import total
from tests.kpi.making import RULES, rating, session_of, sessions_of, turn

LABELS = Labels("web", "HR", "Manager", "m-1", "/hr")


def labelled(event: Turn, labels: Labels) -> Turn:
    return msgspec.structs.replace(event, **msgspec.structs.asdict(labels))


def test_each_label_and_the_pair_of_department_and_profile():
    found = scopes(LABELS)
    assert found[:-1] == tuple(((name, getattr(LABELS, name)),) for name in DIMENSIONS)
    assert found[-1] == (("department", "HR"), ("profile", "Manager"))
    assert people_scopes(LABELS) == (found[1], found[2], found[-1])
    assert scopes(NONE) == people_scopes(NONE) == ()
    assert scopes(Labels(department="HR")) == ((("department", "HR"),),)
    assert all(kept(scope) for scope in (WHOLE, *found))
    assert not kept((("channel", "web"), ("department", "HR")))


def test_a_session_has_the_labels_of_its_first_turn_and_a_turn_its_own():
    second = labelled(turn(60, messages=("m",)), Labels("web", "HR", "Manager", "m-2", "/hr"))
    events: list[Turn | Rating] = [labelled(turn(0), LABELS), second, rating(90, message="m")]
    cells = total(sessions_of(events), RULES)
    assert {labels.model for (_, name, labels) in cells if name.startswith(("open", "rating"))} == {"m-1"}
    assert {labels.model for (_, name, labels), count in cells.items() if name == "turns" and count} == {"m-1", "m-2"}


def test_a_model_is_known_as_soon_as_one_call_of_the_turn_names_it():
    call = labelled(turn(0, result="ok"), Labels(department="HR"))
    more = labelled(turn(5, continues=True), Labels(model="m-1"))
    assert session_of(call, more).progress.labels == Labels(department="HR", model="m-1")


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from(["", "HR", "IT"]), st.sampled_from(["", "a", "b"])), min_size=1))
def test_the_groups_of_a_dimension_and_what_is_left_are_the_whole(drawn: Sequence[tuple[int, str, str]]):
    events = [
        labelled(turn(minute * 60.0, name=f"t{number}"), Labels(department=department, model=model))
        for number, (minute, department, model) in enumerate(drawn)
    ]
    cells = total(sessions_of(events), RULES)
    turns = {labels: 0 for _, _, labels in cells}
    for (_, name, labels), count in cells.items():
        turns[labels] += count if name == "turns" else 0
    assert sum(turns.values()) == len(drawn)
    for department in ("", "HR", "IT"):
        inside = sum(count for labels, count in turns.items() if labels.department == department)
        assert inside == sum(each[1] == department for each in drawn)

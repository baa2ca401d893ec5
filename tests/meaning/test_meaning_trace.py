"""A turn keeps its request's traceparent only when it is one: that header may hold anything."""

import pytest

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
ASKED = {"messages": [{"role": "user", "content": "Bonjour"}]}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(TRACEPARENT, TRACEPARENT), (TRACEPARENT.upper(), ""), (f"{TRACEPARENT}\nx", ""), ("jean.dupont@example.org", ""), ("", "")],
)
def test_only_a_well_formed_traceparent_is_kept(sent, kept, understanding, exchange):
    (turn,) = understanding().read(exchange(path="/v1/chat/completions", request=ASKED, headers={"traceparent": sent}))
    assert turn.trace == kept

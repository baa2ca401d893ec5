"""What people note beside the figures, in the settings and in the store."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from redis.asyncio import Redis

from proxy.annotating import AnnotateError, annotate, listed, remove
from proxy.cli import main
from proxy.settings.model import Annotation, Assistant, Settings, Store
from proxy.store.annotations import MOST, Annotations, FullError
from proxy.store.figures import Ledger
from tests.store.conftest import Server
from tests.store.making import BASE

MODEL = Annotation(on="2026-10-12", text="Model 2")
OUTAGE = Annotation(on="2026-10-14", text="no answers from 9 to 10", kind="incident")


async def test_those_of_the_settings_and_of_the_store_stand_on_their_days(client: Redis, assistant: Assistant):
    assistant = msgspec.structs.replace(assistant, annotations=(MODEL,))
    notes = Annotations(client)
    name = await notes.add("rh", OUTAGE)
    assert await notes.add("rh", OUTAGE) == name
    assert await notes.of(assistant) == [MODEL, OUTAGE]
    days = await Ledger(client).days(assistant, None, date(2026, 10, 11), date(2026, 10, 14), BASE)
    assert [day.notes for day in days] == [(), (MODEL,), (), (OUTAGE,)]
    assert await notes.remove("rh", name)
    assert not await notes.remove("rh", name)
    assert await notes.of(assistant) == [MODEL]


async def test_there_is_an_end_to_them(client: Redis):
    notes = Annotations(client)
    await client.hset("kpi:{rh}:annotations", mapping={str(number): b"" for number in range(MOST)})
    with pytest.raises(FullError):
        await notes.add("rh", MODEL)


def test_noting_listing_and_removing(shared_server: Server):
    settings = Settings(assistants=(Assistant(upstream="http://a", name="noted"),), store=Store(url=shared_server.url))
    name = annotate(settings, None, MODEL)
    assert listed(settings, "noted") == {name: MODEL}
    remove(settings, "noted", name)
    assert listed(settings, "noted") == {}
    with pytest.raises(AnnotateError, match=f"no note {name}"):
        remove(settings, "noted", name)
    with pytest.raises(AnnotateError, match="no assistant nobody; the names are: noted"):
        listed(settings, "nobody")
    two = msgspec.structs.replace(settings, assistants=(*settings.assistants, Assistant(upstream="http://b", name="it")))
    with pytest.raises(AnnotateError, match="one of: noted, it"):
        annotate(two, None, MODEL)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["two\nlines"], "one line of at most 120"),
        (["x" * 121], "one line of at most 120"),
        (["Model 3", "--on", "12/10/2026"], "no day like 2026-10-31"),
        (["Model 3", "--on", "2026-10-12"], "kpi-proxy has to run"),
        (["--assistant", "demo"], "kpi-proxy has to run"),
        (["--assistant", "a}b"], "no name of an assistant"),
        ([], "kpi-proxy has to run"),
        (["--remove", "00000000"], "kpi-proxy has to run"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], said: str):
    assert main(["annotate", *given, "--state", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err

"""Everything of a store, out of one and into another of the other kind."""

from pathlib import Path

import pytest

from proxy.settings.model import Assistant
from proxy.store.apply import Applier
from proxy.store.archive import ArchiveError, append, batches
from proxy.store.connect import connect
from proxy.store.embedded import Embedded
from proxy.store.entries import TakenError, read, see_clear, write
from proxy.store.transaction import Client
from tests.store.cellar import whole
from tests.store.making import numbered, traffic


async def test_all_of_it_comes_over(client: Client, embedded: Embedded, assistant: Assistant, tmp_path: Path):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(traffic(900)))
    await client.pfadd("kpi:{rh}:hll", *map(str, range(5000)))
    await client.set("not:ours", 1)
    async for entries in read(client, hold=True):
        append(tmp_path / "entries", entries)
    await client.delete("not:ours")
    other = connect(embedded.url)
    for entries in batches(tmp_path / "entries"):
        await write(other, entries)
    assert await whole(other) == await whole(client)
    assert await other.pfcount("kpi:{rh}:hll") == await client.pfcount("kpi:{rh}:hll")
    await see_clear(other, [b"it"])
    with pytest.raises(TakenError, match=r"kpi:\{rh\}:"):
        await see_clear(other, [b"it", b"rh"])
    await other.aclose()


async def test_a_cut_file_is_told(tmp_path: Path, client: Client, assistant: Assistant):
    await Applier(client, {"rh": assistant}, "one").apply(numbered(traffic(20)))
    file = tmp_path / "entries"
    async for entries in read(client, hold=False):
        append(file, entries)
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(ArchiveError, match="damaged"):
        list(batches(file))

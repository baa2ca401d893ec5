"""Where the ledger is, as `store.url` says it.

redis://[USER:PASSWORD@]HOST[:PORT][/DB]             one server, Redis or Valkey; rediss:// by TLS
redis+sentinel://[...@]HOST[:PORT],.../NAME[/DB]     the master that these Sentinels know as NAME; rediss+sentinel://
redis+cluster://[...@]HOST[:PORT],...                a cluster, found by any of these nodes; rediss+cluster://

User and password are the data servers'; Sentinels that ask for their own get `?sentinel_user=` and `?sentinel_password=`.
Other parameters go to the client as they are.
"""

from __future__ import annotations

from typing import Final, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec

from proxy.settings.address import place

Kind = Literal["single", "sentinel", "cluster"]

PORT: Final = 6379
SENTINEL_PORT: Final = 26379
SCHEMES: Final[dict[str, tuple[Kind, bool]]] = {
    "redis": ("single", False),
    "rediss": ("single", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
"""Kind and whether by TLS."""


class StoreUrl(msgspec.Struct, frozen=True, kw_only=True):
    """A store's URL, read. `base` is a URL of one server with everything but hosts and Sentinel's own parameters."""

    kind: Kind
    tls: bool
    hosts: tuple[tuple[str, int], ...] = ()
    master: str = ""
    base: str = ""
    sentinel_user: str = ""
    sentinel_password: str = ""


def store_url(text: str) -> StoreUrl:
    """Read a URL; raises ValueError with words for the operator, never with the URL's secrets."""
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES:
        raise ValueError("is neither a redis:// or rediss:// URL (also redis+sentinel://, redis+cluster://) nor the word")
    kind, tls = SCHEMES[parts.scheme]
    if kind == "single":
        return StoreUrl(kind=kind, tls=tls, base=text)
    access, at, names = parts.netloc.rpartition("@")
    hosts = tuple([_host(name, SENTINEL_PORT if kind == "sentinel" else PORT) for name in names.split(",")])
    master, _, database = parts.path.strip("/").partition("/")
    if kind == "sentinel" and not master:
        raise ValueError("names no master: write redis+sentinel://HOST,HOST/NAME")
    if kind == "cluster" and master:
        raise ValueError("names a database, and a cluster has only one: leave the path out")
    if database and not database.isdecimal():
        raise ValueError("ends in something that is no number of a database: write .../NAME/0")
    query = dict(parse_qsl(parts.query))
    sentinel_user, sentinel_password = query.pop("sentinel_user", ""), query.pop("sentinel_password", "")
    base = f"redis{'s' if tls else ''}://{access}{at}{names.split(',')[0]}/{database}"
    return StoreUrl(
        kind=kind,
        tls=tls,
        hosts=hosts,
        master=unquote(master),
        base=f"{base}?{urlencode(query)}" if query else base,
        sentinel_user=sentinel_user,
        sentinel_password=sentinel_password,
    )


def _host(text: str, port: int) -> tuple[str, int]:
    bare = text.rpartition("]")[2] if text.startswith("[") else text
    where = place(text if ":" in bare else f"{text}:{port}")
    if not where.host or where.unix:
        raise ValueError("has a host without a name: write HOST:PORT, several with commas between them")
    return where.host, where.port

"""The effective settings in a few lines, for `kpi-proxy check`: what matters first, then all that is not the default."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import NODEFAULT, Struct, inspect

from proxy.settings.model import Assistant, Settings
from proxy.settings.walk import child
from proxy.settings.written import spelled


def summary(settings: Settings) -> str:
    """Lines for a terminal. Never a credential: the store's URL is shown without its user, password and parameters."""
    lines = []
    for assistant in settings.assistants:
        preset = assistant.preset if isinstance(assistant.preset, str) else ", ".join(assistant.preset)
        lines.append(f"{assistant.name}: {assistant.listen} -> {assistant.upstream} (preset {preset})")
        lines += [f"  {path} = {text}" for path, text in changed(assistant, Assistant) if path not in _SHOWN]
    store = settings.store.url
    if store != "embedded":
        parts = urlsplit(store)
        store = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    lines += [f"console: {settings.console.listen}", f"store: {store}", f"state: {settings.state}"]
    lines += [f"{path} = {text}" for path, text in changed(settings, Settings) if path.partition("[")[0] not in _SHOWN]
    return "\n".join(lines)


_SHOWN = {"name", "listen", "upstream", "preset", "assistants", "console.listen", "store.url", "state"}


def changed(section: object, model: type[object]) -> Iterator[tuple[str, str]]:
    """Path and text of each value below `section` that differs from its default."""
    for path, written, default, value in values(section, model):
        if isinstance(value, tuple) and value and isinstance(value[0], Struct):  # a list of sections: what each says
            for at, each in enumerate(value):
                yield from ((f"{path}[{at}].{name}", text) for name, text in changed(each, type(each)))
        elif value != default:
            yield path, spelled(value, written)


def values(section: object, model: type[object], path: str = "") -> Iterator[tuple[str, str | None, object, object]]:
    """Each value below `section`: path, how it is written, default (NODEFAULT without one), value."""
    kind = inspect.type_info(model)
    if not isinstance(kind, inspect.StructType):
        raise TypeError(f"{model} is no section of the settings")
    for field in kind.fields:
        where, value = child(path, field.encode_name), getattr(section, field.name)
        if isinstance(field.type, inspect.StructType):
            yield from values(value, field.type.cls, where)
        else:
            yield where, written_of(field.type), NODEFAULT if field.required else field.default, value


def written_of(kind: inspect.Type) -> str | None:
    """How values of a type are written in YAML, where that is not plain."""
    match kind:
        case inspect.Metadata():
            return str((kind.extra or {})["written"])
        case inspect.UnionType(types=types) | inspect.TupleType(item_types=types):
            return next((how for each in types if (how := written_of(each))), None)
        case _:
            return None

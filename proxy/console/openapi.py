"""The API described by itself: OpenAPI 3.1 out of the doors, the parameters and the types that handlers work with."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from proxy import __version__
from proxy.console.answers import Failure
from proxy.console.doors import Call, Door
from proxy.console.parameters import PARAMETERS

ADDRESS: Final = "/api/v1/openapi.json"
_SCHEMAS: Final = "#/components/schemas/{name}"
_FAULTS: Final = {
    "400": "What was asked makes no sense; `error.hint` says what would.",
    "401": "A token is needed, or the one that was sent is not good.",
    "403": "The token does not open this.",
    "404": "There is no such assistant, figure or path.",
    "421": "On loopback the console answers under loopback names only.",
    "429": "Too many wrong tokens came from this address; `Retry-After` says how long to wait.",
    "503": "The store does not answer; nothing is lost, ask again.",
}
_ABOUT: Final = """\
Figures of the assistants behind one kpi-proxy. Within v1 nothing is taken away: fields, parameters and codes of errors stay, and
new ones may come, so readers pass over what they do not know. A parameter that is not known is refused."""


def description(doors: Iterable[Door]) -> dict[str, Any]:
    """The document: every door that has a call."""
    told = [(door, door.call) for door in doors if door.call is not None and door.method != "HEAD"]
    kinds = [kind for _, call in told for kind in (*call.answers, *([] if call.body is None else [call.body]))]
    kinds += [PARAMETERS[name].kind for _, call in told for name in call.parameters]
    schemas, components = msgspec.json.schema_components([*kinds, Failure], ref_template=_SCHEMAS)
    known = dict(zip(map(repr, [*kinds, Failure]), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for door, call in told:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door, call, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "kpi-proxy", "version": __version__, "description": _ABOUT, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": {name: _tidy(schema) for name, schema in components.items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(door: Door, call: Call, known: dict[str, Any]) -> dict[str, Any]:
    said = inspect.cleandoc(door.handler.__doc__ or "")
    schemas = [known[repr(kind)] for kind in call.answers]
    content: dict[str, Any] = {"application/json": {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    if "format" in call.parameters:
        content["text/csv"] = {"schema": {"type": "string"}}
    answers: dict[str, Any] = {"200": {"description": "What was asked for.", "content": content}}
    if call.body is None:
        answers["304"] = {"description": "The answer that the reader has still holds (If-None-Match)."}
    failure = {"application/json": {"schema": known[repr(Failure)]}}
    faults = _FAULTS if door.needs is not None else {"421": _FAULTS["421"]}
    answers |= {status: {"description": text, "content": failure} for status, text in faults.items()}
    if call.body is not None:
        answers["413"] = {"description": "More was posted than is looked at.", "content": failure}
        answers["415"] = {"description": "What was posted is no JSON.", "content": failure}
    operation: dict[str, Any] = {
        "operationId": f"{door.method.lower()}_{door.path.rpartition('/')[2].replace('-', '_').replace('.', '_')}",
        "summary": said.partition("\n")[0],
        "description": f"{said}\n\nRole: {door.needs or 'none'}.".strip(),
        "security": [{"token": []}, {}] if door.needs is not None else [],  # on loopback without tokens nobody asks
        "responses": answers,
    }
    if call.parameters:
        operation["parameters"] = [
            {
                "name": name,
                "in": "query",
                "required": name in call.needed,
                "description": PARAMETERS[name].text,
                "schema": known[repr(PARAMETERS[name].kind)],
            }
            for name in call.parameters
        ]
    if call.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": known[repr(call.body)]}}}
    return operation


def _tidy(schema: Any) -> Any:
    """Docstrings as the paragraphs that they are."""
    if isinstance(schema, dict) and isinstance(schema.get("description"), str):
        return {**schema, "description": inspect.cleandoc(schema["description"])}
    return schema

"""The reference pages of the API and of rights, written from the server and the registry.

Pure text in, pure text out: the same server and registry give the same pages.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from manciple.kernel.messages import Role
from manciple.runtime.bus import Registry
from manciple.web.api.doors import ASKED_BY, NO_ACT
from manciple.web.api.problems import STATUS

_DOORS = {
    "edi": ("RecordAcknowledgment", "RecordShipNotice", "RegisterInvoice", "ReceiveInterchange"),
    "wms": ("RecordReceipt",),
}
"""Doors besides the API by which an act comes in for somebody outside."""


def doors_of(name: str, act: type, by: frozenset[Role]) -> tuple[str, ...]:
    """Give the doors at which an act may be asked for; ``system`` is this program alone."""
    doors = ["api", "cli"] if act in ASKED_BY else []
    doors += [door for door, acts in _DOORS.items() if name in acts]
    if Role.SYSTEM in by:
        doors.append("system")
    return tuple(doors)


def permissions_page(registry: Registry) -> str:
    """Write who may ask for what, at which door."""
    roles = [role for role in Role if role is not Role.SYSTEM]
    lines = [
        "# Who may ask for what",
        "",
        "Written from the command registry; `tests/api/permissions.toml` states the same by hand,",
        "and a command without a row there fails the build. An act that no role may ask for is",
        "done by this program itself. Every act checks further: a site's people act for their",
        "sites, a supplier for itself, an owner for what is theirs.",
        "",
        "| act | request | doors | roles |",
        "|---|---|---|---|",
    ]
    for act, handles in sorted(registry.handlers.items(), key=lambda each: each[0].__name__):
        name = act.__name__
        able = ", ".join(role.value for role in roles if role in handles.by) or "nobody"
        asked = f"`{ASKED_BY[act]}`" if act in ASKED_BY else ""
        doors = ", ".join(doors_of(name, act, handles.by))
        lines.append(f"| {name} | {asked} | {doors} | {able} |")
    lines += [
        "",
        "Requests that change no document: " + ", ".join(f"`{each}`" for each in NO_ACT) + ".",
        "Holding, resuming and replaying is for integration and admin; deciding on a table and",
        "reading flows and traces for everybody inside the house, traces of their own sites where",
        "they are bound to some; effects, events and dead letters for those bound to none.",
    ]
    return "\n".join(lines) + "\n"


def http_api_page(document: Mapping[str, Any]) -> str:
    """Write the requests of the API from its OpenAPI document."""
    lines = [
        "# The HTTP API",
        "",
        "Written from `/openapi.json` (OpenAPI 3.1), which says the same for programs.",
        "",
        "- `Authorization: Bearer mk_...` on every request below `/v1`.",
        "- `Idempotency-Key` on every change: the same key with the same request gives the same",
        "  answer again (`Idempotency-Replayed: true`); with another request it is refused.",
        "- `ETag` on every document; `If-Match` makes a change conditional (412 if it moved on).",
        "- Lists answer `{rows, after}`; send `after` back for the next page, `limit` up to 200.",
        "- Money and quantities are decimal strings; unknown fields are refused.",
        "- Errors are `application/problem+json`; each of `errors` names `code`, `message`,",
        "  `field`, `rule` and `fix`.",
        "",
    ]
    by_tag: dict[str, list[str]] = {}
    schemas = document.get("components", {}).get("schemas", {})
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            tag = (told.get("tags") or ["other"])[0]
            by_tag.setdefault(tag, []).extend(_request(method, path, told, schemas))
    for tag, rows in by_tag.items():
        lines += [f"## {tag}", "", *rows]
    lines += ["## Codes and statuses", "", "| status | codes |", "|---|---|"]
    statuses: dict[int, list[str]] = {}
    for code, status in STATUS.items():
        statuses.setdefault(status, []).append(f"`{code}`")
    statuses.setdefault(403, []).append("`NOT_YOUR_...`")
    statuses.setdefault(409, []).append("`ALREADY_...`")
    statuses.setdefault(422, []).append("every other refusal by a rule")
    lines += [f"| {status} | {', '.join(codes)} |" for status, codes in sorted(statuses.items())]
    return "\n".join(lines) + "\n"


def _request(
    method: str, path: str, told: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[str]:
    yield f"**`{method.upper()} {path}`** {told.get('description', told.get('summary', ''))}"
    queries = [each["name"] for each in told.get("parameters", ()) if each["in"] == "query"]
    if queries:
        yield f"Query: {', '.join(f'`{name}`' for name in queries)}."
    for kind, body in told.get("requestBody", {}).get("content", {}).items():
        name = body["schema"].get("$ref", "").rpartition("/")[2]
        fields = schemas.get(name, {})
        needed = set(fields.get("required", ()))
        words = [
            f"`{field}`" if field in needed else f"`{field}`?"
            for field in fields.get("properties", {})
        ]
        yield f"Body ({kind}): {', '.join(words) or 'as the same address shows it'}."
    yield ""
